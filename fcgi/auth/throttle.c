/* throttle.c - failures of sign-in, counted so that guessing stays slow. */
#include "auth/auth.h"
#include "safe/token.h"

#define WINDOW_MS 900000
#define FAILURES  10

SQL count_sql[] =
    "SELECT count AS \"count:int\", since AS \"since:int\" FROM throttle"
    " WHERE key = :throttle_key";
SQL fail_sql[] =
    "INSERT INTO throttle (key, count, since)"
    " VALUES (:throttle_key, 1, :now_ms) ON CONFLICT (key) DO UPDATE SET"
    " count = CASE WHEN throttle.since < :window THEN 1"
    " ELSE throttle.count + 1 END,"
    " since = CASE WHEN throttle.since < :window THEN :now_ms"
    " ELSE throttle.since END";
SQL clear_sql[] = "DELETE FROM throttle WHERE key = :throttle_key";

/* The key is stored hashed: the table shall not list who tried. */
static void
key_set(struct req *r, const char *key)
{
	req_set(r, "throttle_key", val_text(token_hash(r->arena, key)));
	req_set(r, "window", val_int(r->now_ms - WINDOW_MS));
}

enum rc
throttle_allow(struct req *r, const char *key)
{
	struct row row;
	enum rc rc;
	int64_t left;

	key_set(r, key);
	rc = sql_find(r, count_sql, &row);
	if (rc != OK || row.count == 0)
		return rc;
	left = row_int(&row, "since") + WINDOW_MS - r->now_ms;
	if (left <= 0 || row_int(&row, "count") < FAILURES)
		return OK;
	req_head(r, "Retry-After",
	    arena_printf(r->arena, "%lld", (long long)(left / 1000 + 1)));
	return fail(r, E_LIMIT,
	    "too many failed attempts; try again in %lld "
	    "minutes",
	    (long long)(left / 60000 + 1));
}

enum rc
throttle_fail(struct req *r, const char *key)
{
	key_set(r, key);
	return sql_do(r, fail_sql);
}

enum rc
throttle_clear(struct req *r, const char *key)
{
	key_set(r, key);
	return sql_do(r, clear_sql);
}
