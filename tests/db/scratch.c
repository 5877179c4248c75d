/* scratch.c - databases for one test program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/str.h"
#include "db/migrate.h"
#include "scratch_look.h"

static struct arena *arena;
static char folder[512];
static int count;

bool
scratch_pg(void)
{
	const char *engine = getenv("FRONTDESK_TEST_ENGINE");

	return engine != NULL && str_eq(engine, "postgres");
}

const char *
scratch_sql(const char *sqlite, const char *postgres)
{
	return scratch_pg() ? postgres : sqlite;
}

void
scratch_conf(const char *name, const char *value)
{
	char why[256];

	if (value != NULL)
		setenv(name, value, 1);
	else
		unsetenv(name);
	if (conf_load(why) != OK)
		fail_msg("%s", why);
}

int
scratch_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/frontdesk-db.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(folder) == NULL)
		return -1;
	arena = arena_new((size_t)256 << 20);
	setenv("FRONTDESK_DATA", folder, 1);
	return arena != NULL ? 0 : -1;
}

int
scratch_teardown(void **state)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	char path[1024];

	(void)state;
	look_end();
	arena_free(arena);
	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (e->d_name[0] != '.')
			(void)unlink(path);
	}
	if (d != NULL)
		closedir(d);
	return rmdir(folder);
}

void
scratch_empty(void)
{
	char path[600];

	look_close();
	if (scratch_pg()) {
		look_create(++count);
		return;
	}
	snprintf(path, sizeof(path), "%s/%d.db", folder, ++count);
	scratch_conf("FRONTDESK_DATABASE", path);
}

void
scratch_fresh(void)
{
	struct db *raw;

	scratch_empty();
	raw = scratch_raw();
	if (migrate_to(raw, arena, migrate_latest(), NULL) != OK)
		fail_msg("migrate: %s", db_why(raw));
	db_close(raw);
}

struct db *
scratch_open(void)
{
	struct db *db;

	if (db_open(&db) != OK)
		fail_msg("open: %s", db_why(db));
	return db;
}

struct db *
scratch_raw(void)
{
	struct db *db;

	if (db_open_raw(&db) != OK)
		fail_msg("open: %s", db_why(db));
	return db;
}

const char *
scratch_text(const char *fmt, ...)
{
	char *text = NULL;
	const char *copy;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		fail_msg("out of memory");
	va_end(ap);
	copy = arena_str(arena, text);
	free(text);
	assert_non_null(copy);
	return copy;
}

static const struct val *
no_value(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

enum rc
scratch_do(struct db *db, const char *sql, int64_t *changes)
{
	struct stmt *st;
	enum rc rc = db_run(db, sql, no_value, NULL, &st);

	if (changes != NULL)
		*changes = 0;
	if (rc != OK)
		return rc;
	while (db_next(st))
		;
	rc = db_status(st);
	if (changes != NULL)
		*changes = db_changes(st);
	db_done(st);
	return rc;
}

int64_t
scratch_int(struct db *db, const char *sql)
{
	struct stmt *st;
	int64_t value;

	if (db_run(db, sql, no_value, NULL, &st) != OK)
		fail_msg("%s: %s", sql, db_why(db));
	if (!db_next(st))
		fail_msg("%s: no row", sql);
	value = db_value(st, 0).i;
	db_done(st);
	return value;
}

const char *
scratch_dump(const char *sql)
{
	struct buf b;

	buf_init(&b, arena);
	look_rows(&b, sql);
	assert_false(b.bad);
	return buf_text(&b);
}

void
scratch_script(struct db *raw, const char *sql)
{
	assert_int_equal(db_begin(raw, DB_WRITE), OK);
	if (db_script(raw, sql) != OK)
		fail_msg("%s: %s", sql, db_why(raw));
	assert_int_equal(db_commit(raw), OK);
}
