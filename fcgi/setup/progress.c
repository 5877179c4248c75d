/* progress.c - how far the set-up wizard is, and saving its steps. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "analytics/track.h"
#include "setup/knowledge.h"
#include "setup/setup.h"
#include "user/onboarding.h"
#include "vault/vault.h"

#define STEPS 4

const struct field setup_out[] = {
	{ "progress", F_OBJECT,
	    .about = "The steps that are saved, which also "
		     "stand beside it" },
	{ "lastStep", F_TEXT },
	{ "completedAt", F_TIME, .about = "When all four steps were there" },
	{ "setup_last_step", F_TEXT },
	{ "setup_completed_at", F_TIME },
	{ "onboarding_completed_at", F_TIME },
	{ 0 },
};

/* First of all in a save: whoever saves next waits here, then sees it all. */
SQL touch_sql[] =
    "INSERT INTO setup (account_id, last_step, created_at, updated_at)"
    " VALUES (app_account(), :s_step, :now_ms, :now_ms)"
    " ON CONFLICT (account_id) DO UPDATE SET last_step = excluded.last_step,"
    " updated_at = :now_ms";
SQL save_sql[] =
    "INSERT INTO setup_step (account_id, step, data, completed_at,"
    " created_at, updated_at) VALUES (app_account(), :s_step, :s_data,"
    " :now_ms, :now_ms, :now_ms) ON CONFLICT (account_id, step) DO UPDATE SET"
    " data = excluded.data, completed_at = excluded.completed_at,"
    " updated_at = :now_ms";
SQL count_sql[] = "SELECT count(*) AS \"steps:int\" FROM my_setup_step";
SQL complete_sql[] =
    "UPDATE setup SET completed_at = :now_ms"
    " WHERE account_id = app_account() AND completed_at IS NULL"
    " RETURNING created_at AS \"created_at:int\"";
SQL read_sql[] = "SELECT data FROM my_setup_step WHERE step = :s_step";
SQL steps_sql[] =
    "SELECT step, data, completed_at AS \"completed_at:int\""
    " FROM my_setup_step ORDER BY CASE WHEN step = 'voice' THEN 1"
    " WHEN step = 'knowledge' THEN 2 WHEN step = 'integrations' THEN 3"
    " ELSE 4 END, step";
SQL state_sql[] = "SELECT last_step, completed_at FROM my_setup";
SQL clear_sql[] = "DELETE FROM setup_step WHERE account_id = app_account()";
SQL reset_sql[] = "UPDATE setup SET last_step = NULL, completed_at = NULL"
		  " WHERE account_id = app_account()";

enum rc
setup_mine(struct req *r)
{
	if (str_eq(req_text(r, "account_id"), r->account))
		return OK;
	return fail(r, E_MISSING, "there is no such account");
}

/* --- saving --------------------------------------------------------------- */

cJSON *
setup_data(struct req *r, const char *step)
{
	cJSON *only = r->json->child;

	if (r->body_len > SETUP_DATA_MAX) {
		r->status = 413;
		r->code = "too_large";
		(void)fail(r, E_INPUT,
		    "a step may have at most %d bytes, not %zu", SETUP_DATA_MAX,
		    r->body_len);
		return NULL;
	}
	if (only != NULL && only->next == NULL && cJSON_IsObject(only) &&
	    (str_eq(only->string, step) || str_eq(only->string, "data")))
		return only;
	return r->json;
}

/* Is it the name of something that opens doors? */
static bool
is_secret(struct arena *a, const char *name)
{
	static const char *const parts[] = { "password", "passwd", "secret",
		"token", "apikey", "api_key", "privatekey", "private_key" };
	const char *low = str_lower(a, name);
	size_t n = strlen(name);

	for (size_t i = 0; i < COUNT(parts) && low != NULL; i++)
		if (strstr(low, parts[i]) != NULL)
			return true;
	return low == NULL || str_eq(low, "pin") ||
	    (n > 3 &&
		(str_eq(name + n - 3, "Pin") || str_eq(name + n - 4, "_pin")));
}

/* Progress is shown to every member, so secrets become previews in it. */
static void
secrets_cover(struct req *r, cJSON *object)
{
	cJSON *m;

	cJSON_ArrayForEach(m, object)
	{
		if (cJSON_IsObject(m) || cJSON_IsArray(m))
			secrets_cover(r, m);
		else if (cJSON_IsString(m) && m->string != NULL &&
		    *m->valuestring != '\0' && is_secret(r->arena, m->string))
			m->valuestring = arena_str(r->arena,
			    vault_preview(r->arena, m->valuestring));
	}
}

/* The fourth step: the wizard is done, and with it the onboarding. */
static enum rc
complete(struct req *r)
{
	struct track t = { .name = "setup_completed",
		.flow = TRACK_SETUP,
		.run = r->account };
	struct row row;

	if (sql_row(r, count_sql, &row) || row_int(&row, "steps") < STEPS ||
	    sql_find(r, complete_sql, &row) || row.count == 0)
		return r->rc;
	t.cause = arena_printf(r->arena, "setup:%s:completed", r->account);
	t.data = arena_printf(r->arena, "{\"duration_seconds\":%lld}",
	    (long long)(r->now_ms - row_int(&row, "created_at")) / 1000);
	if (track_put(r, &t, NULL))
		return r->rc;
	return onboarding_complete(r, NULL);
}

enum rc
setup_save(struct req *r, const char *step, cJSON *data, bool skipped)
{
	struct track t = { .flow = TRACK_SETUP,
		.run = r->account,
		.step = step,
		.skipped = skipped };

	log_msg(LOG_INFO,
	    "[Setup API] POST %s: Saving %s progress for account %s", step,
	    step, r->account);
	secrets_cover(r, data);
	req_set(r, "s_step", val_text(step));
	req_set(r, "s_data", val_text(json_print(r->arena, data)));
	if (sql_do(r, touch_sql) || sql_do(r, save_sql) || track_step(r, &t) ||
	    complete(r) ||
	    job_put(r, arena_printf(r->arena, "/job/setup/%s", step),
		r->account, NULL, r->now_ms))
		return r->rc;
	r->said = "✓ Setup progress saved successfully";
	return OK;
}

enum rc
setup_read(struct req *r, const char *step, cJSON **data)
{
	const char *text, *why;
	struct row row;

	*data = NULL;
	req_set(r, "s_step", val_text(step));
	if (sql_find(r, read_sql, &row) || row.count == 0)
		return r->rc;
	text = row_text(&row, "data");
	*data = json_parse(r->arena, text, strlen(text), &why);
	return *data != NULL ? OK : fail(r, E_INTERNAL, "out of memory");
}

/* --- showing -------------------------------------------------------------- */

static void
steps_put(struct jout *j, const struct row *list)
{
	for (; list != NULL; list = list->next) {
		jout_name(j, row_text(list, "step"));
		jout_open(j, '{');
		jout_name(j, "data");
		jout_raw(j, row_text(list, "data"));
		jout_put_time(j, "completedAt", row_int(list, "completed_at"));
		jout_close(j, '}');
	}
}

static void
time_put(struct jout *j, const char *name, int64_t t_ms)
{
	jout_name(j, name);
	if (t_ms != 0)
		jout_time(j, t_ms);
	else
		jout_null(j);
}

/*
 * The steps stand at the top, and once more as "progress" beside lastStep and
 * completedAt, which is how the wizard's own hooks read them.
 */
enum rc
setup_tell(struct req *r, bool changed)
{
	struct jout *j = &r->json_out;
	struct row *list, state;
	int64_t done_ms;

	if (sql_rows(r, steps_sql, &list) || sql_find(r, state_sql, &state) ||
	    onboarding_when(r, &done_ms))
		return r->rc;
	jout_open(j, '{');
	if (changed)
		jout_put_bool(j, "success", true);
	steps_put(j, list);
	jout_put_str(j, "accountId", r->account);
	jout_name(j, "progress");
	jout_open(j, '{');
	steps_put(j, list);
	jout_close(j, '}');
	jout_put_str(j, "lastStep", row_text(&state, "last_step"));
	time_put(j, "completedAt", row_int(&state, "completed_at"));
	jout_put_str(j, "setup_last_step", row_text(&state, "last_step"));
	time_put(j, "setup_completed_at", row_int(&state, "completed_at"));
	time_put(j, "onboarding_completed_at", done_ms);
	jout_close(j, '}');
	return OK;
}

static enum rc
progress_get(struct req *r)
{
	return setup_mine(r) ? r->rc : setup_tell(r, false);
}

/* Start over: the steps go, and with them the files that were uploaded. */
static enum rc
progress_clear(struct req *r)
{
	if (setup_mine(r) || sql_do(r, clear_sql) || sql_do(r, reset_sql) ||
	    knowledge_clear(r))
		return r->rc;
	return setup_tell(r, true);
}

static const struct route routes[] = {
	{ "GET", "/setup/:account_id/progress", .out = setup_out,
	    .run = progress_get, .about = "The steps that are saved" },
	{ "DELETE", "/setup/:account_id/progress", .status = 200,
	    .out = setup_out, .run = progress_clear,
	    .about = "Forget all steps and files, and start over" },
	{ 0 },
};

const struct resource setup_progress = { "setup_progress",
	"How far the set-up wizard is", routes };
