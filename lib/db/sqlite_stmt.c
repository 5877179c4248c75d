/* sqlite_stmt.c - statements of the SQLite engine: cache, binding, steps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/str.h"
#include "db/sqlite_int.h"

static void
why_set(struct db *db, const char *what)
{
	snprintf(db->why, sizeof(db->why), "%s: %s", what,
	    sqlite3_errmsg(db->handle));
}

static enum rc
constraint_code(struct db *db, int extended)
{
	const char *msg = sqlite3_errmsg(db->handle);

	switch (extended) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return E_CONFLICT;
	case SQLITE_CONSTRAINT_TRIGGER:
		if (!str_starts(msg, "conflict: "))
			return E_INTERNAL;
		snprintf(db->reason, sizeof(db->reason), "%s", msg + 10);
		return E_CONFLICT;
	default:
		return E_INTERNAL;
	}
}

enum rc
sqlite_fail(struct db *db, int rc, const char *what)
{
	why_set(db, what);
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return E_BUSY;
	case SQLITE_CONSTRAINT:
		return constraint_code(db,
		    sqlite3_extended_errcode(db->handle));
	default:
		return E_INTERNAL;
	}
}

static enum db_kind
kind_of(const char *suffix)
{
	static const char *const names[] = { [DB_TEXT] = "text",
		[DB_INT] = "int",
		[DB_REAL] = "real",
		[DB_BOOL] = "bool",
		[DB_TIME] = "time",
		[DB_JSON] = "json" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(names[i], suffix) == 0)
			return (enum db_kind)i;
	return DB_TEXT;
}

static void
stmt_free(struct stmt *s)
{
	for (int i = 0; i < s->columns; i++)
		free(s->name[i]);
	sqlite3_finalize(s->st);
	free(s);
}

/*
 * Names and kinds of the columns. They are copied, since SQLite's own go when
 * it compiles the statement again because the schema has changed.
 */
static bool
columns_read(struct stmt *s)
{
	int n = sqlite3_column_count(s->st);

	for (int i = 0; i < n && i < COLUMNS; i++) {
		const char *name = sqlite3_column_name(s->st, i);
		struct db_column *c = &s->column[i];

		s->name[i] = name != NULL ? strdup(name) : NULL;
		if (s->name[i] == NULL)
			return false;
		s->columns++;
		c->name = s->name[i];
		c->len = strcspn(c->name, ":");
		c->kind = c->name[c->len] == ':' ?
		    kind_of(c->name + c->len + 1) :
		    DB_TEXT;
	}
	return true;
}

static enum rc
stmt_prepare(struct db *db, const char *sql, sqlite3_stmt **st)
{
	char why[160];
	int n;

	if (db->guard.on && !guard_scan(&db->guard, sql, why)) {
		snprintf(db->why, sizeof(db->why), "refused: %s", why);
		return E_INTERNAL;
	}
	n = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
	    st, NULL);
	return n == SQLITE_OK ? OK : sqlite_fail(db, n, "prepare");
}

/* The cached statement of this text, made when it is new. */
static enum rc
stmt_find(struct db *db, const char *sql, struct stmt **out)
{
	size_t i = ((uintptr_t)sql >> 3) * 2654435761u % CACHE;
	size_t tries = 0;
	struct stmt *s;
	enum rc rc;

	while (db->cache[i] != NULL && db->cache[i]->sql != sql) {
		i = (i + 1) % CACHE;
		if (++tries == CACHE) {
			snprintf(db->why, sizeof(db->why),
			    "more than %d statements", CACHE);
			return E_INTERNAL;
		}
	}
	*out = db->cache[i];
	if (*out != NULL)
		return OK;
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		snprintf(db->why, sizeof(db->why), "out of memory");
		return E_INTERNAL;
	}
	rc = stmt_prepare(db, sql, &s->st);
	if (rc == OK && !columns_read(s))
		rc = sqlite_fail(db, SQLITE_NOMEM, "columns");
	if (rc != OK) {
		stmt_free(s);
		return rc;
	}
	s->db = db;
	s->sql = sql;
	memcpy(s->target, db->guard.target, sizeof(s->target));
	db->cache[i] = *out = s;
	return OK;
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
	int n = sqlite3_bind_parameter_count(s->st);

	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(s->st, i);
		const struct val *v = NULL;

		if (name != NULL && lookup != NULL)
			v = lookup(ctx, name + 1);
		if (v == NULL) {
			snprintf(s->db->why, sizeof(s->db->why),
			    "no value for placeholder %s",
			    name != NULL ? name : "?");
			return E_INTERNAL;
		}
		if (bind_one(s->st, i, v) != SQLITE_OK)
			return sqlite_fail(s->db, SQLITE_ERROR, "bind");
	}
	return OK;
}

static bool
stmt_step(struct stmt *s)
{
	int n = sqlite3_step(s->st);

	s->row = n == SQLITE_ROW;
	if (n == SQLITE_DONE)
		s->changes = sqlite3_stmt_readonly(s->st) ?
		    0 :
		    sqlite3_changes64(s->db->handle);
	else if (n != SQLITE_ROW)
		s->rc = sqlite_fail(s->db, n, "step");
	return s->row;
}

/*
 * The first step is taken here, so that an error of a write shows at once;
 * db_next hands that row out first.
 */
enum rc
db_run(struct db *db, const char *sql, db_lookup *lookup, void *ctx,
    struct stmt **out)
{
	struct stmt *s;
	enum rc rc;

	*out = NULL;
	if (fault_due()) {
		snprintf(db->why, sizeof(db->why), "failed on purpose");
		return E_INTERNAL;
	}
	db->reason[0] = '\0';
	rc = stmt_find(db, sql, &s);
	if (rc != OK)
		return rc;
	if (s->busy) {
		snprintf(db->why, sizeof(db->why), "statement runs already");
		return E_INTERNAL;
	}
	s->busy = true;
	if (db->watch != NULL)
		*db->watch = sql;
	/* SQLite may compile it again, as it does when the schema changed */
	memcpy(db->guard.target, s->target, sizeof(s->target));
	s->rc = bind_all(s, lookup, ctx);
	s->changes = 0;
	s->fresh = s->rc == OK && stmt_step(s);
	rc = s->rc;
	if (rc != OK) {
		db_done(s);
		return rc;
	}
	*out = s;
	return OK;
}

bool
db_next(struct stmt *s)
{
	if (s->fresh) {
		s->fresh = false;
		return true;
	}
	return s->row && s->rc == OK && stmt_step(s);
}

enum rc
db_status(const struct stmt *s)
{
	return s->rc;
}

void
db_done(struct stmt *s)
{
	if (s == NULL)
		return;
	/* a write whose rows were not all fetched still ends as a whole */
	while (s->row && s->rc == OK && !sqlite3_stmt_readonly(s->st))
		(void)stmt_step(s);
	(void)sqlite3_reset(s->st);
	(void)sqlite3_clear_bindings(s->st);
	s->busy = false;
	if (s->db->watch != NULL)
		*s->db->watch = NULL;
}

void
sqlite_forget(struct db *db)
{
	for (size_t i = 0; i < CACHE; i++)
		if (db->cache[i] != NULL)
			stmt_free(db->cache[i]);
}

int64_t
db_changes(const struct stmt *s)
{
	return s->changes;
}

int
db_columns(const struct stmt *s)
{
	return s->columns;
}

const struct db_column *
db_column(const struct stmt *s, int i)
{
	return &s->column[i];
}

/*
 * By way of sqlite3_column_value, because a call for type, text and length
 * each costs more than the value; it is ours alone, no other thread sees it.
 */
struct val
db_value(const struct stmt *s, int i)
{
	sqlite3_value *v = sqlite3_column_value(s->st, i);

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

enum rc
db_prepare(struct db *db, const char *sql,
    bool (*name)(void *ctx, const char *), void *ctx)
{
	sqlite3_stmt *st;
	enum rc rc = stmt_prepare(db, sql, &st);
	int n;

	if (rc != OK)
		return rc;
	n = sqlite3_bind_parameter_count(st);
	for (int i = 1; i <= n && rc == OK; i++) {
		const char *p = sqlite3_bind_parameter_name(st, i);

		if (p == NULL || !name(ctx, p + 1)) {
			snprintf(db->why, sizeof(db->why),
			    "unknown placeholder %s", p != NULL ? p : "?");
			rc = E_INPUT;
		}
	}
	sqlite3_finalize(st);
	return rc;
}

/* One line of a plan: "SCAN t" reads all of t; "SCAN CONSTANT ROW" nothing. */
static bool
plan_line_scans(const char *line)
{
	return str_starts(line, "SCAN ") && strstr(line, "CONSTANT") == NULL;
}

enum rc
db_plan(struct db *db, const char *sql, bool *whole)
{
	char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *st = NULL;
	bool on = db->guard.on;
	int n = SQLITE_NOMEM;

	*whole = false;
	db->guard.on = false;
	if (text != NULL)
		n = sqlite3_prepare_v2(db->handle, text, -1, &st, NULL);
	db->guard.on = on;
	while (n == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		if (plan_line_scans((const char *)sqlite3_column_text(st, 3)))
			*whole = true;
	sqlite3_finalize(st);
	sqlite3_free(text);
	return n == SQLITE_OK ? OK : sqlite_fail(db, n, "plan");
}

enum rc
db_describe(struct db *db, const char *sql, struct db_column *out, int max,
    int *count)
{
	struct stmt *s;
	enum rc rc = stmt_find(db, sql, &s);

	*count = 0;
	if (rc != OK)
		return rc;
	for (int i = 0; i < s->columns && i < max; i++)
		out[(*count)++] = s->column[i];
	return OK;
}
