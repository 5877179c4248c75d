/* attack.c - statements of account b that reach for the rows of account a. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "attack.h"

struct outcome {
	enum rc rc;
	int64_t rows;
	int64_t changes;
};

static struct db *db;
static const char *rows_of_a, *before;
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
void
attack(const char *account, enum want want, const char *sql)
{
	struct outcome o;

	attacks++;
	db_scope(db, account);
	o = run(sql);
	if (!as_wanted(&o, want))
		fail_msg("%s: code %d, %d rows, %d changes: %s", sql, (int)o.rc,
		    (int)o.rows, (int)o.changes, db_why(db));
	if (!str_eq(scratch_dump(rows_of_a), before))
		fail_msg("the rows of a have changed: %s", sql);
}

/* `k1 = … AND k2 = …` of an account's row. */
const char *
attack_where(const struct table *t, const char *account)
{
	const char *text = "";

	for (int i = 0; i < t->keys; i++)
		text = scratch_text("%s%s%s = %s", text, i > 0 ? " AND " : "",
		    t->key[i], schema_value(t->name, t->key[i], account));
	return text;
}

/* INSERT of a copy of from's row, where column has value instead. */
const char *
attack_copy(const struct table *t, const char *from, const char *column,
    const char *value)
{
	const char *names = "", *values = "";

	for (int i = 0; i < t->columns; i++) {
		const char *c = t->column[i], *sep = i > 0 ? ", " : "";

		names = scratch_text("%s%s%s", names, sep, c);
		values = scratch_text("%s%s%s", values, sep,
		    column != NULL && str_eq(c, column) ?
			value :
			schema_value(t->name, c, from));
	}
	return scratch_text("INSERT INTO %s (%s) VALUES (%s)", t->name, names,
	    values);
}

const char *
attack_value(const struct table *t, const char *column, const char *account)
{
	return schema_value(t->name, column, account);
}

int
attack_all(void (*fn)(const struct table *), const struct table *t, int n)
{
	rows_of_a = schema_dump_sql("a");
	before = scratch_dump(rows_of_a);
	for (int i = 0; i < n; i++) {
		db = scratch_open();
		fn(&t[i]);
		db_close(db);
	}
	return attacks;
}
