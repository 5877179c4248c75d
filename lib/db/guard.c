/* guard.c - what a statement may touch: the authorizer. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "db/guard.h"

/* Is the name of n characters in the list? */
bool
guard_listed(const char (*list)[GUARD_NAME], int count, const char *name,
    size_t n)
{
	for (int i = 0; i < count; i++)
		if (strlen(list[i]) == n && strncasecmp(list[i], name, n) == 0)
			return true;
	return false;
}

/* Columns that foreign keys compare. */
static bool
is_key(const char *column)
{
	size_t n = strlen(column);

	return str_eq(column, "id") || (n > 3 && str_eq(column + n - 3, "_id"));
}

/*
 * May table be read, or written, from inside a view or trigger (or not)?
 * column is what is read of it, NULL for a write.
 */
static int
table_rule(struct guard *g, const char *table, const char *column,
    const char *inside)
{
	size_t n = strlen(table);

	if (inside != NULL &&
	    (str_starts(inside, "my_") || str_starts(inside, "guard_")))
		return SQLITE_OK;
	if (guard_listed(g->open, g->opens, table, n) ||
	    str_starts(table, "my_"))
		return SQLITE_OK;
	if (g->target[0] == '\0' ||
	    !guard_listed(g->tenant, g->tenants, table, n))
		return SQLITE_DENY;
	/* the target, or what foreign keys compare and change: see guard.h */
	if (strcasecmp(table, g->target) == 0 || column == NULL ||
	    is_key(column))
		return SQLITE_OK;
	return SQLITE_DENY;
}

static int
authorize(void *ctx, int action, const char *a, const char *b, const char *db,
    const char *inside)
{
	struct guard *g = ctx;

	(void)db;
	if (!g->on)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_TRANSACTION:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		return table_rule(g, a, b, inside);
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return table_rule(g, a, NULL, inside);
	default:
		return SQLITE_DENY;
	}
}

static enum rc
names_read(sqlite3 *db, const char *sql, char (*list)[GUARD_NAME], int *count)
{
	sqlite3_stmt *st;

	*count = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		return E_INTERNAL;
	while (sqlite3_step(st) == SQLITE_ROW && *count < GUARD_TABLES)
		snprintf(list[(*count)++], GUARD_NAME, "%s",
		    (const char *)sqlite3_column_text(st, 0));
	if (sqlite3_finalize(st) != SQLITE_OK || *count == GUARD_TABLES)
		return E_INTERNAL;
	return OK;
}

enum rc
guard_install(struct guard *g, sqlite3 *db)
{
	static const char open_sql[] = "SELECT name FROM schema_open";
	static const char tenant_sql[] =
	    "SELECT substr(name, 4) FROM sqlite_master WHERE type = 'view'"
	    " AND substr(name, 1, 3) = 'my_'";

	if (names_read(db, open_sql, g->open, &g->opens) != OK ||
	    names_read(db, tenant_sql, g->tenant, &g->tenants) != OK)
		return E_INTERNAL;
	g->on = true;
	return sqlite3_set_authorizer(db, authorize, g) == SQLITE_OK ?
	    OK :
	    E_INTERNAL;
}
