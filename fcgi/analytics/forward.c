/*
 * forward.c - a job: what was recorded goes to PostHog or Mixpanel, or both.
 *
 * Sources: PostHog's page on its batch endpoint; Mixpanel's reference of
 * /track. Both drop what they have had already, by uuid and $insert_id, so a
 * batch whose answer was lost is sent again whole.
 */
#include "analytics/forward.h"
#include "analytics/track.h"
#include "base/conf.h"
#include "peer/fetch.h"
#include "safe/token.h"

#define BATCH	   50			   /* Mixpanel takes no more */
#define TOO_OLD_MS (INT64_C(5) * 86400000) /* it takes nothing older */

SQL next_sql[] =
    "SELECT id, user_id, name, data, happened_at AS \"happened_at:int\""
    " FROM my_track WHERE sent_at IS NULL ORDER BY id LIMIT 50";
SQL sent_sql[] = "UPDATE track SET sent_at = :now_ms"
		 " WHERE account_id = app_account() AND id = :t_id";

/* Somebody who is nobody in particular: the account. */
static const char *
who(const struct req *r, const struct row *e)
{
	const char *user = row_text(e, "user_id");

	return user != NULL ? user : r->account;
}

/* Members of the event's own properties, into an open object. */
static void
properties_put(struct req *r, struct jout *j, const struct row *e)
{
	const char *text = row_text(e, "data"), *why;
	const cJSON *m, *data = json_parse(r->arena, text, strlen(text), &why);

	cJSON_ArrayForEach(m, data)
	{
		jout_name(j, m->string);
		jout_raw(j, json_print(r->arena, m));
	}
}

/* {"api_key","batch":[{"event","uuid","timestamp","properties"}]} */
static const char *
posthog_body(struct req *r, const struct row *e)
{
	struct jout j;
	struct buf b;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, "api_key", conf->posthog_key);
	jout_name(&j, "batch");
	jout_open(&j, '[');
	for (; e != NULL; e = e->next) {
		jout_open(&j, '{');
		jout_put_str(&j, "event", row_text(e, "name"));
		jout_put_str(&j, "uuid", row_text(e, "id"));
		jout_put_time(&j, "timestamp", row_int(e, "happened_at"));
		jout_name(&j, "properties");
		jout_open(&j, '{');
		properties_put(r, &j, e);
		jout_put_str(&j, "distinct_id", who(r, e));
		jout_put_bool(&j, "$process_person_profile", false);
		jout_put_str(&j, "account", r->account);
		jout_close(&j, '}');
		jout_close(&j, '}');
	}
	jout_close(&j, ']');
	jout_close(&j, '}');
	return b.bad ? NULL : buf_text(&b);
}

/* data=[{"event","properties":{"token","time","$insert_id",…}}], base64 */
static const char *
mixpanel_body(struct req *r, const struct row *e, int *count)
{
	struct jout j;
	struct buf b;

	*count = 0;
	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '[');
	for (; e != NULL; e = e->next) {
		int64_t at = row_int(e, "happened_at");

		if (at < r->now_ms - TOO_OLD_MS)
			continue;
		jout_open(&j, '{');
		jout_put_str(&j, "event", row_text(e, "name"));
		jout_name(&j, "properties");
		jout_open(&j, '{');
		properties_put(r, &j, e);
		jout_put_str(&j, "token", conf->mixpanel_token);
		jout_put_str(&j, "distinct_id", who(r, e));
		jout_put_int(&j, "time", at / 1000);
		jout_put_str(&j, "$insert_id", row_text(e, "id"));
		jout_put_str(&j, "account", r->account);
		jout_close(&j, '}');
		jout_close(&j, '}');
		(*count)++;
	}
	jout_close(&j, ']');
	if (b.bad)
		return NULL;
	return arena_printf(r->arena, "data=%s",
	    http_escape(r->arena, token_base64(r->arena, b.data, b.len)));
}

/* Send; anything but success is a reason to come back. */
static enum rc
post(struct req *r, const char *where, struct fetch *f)
{
	struct fetch_reply reply;
	int64_t start = clock_tick_us();
	const char *why;
	const cJSON *status;

	if (f->body == NULL || f->url == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	f->method = "POST";
	f->body_len = strlen(f->body);
	f->timeout_ms = conf->peer_timeout_ms;
	fetch_call(r->arena, f, &reply);
	r->peer_us += clock_tick_us() - start;
	if (reply.end != FETCH_ANSWERED)
		return fail(r, E_PEER, "%s does not answer: %s", where,
		    reply.why);
	if (reply.status < 200 || reply.status > 299)
		return fail(r, E_PEER, "%s answered with HTTP status %d", where,
		    reply.status);
	status =
	    json_get(json_parse(r->arena, reply.body, reply.body_len, &why),
		"status");
	if (cJSON_IsNumber(status) && status->valuedouble < 0.5)
		return fail(r, E_PEER, "%s refused the events", where);
	return OK;
}

static enum rc
to_posthog(struct req *r, const struct row *list)
{
	struct fetch f = { .type = "application/json" };

	if (*conf->posthog_key == '\0')
		return OK;
	f.url = arena_printf(r->arena, "%s/batch/", conf->posthog_url);
	f.body = posthog_body(r, list);
	return post(r, "PostHog", &f);
}

static enum rc
to_mixpanel(struct req *r, const struct row *list)
{
	struct fetch f = { .type = "application/x-www-form-urlencoded" };
	int count;

	if (*conf->mixpanel_token == '\0')
		return OK;
	f.url = arena_printf(r->arena, "%s/track?ip=0&verbose=1",
	    conf->mixpanel_url);
	f.body = mixpanel_body(r, list, &count);
	return count > 0 ? post(r, "Mixpanel", &f) : OK;
}

/* Exactly these: another may have been written meanwhile with a lower id. */
static enum rc
sent(struct req *r, const struct row *list)
{
	if (req_begin(r, DB_WRITE))
		return r->rc;
	for (; list != NULL; list = list->next) {
		req_set(r, "t_id", row_val(list, "id"));
		if (sql_do(r, sent_sql))
			return r->rc;
	}
	return req_commit(r);
}

enum rc
track_forward(struct req *r)
{
	const struct row *e;
	struct row *list;
	int n;

	do {
		if (sql_rows(r, next_sql, &list) || list == NULL)
			return r->rc;
		for (n = 0, e = list; e != NULL; e = e->next)
			n++;
		if (to_posthog(r, list) || to_mixpanel(r, list) ||
		    sent(r, list))
			return r->rc;
	} while (n == BATCH);
	return OK;
}
