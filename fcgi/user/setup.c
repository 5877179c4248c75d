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
SQL completed_sql[] =
    "SELECT onboarding_completed AS \"onboarding_completed:bool\","
    " onboarding_completed_at AS \"onboarding_completed_at:time\""
    " FROM my_profile WHERE user_id = :me";

/* A flag that is raised now says that a step was skipped or done. */
static enum rc
raised(struct req *r, const struct row *old, const char *flag, const char *step)
{
	if (!patch_changes(r, old, flag) || req_get(r, flag).i != 1)
		return OK;
	return onboarding_step(r, step, !str_eq(step, "assistant"));
}

static enum rc
flags_save(struct req *r, const struct row *old)
{
	if (onboarding_open(r) || sql_do(r, flags_sql) ||
	    raised(r, old, "onboarding_vapi_skipped", "vapi") ||
	    raised(r, old, "onboarding_twilio_skipped", "twilio"))
		return r->rc;
	return raised(r, old, "onboarding_assistant_created", "assistant");
}

static enum rc
flags_patch(struct req *r)
{
	struct row old;

	if (sql_row(r, get_sql, &old))
		return r->rc;
	if (patch_changes_any(r, &old,
		"onboarding_vapi_skipped|"
		"onboarding_twilio_skipped|onboarding_assistant_created") &&
	    flags_save(r, &old))
		return r->rc;
	return sql_one(r, get_sql);
}

/*
 * The first time wins; later ones are told it. A plan that was left as it
 * stood has been chosen by now.
 */
static enum rc
complete(struct req *r)
{
	if (onboarding_step(r, "plan", false) ||
	    onboarding_step(r, "done", false) || onboarding_complete(r, NULL))
		return r->rc;
	return sql_one(r, completed_sql);
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
