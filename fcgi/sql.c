/* sql.c - statements of a request: values in by name, rows out as JSON. */
#include <string.h>

#include "req.h"

#define CURSOR_TIME  13 /* digits of the milliseconds in a cursor */

#define EACH_COLUMNS 16 /* that sql_each shows */

/* Value of a placeholder: has_x tells whether x was given. */
static const struct val *
lookup(void *ctx, const char *name)
{
	static const struct val absent = { .type = VAL_NULL };
	static const struct val yes = { .type = VAL_INT, .i = 1 };
	static const struct val no = { .type = VAL_INT, .i = 0 };
	const struct req *r = ctx;

	for (int i = r->var_count - 1; i >= 0; i--)
		if (strcmp(r->vars[i].name, name) == 0)
			return r->vars[i].val.type == VAL_ABSENT ?
			    &absent :
			    &r->vars[i].val;
	if (strncmp(name, "has_", 4) == 0)
		return req_has(r, name + 4) ? &yes : &no;
	return NULL;
}

static enum rc
run(struct req *r, const char *sql, struct stmt **st)
{
	enum rc rc;

	*st = NULL;
	if (r->rc != OK)
		return r->rc;
	rc = db_run(r->db, sql, lookup, r, st);
	return rc == OK ? OK : fail_db(r, rc);
}

/* End a statement; its late error, if any, counts. */
static enum rc
finish(struct req *r, struct stmt *st)
{
	enum rc rc;

	while (db_next(st))
		;
	rc = db_status(st);
	db_done(st);
	return rc == OK ? r->rc : fail_db(r, rc);
}

static enum rc
missing(struct req *r)
{
	return fail(r, E_MISSING, "there is no such %s",
	    r->resource != NULL && strchr(r->resource->name, '_') != NULL ?
		strchr(r->resource->name, '_') + 1 :
		"thing");
}

enum rc
sql_do(struct req *r, const char *sql)
{
	struct stmt *st;
	enum rc rc = run(r, sql, &st);

	return rc == OK ? finish(r, st) : rc;
}

enum rc
sql_must(struct req *r, const char *sql)
{
	struct stmt *st;
	enum rc rc = run(r, sql, &st);
	int64_t rows = 0;

	if (rc != OK)
		return rc;
	while (db_next(st))
		;
	rows = db_changes(st);
	rc = finish(r, st);
	return rc == OK && rows == 0 ? missing(r) : rc;
}

static void
value_json(struct jout *j, const struct db_column *c, struct val v)
{
	if (v.type == VAL_NULL || v.type == VAL_ABSENT)
		jout_null(j);
	else if (c->kind == DB_JSON && v.type == VAL_TEXT)
		jout_raw(j, v.s);
	else if (v.type == VAL_TEXT)
		jout_strn(j, v.s, v.len);
	else if (v.type == VAL_REAL)
		jout_real(j, v.d);
	else if (c->kind == DB_BOOL)
		jout_bool(j, v.i != 0);
	else if (c->kind == DB_TIME)
		jout_time(j, v.i);
	else
		jout_int(j, v.i);
}

/* Members of the statement's current row, but for _cursor. */
static void
stmt_json(struct jout *j, const struct stmt *st)
{
	const struct db_column *c = db_column(st, 0);
	int n = db_columns(st);

	for (int i = 0; i < n; i++, c++) {
		if (c->name[0] == '_')
			continue;
		jout_column(j, c->name, c->len);
		value_json(j, c, db_value(st, i));
	}
}

enum rc
sql_one(struct req *r, const char *sql)
{
	struct stmt *st;
	enum rc rc = run(r, sql, &st);
	bool found;

	if (rc != OK)
		return rc;
	found = db_next(st);
	if (found) {
		jout_open(&r->json_out, '{');
		stmt_json(&r->json_out, st);
		jout_close(&r->json_out, '}');
	}
	rc = finish(r, st);
	return rc == OK && !found ? missing(r) : rc;
}

/* Text that continues the list behind the current row. */
static const char *
cursor_of(struct req *r, const struct stmt *st)
{
	struct val v;
	int at = -1;

	for (int i = 0; i < db_columns(st); i++) {
		const struct db_column *c = db_column(st, i);

		if (c->len == 7 && memcmp(c->name, "_cursor", 7) == 0)
			at = i;
		else if (at < 0 && c->len == 2 && memcmp(c->name, "id", 2) == 0)
			at = i;
	}
	v = at < 0 ? val_null() : db_value(st, at);
	return v.type == VAL_TEXT ? arena_str(r->arena, v.s) : NULL;
}

enum rc
req_cursor(struct req *r, int64_t *after_ms, const char **after_id)
{
	const char *s = req_text(r, "cursor");
	char *digits;

	if (s == NULL)
		return OK;
	digits = arena_copy(r->arena, s, strcspn(s, "_"));
	if (digits == NULL || strlen(digits) > CURSOR_TIME ||
	    !str_int(digits, 0, INT64_MAX, after_ms) ||
	    s[strlen(digits)] != '_' || !id_valid(s + strlen(digits) + 1))
		return fail_field(r, "cursor",
		    "must be the next_cursor of an answer");
	*after_id = s + strlen(digits) + 1;
	return OK;
}

enum rc
sql_many(struct req *r, const char *sql)
{
	struct val asked = req_get(r, "limit");
	int64_t limit = asked.type == VAL_INT ? asked.i : 100, n = 0;
	struct jout *j = &r->json_out;
	const char *cursor = NULL;
	bool more = false;
	struct stmt *st;
	enum rc rc;

	req_set(r, "limit", val_int(limit + 1));
	rc = run(r, sql, &st);
	if (rc != OK)
		return rc;
	jout_open(j, '{');
	jout_name(j, "data");
	jout_open(j, '[');
	while (db_next(st)) {
		more = n++ == limit;
		if (more)
			break;
		jout_open(j, '{');
		stmt_json(j, st);
		jout_close(j, '}');
		if (n == limit)
			cursor = cursor_of(r, st);
	}
	jout_close(j, ']');
	jout_put_str(j, "next_cursor", more ? cursor : NULL);
	jout_close(j, '}');
	return finish(r, st);
}

static bool
row_copy(struct req *r, const struct stmt *st, struct row *row)
{
	int n = db_columns(st);

	row->column = db_column(st, 0);
	row->value = arena_zero(r->arena, (size_t)n * sizeof(struct val));
	if (row->value == NULL)
		return false;
	for (int i = 0; i < n; i++) {
		struct val v = db_value(st, i);

		if (v.type == VAL_TEXT)
			v.s = arena_copy(r->arena, v.s, v.len);
		if (v.type == VAL_TEXT && v.s == NULL)
			return false;
		row->value[i] = v;
	}
	row->count = n;
	return true;
}

enum rc
sql_find(struct req *r, const char *sql, struct row *row)
{
	struct stmt *st;
	enum rc rc = run(r, sql, &st);

	memset(row, 0, sizeof(*row));
	if (rc != OK)
		return rc;
	if (db_next(st) && !row_copy(r, st, row))
		(void)fail(r, E_INTERNAL, "out of memory");
	return finish(r, st);
}

enum rc
sql_row(struct req *r, const char *sql, struct row *row)
{
	enum rc rc = sql_find(r, sql, row);

	return rc == OK && row->count == 0 ? missing(r) : rc;
}

enum rc
sql_rows(struct req *r, const char *sql, struct row **list)
{
	struct row **tail = list;
	struct stmt *st;
	enum rc rc = run(r, sql, &st);

	*list = NULL;
	if (rc != OK)
		return rc;
	while (db_next(st)) {
		struct row *row = arena_zero(r->arena, sizeof(*row));

		if (row == NULL || !row_copy(r, st, row)) {
			(void)fail(r, E_INTERNAL, "out of memory");
			break;
		}
		*tail = row;
		tail = &row->next;
	}
	return finish(r, st);
}

enum rc
sql_each(struct req *r, const char *sql,
    void (*fn)(void *ctx, const struct val *), void *ctx)
{
	struct val v[EACH_COLUMNS];
	struct stmt *st;
	enum rc rc = run(r, sql, &st);
	int n;

	if (rc != OK)
		return rc;
	n = db_columns(st) < EACH_COLUMNS ? db_columns(st) : EACH_COLUMNS;
	while (db_next(st)) {
		for (int i = 0; i < n; i++)
			v[i] = db_value(st, i);
		fn(ctx, v);
	}
	return finish(r, st);
}

struct val
row_val(const struct row *row, const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < row->count; i++)
		if (row->column[i].len == n &&
		    memcmp(row->column[i].name, name, n) == 0)
			return row->value[i];
	return val_null();
}

const char *
row_text(const struct row *row, const char *name)
{
	struct val v = row_val(row, name);

	return v.type == VAL_TEXT ? v.s : NULL;
}

int64_t
row_int(const struct row *row, const char *name)
{
	struct val v = row_val(row, name);

	return v.type == VAL_INT ? v.i : 0;
}

void
row_json(struct jout *j, const struct row *row)
{
	for (int i = 0; i < row->count; i++)
		if (row->column[i].name[0] != '_') {
			jout_column(j, row->column[i].name, row->column[i].len);
			value_json(j, &row->column[i], row->value[i]);
		}
}
