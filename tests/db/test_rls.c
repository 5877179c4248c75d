/* test_rls.c - account b attacks the rows of account a, in every table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "schema.h"

enum want {
	NO_ROWS,  /* it runs, and finds and changes nothing */
	OWN_ROWS, /* it runs, and finds or changes b's row alone */
	DENIED,	  /* the guard says no */
	REFUSED,  /* it is not even compiled */
	STOPPED,  /* it fails, for whatever reason comes first */
	CONFLICT, /* b's rows cannot refer to a's, or be there twice */
	FAILED	  /* no account is set */
};

struct outcome {
	enum rc rc;
	int64_t rows;
	int64_t changes;
};

static struct db *raw, *db;
static struct table table[TABLES_MAX];
static int tables;
static const char *before;
static int attacks;

static struct outcome
run(const char *sql)
{
	struct outcome o = { .rc = db_begin(db, DB_WRITE) };
	struct stmt *st;

	assert_int_equal(o.rc, OK);
	o.rc = db_run(db, sql, NULL, NULL, &st);
	if (o.rc == OK) {
		while (db_next(st))
			o.rows++;
		o.rc = db_status(st);
		o.changes = db_changes(st);
		db_done(st);
	}
	if (o.rc != OK)
		db_rollback(db);
	else if (db_commit(db) != OK)
		fail_msg("%s: %s", sql, db_why(db));
	return o;
}

static bool
as_wanted(const struct outcome *o, enum want want)
{
	switch (want) {
	case NO_ROWS:
		return o->rc == OK && o->rows == 0 && o->changes == 0;
	case OWN_ROWS:
		return o->rc == OK && (o->rows == 1 || o->changes == 1);
	case DENIED:
		return o->rc != OK && strstr(db_why(db), "denied") != NULL;
	case REFUSED:
		return o->rc != OK && strstr(db_why(db), "refused") != NULL;
	case STOPPED:
		return o->rc != OK;
	case CONFLICT:
		return o->rc == E_CONFLICT;
	default:
		return o->rc != OK &&
		    strstr(db_why(db), "no account is set") != NULL;
	}
}

/* Run it as account (NULL: none) and compare a's rows afterwards. */
static void
attack(const char *account, enum want want, const char *sql)
{
	struct outcome o;

	attacks++;
	db_scope(db, account);
	o = run(sql);
	if (!as_wanted(&o, want))
		fail_msg("%s: code %d, %d rows, %d changes: %s", sql, (int)o.rc,
		    (int)o.rows, (int)o.changes, db_why(db));
	if (!str_eq(schema_dump(raw, "a"), before))
		fail_msg("the rows of a have changed: %s", sql);
}

/* `k1 = … AND k2 = …` of an account's row. */
static const char *
where(const struct table *t, const char *account)
{
	const char *text = "";

	for (int i = 0; i < t->keys; i++)
		text = scratch_text("%s%s%s = %s", text, i > 0 ? " AND " : "",
		    t->key[i], schema_value(raw, t->name, t->key[i], account));
	return text;
}

/* INSERT of a copy of from's row, where column has value instead. */
static const char *
copy_of(const struct table *t, const char *from, const char *column,
    const char *value)
{
	const char *names = "", *values = "";

	for (int i = 0; i < t->columns; i++) {
		const char *c = t->column[i], *sep = i > 0 ? ", " : "";

		names = scratch_text("%s%s%s", names, sep, c);
		values = scratch_text("%s%s%s", values, sep,
		    column != NULL && str_eq(c, column) ?
			value :
			schema_value(raw, t->name, c, from));
	}
	return scratch_text("INSERT INTO %s (%s) VALUES (%s)", t->name, names,
	    values);
}

static void
read_attack(const struct table *t)
{
	const char *x = t->name, *w = where(t, "a");

	attack("b", NO_ROWS,
	    scratch_text("SELECT * FROM my_%s WHERE %s", x, w));
	attack("b", OWN_ROWS, scratch_text("SELECT * FROM my_%s", x));
	attack("b", NO_ROWS,
	    scratch_text("SELECT 1 FROM my_%s"
			 " WHERE account_id <> 'b'",
		x));
	attack("b", NO_ROWS,
	    scratch_text("SELECT 1 WHERE (SELECT count(*)"
			 " FROM my_%s WHERE %s) > 0",
		x, w));
	attack("b", NO_ROWS,
	    scratch_text("SELECT 1 WHERE EXISTS (SELECT 1"
			 " FROM my_%s WHERE %s)",
		x, w));
	attack("b", NO_ROWS,
	    scratch_text(
		"SELECT t.* FROM my_account o JOIN"
		" my_%s t ON t.account_id = 'a' OR t.account_id <> o.account_id",
		x));
	attack("b", NO_ROWS,
	    scratch_text("WITH c AS MATERIALIZED (SELECT *"
			 " FROM my_%s) SELECT * FROM c WHERE account_id = 'a'",
		x));
	attack("b", REFUSED, scratch_text("SELECT * FROM %s", x));
	attack("b", REFUSED, scratch_text("SELECT count(*) FROM \"%s\"", x));
	attack("b", REFUSED,
	    scratch_text("WITH my_x AS (SELECT * FROM %s)"
			 " SELECT * FROM my_x",
		x));
	attack(NULL, FAILED, scratch_text("SELECT * FROM my_%s", x));
	attack(NULL, FAILED, scratch_text("SELECT count(*) FROM my_%s", x));
}

static void
write_attack(const struct table *t)
{
	const char *x = t->name, *w = where(t, "a");

	for (int i = 0; i < t->columns; i++) {
		const char *c = t->column[i];
		const char *mine = schema_value(raw, x, c, "b");

		if (str_eq(c, "account_id"))
			continue;
		attack("b", NO_ROWS,
		    scratch_text("UPDATE %s SET %s = %s"
				 " WHERE %s RETURNING *",
			x, c, mine, w));
	}
	attack("b", NO_ROWS, scratch_text("DELETE FROM %s WHERE %s", x, w));
	attack("b", NO_ROWS,
	    scratch_text("DELETE FROM %s WHERE %s"
			 " RETURNING *",
		x, w));
	attack("b", NO_ROWS,
	    scratch_text("UPDATE %s SET updated_at = 7"
			 " WHERE account_id <> 'b'",
		x));
	attack("b", OWN_ROWS, scratch_text("UPDATE %s SET updated_at = 7", x));
	attack("b", REFUSED,
	    scratch_text("UPDATE %s SET updated_at ="
			 " (SELECT max(updated_at) FROM %s)",
		x, x));
	attack("b", REFUSED,
	    scratch_text("REPLACE INTO %s (account_id)"
			 " VALUES ('a')",
		x));
	attack(NULL, FAILED, scratch_text("DELETE FROM %s WHERE %s", x, w));
	attack(NULL, FAILED,
	    scratch_text("UPDATE %s SET updated_at = 7"
			 " WHERE %s",
		x, w));
	attack(NULL, FAILED, copy_of(t, "a", "account_id", "'c'"));
}

/* A row for a, or one that takes the place of a's. */
static void
insert_attack(const struct table *t)
{
	const char *copy = copy_of(t, "a", NULL, NULL);
	const char *keys = "";

	for (int i = 0; i < t->keys; i++)
		keys =
		    scratch_text("%s%s%s", keys, i > 0 ? ", " : "", t->key[i]);
	attack("b", DENIED, copy);
	attack("b", DENIED, copy_of(t, "a", t->key[t->keys - 1], "'new'"));
	attack("b", DENIED, copy_of(t, "b", "account_id", "'a'"));
	attack("b", DENIED, copy_of(t, "b", "account_id", "NULL"));
	attack("b", DENIED,
	    scratch_text("%s ON CONFLICT (%s) DO UPDATE"
			 " SET updated_at = 7",
		copy, keys));
	attack("b", DENIED, scratch_text("%s ON CONFLICT DO NOTHING", copy));
	attack("b", DENIED,
	    scratch_text(
		"INSERT INTO %s (account_id,"
		" created_at, updated_at) SELECT 'a', created_at, updated_at"
		" FROM my_%s",
		t->name, t->name));
	attack("b", REFUSED,
	    scratch_text("INSERT INTO %s (account_id)"
			 " SELECT account_id FROM %s",
		t->name, t->name));
}

static void
move_attack(const struct table *t)
{
	const char *x = t->name;

	attack("b", NO_ROWS,
	    scratch_text("UPDATE %s SET account_id = 'b'"
			 " WHERE %s",
		x, where(t, "a")));
	attack("b", DENIED,
	    scratch_text("UPDATE %s SET account_id = 'a'"
			 " WHERE %s",
		x, where(t, "b")));
	attack("b", DENIED,
	    scratch_text("UPDATE %s SET account_id = 'c'"
			 " WHERE account_id = app_account()",
		x));
	attack("b", STOPPED,
	    scratch_text("%s ON CONFLICT DO UPDATE"
			 " SET account_id = 'a'",
		copy_of(t, "b", NULL, NULL)));
}

/* Each foreign key of b's row is turned towards a's row. */
static void
reference_attack(const struct table *t)
{
	for (int i = 0; i < t->links; i++)
		for (int k = 0; k < t->link[i].count; k++) {
			const char *c = t->link[i].from[k];
			const char *his = schema_value(raw, t->name, c, "a");

			if (str_eq(c, "account_id"))
				continue;
			assert_string_not_equal(his, "NULL");
			attack("b", CONFLICT,
			    scratch_text("UPDATE %s SET"
					 " %s = %s WHERE %s",
				t->name, c, his, where(t, "b")));
			if (!str_eq(c, t->key[t->keys - 1]))
				attack("b", CONFLICT, copy_of(t, "b", c, his));
		}
}

/* Each on a connection of its own: they keep all their statements. */
static void
every_table(void (*what)(const struct table *))
{
	before = schema_dump(raw, "a");
	for (int i = 0; i < tables; i++) {
		db = scratch_open();
		what(&table[i]);
		db_close(db);
	}
}

static void
reads(void **state)
{
	(void)state;
	every_table(read_attack);
}

static void
writes(void **state)
{
	(void)state;
	every_table(write_attack);
}

static void
inserts(void **state)
{
	(void)state;
	every_table(insert_attack);
}

static void
moves(void **state)
{
	(void)state;
	every_table(move_attack);
}

static void
references(void **state)
{
	(void)state;
	every_table(reference_attack);
	print_message("# %d attacks on %d tables\n", attacks, tables);
}

/* Two accounts with a row in every table; raw sees both. */
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
	db_close(db);
	tables = schema_read(raw, table);
	return tables > 0 ? 0 : -1;
}

static int
teardown(void **state)
{
	db_close(raw);
	return scratch_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(writes),
		cmocka_unit_test(inserts),
		cmocka_unit_test(moves),
		cmocka_unit_test(references),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
