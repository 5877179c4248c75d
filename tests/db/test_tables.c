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
    "ai_breaker\napp_user\ndirectory\njob\nmembership\nrefresh_token\nsession\n"
    "throttle\n";

static struct db *raw, *db;
static struct table table[TABLES_MAX];
static int tables;

static void
open_ones(void **state)
{
	(void)state;
	assert_string_equal(scratch_dump(raw,
				"SELECT name FROM schema_open ORDER BY name"),
	    open_tables);
}

/* A table is open, or has a view, or is the program's own. */
static void
no_others(void **state)
{
	(void)state;
	assert_string_equal(
	    scratch_dump(raw,
		"SELECT name FROM sqlite_master t WHERE type = 'table'"
		" AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
		" AND name NOT IN (SELECT name FROM schema_open)"
		" AND NOT EXISTS (SELECT 1 FROM sqlite_master v WHERE"
		" v.type = 'view' AND v.name = 'my_' || t.name) ORDER BY name"),
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

/* The view shows the whole row, and all its guards are there. */
static void
complete_guards(void **state)
{
	static const char *const guards[] = { "insert", "update", "move",
		"delete" };

	(void)state;
	for (int i = 0; i < tables; i++) {
		const char *x = table[i].name;

		assert_string_equal(
		    scratch_dump(raw,
			scratch_text(
			    "SELECT name FROM pragma_table_info('my_%s')", x)),
		    scratch_dump(raw,
			scratch_text("SELECT name FROM pragma_table_info('%s')",
			    x)));
		for (size_t g = 0; g < COUNT(guards); g++)
			assert_string_equal(
			    scratch_dump(raw,
				scratch_text(
				    "SELECT tbl_name FROM sqlite_master WHERE type ="
				    " 'trigger' AND name = 'guard_%s_%s'",
				    x, guards[g])),
			    scratch_text("%s\n", x));
		assert_string_equal(table[i].key[0], "account_id");
	}
}

/* Uniqueness without the account would tell what others have. */
static void
unique_by_account(void **state)
{
	(void)state;
	for (int i = 0; i < tables; i++)
		assert_string_equal(
		    scratch_dump(raw,
			scratch_text(
			    "SELECT l.name FROM pragma_index_list('%s') l WHERE"
			    " l.\"unique\" = 1 AND NOT EXISTS (SELECT 1 FROM"
			    " pragma_index_info(l.name) c WHERE c.name ="
			    " 'account_id')",
			    table[i].name)),
		    "");
}

/* References between tables with an account carry the account. */
static void
links_carry_account(void **state)
{
	(void)state;
	for (int i = 0; i < tables; i++) {
		for (int k = 0; k < table[i].links; k++)
			assert_string_equal(table[i].link[k].from[0],
			    "account_id");
		assert_string_equal(
		    scratch_dump(raw,
			scratch_text(
			    "SELECT f.\"table\", f.\"from\" FROM"
			    " pragma_foreign_key_list('%s') f WHERE f.\"from\" <>"
			    " 'account_id' AND f.seq = 0 AND NOT EXISTS (SELECT 1"
			    " FROM schema_open o WHERE o.name = f.\"table\")",
			    table[i].name)),
		    "");
	}
}

/* Deleting a user takes rows of his account along, or nothing happens. */
static void
user_of_another(void **state)
{
	const char *before = schema_dump(raw, "a");

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
	assert_string_equal(schema_dump(raw, "a"), before);
	assert_int_equal(scratch_int(raw, "SELECT count(*) FROM app_user"), 2);
}

/* An account can go, with all its rows and nobody else's. */
static void
whole_account(void **state)
{
	const char *before = schema_dump(raw, "a");
	int64_t changes;

	(void)state;
	db_scope(db, "b");
	if (scratch_do(db,
		"DELETE FROM account WHERE account_id ="
		" app_account()",
		&changes) != OK)
		fail_msg("%s", db_why(db));
	assert_int_equal(changes, 1);
	assert_string_equal(schema_dump(raw, "b"), "");
	assert_string_equal(schema_dump(raw, "a"), before);
	assert_string_equal(scratch_dump(raw, "PRAGMA foreign_key_check"), "");
}

static int
setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	scratch_fresh();
	db = scratch_open();
	raw = scratch_raw();
	schema_fill(db, "a");
	schema_fill(db, "b");
	tables = schema_read(raw, table);
	return 0;
}

static int
teardown(void **state)
{
	db_close(db);
	db_close(raw);
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
