/* test_authorizer.c - what compiles on a guarded connection, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "db/sqlite_int.h"
#include "scratch.h"

/* Refused by the authorizer alone, whatever the text rules say. */
static const char *const denied[] = {
	"CREATE TABLE x (a)",
	"CREATE TEMP TABLE x (a)",
	"CREATE VIEW my_x AS SELECT * FROM contact",
	"CREATE TEMP VIEW my_x AS SELECT * FROM contact",
	"CREATE TEMP TRIGGER guard_x BEFORE DELETE ON contact BEGIN"
	" SELECT 1; END",
	"CREATE INDEX x ON job (ref)",
	"DROP TABLE contact",
	"DROP VIEW my_contact",
	"DROP TRIGGER guard_contact_delete",
	"ALTER TABLE contact ADD COLUMN x",
	"ALTER TABLE contact RENAME TO x",
	"CREATE VIRTUAL TABLE x USING fts5(a)",
	"REINDEX",
	"ANALYZE",
	"PRAGMA user_version",
	"PRAGMA journal_mode",
	"PRAGMA table_list",
	"PRAGMA recursive_triggers = OFF",
	"PRAGMA writable_schema = ON",
	"PRAGMA wal_checkpoint",
	"ATTACH ':memory:' AS x",
	"DETACH main",
	"SAVEPOINT x",
	"SELECT * FROM contact",
	"SELECT count(*) FROM contact",
	"SELECT 1 FROM contact",
	"SELECT rowid FROM contact",
	"SELECT id FROM 'contact'",
	"SELECT id FROM main.contact",
	"SELECT 1 WHERE EXISTS (SELECT 1 FROM credential)",
	"SELECT m.id FROM my_contact m JOIN contact c ON c.id = m.id",
	"WITH a AS (SELECT * FROM contact) SELECT * FROM a",
	"WITH a AS MATERIALIZED (SELECT * FROM contact) SELECT * FROM a",
	"SELECT * FROM (SELECT * FROM contact) my_contact",
	"SELECT * FROM sqlite_master",
	"SELECT sql FROM sqlite_schema",
	"SELECT * FROM sqlite_temp_master",
	"SELECT * FROM schema_open",
	"SELECT * FROM schema_migration",
	"SELECT * FROM find_appointment",
	"SELECT count(*) FROM find_appointment_word",
	"SELECT * FROM find_appointment_text",
	"INSERT INTO find_appointment (account_id, id) VALUES ('a', 'x')",
	"DELETE FROM find_appointment_word",
	"SELECT * FROM json_each('[1]')",
	"SELECT count(*) FROM json_each('[1]')",
	"SELECT * FROM json_tree('[1]')",
	"SELECT * FROM pragma_table_info('contact')",
	"SELECT * FROM pragma_table_list",
	"SELECT * FROM dbstat",
	"SELECT * FROM sqlite_dbpage",
	"SELECT * FROM bytecode('SELECT 1')",
	"INSERT INTO sqlite_master VALUES (1, 2, 3, 4, 5)",
	"INSERT INTO schema_open VALUES ('contact')",
	"UPDATE sqlite_master SET sql = ''",
	"DELETE FROM schema_migration",
	"DELETE FROM schema_open",
};

/*
 * A write may read what its foreign keys need; the rest of another table is
 * out of reach even without the text rules.
 */
static const char *const denied_in_write[] = {
	"DELETE FROM contact WHERE EXISTS"
	" (SELECT 1 FROM credential WHERE sealed = 'x')",
	"UPDATE contact SET name = (SELECT sealed FROM 'credential')",
	"UPDATE contact SET name = c.sealed FROM 'credential' AS c",
	"DELETE FROM contact WHERE id IN (SELECT name FROM sqlite_master)",
	"DELETE FROM contact WHERE id IN (SELECT name FROM schema_open)",
	"DELETE FROM contact WHERE id IN (SELECT value FROM json_each('[]'))",
	"DELETE FROM contact WHERE id IN (SELECT word FROM"
	" find_appointment_word)",
	"DELETE FROM contact WHERE id IN"
	" (SELECT name FROM pragma_table_list)",
};

static const char *const allowed[] = {
	"SELECT * FROM my_contact",
	"SELECT count(*) FROM my_credential",
	"SELECT * FROM job",
	"SELECT * FROM app_user",
	"WITH a AS MATERIALIZED (SELECT * FROM my_contact) SELECT * FROM a",
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	" WHERE i < 3) SELECT i FROM n",
	"DELETE FROM account WHERE account_id = app_account()",
	"DELETE FROM contact WHERE id = 'x' RETURNING id, name",
	"UPDATE contact SET name = 'x' RETURNING name",
	"DELETE FROM app_user WHERE id = 'x'",
	"INSERT INTO directory (kind, key, account_id) SELECT 'number', phone,"
	" app_account() FROM my_contact WHERE true ON CONFLICT DO NOTHING",
};

static bool
any_name(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return true;
}

/* Does it compile when only the authorizer looks? */
static bool
compiles(struct db *db, const char *target, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int n;

	snprintf(db->guard.target, sizeof(db->guard.target), "%s", target);
	n = sqlite3_prepare_v2(sqlite_of(db)->handle, sql, -1, &st, NULL);
	sqlite3_finalize(st);
	return n == SQLITE_OK;
}

static void
the_authorizer_alone(void **state)
{
	struct db *db = scratch_open();
	struct stmt *st;

	(void)state;
	/* a search reaches for more, and closes the door behind it */
	db_scope(db, "a");
	assert_int_equal(db_search(db, "appointment", "x", 1, &st), OK);
	for (size_t i = 0; i < COUNT(denied); i++)
		if (compiles(db, "", denied[i]))
			fail_msg("compiled: %s", denied[i]);
	for (size_t i = 0; i < COUNT(denied_in_write); i++)
		if (compiles(db, "contact", denied_in_write[i]))
			fail_msg("compiled: %s", denied_in_write[i]);
	db_done(st);
	db_close(db);
}

static void
both_together(void **state)
{
	struct db *db = scratch_open();

	(void)state;
	for (size_t i = 0; i < COUNT(denied); i++)
		if (db_prepare(db, denied[i], any_name, NULL) == OK)
			fail_msg("prepared: %s", denied[i]);
	for (size_t i = 0; i < COUNT(denied_in_write); i++)
		if (db_prepare(db, denied_in_write[i], any_name, NULL) == OK)
			fail_msg("prepared: %s", denied_in_write[i]);
	for (size_t i = 0; i < COUNT(allowed); i++)
		if (db_prepare(db, allowed[i], any_name, NULL) != OK)
			fail_msg("%s: %s", allowed[i], db_why(db));
	db_close(db);
}

/* VACUUM compiles nothing that an authorizer sees; running it must fail. */
static void
not_even_run(void **state)
{
	static const char *const texts[] = { "VACUUM", "VACUUM INTO '/tmp/x'",
		"BEGIN", "COMMIT", "SELECT load_extension('x')",
		"SELECT load_extension('x', 'y')",
		"SELECT fts3_tokenizer('simple', x'00')",
		"SELECT readfile('/etc/passwd')",
		"SELECT writefile('/tmp/x', 1)" };
	struct db *db = scratch_open();

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (scratch_do(db, texts[i], NULL) == OK)
			fail_msg("ran: %s", texts[i]);
	db_close(db);
}

/* Each statement knows its own target, when it is compiled again as well. */
static void
compiled_again(void **state)
{
	static const char write[] = "UPDATE job SET ref = 'x'";
	static const char mine[] = "UPDATE contact SET name = 'x'";
	static const char read[] = "SELECT count(*) FROM my_contact";
	struct db *db = scratch_open(), *raw = scratch_raw();

	(void)state;
	db_scope(db, "a");
	assert_int_equal(scratch_do(db, mine, NULL), OK);
	assert_int_equal(scratch_do(db, write, NULL), OK);
	assert_int_equal(scratch_do(db, read, NULL), OK);
	scratch_script(raw, "CREATE TABLE later (x)");
	if (scratch_do(db, mine, NULL) != OK)
		fail_msg("after a change of the schema: %s", db_why(db));
	assert_int_equal(scratch_do(db, write, NULL), OK);
	assert_int_equal(scratch_do(db, read, NULL), OK);
	db_close(raw);
	db_close(db);
}

/* A checkpoint steps past the guard for a moment, and only then. */
static void
guard_after_checkpoint(void **state)
{
	struct db *db = scratch_open(), *raw = scratch_raw();
	int64_t pages;

	(void)state;
	assert_int_equal(db_checkpoint(db, &pages), OK);
	assert_false(compiles(db, "", "SELECT * FROM contact"));
	assert_int_equal(db_checkpoint(raw, &pages), OK);
	if (scratch_do(raw, "PRAGMA user_version", NULL) != OK)
		fail_msg("a raw connection is guarded: %s", db_why(raw));
	db_close(raw);
	db_close(db);
}

static int
setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	scratch_fresh();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_authorizer_alone),
		cmocka_unit_test(both_together),
		cmocka_unit_test(not_even_run),
		cmocka_unit_test(compiled_again),
		cmocka_unit_test(guard_after_checkpoint),
	};

	return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
