/* prune.c - what the housekeeper does about sessions and suggestions. */
#include "onboard/meter.h"
#include "onboard/session.h"

#define KEEP_MS (90 * INT64_C(86400000)) /* of those given up */

SQL_WHOLE accounts_sql[] =
    "SELECT DISTINCT account_id FROM membership ORDER BY account_id";
SQL due_sql[] = "SELECT id FROM my_onboarding_session"
		" WHERE (status = 'in_progress' AND expires_at <= :now_ms)"
		" OR (status = 'abandoned' AND expires_at <= :forget_ms)"
		" LIMIT 1";
SQL usage_due_sql[] = "SELECT id FROM my_ai_usage WHERE status = 'reserved'"
		      " AND created_at <= :lost_ms LIMIT 1";
SQL cache_due_sql[] =
    "SELECT key FROM my_ai_cache WHERE expires_at <= :now_ms LIMIT 1";
SQL expire_sql[] =
    "UPDATE onboarding_session SET status = 'abandoned', updated_at = :now_ms"
    " WHERE account_id = app_account() AND status = 'in_progress'"
    " AND expires_at <= :now_ms RETURNING id";
SQL forget_sql[] =
    "DELETE FROM onboarding_session WHERE account_id = app_account()"
    " AND status = 'abandoned' AND expires_at <= :forget_ms";

/* Asked first: most accounts need no transaction. */
static enum rc
anything(struct req *r, bool *yes)
{
	static const char *const asks[] = { due_sql, usage_due_sql,
		cache_due_sql };
	struct row due;

	*yes = false;
	for (size_t i = 0; i < COUNT(asks) && !*yes; i++) {
		if (sql_find(r, asks[i], &due))
			return r->rc;
		*yes = due.count > 0;
	}
	return OK;
}

static enum rc
prune_account(struct req *r, const char *account)
{
	struct row *list;
	bool yes = false;

	req_scope(r, account);
	if (anything(r, &yes) || !yes)
		return r->rc;
	if (req_begin(r, DB_WRITE) || sql_rows(r, expire_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next)
		if (event_put(r, "onboarding_session_abandoned",
			row_text(list, "id"), NULL))
			return r->rc;
	return sql_do(r, forget_sql) || meter_prune(r) ? r->rc : req_commit(r);
}

enum rc
session_prune(struct req *r)
{
	struct row *list;

	req_set(r, "now_ms", val_int(r->now_ms));
	req_set(r, "lost_ms", val_int(r->now_ms - METER_LOST_MS));
	req_set(r, "forget_ms", val_int(r->now_ms - KEEP_MS));
	if (sql_rows(r, accounts_sql, &list))
		return r->rc;
	for (; list != NULL && r->rc == OK; list = list->next)
		if (prune_account(r, row_text(list, "account_id")))
			req_rollback(r);
	db_scope(r->db, NULL);
	r->account = NULL;
	return r->rc;
}
