/* studio.c - what the assistant shall be like, its phone and its plan. */
#include "user/onboarding.h"
#include "user/opening.h"
#include "user/patch.h"
#include "vault/vault.h"

static const struct field studio_in[] = {
	{ "persona", .kind = F_ENUM, .set = "secretary|concierge|sdr|cs" },
	{ "job_to_be_done", .kind = F_TEXT, .max = 5000 },
	{ "languages", .kind = F_LIST, .max = 20, .about = "en, fr, he, …" },
	{ "tone", .kind = F_TEXT, .max = 200 },
	{ "guidelines", .kind = F_TEXT, .max = 20000 },
	{ "strategy", .kind = F_ENUM, .set = "attach|purchase" },
	{ "number", .kind = F_PHONE, .about = "The number people call" },
	{ "business_hours", .kind = F_TEXT, .max = 500,
	    .about = "As people write them: Mon-Fri 9-18" },
	{ "fallback_email", .kind = F_EMAIL },
	{ "calendar", .kind = F_ENUM, .set = "google|outlook|none" },
	{ "workspace_apps", .kind = F_LIST, .max = 50 },
	{ "crm", .kind = F_ENUM, .set = "hubspot|salesforce|none" },
	{ "plan", .kind = F_ENUM, .set = "free|pro|business" },
	{ "seats", .kind = F_INT, .min = 1, .max = 1000 },
	{ "transfer_number", .kind = F_PHONE,
	    .about = "Where callers reach a human" },
	{ "after_hours", .kind = F_ENUM, .set = "voicemail|assistant" },
	{ "slot_minutes", .kind = F_INT, .min = 5, .max = 480,
	    .about = "Usual length of an appointment" },
	{ 0 }
};

#define ALL \
	"persona|job_to_be_done|languages|tone|guidelines|strategy|" \
	"number|business_hours|fallback_email|calendar|workspace_apps|crm|" \
	"plan|seats|transfer_number|after_hours|slot_minutes"

SQL get_sql[] =
    "SELECT s.persona, s.job_to_be_done,"
    " coalesce(s.languages, '[]') AS \"languages:json\", s.tone,"
    " s.guidelines, s.strategy, s.number, s.business_hours,"
    " s.fallback_email, s.calendar,"
    " coalesce(s.workspace_apps, '[]') AS \"workspace_apps:json\", s.crm,"
    " coalesce(s.plan, 'free') AS \"plan\","
    " coalesce(s.seats, 1) AS \"seats:int\", s.transfer_number,"
    " coalesce(s.after_hours, 'voicemail') AS \"after_hours\","
    " coalesce(s.slot_minutes, 30) AS \"slot_minutes:int\","
    " s.business_hours_error FROM my_account a"
    " LEFT JOIN my_studio s ON s.account_id = a.account_id";
SQL add_sql[] = "INSERT INTO studio (account_id, created_at, updated_at)"
		" VALUES (app_account(), :now_ms, :now_ms)"
		" ON CONFLICT (account_id) DO NOTHING";

#define GIVEN(x) x " = CASE WHEN :has_" x " = 1 THEN :" x " ELSE " x " END, "
#define GIVEN_OR(x, y) \
	x " = CASE WHEN :has_" x " = 1 THEN coalesce(:" x ", " y ") ELSE " x \
	  " END, "

SQL save_sql[] = "UPDATE studio SET " GIVEN("persona") GIVEN(
    "job_to_be_done") GIVEN("languages") GIVEN("tone") GIVEN("guidelines")
    GIVEN("strategy") GIVEN("number") GIVEN("business_hours") GIVEN(
	"fallback_email") GIVEN("calendar") GIVEN("workspace_apps") GIVEN("crm")
	GIVEN_OR("plan", "'free'") GIVEN_OR("seats", "1") GIVEN(
	    "transfer_number") GIVEN_OR("after_hours",
	    "'voicemail'") GIVEN_OR("slot_minutes",
	    "30") "business_hours_error = :hours_error, updated_at = :now_ms"
		  " WHERE account_id = app_account()";

/* Write what was given; new business hours become rules of the book. */
static enum rc
studio_save(struct req *r, const struct row *old)
{
	const char *error = row_text(old, "business_hours_error");

	if (patch_changes(r, old, "business_hours") &&
	    opening_save(r, req_text(r, "business_hours"), &error))
		return r->rc;
	req_set(r, "hours_error", val_text(error));
	if (sql_do(r, add_sql) || sql_do(r, save_sql))
		return r->rc;
	if (!patch_changes_any(r, old, "number|languages|transfer_number"))
		return OK;
	return directory_numbers(r);
}

/* Steps of the onboarding, and what is filled in there. */
static const struct {
	const char *step;
	const char *names;
} steps[] = {
	{ "ava", "persona|job_to_be_done|tone|guidelines" },
	{ "telephony", "number|business_hours" },
	{ "integrations", "calendar|workspace_apps|crm" },
	{ "plan", "plan|seats" },
};

static enum rc
steps_note(struct req *r, const struct row *old)
{
	for (size_t i = 0; i < COUNT(steps); i++)
		if (patch_changes_any(r, old, steps[i].names) &&
		    onboarding_step(r, steps[i].step, false))
			return r->rc;
	return OK;
}

static enum rc
studio_patch(struct req *r)
{
	struct row old;

	patch_clean(r, studio_in);
	if (sql_row(r, get_sql, &old))
		return r->rc;
	if (patch_changes_any(r, &old, ALL) &&
	    (studio_save(r, &old) || steps_note(r, &old)))
		return r->rc;
	return sql_one(r, get_sql);
}

static const struct route routes[] = {
	{ "GET", "/user/studio-config", get_sql, ONE,
	    .about = "The configuration of the assistant" },
	{ "PATCH", "/user/studio-config", get_sql, ONE, .flags = LAX,
	    .in = studio_in, .run = studio_patch,
	    .about = "Change what is given" },
	{ 0 }
};

const struct resource user_studio = { "user_studio",
	"The assistant, its phone and its plan", routes };
