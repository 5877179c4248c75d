/* db.c - what all engines share: statements, columns, text rule, account. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/fault.h"
#include "base/str.h"
#include "db/engine.h"
#include "db/migrate.h"
#include "db/search.h"

static const struct engine *const engines[] = { &postgres_engine,
	&sqlite_engine };

enum rc
db_blame(struct db *db, enum rc rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(db->why, sizeof(db->why), fmt, ap);
	va_end(ap);
	return rc;
}

bool
db_conflict(struct db *db, const char *text)
{
	if (!str_starts(text, "conflict: "))
		return false;
	snprintf(db->reason, sizeof(db->reason), "%s", text + 10);
	return true;
}

/* --- opening ----------------------------------------------------------- */

static enum rc
open_any(struct db **out, const char *url, bool raw)
{
	size_t i = 0;

	while (i + 1 < COUNT(engines) && !engines[i]->owns(url))
		i++;
	return engines[i]->open(out, url, raw);
}

enum rc
db_open_raw(struct db **out)
{
	bool other = *conf->database_owner != '\0';

	return open_any(out, other ? conf->database_owner : conf->database,
	    true);
}

enum rc
db_open_at(const char *url, struct db **out)
{
	return open_any(out, url, true);
}

static enum rc
version_check(struct db *db)
{
	int have, want = migrate_latest();
	enum rc rc = migrate_look(db, &have);

	if (rc != OK || have == want)
		return rc;
	return db_blame(db, E_CONFLICT,
	    "the database has schema %d, this program needs %d: %s", have, want,
	    have < want ? "run `frontdesk migrate up`" :
			  "use the newer program");
}

static enum rc
names_read(struct db *db, const char *sql, char (*list)[GUARD_NAME], int *count)
{
	struct stmt *st;
	enum rc rc = db_run(db, sql, NULL, NULL, &st);

	*count = 0;
	if (rc != OK)
		return rc;
	while (*count < GUARD_TABLES && db_next(st)) {
		struct val v = db_value(st, 0);

		snprintf(list[(*count)++], GUARD_NAME, "%s",
		    v.type == VAL_TEXT ? v.s : "");
	}
	rc = db_status(st);
	db_done(st);
	if (rc == OK && *count == GUARD_TABLES)
		rc = db_blame(db, E_INTERNAL, "more than %d tables",
		    GUARD_TABLES - 1);
	return rc;
}

/* What a guarded connection has to know before the first statement. */
static enum rc
arm(struct db *db)
{
	static const char open_sql[] = "SELECT name FROM schema_open";
	enum rc rc;

	db->armed = true;
	rc = version_check(db);
	if (rc == OK)
		rc = names_read(db, open_sql, db->guard.open, &db->guard.opens);
	if (rc == OK)
		rc = names_read(db, db->engine->tenants_sql, db->guard.tenant,
		    &db->guard.tenants);
	if (rc == OK)
		rc = db->engine->guard(db);
	db->armed = db->guard.on = rc == OK;
	return rc;
}

enum rc
db_open(struct db **out)
{
	enum rc rc = open_any(out, conf->database, false);

	return rc == OK ? arm(*out) : rc;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	if (db->tx)
		db_rollback(db);
	db_forget(db);
	for (int i = 0; i < DB_SEARCHES; i++)
		search_free(db->search[i]);
	words_free(db->words);
	db->engine->close(db);
}

const char *
db_why(const struct db *db)
{
	return db != NULL ? db->why : "out of memory";
}

const char *
db_reason(const struct db *db)
{
	return db->reason;
}

bool
db_again(const struct db *db)
{
	return db->again;
}

void
db_scope(struct db *db, const char *account_id)
{
	snprintf(db->account, sizeof(db->account), "%s",
	    account_id != NULL ? account_id : "");
}

void
db_watch(struct db *db, const char *volatile *slot)
{
	db->watch = slot;
}

/* --- transactions ------------------------------------------------------- */

enum rc
db_begin(struct db *db, enum db_mode mode)
{
	enum rc rc;

	db->reason[0] = '\0';
	db->again = false;
	if (fault_due())
		return db_blame(db, E_BUSY, "failed on purpose");
	if (db->tx)
		return db_blame(db, E_INTERNAL, "a transaction is open");
	rc = db->raw || db->armed ? OK : arm(db);
	if (rc == OK)
		rc = db->engine->begin(db, mode);
	db->tx = rc == OK;
	return rc;
}

enum rc
db_commit(struct db *db)
{
	enum rc rc = fault_due() ?
	    db_blame(db, E_INTERNAL, "failed on purpose") :
	    db->engine->commit(db);

	if (rc != OK)
		db_rollback(db);
	db->tx = false;
	return rc;
}

void
db_rollback(struct db *db)
{
	db->engine->rollback(db);
	db->tx = false;
}

bool
db_in_tx(const struct db *db)
{
	return db->tx;
}

enum rc
db_script(struct db *db, const char *sql)
{
	return db->engine->script(db, sql);
}

enum rc
db_checkpoint(struct db *db, int64_t *log_pages)
{
	*log_pages = 0;
	return db->engine->checkpoint(db, log_pages);
}

enum rc
db_seize(struct db *db)
{
	return db->engine->seize(db);
}

enum rc
db_release(struct db *db)
{
	return db->engine->release(db);
}

/* --- statements ---------------------------------------------------------- */

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
	s->db->engine->free(s);
}

/*
 * Names and kinds of the columns. They are copied, since an engine's own go
 * when it compiles the statement again because the schema has changed.
 */
static bool
columns_read(struct stmt *s)
{
	const char *name;

	for (int i = 0; (name = s->db->engine->column(s, i)) != NULL; i++) {
		struct db_column *c = &s->column[i];

		if (i < COLUMNS)
			s->name[i] = strdup(name);
		if (i == COLUMNS || s->name[i] == NULL)
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

/* A new statement; NULL: it failed with *rc. */
static struct stmt *
stmt_make(struct db *db, const char *sql, enum rc *rc)
{
	struct stmt *s = NULL;
	char why[160];

	db->guard.target[0] = '\0';
	if (db->guard.on && !db->guard.search &&
	    !guard_scan(&db->guard, sql, why)) {
		*rc = db_blame(db, E_INTERNAL, "refused: %s", why);
		return NULL;
	}
	*rc = db->engine->prepare(db, sql, &s);
	if (s == NULL)
		return NULL;
	s->db = db;
	s->sql = sql;
	memcpy(s->target, db->guard.target, sizeof(s->target));
	if (columns_read(s))
		return s;
	stmt_free(s);
	*rc = db_blame(db, E_INTERNAL, "out of memory, or more than %d columns",
	    COLUMNS);
	return NULL;
}

/* The cached statement of this text, made when it is new; NULL: see *rc. */
static struct stmt *
stmt_find(struct db *db, const char *sql, enum rc *rc)
{
	size_t i = ((uintptr_t)sql >> 3) * 2654435761u % DB_STATEMENTS;
	size_t tries = 0;

	while (db->cache[i] != NULL && db->cache[i]->sql != sql) {
		i = (i + 1) % DB_STATEMENTS;
		if (++tries == DB_STATEMENTS) {
			*rc = db_blame(db, E_INTERNAL,
			    "more than %d statements", DB_STATEMENTS);
			return NULL;
		}
	}
	if (db->cache[i] == NULL)
		db->cache[i] = stmt_make(db, sql, rc);
	return db->cache[i];
}

void
db_forget(struct db *db)
{
	for (size_t i = 0; i < DB_STATEMENTS; i++) {
		if (db->cache[i] != NULL)
			stmt_free(db->cache[i]);
		db->cache[i] = NULL;
	}
}

/*
 * The first step is taken here, so that an error of a write shows at once;
 * db_next hands that row out first.
 */
enum rc
db_run(struct db *db, const char *sql, db_lookup *lookup, void *ctx,
    struct stmt **out)
{
	struct stmt *s = NULL;
	enum rc rc;

	*out = NULL;
	db->reason[0] = '\0';
	if (fault_due()) {
		(void)db_blame(db, OK, "failed on purpose");
		return E_INTERNAL;
	}
	rc = db->raw || db->armed ? OK : arm(db);
	if (rc == OK)
		s = stmt_find(db, sql, &rc);
	if (s == NULL)
		return rc == OK ? E_INTERNAL : rc;
	if (s->busy) {
		(void)db_blame(db, OK, "statement runs already");
		return E_INTERNAL;
	}
	s->busy = true;
	if (db->watch != NULL)
		*db->watch = sql;
	s->rc = OK;
	s->row = false;
	s->changes = 0;
	db->engine->run(s, lookup, ctx);
	s->fresh = s->row;
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
	if (s->row && s->rc == OK)
		s->db->engine->step(s);
	return s->row && s->rc == OK;
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
	s->db->engine->done(s);
	s->busy = false;
	if (s->db->watch != NULL)
		*s->db->watch = NULL;
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

struct val
db_value(const struct stmt *s, int i)
{
	struct val v = s->db->engine->value(s, i);

	if (s->search != NULL && i == SEARCH_SNIPPET)
		return search_snippet(s->search, v);
	return v;
}

/* --- looking without running ---------------------------------------------- */

enum rc
db_prepare(struct db *db, const char *sql,
    bool (*name)(void *ctx, const char *), void *ctx)
{
	const char *p;
	enum rc rc = OK;
	struct stmt *s = stmt_make(db, sql, &rc);

	if (s == NULL)
		return rc;
	for (int i = 0; rc == OK && (p = db->engine->param(s, i)) != NULL; i++)
		if (!name(ctx, p))
			rc =
			    db_blame(db, E_INPUT, "unknown placeholder :%s", p);
	stmt_free(s);
	return rc;
}

enum rc
db_plan(struct db *db, const char *sql, bool *whole)
{
	bool on = db->guard.on;
	enum rc rc;

	*whole = false;
	db->guard.on = false;
	rc = db->engine->plan(db, sql, whole);
	db->guard.on = on;
	return rc;
}

enum rc
db_describe(struct db *db, const char *sql, struct db_column *out, int max,
    int *count)
{
	enum rc rc = OK;
	struct stmt *s = stmt_find(db, sql, &rc);

	*count = 0;
	if (s == NULL)
		return rc;
	for (int i = 0; i < s->columns && i < max; i++)
		out[(*count)++] = s->column[i];
	return OK;
}

enum rc
db_strays(struct db *db, void (*each)(void *ctx, const char *table), void *ctx)
{
	struct stmt *st;
	enum rc rc = db_run(db, db->engine->strays_sql, NULL, NULL, &st);

	if (rc != OK)
		return rc;
	while (db_next(st))
		each(ctx, db_value(st, 0).s);
	rc = db_status(st);
	db_done(st);
	return rc;
}
