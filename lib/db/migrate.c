/* migrate.c - the schema, step by step, up and down. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "db/migrate.h"

static const char start_sql[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " version INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " applied_at BIGINT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS schema_open (name TEXT PRIMARY KEY);";

int
migrate_latest(void)
{
	int n = 0;

	while (migrations[n].version != 0)
		n++;
	return n;
}

static const struct val *
no_values(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

/* The number that a query answers, or -1. */
static int
number(struct db *db, const char *sql)
{
	struct stmt *st;
	int n = -1;

	if (db_run(db, sql, no_values, NULL, &st) != OK)
		return -1;
	if (db_next(st))
		n = (int)db_value(st, 0).i;
	db_done(st);
	return n;
}

int
migrate_version(struct db *db)
{
	static const char begun_sql[] = "SELECT count(*) FROM sqlite_master"
					" WHERE name = 'schema_migration'";
	static const char version_sql[] =
	    "SELECT coalesce(max(version), 0) FROM schema_migration";
	int begun = number(db, begun_sql);

	return begun > 0 ? number(db, version_sql) : begun;
}

/*
 * The view and the guards of a table x with an account. A write that reaches
 * for another account's row is ignored, as a policy would do; a row may not
 * be given to another account.
 */
static void
tenant_add(struct buf *b, const char *x)
{
	buf_printf(b,
	    "CREATE VIEW my_%s AS SELECT * FROM %s"
	    " WHERE account_id = app_account();\n",
	    x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_insert BEFORE INSERT ON %s"
	    " WHEN NEW.account_id IS NOT app_account() BEGIN"
	    " SELECT RAISE(ABORT, 'denied: another account'); END;\n",
	    x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_update BEFORE UPDATE ON %s"
	    " WHEN OLD.account_id IS NOT app_account() BEGIN"
	    " SELECT RAISE(IGNORE); END;\n",
	    x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_move BEFORE UPDATE ON %s"
	    " WHEN OLD.account_id IS app_account()"
	    " AND NEW.account_id IS NOT OLD.account_id BEGIN"
	    " SELECT RAISE(ABORT, 'denied: another account'); END;\n",
	    x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_delete BEFORE DELETE ON %s"
	    " WHEN OLD.account_id IS NOT app_account() BEGIN"
	    " SELECT RAISE(IGNORE); END;\n",
	    x, x);
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_touch AFTER UPDATE ON %s"
	    " WHEN NEW.updated_at IS OLD.updated_at"
	    " AND OLD.updated_at < app_now() BEGIN"
	    " UPDATE %s SET updated_at = app_now()"
	    " WHERE rowid = NEW.rowid; END;\n",
	    x, x, x);
}

static void
directive(struct buf *b, struct arena *a, const char *line, size_t len)
{
	char *text = arena_copy(a, line, len);
	char *name = text != NULL ? strchr(text, ' ') : NULL;

	if (name == NULL)
		return;
	*name++ = '\0';
	name = str_trim(a, name);
	if (str_eq(text, "open"))
		buf_printf(b, "INSERT INTO schema_open VALUES ('%s');\n", name);
	else if (str_eq(text, "tenant"))
		tenant_add(b, name);
	else if (str_eq(text, "drop"))
		buf_printf(b,
		    "DROP VIEW IF EXISTS my_%s; DROP TABLE %s;"
		    " DELETE FROM schema_open WHERE name = '%s';\n",
		    name, name, name);
	else
		buf_printf(b, "unknown directive @%s;\n", text);
}

/* The statements of one direction, with the directives put into SQL. */
static const char *
expand(struct arena *a, const struct migration *m, bool up)
{
	const char *line = m->text;
	struct buf b;
	bool on = false, ours = true;

	buf_init(&b, a);
	while (*line != '\0') {
		size_t n = strcspn(line, "\n");

		if (strncmp(line, "-- @up", 6) == 0)
			on = up;
		else if (strncmp(line, "-- @down", 8) == 0)
			on = !up;
		else if (strncmp(line, "-- @engine ", 11) == 0)
			ours = strncmp(line + 11, "sqlite", 6) == 0 ||
			    strncmp(line + 11, "all", 3) == 0;
		else if (!on || !ours)
			;
		else if (strncmp(line, "-- @", 4) == 0)
			directive(&b, a, line + 4, n - 4);
		else
			buf_printf(&b, "%.*s\n", (int)n, line);
		line += n + (line[n] == '\n');
	}
	return b.bad ? NULL : buf_text(&b);
}

/* What notes that the step was taken. */
static const char *
mark(struct arena *a, const struct migration *m, bool up)
{
	if (up)
		return arena_printf(a,
		    "INSERT INTO schema_migration VALUES"
		    " (%d, '%s', %lld); PRAGMA user_version = %d;",
		    m->version, m->name, (long long)clock_now_ms(), m->version);
	return arena_printf(a,
	    "DELETE FROM schema_migration WHERE"
	    " version = %d; PRAGMA user_version = %d;",
	    m->version, m->version - 1);
}

/*
 * From version v, one step. E_LIMIT when another process has changed the
 * version meanwhile: then nothing was done.
 */
static enum rc
step(struct db *db, struct arena *a, int v, bool up)
{
	const struct migration *m = &migrations[up ? v : v - 1];
	const char *sql = expand(a, m, up), *note = mark(a, m, up);
	enum rc rc;

	if (sql == NULL || note == NULL)
		return E_INTERNAL;
	rc = db_begin(db, DB_WRITE);
	if (rc != OK)
		return rc;
	if (migrate_version(db) != v)
		rc = E_LIMIT;
	if (rc == OK)
		rc = db_script(db, start_sql);
	if (rc == OK)
		rc = db_script(db, sql);
	if (rc == OK)
		rc = db_script(db, note);
	if (rc == OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

enum rc
migrate_to(struct db *db, struct arena *a, int to, FILE *out)
{
	int v = migrate_version(db);
	enum rc rc = OK;

	if (to < 0 || to > migrate_latest())
		return E_INPUT;
	while (rc == OK && v != to) {
		bool up = v < to;

		if (v < 0)
			return E_INTERNAL;
		if (v > migrate_latest())
			return E_INPUT;
		rc = step(db, a, v, up);
		if (rc == OK && out != NULL)
			fprintf(out, "%s %04d %s\n", up ? "up  " : "down",
			    up ? v + 1 : v, migrations[up ? v : v - 1].name);
		if (rc == E_LIMIT)
			rc = OK;
		v = migrate_version(db);
	}
	return rc;
}
