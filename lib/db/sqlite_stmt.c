/* sqlite_stmt.c - statements of the SQLite engine: binding, steps, values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/sqlite_int.h"

static enum rc
constraint_code(struct db *db, int extended)
{
	const char *msg = sqlite3_errmsg(sqlite_of(db)->handle);

	switch (extended) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return E_CONFLICT;
	case SQLITE_CONSTRAINT_TRIGGER:
		return db_conflict(db, msg) ? E_CONFLICT : E_INTERNAL;
	default:
		return E_INTERNAL;
	}
}

enum rc
sqlite_fail(struct db *db, int rc, const char *what)
{
	sqlite3 *h = sqlite_of(db)->handle;

	(void)db_blame(db, OK, "%s: %s", what, sqlite3_errmsg(h));
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return E_BUSY;
	case SQLITE_CONSTRAINT:
		return constraint_code(db, sqlite3_extended_errcode(h));
	default:
		return E_INTERNAL;
	}
}

/*
 * The text without what is said for a server that has many writers at once;
 * with something before it. Ends with sqlite3_free; NULL: out of memory.
 */
static char *
words(const char *before, const char *sql)
{
	static const char skip[] = " FOR UPDATE SKIP LOCKED";
	const char *at = strstr(sql, skip);
	size_t n = at != NULL ? (size_t)(at - sql) : strlen(sql);

	return sqlite3_mprintf("%s%.*s%s", before, (int)n, sql,
	    at != NULL ? at + strlen(skip) : "");
}

enum rc
sqlite_prepare(struct db *db, const char *sql, struct stmt **out)
{
	struct sqlite_stmt *s = calloc(1, sizeof(*s));
	char *text = words("", sql);
	int n = SQLITE_NOMEM;

	*out = NULL;
	if (s != NULL && text != NULL)
		n = sqlite3_prepare_v3(sqlite_of(db)->handle, text, -1,
		    SQLITE_PREPARE_PERSISTENT, &s->st, NULL);
	sqlite3_free(text);
	if (n == SQLITE_OK) {
		*out = &s->s;
		return OK;
	}
	free(s);
	return sqlite_fail(db, n, "prepare");
}

static sqlite3_stmt *
handle_of(const struct stmt *s)
{
	return ((const struct sqlite_stmt *)s)->st;
}

void
sqlite_free(struct stmt *s)
{
	sqlite3_finalize(handle_of(s));
	free(s);
}

const char *
sqlite_param(const struct stmt *s, int i)
{
	const char *name;

	if (i >= sqlite3_bind_parameter_count(handle_of(s)))
		return NULL;
	name = sqlite3_bind_parameter_name(handle_of(s), i + 1);
	return name != NULL ? name + 1 : "?";
}

const char *
sqlite_column(const struct stmt *s, int i)
{
	sqlite3_stmt *st = handle_of(s);

	return i < sqlite3_column_count(st) ? sqlite3_column_name(st, i) : NULL;
}

static int
bind_one(sqlite3_stmt *st, int i, const struct val *v)
{
	switch (v->type) {
	case VAL_INT:
		return sqlite3_bind_int64(st, i, v->i);
	case VAL_REAL:
		return sqlite3_bind_double(st, i, v->d);
	case VAL_TEXT:
		return sqlite3_bind_text64(st, i, v->s, v->len, SQLITE_STATIC,
		    SQLITE_UTF8);
	default:
		return sqlite3_bind_null(st, i);
	}
}

static enum rc
bind_all(struct stmt *s, db_lookup *lookup, void *ctx)
{
	sqlite3_stmt *st = handle_of(s);
	int n = sqlite3_bind_parameter_count(st);

	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(st, i);
		const struct val *v = NULL;

		if (name != NULL && lookup != NULL)
			v = lookup(ctx, name + 1);
		if (v == NULL)
			return db_blame(s->db, E_INTERNAL,
			    "no value for placeholder %s",
			    name != NULL ? name : "?");
		if (bind_one(st, i, v) != SQLITE_OK)
			return sqlite_fail(s->db, SQLITE_ERROR, "bind");
	}
	return OK;
}

void
sqlite_step(struct stmt *s)
{
	sqlite3_stmt *st = handle_of(s);
	int n = sqlite3_step(st);

	s->row = n == SQLITE_ROW;
	if (n == SQLITE_DONE)
		s->changes = sqlite3_stmt_readonly(st) ?
		    0 :
		    sqlite3_changes64(sqlite_of(s->db)->handle);
	else if (n != SQLITE_ROW)
		s->rc = sqlite_fail(s->db, n, "step");
}

void
sqlite_run(struct stmt *s, db_lookup *lookup, void *ctx)
{
	/* SQLite may compile it again, as it does when the schema changed */
	memcpy(s->db->guard.target, s->target, sizeof(s->target));
	s->rc = bind_all(s, lookup, ctx);
	if (s->rc == OK)
		sqlite_step(s);
}

void
sqlite_done(struct stmt *s)
{
	sqlite3_stmt *st = handle_of(s);

	/* a write whose rows were not all fetched still ends as a whole */
	while (s->row && s->rc == OK && !sqlite3_stmt_readonly(st))
		sqlite_step(s);
	(void)sqlite3_reset(st);
	(void)sqlite3_clear_bindings(st);
}

/*
 * By way of sqlite3_column_value, because a call for type, text and length
 * each costs more than the value; it is ours alone, no other thread sees it.
 */
struct val
sqlite_value(const struct stmt *s, int i)
{
	sqlite3_value *v = sqlite3_column_value(handle_of(s), i);

	switch (sqlite3_value_type(v)) {
	case SQLITE_INTEGER:
		return val_int(sqlite3_value_int64(v));
	case SQLITE_FLOAT:
		return val_real(sqlite3_value_double(v));
	case SQLITE_NULL:
		return val_null();
	default:
		return (struct val) { .type = VAL_TEXT,
			.s = (const char *)sqlite3_value_text(v),
			.len = (size_t)sqlite3_value_bytes(v) };
	}
}

/* One line of a plan: "SCAN t" reads all of t; "SCAN CONSTANT ROW" nothing. */
static bool
plan_line_scans(const char *line)
{
	return str_starts(line, "SCAN ") && strstr(line, "CONSTANT") == NULL;
}

enum rc
sqlite_plan(struct db *db, const char *sql, bool *whole)
{
	char *text = words("EXPLAIN QUERY PLAN ", sql);
	sqlite3_stmt *st = NULL;
	int rc = SQLITE_NOMEM;

	if (text != NULL)
		rc = sqlite3_prepare_v2(sqlite_of(db)->handle, text, -1, &st,
		    NULL);
	while (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		if (plan_line_scans((const char *)sqlite3_column_text(st, 3)))
			*whole = true;
	sqlite3_finalize(st);
	sqlite3_free(text);
	return rc == SQLITE_OK ? OK : sqlite_fail(db, rc, "plan");
}
