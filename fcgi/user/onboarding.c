/* onboarding.c - the one onboarding behind its three faces. */
#include "analytics/track.h"
#include "user/onboarding.h"

SQL open_sql[] =
    "INSERT INTO profile (account_id, user_id, created_at, updated_at)"
    " VALUES (app_account(), :me, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, user_id) DO NOTHING";
SQL when_sql[] = "SELECT onboarding_completed_at AS \"at:int\" FROM my_profile"
		 " WHERE user_id = :o_user AND onboarding_completed = 1";
SQL complete_sql[] =
    "UPDATE profile SET onboarding_completed = 1,"
    " onboarding_completed_at = :now_ms WHERE account_id = app_account()"
    " AND user_id = :me AND onboarding_completed = 0"
    " RETURNING created_at AS \"created_at:int\"";
SQL session_sql[] = "UPDATE onboarding_session SET status = 'completed',"
		    " completed_at = :now_ms, updated_at = :now_ms"
		    " WHERE account_id = app_account() AND user_id = :me"
		    " AND status = 'in_progress' AND expires_at > :now_ms";
SQL facts_sql[] =
    "SELECT coalesce(s.plan, 'free') AS plan,"
    " coalesce(o.onboarding_vapi_skipped, 0) AS \"vapi:bool\","
    " coalesce(o.onboarding_twilio_skipped, 0) AS \"twilio:bool\""
    " FROM my_account a"
    " LEFT JOIN my_studio s ON s.account_id = a.account_id"
    " LEFT JOIN my_user_onboarding o ON o.account_id = a.account_id"
    " AND o.user_id = :me";

enum rc
onboarding_open(struct req *r)
{
	return sql_do(r, open_sql);
}

enum rc
onboarding_when(struct req *r, int64_t *at_ms)
{
	struct row row;

	*at_ms = 0;
	req_set(r, "o_user", val_text(track_owner(r)));
	if (sql_find(r, when_sql, &row) == OK)
		*at_ms = row_int(&row, "at");
	return r->rc;
}

enum rc
onboarding_step(struct req *r, const char *step, bool skipped)
{
	struct track t = { .flow = TRACK_ONBOARDING,
		.run = track_owner(r),
		.step = step,
		.skipped = skipped };
	int64_t at_ms;

	if (t.run == NULL || onboarding_when(r, &at_ms) || at_ms != 0)
		return r->rc;
	return track_step(r, &t);
}

/* {"duration_seconds","steps_skipped","plan_selected"} */
static const char *
facts_json(struct req *r, const struct row *facts, int64_t since_ms)
{
	struct jout j;
	struct buf b;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_int(&j, "duration_seconds", (r->now_ms - since_ms) / 1000);
	jout_name(&j, "steps_skipped");
	jout_open(&j, '[');
	if (row_int(facts, "vapi") == 1)
		jout_str(&j, "vapi");
	if (row_int(facts, "twilio") == 1)
		jout_str(&j, "twilio");
	jout_close(&j, ']');
	jout_put_str(&j, "plan_selected", row_text(facts, "plan"));
	jout_close(&j, '}');
	return buf_text(&b);
}

static enum rc
completed_event(struct req *r, int64_t since_ms)
{
	struct track t = { .name = "onboarding_completed",
		.flow = TRACK_ONBOARDING,
		.run = r->user };
	struct row facts;

	if (sql_row(r, facts_sql, &facts))
		return r->rc;
	t.cause = arena_printf(r->arena, "onboarding:%s:completed", r->user);
	t.data = facts_json(r, &facts, since_ms);
	return track_put(r, &t, NULL);
}

enum rc
onboarding_complete(struct req *r, bool *first)
{
	struct row done;

	if (first != NULL)
		*first = false;
	if (onboarding_open(r) || sql_do(r, session_sql) ||
	    sql_find(r, complete_sql, &done) || done.count == 0)
		return r->rc;
	if (first != NULL)
		*first = true;
	return completed_event(r, row_int(&done, "created_at"));
}
