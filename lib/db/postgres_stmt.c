/* postgres_stmt.c - statements of the PostgreSQL engine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/postgres_int.h"

/* Of pg_type; they are the same on every server. */
enum {
	OID_BOOL = 16,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_FLOAT4 = 700,
	OID_FLOAT8 = 701,
	OID_NUMERIC = 1700
};

static struct pg_stmt *
stmt_of(struct stmt *s)
{
	return (struct pg_stmt *)s;
}

/* --- compiling ---------------------------------------------------------------
 */

/* Without a name, only to hear what it takes and answers. */
static bool
send_describe(struct pg *pg, void *ctx)
{
	struct pg_stmt *s = ctx;

	pg->sent += 2;
	return PQsendPrepare(pg->conn, "", s->p.text, 0, NULL) == 1 &&
	    PQsendDescribePrepared(pg->conn, "") == 1;
}

/*
 * Types of the placeholders as the server infers them, but whole numbers and
 * fractions always in full width: `:now_ms - 1000` must not become 32 bits.
 */
static bool
types_read(struct pg_stmt *s, const PGresult *res)
{
	size_t n = (size_t)s->p.count;

	s->type = calloc(n + 1, sizeof(*s->type));
	s->value = calloc(n + 1, sizeof(*s->value));
	s->number = calloc(n + 1, sizeof(*s->number));
	if (s->type == NULL || s->value == NULL || s->number == NULL)
		return false;
	for (int i = 0; i < s->p.count && i < PQnparams(res); i++) {
		Oid t = PQparamtype(res, i);

		if (t == OID_INT2 || t == OID_INT4)
			t = OID_INT8;
		else if (t == OID_FLOAT4 || t == OID_NUMERIC)
			t = OID_FLOAT8;
		s->type[i] = t;
	}
	return true;
}

static bool
names_read(struct pg_stmt *s, const PGresult *res)
{
	int n = PQnfields(res);

	s->column = calloc((size_t)n + 1, sizeof(*s->column));
	for (int i = 0; s->column != NULL && i < n; i++) {
		s->column[i] = strdup(PQfname(res, i));
		if (s->column[i] == NULL)
			return false;
	}
	return s->column != NULL;
}

enum rc
pg_prepare(struct db *db, const char *sql, struct stmt **out)
{
	struct pg_stmt *s = calloc(1, sizeof(*s));
	PGresult *res = NULL;
	enum rc rc = E_INTERNAL;

	*out = NULL;
	if (s == NULL || !placeholders_number(&s->p, sql))
		(void)db_blame(db, rc, "out of memory");
	else
		rc = pg_exchange(pg_of(db), send_describe, s, true, &res);
	if (rc == OK && (!types_read(s, res) || !names_read(s, res)))
		rc = db_blame(db, E_INTERNAL, "out of memory");
	PQclear(res);
	if (rc == OK)
		*out = &s->s;
	else if (s != NULL)
		pg_free(&s->s);
	return rc;
}

void
pg_free(struct stmt *st)
{
	struct pg_stmt *s = stmt_of(st);

	for (int i = 0; s->column != NULL && s->column[i] != NULL; i++)
		free(s->column[i]);
	free(s->column);
	free(s->type);
	free(s->value);
	free(s->number);
	placeholders_free(&s->p);
	PQclear(s->res);
	free(s);
}

const char *
pg_param(const struct stmt *st, int i)
{
	const struct pg_stmt *s = (const struct pg_stmt *)st;

	return i < s->p.count ? s->p.name[i] : NULL;
}

const char *
pg_column(const struct stmt *st, int i)
{
	return ((const struct pg_stmt *)st)->column[i];
}

/* --- running
 * ------------------------------------------------------------------ */

static enum rc
bind_all(struct pg_stmt *s, db_lookup *lookup, void *ctx)
{
	for (int i = 0; i < s->p.count; i++) {
		const struct val *v =
		    lookup != NULL ? lookup(ctx, s->p.name[i]) : NULL;

		if (v == NULL)
			return db_blame(s->s.db, E_INTERNAL,
			    "no value for placeholder :%s", s->p.name[i]);
		if (v->type == VAL_TEXT && strlen(v->s) != v->len)
			return db_blame(s->s.db, E_INTERNAL,
			    "a text with a NUL in :%s", s->p.name[i]);
		s->value[i] = v->type == VAL_TEXT ? v->s : s->number[i];
		if (v->type == VAL_INT)
			snprintf(s->number[i], sizeof(s->number[i]), "%lld",
			    (long long)v->i);
		else if (v->type == VAL_REAL)
			snprintf(s->number[i], sizeof(s->number[i]), "%.17g",
			    v->d);
		else if (v->type != VAL_TEXT)
			s->value[i] = NULL;
	}
	return OK;
}

/* By its name, which goes to the server with the first run. */
static bool
send_run(struct pg *pg, void *ctx)
{
	struct pg_stmt *s = ctx;

	if (!pg->prepared || pg->db.raw) {
		pg->sent++;
		return PQsendQueryParams(pg->conn, s->p.text, s->p.count,
			   s->type, s->value, NULL, NULL, 0) == 1;
	}
	if (s->serial != pg->serial) {
		snprintf(s->name, sizeof(s->name), "s%u", ++pg->named);
		pg->sent++;
		if (PQsendPrepare(pg->conn, s->name, s->p.text, s->p.count,
			s->type) != 1)
			return false;
	}
	pg->sent++;
	return PQsendQueryPrepared(pg->conn, s->name, s->p.count, s->value,
		   NULL, NULL, 0) == 1;
}

/* What an answer holds: its rows, or how many were changed. */
static void
take(struct pg_stmt *s, PGresult *res)
{
	const char *n = PQcmdTuples(res);

	PQclear(s->res);
	s->res = res;
	s->at = 0;
	s->rows = PQntuples(res);
	s->s.row = s->rows > 0;
	if (!str_starts(PQcmdStatus(res), "SELECT"))
		s->s.changes = strtoll(n, NULL, 10);
}

void
pg_run(struct stmt *st, db_lookup *lookup, void *ctx)
{
	struct pg_stmt *s = stmt_of(st);
	struct pg *pg = pg_of(st->db);
	bool reads = st->target[0] == '\0';
	PGresult *res;

	st->rc = bind_all(s, lookup, ctx);
	if (st->rc != OK)
		return;
	st->rc = pg_exchange(pg, send_run, s, reads, &res);
	if (st->rc == OK) {
		s->serial = pg->serial;
		take(s, res);
	} else
		PQclear(res);
}

void
pg_step(struct stmt *st)
{
	struct pg_stmt *s = stmt_of(st);
	struct pg *pg = pg_of(st->db);
	PGresult *res;

	st->row = ++s->at < s->rows;
	if (st->row || !pg->streaming)
		return;
	res = PQgetResult(pg->conn);
	switch (PQresultStatus(res)) {
	case PGRES_SINGLE_TUPLE:
	case PGRES_TUPLES_OK:
		take(s, res);
		if (!st->row)
			st->rc = pg_finish(pg);
		return;
	default:
		st->rc = res != NULL ? pg_fail(pg, res, "PostgreSQL") : E_BUSY;
		PQclear(res);
		if (pg->conn != NULL)
			(void)pg_finish(pg);
	}
}

void
pg_done(struct stmt *st)
{
	struct pg_stmt *s = stmt_of(st);

	/* the rows that are still coming are this statement's */
	if (s->res != NULL && pg_of(st->db)->streaming)
		(void)pg_finish(pg_of(st->db));
	PQclear(s->res);
	s->res = NULL;
	st->row = false;
}

struct val
pg_value(const struct stmt *st, int i)
{
	const struct pg_stmt *s = (const struct pg_stmt *)st;
	const char *text = PQgetvalue(s->res, s->at, i);

	if (PQgetisnull(s->res, s->at, i))
		return val_null();
	switch (PQftype(s->res, i)) {
	case OID_INT8:
	case OID_INT4:
	case OID_INT2:
		return val_int(strtoll(text, NULL, 10));
	case OID_FLOAT8:
	case OID_FLOAT4:
		return val_real(strtod(text, NULL));
	case OID_NUMERIC: /* a sum of whole numbers, or an average */
		if (strpbrk(text, ".eN") == NULL)
			return val_int(strtoll(text, NULL, 10));
		return val_real(strtod(text, NULL));
	case OID_BOOL:
		return val_int(*text == 't');
	default:
		return (struct val) { .type = VAL_TEXT,
			.s = text,
			.len = (size_t)PQgetlength(s->res, s->at, i) };
	}
}

/* --- plans
 * --------------------------------------------------------------------- */

/* EXPLAIN EXECUTE of the statement "plan" with no value for anything. */
static enum rc
explain(struct pg *pg, int params, bool *whole)
{
	char sql[4096] = "EXPLAIN EXECUTE plan";
	size_t n = strlen(sql);
	PGresult *res;
	enum rc rc;

	for (int i = 0; i < params && n + 8 < sizeof(sql); i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n, "%sNULL",
		    i > 0 ? "," : "(");
	snprintf(sql + n, sizeof(sql) - n, "%s", params > 0 ? ")" : "");
	rc = pg_plain(pg, sql, &res);
	if (rc != OK)
		return rc;
	for (int i = 0; i < PQntuples(res); i++)
		if (strstr(PQgetvalue(res, i, 0), "Seq Scan on") != NULL)
			*whole = true;
	PQclear(res);
	return OK;
}

/* An empty table would be read whole even where an index is there. */
enum rc
pg_plan(struct db *db, const char *sql, bool *whole)
{
	static const char settings[] =
	    "BEGIN; SET LOCAL enable_seqscan = off;"
	    "SET LOCAL frontdesk.account = 'none';"
	    "SET LOCAL plan_cache_mode = force_generic_plan";
	struct pg *pg = pg_of(db);
	struct stmt *st;
	struct buf b;
	struct arena *a;
	enum rc rc = pg_prepare(db, sql, &st);

	if (rc != OK)
		return rc;
	a = arena_new(1 << 20);
	if (a == NULL) {
		pg_free(st);
		return db_blame(db, E_INTERNAL, "out of memory");
	}
	buf_init(&b, a);
	buf_printf(&b, "PREPARE plan AS %s", stmt_of(st)->p.text);
	rc = pg_plain(pg, settings, NULL);
	if (rc == OK)
		rc = pg_plain(pg, buf_text(&b), NULL);
	if (rc == OK)
		rc = explain(pg, stmt_of(st)->p.count, whole);
	if (pg->conn != NULL &&
	    (pg_plain(pg, "ROLLBACK", NULL) != OK ||
		pg_plain(pg, "DEALLOCATE ALL", NULL) != OK))
		rc = E_BUSY;
	pg->serial++; /* none of the names is there any more */
	memset(pg->scopes, 0, sizeof(pg->scopes));
	arena_free(a);
	pg_free(st);
	return rc;
}
