/* check.c - the sub-command that proves statements, tables and routes. */
#include <string.h>

#include "dispatch.h"
#include "role.h"

/* Every text that SQL declares, one behind the other, padded with NULs. */
extern const char __start_sql_text[], __stop_sql_text[];
extern const char __start_sql_whole[], __stop_sql_whole[];

static bool
any_name(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return true;
}

static bool
route_name(void *ctx, const char *name)
{
	return check_name(ctx, name);
}

static void
statement(struct db *db, const char *sql, bool may_scan, int *bad)
{
	bool whole = false;

	if (db_prepare(db, sql, any_name, NULL) != OK ||
	    db_plan(db, sql, &whole) != OK) {
		(*bad)++;
		printf("statement: %s\n\t%s\n", db_why(db), sql);
	} else if (whole && !may_scan) {
		(*bad)++;
		printf("statement: reads a whole table\n\t%s\n", sql);
	}
}

/* The texts between two marks; those of SQL_WHOLE may read whole tables. */
static int
statements(struct db *db, const char *p, const char *end, int *bad)
{
	bool may_scan = p == __start_sql_whole;
	int n = 0;

	for (; p < end; p += strlen(p) + 1) {
		if (*p == '\0')
			continue;
		statement(db, p, may_scan, bad);
		n++;
	}
	return n;
}

/* SQL of a row may name only what the row itself brings. */
static int
routes(struct db *db, int *bad)
{
	const struct resource *res;
	const struct route *t;
	int n = 0;

	for (; (t = route_at(n, &res)) != NULL; n++) {
		if (t->run == NULL && t->sql == NULL) {
			(*bad)++;
			printf("route %s %s has neither SQL nor a function\n",
			    t->method, t->path);
		}
		if (t->run == NULL && t->sql != NULL &&
		    db_prepare(db, t->sql, route_name, (void *)(uintptr_t)t) !=
			OK) {
			(*bad)++;
			printf("route %s %s: %s\n", t->method, t->path,
			    db_why(db));
		}
	}
	return n;
}

static void
stray(void *ctx, const char *table)
{
	(*(int *)ctx)++;
	printf("table %s is neither @tenant nor @open\n", table);
}

/* A table is an account's, with view and guards, or listed as open. */
static void
tables(int *bad)
{
	struct db *db;

	if (db_open_raw(&db) != OK || db_strays(db, stray, bad) != OK) {
		(*bad)++;
		printf("tables: %s\n", db_why(db));
	}
	db_close(db);
}

int
role_check(struct args *a)
{
	struct db *db = NULL;
	int bad = 0, sqls, rows;

	(void)a;
	if (db_open(&db) != OK) {
		int status = args_fail("%s", db_why(db));

		db_close(db);
		return status;
	}
	sqls = statements(db, __start_sql_text, __stop_sql_text, &bad) +
	    statements(db, __start_sql_whole, __stop_sql_whole, &bad);
	rows = routes(db, &bad);
	db_close(db);
	tables(&bad);
	printf("%d statements, %d routes, %d mistakes\n", sqls, rows, bad);
	return bad > 0;
}
