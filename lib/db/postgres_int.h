/*
 * postgres_int.h - what the files of the PostgreSQL engine share; nobody else.
 *
 * The connection is in libpq's pipeline mode: what a transaction needs first
 * (BEGIN, the account, a statement's text) is sent together with the
 * statement, and one answer is waited for. What only reads ends without
 * waiting: the answer is owed, and read before the next thing is sent.
 */
#ifndef DB_POSTGRES_INT_H
#define DB_POSTGRES_INT_H

#include <libpq-fe.h>

#include "db/engine.h"
#include "db/placeholder.h"

struct pg {
	struct db db;
	char *url;
	PGconn *conn;	   /* NULL: none */
	unsigned serial;   /* of the connection: statements are its own */
	unsigned named;	   /* statements that were given a name */
	int sent;	   /* questions since the last PQpipelineSync */
	int owed;	   /* answers that nobody has read yet */
	bool scopes[2];	   /* the server has scope_sql under its name */
	enum db_mode mode; /* of the transaction */
	bool begun;	   /* the server knows of it */
	bool dead;	   /* it was lost with the connection */
	bool prepared;	   /* statements may be kept by name */
	char account[ACCOUNT_TEXT]; /* that the transaction has on the server */
	int64_t refused_us;	    /* when connecting failed; 0: it did not */
	bool streaming; /* rows of the last answer are still coming */
};

struct pg_stmt {
	struct stmt s;
	struct placeholders p;
	Oid *type;	    /* of the placeholders */
	const char **value; /* of the run */
	char (*number)[32]; /* texts of numbers among them */
	char **column;	    /* names; NULL ends */
	unsigned serial;    /* of the connection that has it; 0: none */
	char name[16];	    /* there */
	PGresult *res;
	int at;	  /* current row */
	int rows; /* in res */
};

static inline struct pg *
pg_of(struct db *db)
{
	return (struct pg *)db;
}

/* Send something; false when the connection does not take it. */
typedef bool pg_send(struct pg *, void *ctx);

/*
 * Send, behind what the transaction needs, and read every answer: the last
 * is in *out, to be cleared. Where nothing had begun and nothing can have
 * happened (safe, or a transaction is open), it is sent once more if the
 * connection turns out to be lost.
 */
enum rc pg_exchange(struct pg *pg, pg_send *send, void *ctx, bool safe,
    PGresult **out) MUST_CHECK;
/* Behind what the server has said; sets db->again. */
enum rc pg_fail(struct pg *, const PGresult *, const char *what);
/* Read on behind the last row: what is left, up to the end of the batch. */
enum rc pg_finish(struct pg *);
/* Give up the connection; a transaction on it is dead. */
void pg_drop(struct pg *);
/* Texts of one or more statements, on their own; out may be NULL. */
enum rc pg_plain(struct pg *, const char *sql, PGresult **out) MUST_CHECK;
/* Connect if there is no connection. */
enum rc pg_connect(struct pg *) MUST_CHECK;

/* Of postgres_stmt.c; see engine.h. */
enum rc pg_prepare(struct db *, const char *sql, struct stmt **);
void pg_free(struct stmt *);
const char *pg_param(const struct stmt *, int i);
const char *pg_column(const struct stmt *, int i);
void pg_run(struct stmt *, db_lookup *, void *ctx);
void pg_step(struct stmt *);
void pg_done(struct stmt *);
struct val pg_value(const struct stmt *, int i);
enum rc pg_plan(struct db *, const char *sql, bool *whole);

/* Of postgres_schema.c; see engine.h. */
extern const char pg_begun[], pg_tenants[], pg_strays[], pg_start[];
void pg_tenant(struct buf *, const char *table);
void pg_line(struct buf *, const char *line, size_t len);
enum rc pg_grant(struct db *);
enum rc pg_guard(struct db *);
enum rc pg_seize(struct db *);
enum rc pg_release(struct db *);

/* Of postgres_search.c; see engine.h. */
void pg_index(struct buf *, const char *table, char *const *column);
void pg_index_drop(struct buf *, const char *table);
void pg_search(struct buf *, const char *table);

#endif
