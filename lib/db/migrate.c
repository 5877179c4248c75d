/* migrate.c - the schema, step by step, up and down. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "db/engine.h"
#include "db/migrate.h"

int
migrate_latest(void)
{
	int n = 0;

	while (migrations[n].version != 0)
		n++;
	return n;
}

/* The number that a query answers. */
static enum rc
number(struct db *db, const char *sql, int *n)
{
	struct stmt *st;
	enum rc rc = db_run(db, sql, NULL, NULL, &st);

	*n = 0;
	if (rc != OK)
		return rc;
	if (db_next(st))
		*n = (int)db_value(st, 0).i;
	rc = db_status(st);
	db_done(st);
	return rc;
}

enum rc
migrate_look(struct db *db, int *version)
{
	static const char version_sql[] =
	    "SELECT coalesce(max(version), 0) FROM schema_migration";
	enum rc rc = number(db, db->engine->begun_sql, version);

	if (rc == OK && *version > 0)
		rc = number(db, version_sql, version);
	return rc;
}

int
migrate_version(struct db *db)
{
	int version;

	return migrate_look(db, &version) == OK ? version : -1;
}

/* "x col col": the index of words of these columns of x. */
static void
search(const struct engine *e, struct buf *b, char *names)
{
	char *column[COLUMNS + 1] = { NULL };
	int n = 0;

	for (char *p = strchr(names, ' '); p != NULL && n < COLUMNS;
	     p = strchr(p, ' ')) {
		*p++ = '\0';
		if (*p != ' ' && *p != '\0')
			column[n++] = p;
	}
	e->index(b, names, column);
}

static void
directive(const struct engine *e, struct buf *b, struct arena *a,
    const char *line)
{
	char *text = arena_copy(a, line, strcspn(line, "\n"));
	char *name = text != NULL ? strchr(text, ' ') : NULL;

	if (name == NULL)
		return;
	*name++ = '\0';
	name = str_trim(a, name);
	if (str_eq(text, "open"))
		buf_printf(b, "INSERT INTO schema_open VALUES ('%s');\n", name);
	else if (str_eq(text, "tenant"))
		e->tenant(b, name);
	else if (str_eq(text, "search"))
		search(e, b, name);
	else if (str_eq(text, "unsearch"))
		e->index_drop(b, name);
	else if (str_eq(text, "drop")) {
		e->index_drop(b, name);
		buf_printf(b,
		    "DROP VIEW IF EXISTS my_%s; DROP TABLE %s;"
		    " DELETE FROM schema_open WHERE name = '%s';\n",
		    name, name, name);
	} else
		buf_printf(b, "unknown directive @%s;\n", text);
}

static void
table_drop(struct migrate_table *t, int *count, const char *name)
{
	for (int i = 0; i < *count; i++)
		if (str_eq(t[i].name, name)) {
			(*count)--;
			memmove(&t[i], &t[i + 1],
			    (size_t)(*count - i) * sizeof(*t));
		}
}

/* What a line `-- @word name` says about tables. False: out of memory. */
static bool
table_note(struct arena *a, struct migrate_table *t, int *count,
    const char *line)
{
	bool tenant = str_starts(line, "-- @tenant ");
	bool open = str_starts(line, "-- @open ");
	const char *word = line + strcspn(line, "@");
	char *name;

	word += strcspn(word, " \n");
	word += *word == ' ';
	name = arena_copy(a, word, strcspn(word, " \n"));
	if (name == NULL)
		return false;
	if (str_starts(line, "-- @drop "))
		table_drop(t, count, name);
	else if ((tenant || open) && *count < GUARD_TABLES)
		t[(*count)++] = (struct migrate_table) { name, tenant };
	return true;
}

const struct migrate_table *
migrate_tables(struct arena *a, int *count)
{
	struct migrate_table *t = arena_zero(a, GUARD_TABLES * sizeof(*t));
	const char *line, *end;

	*count = 0;
	for (const struct migration *m = migrations; m->version != 0; m++) {
		end = strstr(m->text, "-- @down");
		line = strstr(m->text, "-- @");
		for (; line != NULL && line < end;
		     line = strstr(line, "-- @")) {
			if (t == NULL || !table_note(a, t, count, line))
				return NULL;
			line++;
		}
	}
	return t;
}

/* The statements of one direction, with the directives put into SQL. */
static const char *
expand(const struct engine *e, struct arena *a, const struct migration *m,
    bool up)
{
	const char *line = m->text;
	struct buf b;
	bool on = false, ours = true;

	buf_init(&b, a);
	while (*line != '\0') {
		size_t n = strcspn(line, "\n");

		if (str_starts(line, "-- @up"))
			on = up;
		else if (str_starts(line, "-- @down"))
			on = !up;
		else if (str_starts(line, "-- @engine "))
			ours = str_starts(line + 11, e->name) ||
			    str_starts(line + 11, "all");
		else if (!on || !ours)
			;
		else if (str_starts(line, "-- @"))
			directive(e, &b, a, line + 4);
		else
			e->line(&b, line, n);
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
		    " (%d, '%s', %lld);",
		    m->version, m->name, (long long)clock_now_ms());
	return arena_printf(a,
	    "DELETE FROM schema_migration WHERE version = %d;", m->version);
}

/*
 * From version v, one step. E_LIMIT when another process has changed the
 * version meanwhile: then nothing was done.
 */
static enum rc
step(struct db *db, struct arena *a, int v, bool up)
{
	const struct migration *m = &migrations[up ? v : v - 1];
	const char *sql = expand(db->engine, a, m, up), *note = mark(a, m, up);
	enum rc rc;

	if (sql == NULL || note == NULL)
		return E_INTERNAL;
	rc = db_begin(db, DB_WRITE);
	if (rc != OK)
		return rc;
	if (migrate_version(db) != v)
		rc = E_LIMIT;
	if (rc == OK)
		rc = db_script(db, db->engine->start_sql);
	if (rc == OK)
		rc = db_script(db, sql);
	if (rc == OK)
		rc = db_script(db, note);
	if (rc == OK && db->engine->grant != NULL)
		rc = db->engine->grant(db);
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
