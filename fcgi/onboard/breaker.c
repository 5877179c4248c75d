/* breaker.c - a model that fails again and again is left alone for a while. */
#include "onboard/breaker.h"

#define FAILURES 3     /* in a row */
#define REST_MS	 30000 /* so long it is left alone */
#define PROBE_MS 10000 /* so long the others wait for the one that tries */

SQL breaker_sql[] =
    "SELECT failures AS \"failures:int\", open_until AS \"open_until:int\""
    " FROM ai_breaker WHERE model = :ai_model";
SQL probe_sql[] =
    "UPDATE ai_breaker SET open_until = :ai_until WHERE model = :ai_model"
    " AND open_until <= :now_ms RETURNING model";
SQL failure_sql[] =
    "INSERT INTO ai_breaker (model, failures, open_until)"
    " VALUES (:ai_model, 1, 0) ON CONFLICT (model) DO UPDATE SET"
    " failures = ai_breaker.failures + 1,"
    " open_until = CASE WHEN ai_breaker.failures + 1 >= :ai_after"
    " THEN :ai_until ELSE ai_breaker.open_until END";
SQL success_sql[] = "DELETE FROM ai_breaker WHERE model = :ai_model";

enum rc
breaker_allows(struct req *r, const char *model, bool *yes)
{
	struct row row;

	*yes = false;
	req_set(r, "ai_model", val_text(model));
	if (sql_find(r, breaker_sql, &row))
		return r->rc;
	*yes = row.count == 0 || row_int(&row, "failures") < FAILURES;
	if (*yes || row_int(&row, "open_until") > r->now_ms)
		return OK;
	req_set(r, "ai_until", val_int(r->now_ms + PROBE_MS));
	if (sql_find(r, probe_sql, &row))
		return r->rc;
	*yes = row.count > 0;
	return OK;
}

enum rc
breaker_tell(struct req *r, const char *model, bool works)
{
	req_set(r, "ai_model", val_text(model));
	if (works)
		return sql_do(r, success_sql);
	req_set(r, "ai_after", val_int(FAILURES));
	req_set(r, "ai_until", val_int(clock_now_ms() + REST_MS));
	return sql_do(r, failure_sql);
}
