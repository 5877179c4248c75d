/* test_tables.c - which tables there are, and what deleting does to others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "schema.h"

/* Every table without an account; a new one has to be thought about here. */
static const char open_tables[] =
    "ai_breaker\napp_user\ndirectory\njob\nmembership\nnumber_proof\n"
    "refresh_token\nsession\nthrottle\nvoice_change\n";

static struct db *db;
static struct table table[TABLES_MAX];
static int tables;

static void
open_ones(void **state)
{
	(void)state;
	assert_string_equal(scratch_dump(
				"SELECT name FROM schema_open ORDER BY name"),
	    open_tables);
}

/* A table is open, or has a view, or is the program's own or an index. */
static void
no_others(void **state)
{
	static const char sqlite[] =
	    "SELECT name FROM sqlite_master t WHERE type = 'table'"
	    " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
	    " AND name NOT LIKE 'find\\_%' ESCAPE '\\'"
	    " AND name NOT IN (SELECT name FROM schema_open)"
	    " AND NOT EXISTS (SELECT 1 FROM sqlite_master v WHERE"
	    " v.type = 'view' AND v.name = 'my_' || t.name) ORDER BY name";
	static const char postgres[] =
	    "SELECT relname FROM pg_class t WHERE relkind IN ('r', 'p', 'm',"
	    " 'f') AND relnamespace NOT IN (to_regnamespace('pg_catalog'),"
	    " to_regnamespace('information_schema'),"
	    " to_regnamespace('pg_toast'))"
	    " AND NOT (relname LIKE 'find\\_%' AND NOT has_table_privilege("
	    "'frontdesk', t.oid, 'SELECT, INSERT, UPDATE, DELETE'))"
	    " AND relname NOT IN (SELECT name FROM schema_open)"
	    " AND NOT EXISTS (SELECT FROM pg_class v WHERE v.relkind = 'v'"
	    " AND v.relnamespace = t.relnamespace"
	    " AND v.relname = 'my_' || t.relname) ORDER BY 1";

	(void)state;
	assert_string_equal(scratch_dump(scratch_sql(sqlite, postgres)),
	    "schema_migration\nschema_open\n");
}

/* The attacks need a row in each table, and know no table that is gone. */
static void
rows_for_all(void **state)
{
	(void)state;
	for (int i = 0; i < tables; i++)
		if (schema_row(table[i].name, "a") == NULL)
			fail_msg("rows.c has no row for %s", table[i].name);
	for (int i = 0; schema_known(i) != NULL; i++) {
		int n = 0;

		while (n < tables && !str_eq(table[n].name, schema_known(i)))
			n++;
		if (n == tables)
			fail_msg("rows.c has a row for %s, which has no view",
			    schema_known(i));
	}
}

static const char *
names_of(const char *relation)
{
	static const char sqlite[] = "SELECT name FROM pragma_table_info('%s')";
	static const char postgres[] =
	    "SELECT attname FROM pg_attribute WHERE attrelid ="
	    " to_regclass('%s') AND attnum > 0 AND NOT attisdropped"
	    " ORDER BY attnum";

	return scratch_pg() ? scratch_dump(scratch_text(postgres, relation)) :
			      scratch_dump(scratch_text(sqlite, relation));
}

static void
triggers_there(const char *x)
{
	static const char *const guards[] = { "insert", "update", "move",
		"delete" };

	for (size_t g = 0; g < COUNT(guards); g++)
		assert_string_equal(
		    scratch_dump(scratch_text(
			"SELECT tbl_name FROM sqlite_master WHERE type ="
			" 'trigger' AND name = 'guard_%s_%s'",
			x, guards[g])),
		    scratch_text("%s\n", x));
}

/*
 * Policies hold for the owner as well, and whoever serves is not the owner;
 * each that lets a row through asks for the account, and the view asks as the
 * one who looks.
 */
static void
policies_there(const char *x)
{
	assert_string_equal(
	    scratch_dump(scratch_text(
		"SELECT relrowsecurity, relforcerowsecurity, (SELECT count(*)"
		" FROM pg_policy p WHERE p.polrelid = c.oid AND polpermissive)"
		" > 0, (SELECT count(*) FROM pg_policy p WHERE p.polrelid ="
		" c.oid AND polpermissive AND (coalesce(pg_get_expr(polqual,"
		" polrelid), 'app_account()') NOT LIKE '%%app_account()%%' OR"
		" coalesce(pg_get_expr(polwithcheck, polrelid),"
		" 'app_account()') NOT LIKE '%%app_account()%%'))"
		" FROM pg_class c WHERE c.oid = to_regclass('%s')",
		x)),
	    "t|t|t|0\n");
	assert_string_equal(
	    scratch_dump(scratch_text(
		"SELECT relname FROM pg_class c JOIN pg_roles r ON r.oid ="
		" c.relowner WHERE c.oid IN (to_regclass('%s'),"
		" to_regclass('my_%s')) AND (r.rolsuper OR r.rolbypassrls OR"
		" r.rolname = 'frontdesk')",
		x, x)),
	    "");
	assert_string_equal(
	    scratch_dump(scratch_text(
		"SELECT coalesce(array_to_string(reloptions, ','), '') LIKE"
		" '%%security_invoker=%%' FROM pg_class WHERE oid ="
		" to_regclass('my_%s')",
		x)),
	    "t\n");
}

/* The view shows the whole row, and all its guards are there. */
static void
complete_guards(void **state)
{
	(void)state;
	for (int i = 0; i < tables; i++) {
		const char *x = table[i].name;

		assert_string_equal(names_of(scratch_text("my_%s", x)),
		    names_of(x));
		if (scratch_pg())
			policies_there(x);
		else
			triggers_there(x);
		assert_string_equal(table[i].key[0], "account_id");
	}
}

/* Uniqueness without the account would tell what others have. */
static void
unique_by_account(void **state)
{
	static const char sqlite[] =
	    "SELECT l.name FROM pragma_index_list('%s') l WHERE"
	    " l.\"unique\" = 1 AND NOT EXISTS (SELECT 1 FROM"
	    " pragma_index_info(l.name) c WHERE c.name = 'account_id')";
	static const char postgres[] =
	    "SELECT indexrelid::regclass FROM pg_index i WHERE indrelid ="
	    " to_regclass('%s') AND (indisunique OR indisexclusion)"
	    " AND pg_get_indexdef(indexrelid) NOT LIKE '%%account\\_id%%'";

	(void)state;
	for (int i = 0; i < tables; i++)
		assert_string_equal(scratch_pg() ?
			scratch_dump(scratch_text(postgres, table[i].name)) :
			scratch_dump(scratch_text(sqlite, table[i].name)),
		    "");
}

/* References between tables with an account carry the account. */
static void
links_carry_account(void **state)
{
	static const char sqlite[] =
	    "SELECT f.\"table\", f.\"from\" FROM"
	    " pragma_foreign_key_list('%s') f WHERE f.\"from\" <>"
	    " 'account_id' AND f.seq = 0 AND NOT EXISTS (SELECT 1"
	    " FROM schema_open o WHERE o.name = f.\"table\")";
	static const char postgres[] =
	    "SELECT k.confrelid::regclass, a.attname FROM pg_constraint k"
	    " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum ="
	    " k.conkey[1] WHERE k.contype = 'f' AND k.conrelid ="
	    " to_regclass('%s') AND a.attname <> 'account_id' AND NOT EXISTS"
	    " (SELECT FROM schema_open o WHERE o.name ="
	    " k.confrelid::regclass::text)";

	(void)state;
	for (int i = 0; i < tables; i++) {
		for (int k = 0; k < table[i].links; k++)
			assert_string_equal(table[i].link[k].from[0],
			    "account_id");
		assert_string_equal(scratch_pg() ?
			scratch_dump(scratch_text(postgres, table[i].name)) :
			scratch_dump(scratch_text(sqlite, table[i].name)),
		    "");
	}
}

/* Deleting a user takes rows of his account along, or nothing happens. */
static void
user_of_another(void **state)
{
	const char *before = schema_dump("a");

	(void)state;
	db_scope(db, "b");
	assert_int_not_equal(scratch_do(db,
				 "DELETE FROM app_user WHERE id = 'a-user'",
				 NULL),
	    OK);
	db_scope(db, NULL);
	assert_int_not_equal(
	    scratch_do(db,
		"DELETE FROM app_user WHERE id = 'a-user' AND active = 1",
		NULL),
	    OK);
	assert_string_equal(schema_dump("a"), before);
	assert_int_equal(scratch_int(db, "SELECT count(*) FROM app_user"), 2);
}

/* An account can go, with all its rows and nobody else's. */
static void
whole_account(void **state)
{
	const char *before = schema_dump("a");
	int64_t changes;

	(void)state;
	db_scope(db, "b");
	if (scratch_do(db,
		"DELETE FROM account WHERE account_id ="
		" app_account()",
		&changes) != OK)
		fail_msg("%s", db_why(db));
	assert_int_equal(changes, 1);
	assert_string_equal(schema_dump("b"), "");
	assert_string_equal(schema_dump("a"), before);
	if (!scratch_pg())
		assert_string_equal(scratch_dump("PRAGMA foreign_key_check"),
		    "");
}

static int
setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	scratch_fresh();
	db = scratch_open();
	schema_fill(db, "a");
	schema_fill(db, "b");
	tables = schema_read(table);
	return 0;
}

static int
teardown(void **state)
{
	db_close(db);
	return scratch_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_ones),
		cmocka_unit_test(no_others),
		cmocka_unit_test(rows_for_all),
		cmocka_unit_test(complete_guards),
		cmocka_unit_test(unique_by_account),
		cmocka_unit_test(links_carry_account),
		cmocka_unit_test(user_of_another),
		cmocka_unit_test(whole_account),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
