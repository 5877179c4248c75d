/* profile.c - who the user is, and the business behind the account. */
#include "user/onboarding.h"
#include "user/patch.h"

static const struct field profile_in[] = { { "full_name", F_TEXT, .max = 200 },
	{ "organization_name", F_TEXT, .max = 200 },
	{ "industry", F_TEXT, .max = 200 },
	{ "timezone", F_ZONE, .max = 64, .about = "An IANA name" },
	{ "locale", F_TEXT, .max = 5, .about = "en, fr, he, en-US, …" },
	{ "marketing_opt_in", .kind = F_BOOL },
	{ "accept_terms", .kind = F_BOOL, .about = "Live calls need it" },
	{ 0 } };

#define OF_PROFILE "full_name|locale|marketing_opt_in|accept_terms"
#define OF_STUDIO  "organization_name|industry|timezone|accept_terms"

SQL get_sql[] =
    "SELECT p.full_name, s.organization_name, s.industry, s.timezone,"
    " p.locale,"
    " coalesce(p.marketing_opt_in, 0) AS \"marketing_opt_in:bool\","
    " coalesce(p.accept_terms, 0) AS \"accept_terms:bool\""
    " FROM my_account a"
    " LEFT JOIN my_studio s ON s.account_id = a.account_id"
    " LEFT JOIN my_profile p ON p.account_id = a.account_id"
    " AND p.user_id = :me";
SQL profile_sql[] =
    "INSERT INTO profile (account_id, user_id, full_name, locale,"
    " marketing_opt_in, accept_terms, created_at, updated_at)"
    " VALUES (app_account(), :me, :full_name, :locale,"
    " coalesce(:marketing_opt_in, 0), coalesce(:accept_terms, 0), :now_ms,"
    " :now_ms) ON CONFLICT (account_id, user_id) DO UPDATE SET"
    " full_name = CASE WHEN :has_full_name = 1 THEN excluded.full_name"
    " ELSE profile.full_name END,"
    " locale = CASE WHEN :has_locale = 1 THEN excluded.locale"
    " ELSE profile.locale END,"
    " marketing_opt_in = CASE WHEN :has_marketing_opt_in = 1"
    " THEN excluded.marketing_opt_in ELSE profile.marketing_opt_in END,"
    " accept_terms = CASE WHEN :has_accept_terms = 1"
    " THEN excluded.accept_terms ELSE profile.accept_terms END,"
    " updated_at = :now_ms";
/* Terms count from the first time that anyone accepted them. */
SQL studio_sql[] =
    "INSERT INTO studio (account_id, organization_name, industry, timezone,"
    " terms_accepted_at, created_at, updated_at)"
    " VALUES (app_account(), :organization_name, :industry, :timezone,"
    " CASE WHEN :accept_terms = 1 THEN CAST(:now_ms AS BIGINT) END, :now_ms, :now_ms)"
    " ON CONFLICT (account_id) DO UPDATE SET"
    " organization_name = CASE WHEN :has_organization_name = 1"
    " THEN excluded.organization_name ELSE studio.organization_name END,"
    " industry = CASE WHEN :has_industry = 1 THEN excluded.industry"
    " ELSE studio.industry END,"
    " timezone = CASE WHEN :has_timezone = 1 THEN excluded.timezone"
    " ELSE studio.timezone END,"
    " terms_accepted_at = CASE WHEN :has_accept_terms = 1"
    " THEN CASE WHEN :accept_terms = 1"
    " THEN coalesce(studio.terms_accepted_at, :now_ms) END"
    " ELSE studio.terms_accepted_at END, updated_at = :now_ms";
SQL account_sql[] = "UPDATE account SET name = coalesce(:organization_name, '')"
		    " WHERE account_id = app_account()";

/* What nginx says when we are down names the business. */
static enum rc
name_save(struct req *r)
{
	if (sql_do(r, account_sql))
		return r->rc;
	return job_put(r, "/job/phone/render", r->account, NULL, r->now_ms);
}

/* Will this be set once the changes are in? */
static bool
is_filled(const struct req *r, const struct row *old, const char *name)
{
	struct val v = req_get(r, name);

	if (v.type == VAL_ABSENT)
		v = row_val(old, name);
	return v.type == VAL_TEXT || (v.type == VAL_INT && v.i == 1);
}

/* The step is done with a name, a business and the terms. */
static enum rc
step_note(struct req *r, const struct row *old)
{
	if (!is_filled(r, old, "full_name") ||
	    !is_filled(r, old, "organization_name") ||
	    !is_filled(r, old, "accept_terms"))
		return OK;
	return onboarding_step(r, "profile", false);
}

static enum rc
studio_save(struct req *r, const struct row *old)
{
	if (patch_changes_any(r, old, OF_STUDIO) && sql_do(r, studio_sql))
		return r->rc;
	if (patch_changes(r, old, "organization_name"))
		return name_save(r);
	return OK;
}

static enum rc
profile_patch(struct req *r)
{
	struct row old;

	patch_clean(r, profile_in);
	if (sql_row(r, get_sql, &old))
		return r->rc;
	if (patch_changes_any(r, &old, OF_PROFILE) && sql_do(r, profile_sql))
		return r->rc;
	if (studio_save(r, &old))
		return r->rc;
	if (patch_changes_any(r, &old, OF_PROFILE "|" OF_STUDIO) &&
	    step_note(r, &old))
		return r->rc;
	return sql_one(r, get_sql);
}

enum rc
onboarding_business(struct req *r, const char *name, const char *industry)
{
	const struct val absent = { .type = VAL_ABSENT };
	struct row old;

	req_set(r, "organization_name", name != NULL ? val_text(name) : absent);
	req_set(r, "industry", industry != NULL ? val_text(industry) : absent);
	req_set(r, "timezone", absent);
	req_set(r, "accept_terms", absent);
	return sql_row(r, get_sql, &old) ? r->rc : studio_save(r, &old);
}

static const struct route routes[] = { { "GET", "/user/profile", get_sql, ONE,
					   .about =
					       "The user and the business" },
	{ "PATCH", "/user/profile", get_sql, ONE, .flags = LAX,
	    .in = profile_in, .run = profile_patch,
	    .about = "Change what is given" },
	{ 0 } };

const struct resource user_profile = { "user_profile",
	"The user and the business behind the account", routes };
