/*
 * look.c - prints what SQL answers, past every guard; for tests in scripts.
 *
 * usage: look [--all | --sound | SQL]...
 * The database is that of the settings; on PostgreSQL as the superuser of
 * FRONTDESK_TEST_SUPER, to whom no policy applies. Columns are parted by '|',
 * rows end a line, answers end with an empty line. --all: every row of every
 * table but the index of words, in an order that depends on the rows alone.
 * --sound: `ok`, or a line for each damage and each reference into nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/str.h"
#include "db/db.h"

#define MEMORY ((size_t)1 << 30)

struct lines {
	const char **line;
	size_t count, room;
};

static struct arena *arena;
static struct db *db;

/* Statements that answer with statements, up to a NULL. */
static const char *const sqlite_all[] = {
	"SELECT 'SELECT ''' || name || ''', * FROM ' || name"
	" FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
	" AND substr(name, 1, 7) <> 'sqlite_' AND substr(name, 1, 5) <> 'find_'",
	NULL,
};
static const char *const postgres_all[] = {
	"SELECT format('SELECT %L, * FROM %I', relname, relname)"
	" FROM pg_class WHERE relkind = 'r' AND relname NOT LIKE 'find\\_%'"
	" AND relnamespace = to_regnamespace('frontdesk')",
	NULL,
};

/* The same; the statements have a row for each damage. */
static const char *const sqlite_sound[] = {
	"SELECT 'SELECT * FROM pragma_integrity_check"
	" WHERE integrity_check <> ''ok'''",
	"SELECT 'SELECT \"table\", rowid, parent FROM"
	" pragma_foreign_key_check'",
	NULL,
};
static const char *const postgres_sound[] = {
	/* indexes against their tables: a damage is an error */
	"SELECT format('SELECT 1 WHERE public.bt_index_check(%s, true)"
	" IS NULL', i.indexrelid) FROM pg_index i"
	" JOIN pg_class c ON c.oid = i.indexrelid"
	" JOIN pg_am a ON a.oid = c.relam AND a.amname = 'btree'"
	" WHERE c.relnamespace = to_regnamespace('frontdesk')",
	"SELECT format('SELECT %L', conname || ' is not validated')"
	" FROM pg_constraint WHERE NOT convalidated",
	"SELECT format('SELECT %L, count(*) FROM %s a WHERE %s AND NOT EXISTS"
	" (SELECT FROM %s b WHERE %s) HAVING count(*) > 0', k.conname,"
	" CAST(k.conrelid AS regclass),"
	" string_agg(format('a.%I IS NOT NULL', f.attname), ' AND '),"
	" CAST(k.confrelid AS regclass),"
	" string_agg(format('a.%I = b.%I', f.attname, t.attname), ' AND '))"
	" FROM pg_constraint k CROSS JOIN unnest(k.conkey, k.confkey) u (f, t)"
	" JOIN pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = u.f"
	" JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = u.t"
	" WHERE k.contype = 'f' GROUP BY k.oid, k.conname, k.conrelid,"
	" k.confrelid",
	NULL,
};

static void
cell_add(struct buf *b, struct val v)
{
	switch (v.type) {
	case VAL_INT:
		buf_printf(b, "%lld", (long long)v.i);
		break;
	case VAL_REAL:
		buf_printf(b, "%.15g", v.d);
		break;
	case VAL_TEXT:
		buf_printf(b, "%.*s", (int)v.len, v.s);
		break;
	default:
		break;
	}
}

static enum rc
line_add(struct lines *l, const char *text)
{
	size_t more = l->room > 0 ? l->room : 64, size = sizeof(*l->line);

	if (l->count == l->room) {
		l->line = arena_grow(arena, l->line, l->room * size,
		    (l->room + more) * size);
		l->room += more;
	}
	if (l->line == NULL || text == NULL)
		return E_INTERNAL;
	l->line[l->count++] = text;
	return OK;
}

/* Append the rows that a statement answers. */
static enum rc
rows_add(struct lines *l, const char *sql)
{
	struct stmt *st;
	enum rc rc = db_run(db, sql, NULL, NULL, &st);

	if (rc != OK)
		return rc;
	while (rc == OK && db_next(st)) {
		struct buf b;

		buf_init(&b, arena);
		for (int i = 0; i < db_columns(st); i++) {
			buf_str(&b, i > 0 ? "|" : "");
			cell_add(&b, db_value(st, i));
		}
		rc = line_add(l, b.bad ? NULL : buf_text(&b));
	}
	if (rc == OK)
		rc = db_status(st);
	db_done(st);
	return rc;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The rows of the statements that the statements answer, sorted. */
static enum rc
nested_add(struct lines *l, const char *const *sql)
{
	struct lines inner = { 0 };
	enum rc rc = OK;

	for (; *sql != NULL && rc == OK; sql++)
		rc = rows_add(&inner, *sql);
	for (size_t i = 0; i < inner.count && rc == OK; i++)
		rc = rows_add(l, inner.line[i]);
	if (l->count > 0)
		qsort(l->line, l->count, sizeof(*l->line), by_bytes);
	return rc;
}

static enum rc
answer(const char *sql)
{
	bool pg = str_starts(conf->database, "postgres");
	struct lines l = { 0 };
	enum rc rc;

	if (str_eq(sql, "--all"))
		rc = nested_add(&l, pg ? postgres_all : sqlite_all);
	else if (str_eq(sql, "--sound")) {
		rc = nested_add(&l, pg ? postgres_sound : sqlite_sound);
		if (rc == OK && l.count == 0)
			rc = line_add(&l, "ok");
	} else
		rc = rows_add(&l, sql);
	for (size_t i = 0; i < l.count; i++)
		puts(l.line[i]);
	putchar('\n');
	return rc;
}

int
main(int argc, char **argv)
{
	const char *super = getenv("FRONTDESK_TEST_SUPER");
	char why[256] = "usage: look [--all | --sound | SQL]...";
	enum rc rc = OK;

	arena = arena_new(MEMORY);
	if (super != NULL)
		setenv("FRONTDESK_DATABASE_OWNER", super, 1);
	if (argc < 2 || arena == NULL || conf_load(why) != OK) {
		fprintf(stderr, "look: %s\n", why);
		return 2;
	}
	rc = db_open_raw(&db);
	for (int i = 1; i < argc && rc == OK; i++)
		rc = answer(argv[i]);
	if (rc != OK)
		fprintf(stderr, "look: %s\n", db_why(db));
	db_close(db);
	arena_free(arena);
	return rc != OK;
}
