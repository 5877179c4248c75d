/* test_stmt.c - statements: the cache, values, rows, errors, failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/str.h"
#include "schema.h"

static struct db *db;
static struct val given;

static const struct val *
look(void *ctx, const char *name)
{
	(void)ctx;
	return str_eq(name, "x") ? &given : NULL;
}

static struct stmt *
start(const char *sql)
{
	struct stmt *st;

	if (db_run(db, sql, look, NULL, &st) != OK)
		fail_msg("%s: %s", sql, db_why(db));
	return st;
}

static void
same_text(void **state)
{
	static const char sql[] = "SELECT count(*) AS \"n:int\" FROM throttle";
	struct stmt *st = start(sql), *again;

	(void)state;
	assert_int_equal(db_run(db, sql, look, NULL, &again), E_INTERNAL);
	assert_null(again);
	assert_string_equal(db_why(db), "statement runs already");
	/* the first is not disturbed */
	assert_true(db_next(st));
	assert_int_equal(db_value(st, 0).i, 0);
	assert_false(db_next(st));
	assert_false(db_next(st));
	db_done(st);
	again = start(sql);
	assert_ptr_equal(again, st);
	db_done(again);
	db_done(NULL);
}

/* The schema changes while a statement is known: its names stay readable. */
static void
names_stay(void **state)
{
	static const char sql[] = "SELECT count(*) AS \"n:int\" FROM throttle";
	struct db *raw = scratch_raw();
	struct stmt *st = start(sql);
	const struct db_column *c = db_column(st, 0);

	(void)state;
	db_done(st);
	scratch_script(raw, "CREATE TABLE passing (x TEXT)");
	scratch_script(raw, "DROP TABLE passing");
	db_close(raw);
	st = start(sql);
	assert_true(db_next(st));
	assert_ptr_equal(db_column(st, 0), c);
	assert_int_equal(c->len, 1);
	assert_memory_equal(c->name, "n", 1);
	assert_int_equal(c->kind, DB_INT);
	db_done(st);
}

/* What goes in comes out, through a column of its type. */
static void
values(void **state)
{
	static const char ints[] = "SELECT CAST(:x AS BIGINT) AS \"v:int\"";
	static const char reals[] =
	    "SELECT CAST(:x AS DOUBLE PRECISION) AS \"v:real\"";
	static const char texts[] = "SELECT CAST(:x AS TEXT) AS v";
	static const struct {
		const char *sql;
		struct val v;
	} list[] = {
		{ ints, { .type = VAL_INT, .i = INT64_MIN } },
		{ ints, { .type = VAL_INT, .i = INT64_MAX } },
		{ ints, { .type = VAL_INT, .i = 0 } },
		{ ints, { .type = VAL_NULL } },
		{ ints, { .type = VAL_ABSENT } },
		{ reals, { .type = VAL_REAL, .d = 0.5 } },
		{ reals, { .type = VAL_REAL, .d = -1e300 } },
		{ reals, { .type = VAL_NULL } },
		{ texts,
		    { .type = VAL_TEXT, .s = "a'\\\n\xc3\xa9", .len = 6 } },
		{ texts, { .type = VAL_TEXT, .s = "12", .len = 2 } },
		{ texts, { .type = VAL_TEXT, .s = "", .len = 0 } },
		{ texts, { .type = VAL_NULL } },
		{ texts, { .type = VAL_ABSENT } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		struct stmt *st;
		struct val v;
		bool null =
		    list[i].v.type == VAL_NULL || list[i].v.type == VAL_ABSENT;

		given = list[i].v;
		st = start(list[i].sql);
		assert_true(db_next(st));
		v = db_value(st, 0);
		assert_int_equal(v.type, null ? VAL_NULL : given.type);
		if (given.type == VAL_TEXT) {
			assert_int_equal(v.len, given.len);
			assert_memory_equal(v.s, given.s, v.len);
			assert_int_equal(v.s[v.len], 0);
		}
		assert_true(given.type != VAL_INT || v.i == given.i);
		assert_true(given.type != VAL_REAL || v.d == given.d);
		db_done(st);
	}
}

/* A text with a NUL is kept whole, or refused: never cut. */
static void
text_with_nul(void **state)
{
	static const char sql[] = "INSERT INTO throttle (key, count, since)"
				  " VALUES (:x, 1, 1)";
	enum rc rc;
	struct stmt *st;
	int64_t cut = 0;

	(void)state;
	given = (struct val) { .type = VAL_TEXT, .s = "a\0b", .len = 3 };
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	rc = db_run(db, sql, look, NULL, &st);
	if (rc == OK) {
		while (db_next(st))
			;
		rc = db_status(st);
		db_done(st);
	}
	if (rc == OK)
		cut = scratch_int(db,
		    "SELECT count(*) FROM throttle"
		    " WHERE key = 'a'");
	db_rollback(db);
	given = val_null();
	assert_int_equal(cut, 0);
	assert_int_equal(scratch_int(db, "SELECT count(*) FROM throttle"), 0);
}

static void
unknown_name(void **state)
{
	static const char sql[] = "SELECT CAST(:x AS TEXT), CAST(:y AS TEXT)";
	struct stmt *st;

	(void)state;
	assert_int_equal(db_run(db, sql, look, NULL, &st), E_INTERNAL);
	assert_null(st);
	assert_non_null(strstr(db_why(db), ":y"));
	/* it is not left running */
	assert_int_equal(db_run(db, sql, look, NULL, &st), E_INTERNAL);
	assert_non_null(strstr(db_why(db), ":y"));
}

static void
columns(void **state)
{
	static const char sql[] =
	    "SELECT 1 AS \"a:int\", 2 AS \"b:bool\","
	    " 3 AS \"c:time\", '[]' AS \"d:json\", 0.5 AS \"e:real\", 'x' AS f,"
	    " 1 AS \"g:odd\"";
	static const enum db_kind kinds[] = { DB_INT, DB_BOOL, DB_TIME, DB_JSON,
		DB_REAL, DB_TEXT, DB_TEXT };
	struct db_column c[8];
	int n;

	(void)state;
	assert_int_equal(db_describe(db, sql, c, COUNT(c), &n), OK);
	assert_int_equal(n, COUNT(kinds));
	for (int i = 0; i < n; i++) {
		assert_int_equal(c[i].kind, kinds[i]);
		assert_int_equal(c[i].len, 1);
		assert_int_equal(c[i].name[0], 'a' + i);
	}
	assert_int_equal(db_describe(db, sql, c, 2, &n), OK);
	assert_int_equal(n, 2);
}

/* A write happens as a whole, however many of its rows are fetched. */
static void
rows_not_fetched(void **state)
{
	static const char add[] =
	    "INSERT INTO throttle (key, count, since)"
	    " SELECT 'k' || CAST(i AS TEXT), i, 0 FROM (WITH RECURSIVE n(i)"
	    " AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)"
	    " SELECT i FROM n) AS five"
	    " RETURNING key";
	static const char change[] = "UPDATE throttle SET since = 9"
				     " WHERE count > 1 RETURNING key";
	static const char drop[] = "DELETE FROM throttle RETURNING key";
	struct stmt *st;

	(void)state;
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	st = start(add);
	assert_true(db_next(st));
	db_done(st);
	db_done(start(change));
	assert_int_equal(db_commit(db), OK);
	assert_int_equal(scratch_int(db, "SELECT count(*) FROM throttle"), 5);
	assert_int_equal(scratch_int(db,
			     "SELECT count(*) FROM throttle WHERE since = 9"),
	    4);
	st = start(drop);
	while (db_next(st))
		;
	assert_int_equal(db_changes(st), 5);
	db_done(st);
	assert_int_equal(scratch_int(db,
			     "SELECT count(*) FROM throttle WHERE since = 0"),
	    0);
}

/*
 * An error in a later row is told at the latest when the rows end; those
 * before it may or may not be there.
 */
static void
late_error(void **state)
{
	static const char sql[] =
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < 4) SELECT CASE WHEN i = 3 THEN"
	    " abs(2 - i - 9223372036854775807) ELSE i END AS \"i:int\" FROM n";

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct stmt *st;
		enum rc rc = db_run(db, sql, look, NULL, &st);
		int rows = 0;

		if (rc == OK) {
			while (db_next(st))
				assert_int_equal(db_value(st, 0).i, ++rows);
			rc = db_status(st);
			assert_false(db_next(st));
			db_done(st);
		}
		assert_int_equal(rc, E_INTERNAL);
		assert_true(rows <= 2);
	}
}

static void
sentence_of_the_schema(void **state)
{
	(void)state;
	schema_fill(db, "a");
	db_scope(db, "a");
	assert_int_equal(
	    scratch_do(db,
		"INSERT INTO appointment (id,"
		" account_id, resource_id, name, starts_at, ends_at,"
		" blocked_from, blocked_to, zone,"
		" created_at, updated_at) VALUES ('late', 'a', 'a-resource', 'C',"
		" 3500000, 3700000, 3500000, 3700000, 'Europe/Paris', 1, 1)",
		NULL),
	    E_CONFLICT);
	assert_string_equal(db_reason(db), "that time is already taken");
	assert_int_equal(scratch_do(db,
			     "UPDATE account SET account_id = 'z'"
			     " WHERE account_id = 'a'",
			     NULL),
	    E_INTERNAL);
	assert_string_equal(db_reason(db), "");
	db_scope(db, NULL);
}

static void
watched(void **state)
{
	static const char sql[] = "SELECT 1";
	const char *volatile slot = NULL;
	struct stmt *st;

	(void)state;
	db_watch(db, &slot);
	st = start(sql);
	assert_ptr_equal(slot, sql);
	db_done(st);
	assert_null(slot);
	db_watch(db, NULL);
}

/* Undoing while rows are still open harms nobody. */
static void
undone_while_running(void **state)
{
	static const char add[] =
	    "INSERT INTO throttle (key, count, since)"
	    " VALUES ('u', 1, 1), ('v', 1, 1) RETURNING key";
	static const char read[] = "SELECT key FROM throttle";
	struct stmt *w, *r;

	(void)state;
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	w = start(add);
	r = start(read);
	db_rollback(db);
	assert_false(db_in_tx(db));
	while (db_next(r))
		;
	db_done(r);
	db_done(w);
	assert_int_equal(scratch_int(db, "SELECT count(*) FROM throttle"), 0);
	db_done(start(read));
}

/* What fails on purpose fails as a whole, and frees the lock. */
static void
on_purpose(void **state)
{
	static const char add[] = "INSERT INTO throttle (key, count, since)"
				  " VALUES ('p', 1, 1)";
	struct db *other = scratch_open();
	struct stmt *st;

	(void)state;
	fault_arm(1);
	assert_int_equal(db_begin(db, DB_WRITE), E_BUSY);
	assert_true(fault_fired());
	fault_arm(2);
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	assert_int_equal(db_run(db, add, look, NULL, &st), E_INTERNAL);
	db_rollback(db);
	fault_arm(3);
	assert_int_equal(db_begin(db, DB_WRITE), OK);
	assert_int_equal(scratch_do(db, add, NULL), OK);
	assert_int_not_equal(db_commit(db), OK);
	assert_false(db_in_tx(db));
	fault_arm(0);
	assert_int_equal(db_begin(other, DB_WRITE), OK);
	assert_int_equal(db_commit(other), OK);
	assert_int_equal(scratch_int(db, "SELECT count(*) FROM throttle"), 0);
	db_close(other);
}

static int
setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	scratch_fresh();
	db = scratch_open();
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
		cmocka_unit_test(same_text),
		cmocka_unit_test(names_stay),
		cmocka_unit_test(values),
		cmocka_unit_test(text_with_nul),
		cmocka_unit_test(unknown_name),
		cmocka_unit_test(columns),
		cmocka_unit_test(rows_not_fetched),
		cmocka_unit_test(late_error),
		cmocka_unit_test(sentence_of_the_schema),
		cmocka_unit_test(watched),
		cmocka_unit_test(undone_while_running),
		cmocka_unit_test(on_purpose),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
