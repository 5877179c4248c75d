/*
 * look.c - prints what SQL answers, past every guard; for tests in scripts.
 *
 * usage: look SQL...
 * The database is that of the settings. Columns are parted by '|', rows end
 * a line, answers end with an empty line. With --all as SQL: every row of
 * every table.
 */
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "db/sqlite_int.h"

static int
print(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st;
	int n;

	if (sqlite3_prepare_v2(h, sql, -1, &st, NULL) != SQLITE_OK)
		return SQLITE_ERROR;
	while ((n = sqlite3_step(st)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			const void *v = sqlite3_column_text(st, i);

			printf("%s%s", i > 0 ? "|" : "",
			    v != NULL ? (const char *)v : "");
		}
		putchar('\n');
	}
	sqlite3_finalize(st);
	return n == SQLITE_DONE ? SQLITE_OK : n;
}

/* Each table as lines `table|…`. */
static int
print_all(sqlite3 *h)
{
	static const char tables[] =
	    "SELECT name FROM sqlite_master WHERE type = 'table'"
	    " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
	sqlite3_stmt *st;
	char sql[256];
	int n = SQLITE_OK;

	if (sqlite3_prepare_v2(h, tables, -1, &st, NULL) != SQLITE_OK)
		return SQLITE_ERROR;
	while (n == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		const void *name = sqlite3_column_text(st, 0);

		snprintf(sql, sizeof(sql),
		    "SELECT '%s', * FROM \"%s\""
		    " ORDER BY rowid",
		    (const char *)name, (const char *)name);
		n = print(h, sql);
	}
	sqlite3_finalize(st);
	return n;
}

int
main(int argc, char **argv)
{
	struct db *db;
	char why[256];
	int n = SQLITE_OK;

	if (argc < 2 || conf_load(why) != OK || db_open_raw(&db) != OK) {
		fprintf(stderr, "look: usage, settings or database\n");
		return 2;
	}
	for (int i = 1; i < argc && n == SQLITE_OK; i++) {
		n = strcmp(argv[i], "--all") == 0 ?
		    print_all(sqlite_of(db)->handle) :
		    print(sqlite_of(db)->handle, argv[i]);
		putchar('\n');
	}
	if (n != SQLITE_OK)
		fprintf(stderr, "look: %s\n",
		    sqlite3_errmsg(sqlite_of(db)->handle));
	db_close(db);
	return n != SQLITE_OK;
}
