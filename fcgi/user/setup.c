/* setup.c - how far a user has come with the onboarding. */
#include "user/onboarding.h"
#include "user/patch.h"

static const struct field flags_in[] = { { "onboarding_vapi_skipped",
					     .kind = F_BOOL },
	{ "onboarding_twilio_skipped", .kind = F_BOOL },
	{ "onboarding_assistant_created", .kind = F_BOOL }, { 0 } };
static const struct field nothing_in[] = {
	{ 0 },
};

SQL get_sql[] = "SELECT coalesce(o.onboarding_vapi_skipped, 0)"
		" AS \"onboarding_vapi_skipped:bool\","
		" coalesce(o.onboarding_twilio_skipped, 0)"
		" AS \"onboarding_twilio_skipped:bool\","
		" coalesce(o.onboarding_assistant_created, 0)"
		" AS \"onboarding_assistant_created:bool\""
		" FROM my_account a LEFT JOIN my_user_onboarding o"
		" ON o.account_id = a.account_id AND o.user_id = :me";
SQL profile_sql[] =
    "INSERT INTO profile (account_id, user_id, created_at, updated_at)"
    " VALUES (app_account(), :me, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, user_id) DO NOTHING";
SQL flags_sql[] =
    "INSERT INTO user_onboarding (account_id, user_id,"
    " onboarding_vapi_skipped, onboarding_twilio_skipped,"
    " onboarding_assistant_created, created_at, updated_at)"
    " VALUES (app_account(), :me, coalesce(:onboarding_vapi_skipped, 0),"
    " coalesce(:onboarding_twilio_skipped, 0),"
    " coalesce(:onboarding_assistant_created, 0), :now_ms, :now_ms)"
    " ON CONFLICT (account_id, user_id) DO UPDATE SET"
    " onboarding_vapi_skipped = CASE WHEN :has_onboarding_vapi_skipped = 1"
    " THEN excluded.onboarding_vapi_skipped"
    " ELSE user_onboarding.onboarding_vapi_skipped END,"
    " onboarding_twilio_skipped ="
    " CASE WHEN :has_onboarding_twilio_skipped = 1"
    " THEN excluded.onboarding_twilio_skipped"
    " ELSE user_onboarding.onboarding_twilio_skipped END,"
    " onboarding_assistant_created ="
    " CASE WHEN :has_onboarding_assistant_created = 1"
    " THEN excluded.onboarding_assistant_created"
    " ELSE user_onboarding.onboarding_assistant_created END,"
    " updated_at = :now_ms";
SQL complete_sql[] =
    "UPDATE profile SET onboarding_completed = 1,"
    " onboarding_completed_at = :now_ms WHERE account_id = app_account()"
    " AND user_id = :me AND onboarding_completed = 0"
    " RETURNING created_at AS \"created_at:time\"";
SQL session_sql[] = "UPDATE onboarding_session SET status = 'completed',"
		    " completed_at = :now_ms, updated_at = :now_ms"
		    " WHERE account_id = app_account() AND user_id = :me"
		    " AND status = 'in_progress' AND expires_at > :now_ms";
SQL completed_sql[] =
    "SELECT onboarding_completed AS \"onboarding_completed:bool\","
    " onboarding_completed_at AS \"onboarding_completed_at:time\""
    " FROM my_profile WHERE user_id = :me";
SQL facts_sql[] =
    "SELECT coalesce(s.plan, 'free') AS plan,"
    " coalesce(o.onboarding_vapi_skipped, 0) AS \"vapi:bool\","
    " coalesce(o.onboarding_twilio_skipped, 0) AS \"twilio:bool\""
    " FROM my_account a"
    " LEFT JOIN my_studio s ON s.account_id = a.account_id"
    " LEFT JOIN my_user_onboarding o ON o.account_id = a.account_id"
    " AND o.user_id = :me";

static enum rc
flags_patch(struct req *r)
{
	struct row old;

	if (sql_row(r, get_sql, &old))
		return r->rc;
	if (patch_changes_any(r, &old,
		"onboarding_vapi_skipped|"
		"onboarding_twilio_skipped|onboarding_assistant_created") &&
	    (sql_do(r, profile_sql) || sql_do(r, flags_sql)))
		return r->rc;
	return sql_one(r, get_sql);
}

/* {"duration_seconds","steps_skipped","plan_selected"} */
static enum rc
completed_event(struct req *r, int64_t since_ms)
{
	struct row facts;
	struct jout j;
	struct buf b;

	if (sql_row(r, facts_sql, &facts))
		return r->rc;
	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_int(&j, "duration_seconds", (r->now_ms - since_ms) / 1000);
	jout_name(&j, "steps_skipped");
	jout_open(&j, '[');
	if (row_int(&facts, "vapi") == 1)
		jout_str(&j, "vapi");
	if (row_int(&facts, "twilio") == 1)
		jout_str(&j, "twilio");
	jout_close(&j, ']');
	jout_put_str(&j, "plan_selected", row_text(&facts, "plan"));
	jout_close(&j, '}');
	return event_put(r, "onboarding_completed", r->user, buf_text(&b));
}

enum rc
onboarding_finish(struct req *r)
{
	struct row done;

	if (sql_do(r, profile_sql) || sql_find(r, complete_sql, &done) ||
	    sql_do(r, session_sql))
		return r->rc;
	return done.count > 0 ?
	    completed_event(r, row_int(&done, "created_at")) :
	    OK;
}

/* The first time wins; later ones are told it. */
static enum rc
complete(struct req *r)
{
	return onboarding_finish(r) ? r->rc : sql_one(r, completed_sql);
}

static const struct route routes[] = {
	{ "GET", "/user/onboarding", get_sql, ONE,
	    .about = "What was skipped or done" },
	{ "PATCH", "/user/onboarding", get_sql, ONE, .flags = LAX,
	    .in = flags_in, .run = flags_patch,
	    .about = "Change what is given" },
	{ "POST", "/user/complete-onboarding", completed_sql, ONE,
	    .flags = LAX | OPTIONAL, .in = nothing_in, .run = complete,
	    .about = "The onboarding is done" },
	{ 0 }
};

const struct resource user_setup = { "user_setup",
	"How far the onboarding has come", routes };
