/* step.c - what the steps share, and the first one: making an assistant. */
#include "assistant/body.h"
#include "assistant/step.h"
#include "base/conf.h"
#include "vault/vault.h"

#define MARGIN_MS 2000	 /* for our own part of an attempt */
#define SKEW_MS	  600000 /* clocks may differ by so much */

SQL load_sql[] =
    "SELECT id, vapi_id, name, body, wanted, status, line_id,"
    " created_at AS \"created_at:time\", tried_at AS \"tried_at:time\""
    " FROM my_assistant WHERE id = :id";
SQL made_sql[] =
    "UPDATE assistant SET vapi_id = :vapi_id, last_error = NULL,"
    " tried_at = NULL, status = CASE WHEN status = 'pending' THEN 'active'"
    " ELSE status END WHERE account_id = app_account() AND id = :id"
    " AND vapi_id IS NULL RETURNING name";
SQL never_sql[] =
    "DELETE FROM assistant WHERE account_id = app_account() AND id = :id"
    " AND vapi_id IS NULL";

int64_t
step_held_ms(void)
{
	return conf->peer_timeout_ms + MARGIN_MS;
}

int64_t
step_repair_at(void)
{
	int64_t wait = conf->repair_after_ms;

	return clock_now_ms() + (wait > step_held_ms() ? wait : step_held_ms());
}

enum rc
step_open(struct work *w, struct req *r, const char *id)
{
	const char *key;

	memset(w, 0, sizeof(*w));
	w->r = r;
	w->id = id;
	w->job = r->via == VIA_RUNNER;
	req_set(r, "id", val_text(id));
	if (vault_open(r, VAULT_VAPI_KEY, &key, NULL) ||
	    vault_open(r, VAULT_VAPI_WEBHOOK, &w->secret, NULL))
		return r->rc;
	if (key == NULL)
		return fail(r, E_CONFLICT,
		    "there is no Vapi key; save one in the Vapi settings");
	vapi_init(&w->vapi, r->arena, key, conf->peer_timeout_ms);
	return OK;
}

enum rc
step_find(struct work *w)
{
	return sql_find(w->r, load_sql, &w->row);
}

enum rc
step_waited(struct work *w)
{
	w->r->peer_us += w->vapi.spent_us;
	w->vapi.spent_us = 0;
	return w->r->rc;
}

enum rc
step_event(struct work *w, const char *kind, const char *name, const char *text)
{
	struct jout j;
	struct buf b;

	buf_init(&b, w->r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	jout_put_str(&j, name, text);
	jout_close(&j, '}');
	return event_put(w->r, kind, w->id, buf_text(&b));
}

enum rc
step_sweep_later(struct work *w)
{
	const char *since = arena_printf(w->r->arena, "{\"since\":%lld}",
	    (long long)row_int(&w->row, "created_at"));

	return job_put(w->r, SWEEP_JOB, w->id, since,
	    clock_now_ms() + step_held_ms());
}

/*
 * It exists at Vapi. When the row is gone or names another copy, some other
 * attempt was faster: this one is superfluous.
 */
static enum rc
made(struct work *w, const char *vapi_id)
{
	struct req *r = w->r;
	struct row row;

	req_set(r, "vapi_id", val_text(vapi_id));
	if (req_begin(r, DB_WRITE) || sql_find(r, made_sql, &row))
		return r->rc;
	if (row.count == 0) {
		if (step_sweep_later(w))
			return r->rc;
		return req_commit(r);
	}
	if (directory_put(r, DIRECTORY_ASSISTANT, vapi_id) ||
	    step_event(w, "assistant.created", "name",
		row_text(&row, "name")) ||
	    step_track(w) || step_voice(w) ||
	    (!w->job && job_put(r, SYNC_JOB, w->id, NULL, clock_now_ms())))
		return r->rc;
	return req_commit(r);
}

/* Vapi will not have it: nobody shall wait for it. */
static enum rc
never(struct work *w)
{
	struct req *r = w->r;

	if (req_begin(r, DB_WRITE) || sql_do(r, never_sql) ||
	    (!w->job && job_drop(r, SYNC_JOB, w->id)) ||
	    (w->job &&
		step_event(w, "assistant.refused", "message",
		    w->reply.message)))
		return r->rc;
	return req_commit(r);
}

enum rc
step_create(struct work *w)
{
	struct body_place at = { w->id, w->secret, false };
	const char *body = body_vapi(w->r, row_text(&w->row, "body"), &at);

	if (body == NULL)
		return fail(w->r, E_INTERNAL, "out of memory");
	vapi_create(&w->vapi, VAPI_ASSISTANT, body, &w->reply);
	if (w->reply.end == VAPI_GONE) /* not even the place is there */
		w->reply.end = VAPI_REFUSED;
	if (step_waited(w))
		return w->r->rc;
	switch (w->reply.end) {
	case VAPI_OK:
		return made(w, json_path_text(w->reply.json, "id"));
	case VAPI_KEY:
		return w->job ? OK : never(w);
	case VAPI_REFUSED:
		return never(w);
	default:
		return OK;
	}
}

void
step_list(struct work *w, const char *noun, int64_t since_ms)
{
	vapi_list(&w->vapi, noun, since_ms - SKEW_MS, &w->reply);
	(void)step_waited(w);
}

bool
step_is_copy(const struct work *w, const cJSON *item)
{
	return str_eq(json_path_text(item, "metadata.frontdesk_id"), w->id) &&
	    json_path_text(item, "id") != NULL;
}

enum rc
step_adopt(struct work *w, bool *found)
{
	const cJSON *item, *first = NULL;
	int copies = 0;

	*found = false;
	step_list(w, VAPI_ASSISTANT, row_int(&w->row, "created_at"));
	if (w->reply.end != VAPI_OK)
		return w->r->rc;
	cJSON_ArrayForEach(item, w->reply.json) if (step_is_copy(w, item) &&
	    copies++ == 0) first = item;
	if (first == NULL)
		return OK;
	*found = true;
	if (made(w, json_path_text(first, "id")) || copies == 1)
		return w->r->rc;
	if (req_begin(w->r, DB_WRITE) || step_sweep_later(w))
		return w->r->rc;
	return req_commit(w->r);
}

enum rc
step_fail(struct work *w)
{
	struct req *r = w->r;
	const char *said = w->reply.message;

	switch (w->reply.end) {
	case VAPI_KEY:
		return fail(r, E_CONFLICT,
		    "Vapi refuses the stored key; save "
		    "a valid one");
	case VAPI_GONE:
		return fail(r, E_CONFLICT,
		    "Vapi does not know this (any "
		    "more): %s",
		    said);
	case VAPI_REFUSED:
		return fail(r,
		    w->reply.status == 400 || w->reply.status == 422 ? E_INPUT :
								       E_PEER,
		    "Vapi refuses this: %s", said);
	default:
		return fail(r, w->reply.status == 409 ? E_CONFLICT : E_PEER,
		    "Vapi did not do this: %s", said);
	}
}
