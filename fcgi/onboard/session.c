/* session.c - onboarding sessions: started, filled in, completed. */
#include <string.h>

#include "analytics/track.h"
#include "onboard/industry.h"
#include "onboard/session.h"
#include "onboard/step.h"
#include "user/onboarding.h"

#define LIFE_MS (7 * INT64_C(86400000))

static const struct field recommendations_out[] = {
	{ "industryInsights", F_LIST },
	{ "suggestedOKRs", F_LIST },
	{ "teamStructureAdvice", F_LIST },
	{ "nextSteps", F_LIST },
	{ 0 },
};
static const struct field session_out[] = {
	{ "id", F_ID },
	{ "userId", F_ID },
	{ "status", F_TEXT },
	{ "currentStep", F_INT },
	{ "stepData", F_OBJECT },
	{ "aiRecommendations", F_OBJECT, .sub = recommendations_out,
	    .maybe = true },
	{ "completedAt", F_TIME, .maybe = true },
	{ "createdAt", F_TIME },
	{ "updatedAt", F_TIME },
	{ 0 },
};
static const struct field start_in[] = {
	{ "restart", F_BOOL, .about = "Give up the one under way" },
	{ "stepData", F_OBJECT, .sub = step_fields, .open = true },
	{ 0 },
};
static const struct field progress_in[] = {
	{ "sessionId", F_ID, .about = "The one under way by default" },
	{ "currentStep", F_INT, .min = 1, .max = STEP_END,
	    .about = "Only forward: 1 welcome, 2 company, 3 organization, "
		     "4 all answered" },
	{ "stepData", F_OBJECT, .sub = step_fields, .open = true,
	    .about = "What is given changes, null clears" },
	{ 0 },
};
static const struct field complete_in[] = {
	{ "sessionId", F_ID, .about = "The one under way by default" },
	{ "stepData", F_OBJECT, .sub = step_fields, .open = true },
	{ 0 },
};

#define COLUMNS_SQL \
	"id, user_id, status, current_step AS \"current_step:int\"," \
	" step_data AS \"step_data:json\"," \
	" ai_recommendations AS \"ai_recommendations:json\"," \
	" completed_at AS \"completed_at:time\"," \
	" expires_at AS \"expires_at:time\"," \
	" created_at AS \"created_at:time\"," \
	" updated_at AS \"updated_at:time\""

SQL find_sql[] = "SELECT " COLUMNS_SQL " FROM my_onboarding_session"
		 " WHERE user_id = :me AND id = :session_id";
SQL live_sql[] = "SELECT " COLUMNS_SQL " FROM my_onboarding_session"
		 " WHERE user_id = :me AND status = 'in_progress'";
SQL abandon_sql[] =
    "UPDATE onboarding_session SET status = 'abandoned', updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :session_id"
    " AND status = 'in_progress'";
SQL add_sql[] =
    "INSERT INTO onboarding_session (id, account_id, user_id, step_data,"
    " expires_at, created_at, updated_at) VALUES (:session_id, app_account(),"
    " :me, :step_data, :expires_at, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, user_id) WHERE status = 'in_progress'"
    " DO NOTHING RETURNING " COLUMNS_SQL;
SQL latest_sql[] = "SELECT " COLUMNS_SQL " FROM my_onboarding_session"
		   " WHERE user_id = :me AND status = 'completed'"
		   " ORDER BY completed_at DESC, id DESC LIMIT 1";
SQL save_sql[] = "UPDATE onboarding_session SET current_step = :current_step,"
		 " step_data = :step_data, updated_at = :now_ms"
		 " WHERE account_id = app_account() AND id = :session_id"
		 " RETURNING " COLUMNS_SQL;
SQL complete_sql[] =
    "UPDATE onboarding_session SET current_step = :current_step,"
    " step_data = :step_data, status = 'completed', completed_at = :now_ms,"
    " updated_at = :now_ms WHERE account_id = app_account()"
    " AND id = :session_id RETURNING " COLUMNS_SQL;
SQL advise_sql[] =
    "UPDATE onboarding_session SET ai_recommendations = :recommendations,"
    " updated_at = :now_ms WHERE account_id = app_account()"
    " AND id = :session_id AND status = 'in_progress'";
SQL drop_sql[] =
    "DELETE FROM onboarding_session WHERE account_id = app_account()"
    " AND id = :id AND user_id = :me";

static bool
expired(const struct req *r, const struct row *s)
{
	return str_eq(row_text(s, "status"), "in_progress") &&
	    row_int(s, "expires_at") <= r->now_ms;
}

/* In the shape of its own front end: what is not known is not there. */
static void
tell(struct req *r, const struct row *s)
{
	struct jout *j = &r->json_out;

	jout_open(j, '{');
	jout_put_str(j, "id", row_text(s, "id"));
	jout_put_str(j, "userId", row_text(s, "user_id"));
	jout_put_str(j, "status",
	    expired(r, s) ? "abandoned" : row_text(s, "status"));
	jout_put_int(j, "currentStep", row_int(s, "current_step"));
	jout_name(j, "stepData");
	jout_raw(j, row_text(s, "step_data"));
	if (row_text(s, "ai_recommendations") != NULL) {
		jout_name(j, "aiRecommendations");
		jout_raw(j, row_text(s, "ai_recommendations"));
	}
	if (row_val(s, "completed_at").type == VAL_INT)
		jout_put_time(j, "completedAt", row_int(s, "completed_at"));
	jout_put_time(j, "createdAt", row_int(s, "created_at"));
	jout_put_time(j, "updatedAt", row_int(s, "updated_at"));
	jout_close(j, '}');
}

enum rc
session_find(struct req *r, struct row *s)
{
	const char *id = req_text(r, "sessionId");

	req_set(r, "session_id", val_text(id));
	if (sql_find(r, id != NULL ? find_sql : live_sql, s))
		return r->rc;
	if (s->count == 0)
		return fail(r, E_MISSING,
		    id != NULL ?
			"there is no such onboarding session of yours" :
			"no onboarding is under way; start one with POST "
			"/api/onboarding/start");
	req_set(r, "session_id", row_val(s, "id"));
	return OK;
}

enum rc
session_live(struct req *r, const struct row *s)
{
	if (expired(r, s))
		return fail(r, E_CONFLICT,
		    "this onboarding session has expired; start a new one "
		    "with POST /api/onboarding/start");
	if (str_eq(row_text(s, "status"), "in_progress"))
		return OK;
	return fail(r, E_CONFLICT,
	    "this onboarding session is %s and cannot be changed; start a new "
	    "one with POST /api/onboarding/start",
	    row_text(s, "status"));
}

enum rc
session_advise(struct req *r, const char *recommendations)
{
	req_set(r, "recommendations", val_text(recommendations));
	return sql_do(r, advise_sql);
}

static enum rc
give_up(struct req *r, const struct row *s)
{
	req_set(r, "session_id", row_val(s, "id"));
	if (sql_do(r, abandon_sql))
		return r->rc;
	return event_put(r, "onboarding_session_abandoned", row_text(s, "id"),
	    NULL);
}

/* stepData over what is stored, bound as :step_data. */
static const char *
data_merge(struct req *r, const char *stored)
{
	const cJSON *given = json_get(r->json, "stepData");
	const cJSON *id = json_path(given, "company.industryId");
	const char *data = stored;

	if (cJSON_IsNumber(id) && industry_find(id->valueint) == NULL) {
		(void)fail_field(r, "stepData.company.industryId",
		    "must be the id of an industry of GET "
		    "/api/onboarding/industries");
		return NULL;
	}
	if (cJSON_IsObject(given))
		data = step_merge(r, stored, given);
	req_set(r, "step_data", val_text(data));
	return data;
}

/* --- start -----------------------------------------------------------------
 */

static enum rc
add(struct req *r)
{
	struct row s;

	req_set(r, "session_id", req_get(r, "new_id"));
	req_set(r, "expires_at", val_int(r->now_ms + LIFE_MS));
	if (data_merge(r, "{}") == NULL || sql_find(r, add_sql, &s))
		return r->rc;
	if (s.count > 0) {
		if (track_start(r, TRACK_SESSION, row_text(&s, "id")))
			return r->rc;
	} else { /* another window was faster */
		r->status = 200;
		if (sql_row(r, live_sql, &s))
			return r->rc;
	}
	tell(r, &s);
	return OK;
}

/* The one under way, if it still lives; else a new one. */
static enum rc
start(struct req *r)
{
	struct val restart = req_get(r, "restart");
	struct row s;

	if (sql_find(r, live_sql, &s))
		return r->rc;
	if (s.count == 0)
		return add(r);
	if (expired(r, &s) || (restart.type == VAL_INT && restart.i == 1))
		return give_up(r, &s) ? r->rc : add(r);
	r->status = 200;
	req_set(r, "session_id", row_val(&s, "id"));
	req_set(r, "current_step", row_val(&s, "current_step"));
	if (json_get(r->json, "stepData") != NULL &&
	    (data_merge(r, row_text(&s, "step_data")) == NULL ||
		sql_row(r, save_sql, &s)))
		return r->rc;
	tell(r, &s);
	return OK;
}

/* --- progress and completion ------------------------------------------------
 */

/* Bind what the session shall be at step `next`, and record what was passed. */
static enum rc
advance(struct req *r, const struct row *s, int next)
{
	int now = (int)row_int(s, "current_step");
	const char *data = data_merge(r, row_text(s, "step_data"));

	if (data == NULL || step_leave(r, data, next))
		return r->rc;
	req_set(r, "current_step", val_int(next));
	return step_events(r, data, now, next);
}

static enum rc
progress(struct req *r)
{
	struct val step = req_get(r, "currentStep");
	struct row s;
	int64_t now;

	if (session_find(r, &s) || session_live(r, &s))
		return r->rc;
	now = row_int(&s, "current_step");
	if (step.type != VAL_INT)
		step = val_int(now);
	if (step.i < now)
		return fail_field(r, "currentStep",
		    "cannot go back from %lld to %lld; leave it out to "
		    "correct earlier answers",
		    (long long)now, (long long)step.i);
	if (advance(r, &s, (int)step.i) || sql_row(r, save_sql, &s))
		return r->rc;
	tell(r, &s);
	return OK;
}

/* What was answered about the business is what the other routes tell of it. */
static enum rc
business(struct req *r, const char *data)
{
	const char *why, *name, *industry;
	const cJSON *all = json_parse(r->arena, data, strlen(data), &why);

	name = json_path_text(all, "company.name");
	industry = json_path_text(all, "company.industry");
	if (name == NULL || *name == '\0')
		return fail_field(r, "stepData.company.name",
		    "is missing: the onboarding is complete once your "
		    "business has a name");
	return onboarding_business(r, name, industry);
}

/* The first time wins; later ones are told it. */
static enum rc
complete(struct req *r)
{
	struct row s = { 0 };

	if (!req_has(r, "sessionId") && sql_find(r, live_sql, &s) == OK &&
	    s.count == 0 && sql_find(r, latest_sql, &s))
		return r->rc;
	if (s.count > 0)
		req_set(r, "sessionId", row_val(&s, "id"));
	if (session_find(r, &s))
		return r->rc;
	if (!str_eq(row_text(&s, "status"), "completed") &&
	    (session_live(r, &s) || advance(r, &s, STEP_END) ||
		business(r, req_text(r, "step_data")) ||
		sql_row(r, complete_sql, &s) || onboarding_complete(r, NULL)))
		return r->rc;
	tell(r, &s);
	return OK;
}

static enum rc
get(struct req *r)
{
	struct row s;

	req_set(r, "sessionId", req_get(r, "id"));
	if (session_find(r, &s))
		return r->rc;
	tell(r, &s);
	return OK;
}

static enum rc
drop(struct req *r)
{
	return sql_must(r, drop_sql);
}

static const struct route routes[] = {
	{ "POST", "/onboarding/start", .status = 201, .also = 200,
	    .flags = LAX | OPTIONAL, .in = start_in, .out = session_out,
	    .run = start,
	    .about = "Start an onboarding, or go on with the one under way" },
	{ "PUT", "/onboarding/progress", .flags = LAX, .in = progress_in,
	    .out = session_out, .run = progress,
	    .about = "Save answers and move on" },
	{ "POST", "/onboarding/complete", .flags = LAX | OPTIONAL,
	    .in = complete_in, .out = session_out, .run = complete,
	    .about = "The onboarding is done" },
	{ "GET", "/onboarding/session/:id", .out = session_out, .run = get,
	    .about = "One onboarding session" },
	{ "DELETE", "/onboarding/session/:id", .status = 204, .run = drop,
	    .about = "Forget it; only its owner may" },
	{ 0 },
};

const struct resource onboard_session = { "onboard_session",
	"The onboarding, step by step", routes };
