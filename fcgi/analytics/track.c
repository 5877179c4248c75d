/* track.c - what happens on the way of a new customer, each cause once. */
#include <string.h>

#include "analytics/track.h"
#include "base/conf.h"

const struct flow flows[] = {
	{ TRACK_ONBOARDING,
	    "profile|vapi|ava|twilio|telephony|integrations|assistant|plan|"
	    "done",
	    "onboarding_step_completed", "onboarding_step_skipped" },
	{ TRACK_SETUP, "voice|knowledge|integrations|phone",
	    "setup_step_completed", "setup_step_skipped" },
	{ TRACK_SESSION, "welcome|company|organization",
	    "session_step_completed", "session_step_skipped" },
	{ 0 },
};

/* Jobs act for nobody; then it is about who owns the account. */
SQL owner_sql[] = "SELECT user_id FROM membership WHERE account_id = :account"
		  " ORDER BY created_at, user_id LIMIT 1";
SQL put_sql[] =
    "INSERT INTO track (id, account_id, user_id, name, flow, run, step,"
    " skipped, cause, data, happened_at, created_at, updated_at)"
    " VALUES (:t_id, app_account(), :t_user, :t_name, :t_flow, :t_run,"
    " :t_step, :t_skipped, :t_cause, :t_data, :now_ms, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, cause) DO NOTHING RETURNING id";

const struct flow *
flow_find(const char *name)
{
	for (const struct flow *f = flows; f->name != NULL; f++)
		if (str_eq(f->name, name))
			return f;
	return NULL;
}

int
flow_step(const struct flow *f, const char *step)
{
	size_t len = strlen(step), n;
	int number = 1;

	for (const char *s = f->steps; *s != '\0'; number++) {
		n = strcspn(s, "|");
		if (n == len && memcmp(s, step, n) == 0)
			return number;
		s += n + (s[n] == '|');
	}
	return 0;
}

const char *
track_owner(struct req *r)
{
	struct row row;

	if (r->user != NULL)
		return r->user;
	req_set(r, "account", val_text(r->account));
	if (sql_find(r, owner_sql, &row) != OK || row.count == 0)
		return NULL;
	return row_text(&row, "user_id");
}

enum rc
track_put(struct req *r, const struct track *t, bool *fresh)
{
	struct row row;

	if (fresh != NULL)
		*fresh = false;
	(void)req_new_id(r, "t_id");
	req_set(r, "t_user", val_text(track_owner(r)));
	req_set(r, "t_name", val_text(t->name));
	req_set(r, "t_flow", val_text(t->flow));
	req_set(r, "t_run", val_text(t->run));
	req_set(r, "t_step", val_text(t->step));
	req_set(r, "t_skipped", val_int(t->skipped));
	req_set(r, "t_cause", val_text(t->cause));
	req_set(r, "t_data", val_text(t->data));
	if (r->rc != OK || sql_find(r, put_sql, &row) || row.count == 0)
		return r->rc;
	if (fresh != NULL)
		*fresh = true;
	if (*conf->posthog_key == '\0' && *conf->mixpanel_token == '\0')
		return OK;
	return job_put(r, TRACK_JOB, r->account, NULL, r->now_ms);
}

enum rc
track_start(struct req *r, const char *flow, const char *run)
{
	struct track t = { .flow = flow, .run = run };
	struct jout j;
	struct buf b;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "user_id", track_owner(r));
	jout_put_time(&j, "timestamp", r->now_ms);
	jout_close(&j, '}');
	t.name = arena_printf(r->arena, "%s_started", flow);
	t.cause = arena_printf(r->arena, "%s:%s:started", flow, run);
	t.data = buf_text(&b);
	return track_put(r, &t, NULL);
}

enum rc
track_step(struct req *r, const struct track *step)
{
	const struct flow *f = flow_find(step->flow);
	struct track t = *step;
	struct jout j;
	struct buf b;

	if (track_start(r, t.flow, t.run))
		return r->rc;
	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "step_id", t.step);
	jout_put_int(&j, "step_number", flow_step(f, t.step));
	if (!t.skipped)
		jout_put_bool(&j, "skipped", false);
	jout_close(&j, '}');
	t.name = t.skipped ? f->skipped : f->event;
	t.cause = arena_printf(r->arena, "%s:%s:%s:%s", t.flow, t.run, t.step,
	    t.skipped ? "skipped" : "done");
	t.data = buf_text(&b);
	return track_put(r, &t, NULL);
}
