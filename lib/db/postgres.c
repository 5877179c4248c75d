/* postgres.c - db.h on PostgreSQL: the connection, transactions, failures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/str.h"
#include "db/migrate.h"
#include "db/postgres_int.h"

#define RETRY_US     500000 /* between attempts to connect */
#define CONNECT_S    "5"
#define SILENCE_MS   "10000" /* then a peer that acknowledges nothing is gone */
#define MIGRATE_LOCK "7121001" /* of pg_advisory_xact_lock; any number */

/*
 * What a transaction needs to know. With the second, writers of one account
 * take turns: each sees what the one before has committed, as on SQLite.
 */
#define SCOPE \
	"SELECT set_config('frontdesk.account', $1, true)," \
	" set_config('statement_timeout', $2, true)," \
	" set_config('lock_timeout', $2, true)"

static const char *const scope_sql[2] = { SCOPE,
	SCOPE ", pg_advisory_xact_lock(hashtextextended($1, 7121))" };
static const char *const scope_name[2] = { "scope", "scope_lock" };

/* --- failures ------------------------------------------------------------- */

/* The first line of what libpq says, without its prefix. */
static enum rc
blame_conn(struct pg *pg, const char *what)
{
	const char *text = PQerrorMessage(pg->conn);

	return db_blame(&pg->db, E_BUSY, "%s: %.*s", what,
	    (int)strcspn(text, "\n"), text);
}

void
pg_drop(struct pg *pg)
{
	PQfinish(pg->conn);
	pg->conn = NULL;
	pg->serial++;
	pg->sent = pg->owed = 0;
	pg->streaming = false;
	pg->dead = pg->begun;
	pg->begun = false;
	memset(pg->scopes, 0, sizeof(pg->scopes));
}

static enum rc
lost(struct pg *pg)
{
	enum rc rc = E_BUSY;

	if (pg->conn != NULL) {
		rc = blame_conn(pg, "the connection was lost");
		pg_drop(pg);
	}
	pg->db.again = true;
	return rc;
}

struct failure {
	const char *state; /* SQLSTATE, or how it begins */
	enum rc rc;
	bool again; /* see db_again */
	bool drop;  /* the connection is of no use any more */
};

/* https://www.postgresql.org/docs/15/errcodes-appendix.html */
static const struct failure failures[] = {
	{ "23505", E_CONFLICT, false, false }, /* unique_violation */
	{ "23503", E_CONFLICT, false, false }, /* foreign_key_violation */
	{ "23P01", E_CONFLICT, false, false }, /* exclusion_violation */
	{ "40", E_BUSY, true, false },	       /* serialization, deadlock */
	{ "55P03", E_BUSY, false, false },     /* lock_not_available */
	{ "57014", E_BUSY, false, false },     /* query_canceled: timeout */
	{ "57P", E_BUSY, true, true },	       /* shutdown, restart */
	{ "08", E_BUSY, true, true },	       /* connection exception */
	{ "25006", E_BUSY, true, true },       /* it became a standby */
	{ "53", E_BUSY, false, false },	       /* out of a resource */
	{ "0A000", E_BUSY, true, true }, /* a plan that the schema outdated */
	{ "26000", E_BUSY, true, true }, /* a statement that is not there */
};

static const struct failure *
failure_of(const char *state)
{
	for (size_t i = 0; i < COUNT(failures); i++)
		if (str_starts(state, failures[i].state))
			return &failures[i];
	return NULL;
}

enum rc
pg_fail(struct pg *pg, const PGresult *res, const char *what)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *name = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
	const struct failure *f = failure_of(state != NULL ? state : "08");

	state = state != NULL ? state : "no answer";
	(void)db_blame(&pg->db, OK, "%s%s: %s (%s)",
	    str_eq(state, "42501") ? "denied: " : "", what,
	    text != NULL ? text : PQerrorMessage(pg->conn), state);
	/* a sentence of the schema: a raised one, or a constraint's name */
	if (str_eq(state, "P0001") && text != NULL &&
	    db_conflict(&pg->db, text))
		return E_CONFLICT;
	if (f == NULL)
		return E_INTERNAL;
	if (f->rc == E_CONFLICT && name != NULL)
		(void)db_conflict(&pg->db, name);
	pg->db.again = f->again;
	if (f->drop)
		pg_drop(pg);
	return f->rc;
}

/* --- connecting ------------------------------------------------------------
 */

static bool
owns(const char *url)
{
	return str_starts(url, "postgresql://") ||
	    str_starts(url, "postgres://");
}

static void
no_notice(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

/* A server that was migrated meanwhile is not ours any more, or not yet. */
static enum rc
version_check(struct pg *pg)
{
	static const char sql[] = "SELECT max(version) FROM schema_migration";
	PGresult *res = NULL;
	enum rc rc = pg_plain(pg, sql, &res);
	int64_t have = 0;

	if (rc != OK)
		return rc;
	(void)str_int(PQgetvalue(res, 0, 0), 0, INT32_MAX, &have);
	PQclear(res);
	if (have == migrate_latest())
		return OK;
	pg_drop(pg);
	return db_blame(&pg->db, E_BUSY,
	    "the database has schema %d, this program needs %d: restart",
	    (int)have, migrate_latest());
}

enum rc
pg_connect(struct pg *pg)
{
	/* what the URL says comes last and wins */
	const char *const name[] = { "connect_timeout", "application_name",
		"client_encoding", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "tcp_user_timeout", "dbname", NULL };
	const char *const value[] = { CONNECT_S, "frontdesk", "UTF8", "10", "5",
		"2", SILENCE_MS, pg->url, NULL };
	int64_t now = clock_tick_us();

	if (pg->conn != NULL)
		return OK;
	if (pg->url == NULL)
		return db_blame(&pg->db, E_INTERNAL, "out of memory");
	pg->db.again = false;
	if (pg->refused_us != 0 && now - pg->refused_us < RETRY_US)
		return E_BUSY; /* db_why says what it was */
	pg->conn = PQconnectdbParams(name, value, 1);
	if (PQstatus(pg->conn) != CONNECTION_OK ||
	    PQenterPipelineMode(pg->conn) != 1) {
		enum rc rc = blame_conn(pg, "PostgreSQL");

		pg->refused_us = clock_tick_us();
		pg_drop(pg);
		return rc;
	}
	pg->refused_us = 0;
	(void)PQsetNoticeProcessor(pg->conn, no_notice, NULL);
	return pg->db.guard.on ? version_check(pg) : OK;
}

static enum rc
open_server(struct db **out, const char *url, bool raw)
{
	struct pg *pg = calloc(1, sizeof(*pg));

	*out = pg != NULL ? &pg->db : NULL;
	if (pg == NULL)
		return E_INTERNAL;
	pg->db.engine = &postgres_engine;
	pg->db.raw = raw;
	pg->serial = 1;
	pg->prepared = !str_eq(conf->database_prepared, "off");
	pg->url = strdup(url);
	return pg_connect(pg);
}

static void
close_server(struct db *db)
{
	PQfinish(pg_of(db)->conn);
	free(pg_of(db)->url);
	free(pg_of(db));
}

/* --- talking ----------------------------------------------------------------
 */

/* Answers from here to the end of the batch; the first failure counts. */
static enum rc
answers(struct pg *pg, int count, PGresult **out)
{
	enum rc rc = OK;

	for (int i = 0; i <= count && pg->conn != NULL; i++) {
		PGresult *res;
		ExecStatusType is;

		if (i == count - 1 && pg->db.raw)
			(void)PQsetSingleRowMode(pg->conn);
		res = PQgetResult(pg->conn);
		is = PQresultStatus(res);
		if (res == NULL)
			return lost(pg);
		if (is == PGRES_SINGLE_TUPLE) {
			pg->streaming = true;
			*out = res;
			return rc;
		}
		if (is == PGRES_FATAL_ERROR && rc == OK)
			rc = pg_fail(pg, res, "PostgreSQL");
		if (i < count && pg->conn != NULL)
			PQclear(PQgetResult(pg->conn)); /* NULL between two */
		if (i == count - 1 && rc == OK)
			*out = res;
		else
			PQclear(res);
		if (pg->conn != NULL && PQstatus(pg->conn) == CONNECTION_BAD)
			return lost(pg);
	}
	return rc;
}

enum rc
pg_finish(struct pg *pg)
{
	PGresult *res = NULL;
	int nulls = 0;

	while (pg->conn != NULL && nulls < 2 &&
	    PQresultStatus(res) != PGRES_PIPELINE_SYNC) {
		PQclear(res);
		res = PQgetResult(pg->conn);
		nulls = res == NULL ? nulls + 1 : 0;
	}
	PQclear(res);
	pg->streaming = false;
	return pg->conn == NULL || nulls == 2 ? lost(pg) : OK;
}

/* Read what is owed. Nothing hangs on it. */
static bool
settle(struct pg *pg)
{
	PGresult *res = NULL;
	int owed = pg->owed;

	pg->owed = 0;
	if (owed > 0 && pg->conn != NULL)
		(void)answers(pg, owed, &res);
	PQclear(res);
	return pg->conn != NULL;
}

static bool
ask(struct pg *pg, const char *sql)
{
	pg->sent++;
	return PQsendQueryParams(pg->conn, sql, 0, NULL, NULL, NULL, NULL, 0) ==
	    1;
}

/* Tell the server the account, and for a write wait for its other writers. */
static bool
ask_scope(struct pg *pg)
{
	int lock = pg->begun && pg->mode == DB_WRITE && !pg->db.raw &&
	    pg->db.account[0] != '\0';
	char limit[32];
	const char *const value[] = { pg->db.account, limit };
	const Oid type[] = { 25, 25 }; /* text */

	snprintf(limit, sizeof(limit), "%lld",
	    pg->db.raw ? 0LL : (long long)conf->database_timeout_ms);
	memcpy(pg->account, pg->db.account, sizeof(pg->account));
	pg->sent++;
	if (!pg->prepared)
		return PQsendQueryParams(pg->conn, scope_sql[lock], 2, type,
			   value, NULL, NULL, 0) == 1;
	if (!pg->scopes[lock]) {
		pg->scopes[lock] = true;
		pg->sent++;
		if (PQsendPrepare(pg->conn, scope_name[lock], scope_sql[lock],
			2, type) != 1)
			return false;
	}
	return PQsendQueryPrepared(pg->conn, scope_name[lock], 2, value, NULL,
		   NULL, 0) == 1;
}

static bool
ask_begin(struct pg *pg)
{
	static const char *const text[] = {
		[DB_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
		[DB_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE",
		[DB_CLAIM] = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE",
	};
	/* migrations take turns: the second sees what the first has done */
	static const char turn[] =
	    "SELECT pg_advisory_xact_lock(" MIGRATE_LOCK ")";

	pg->begun = true;
	if (!ask(pg, text[pg->mode]))
		return false;
	if (pg->db.raw && pg->mode == DB_WRITE && !ask(pg, turn))
		return false;
	return ask_scope(pg);
}

/* What has to come before a statement. */
static bool
ask_first(struct pg *pg)
{
	if (pg->db.tx && !pg->begun)
		return ask_begin(pg);
	if (pg->db.tx && str_eq(pg->account, pg->db.account))
		return true;
	/* without a transaction the batch is one, and the account ends there */
	return ask_scope(pg);
}

static enum rc
exchange(struct pg *pg, pg_send *send, void *ctx, PGresult **out)
{
	enum rc rc = pg_connect(pg);
	int sent;

	if (rc != OK)
		return rc;
	if (!settle(pg))
		return lost(pg);
	pg->sent = 0;
	if (!ask_first(pg) || !send(pg, ctx) || PQpipelineSync(pg->conn) != 1)
		return lost(pg);
	sent = pg->sent;
	return answers(pg, sent, out);
}

enum rc
pg_exchange(struct pg *pg, pg_send *send, void *ctx, bool safe, PGresult **out)
{
	bool fresh = !pg->begun && !pg->dead;
	enum rc rc;

	*out = NULL;
	pg->db.again = false;
	if (pg->dead) {
		pg->db.again = true;
		return db_blame(&pg->db, E_BUSY, "the connection was lost");
	}
	if (pg->streaming)
		return db_blame(&pg->db, E_INTERNAL, "rows are still coming");
	rc = exchange(pg, send, ctx, out);
	if (rc != E_BUSY || pg->conn != NULL || !pg->db.again || !fresh ||
	    !(safe || pg->db.tx))
		return rc;
	pg->dead = false;
	PQclear(*out);
	*out = NULL;
	return exchange(pg, send, ctx, out);
}

enum rc
pg_plain(struct pg *pg, const char *sql, PGresult **out)
{
	enum rc rc = pg_connect(pg);
	PGresult *res;
	bool good;

	if (rc != OK)
		return rc;
	if (!settle(pg) || PQexitPipelineMode(pg->conn) != 1)
		return lost(pg);
	res = PQexec(pg->conn, sql);
	good = PQresultStatus(res) == PGRES_COMMAND_OK ||
	    PQresultStatus(res) == PGRES_TUPLES_OK;
	if (!good)
		rc = pg_fail(pg, res, "PostgreSQL");
	if (good && out != NULL)
		*out = res;
	else
		PQclear(res);
	if (pg->conn != NULL && PQenterPipelineMode(pg->conn) != 1)
		return lost(pg);
	return rc;
}

/* --- transactions ------------------------------------------------------------
 */

/* The server hears of it with the first statement; see ask_first. */
static enum rc
begin(struct db *db, enum db_mode mode)
{
	struct pg *pg = pg_of(db);

	pg->mode = mode;
	pg->begun = pg->dead = false;
	return pg_connect(pg);
}

/* The outcome of COMMIT: it may answer ROLLBACK. */
static enum rc
committed(struct pg *pg)
{
	PGresult *res = NULL;
	enum rc rc = answers(pg, 1, &res);
	bool good = res == NULL || str_eq(PQcmdStatus(res), "COMMIT");

	PQclear(res);
	if (pg->conn == NULL) {
		pg->db.again = false;
		rc = db_blame(&pg->db, E_BUSY,
		    "the connection was lost during the commit: its outcome "
		    "is unknown");
	}
	return rc == OK && !good ?
	    db_blame(&pg->db, E_INTERNAL, "the transaction had failed") :
	    rc;
}

static enum rc
commit(struct db *db)
{
	struct pg *pg = pg_of(db);
	enum rc rc = OK;

	db->again = pg->dead;
	if (pg->dead)
		rc = db_blame(db, E_BUSY, "the connection was lost");
	else if (!pg->begun)
		;
	else if (!ask(pg, "COMMIT") || PQpipelineSync(pg->conn) != 1) {
		rc = lost(pg);
		if (pg->mode == DB_READ)
			rc = OK; /* all has been read */
	} else if (pg->mode == DB_READ)
		pg->owed = 1;
	else
		rc = committed(pg);
	pg->begun = pg->dead = false;
	return rc;
}

static void
rollback(struct db *db)
{
	struct pg *pg = pg_of(db);

	if (pg->streaming)
		(void)pg_finish(pg);
	if (pg->begun && pg->conn != NULL) {
		if (ask(pg, "ROLLBACK") && PQpipelineSync(pg->conn) == 1)
			pg->owed = 1;
		else
			pg_drop(pg);
	}
	pg->begun = pg->dead = false;
}

static enum rc
no_checkpoint(struct db *db, int64_t *log_pages)
{
	(void)db;
	(void)log_pages;
	return OK;
}

static bool
send_nothing(struct pg *pg, void *ctx)
{
	(void)pg;
	(void)ctx;
	return true;
}

static enum rc
script(struct db *db, const char *sql)
{
	struct pg *pg = pg_of(db);
	PGresult *res = NULL;
	enum rc rc = OK;

	if (db->tx && !pg->begun)
		rc = pg_exchange(pg, send_nothing, NULL, true, &res);
	PQclear(res);
	if (rc == OK && pg->streaming)
		rc = pg_finish(pg);
	return rc == OK ? pg_plain(pg, sql, NULL) : rc;
}

const struct engine postgres_engine = { .name = "postgres",
	.owns = owns,
	.open = open_server,
	.guard = pg_guard,
	.close = close_server,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.prepare = pg_prepare,
	.free = pg_free,
	.param = pg_param,
	.column = pg_column,
	.run = pg_run,
	.step = pg_step,
	.done = pg_done,
	.value = pg_value,
	.plan = pg_plan,
	.script = script,
	.checkpoint = no_checkpoint,
	.seize = pg_seize,
	.release = pg_release,
	.begun_sql = pg_begun,
	.tenants_sql = pg_tenants,
	.strays_sql = pg_strays,
	.start_sql = pg_start,
	.tenant = pg_tenant,
	.index = pg_index,
	.index_drop = pg_index_drop,
	.search = pg_search,
	.form = { "('", "':*|'", "':*)", "&", true }, /* tsquery */
	.line = pg_line,
	.grant = pg_grant };
