/* sqlite_guard.c - what a statement may touch: the authorizer. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "db/sqlite_int.h"

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
	if (!g->on || g->search)
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

enum rc
sqlite_guard(struct db *db)
{
	int n = sqlite3_set_authorizer(sqlite_of(db)->handle, authorize,
	    &db->guard);

	return n == SQLITE_OK ? OK : sqlite_fail(db, n, "authorizer");
}
