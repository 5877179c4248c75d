/* push.c - sending a changed assistant to Vapi. */
#include "assistant/body.h"
#include "assistant/step.h"

SQL settle_sql[] =
    "UPDATE assistant SET body = :pushed, name = :pushed_name, wanted = NULL,"
    " last_error = NULL, tried_at = NULL WHERE account_id = app_account()"
    " AND id = :id AND wanted = :pushed";
SQL unwant_sql[] =
    "UPDATE assistant SET wanted = NULL, last_error = :message,"
    " tried_at = NULL WHERE account_id = app_account() AND id = :id"
    " AND wanted = :pushed";

static enum rc
push_taken(struct work *w, const char *wanted)
{
	struct req *r = w->r;
	const char *why, *name;

	name =
	    json_path_text(json_parse(r->arena, wanted, strlen(wanted), &why),
		"name");
	req_set(r, "pushed", val_text(wanted));
	req_set(r, "pushed_name", val_text(name));
	if (req_begin(r, DB_WRITE) || sql_do(r, settle_sql) ||
	    step_event(w, "assistant.updated", "name", name))
		return r->rc;
	return req_commit(r);
}

/* Vapi will not have it; a request is told so, else an event says it. */
static enum rc
push_refused(struct work *w, const char *wanted)
{
	struct req *r = w->r;

	req_set(r, "pushed", val_text(wanted));
	req_set(r, "message", val_text(w->reply.message));
	if (req_begin(r, DB_WRITE) || sql_do(r, unwant_sql) ||
	    (w->job &&
		step_event(w, "assistant.refused", "message",
		    w->reply.message)))
		return r->rc;
	return req_commit(r);
}

enum rc
step_push(struct work *w, const char *wanted)
{
	struct body_place at = { w->id, w->secret, true };
	const char *body = body_vapi(w->r, wanted, &at);

	if (body == NULL)
		return fail(w->r, E_INTERNAL, "out of memory");
	vapi_patch(&w->vapi, VAPI_ASSISTANT, row_text(&w->row, "vapi_id"), body,
	    &w->reply);
	if (step_waited(w))
		return w->r->rc;
	switch (w->reply.end) {
	case VAPI_OK:
		return push_taken(w, wanted);
	case VAPI_KEY:
		return w->job ? OK : push_refused(w, wanted);
	case VAPI_REFUSED:
	case VAPI_GONE:
		return push_refused(w, wanted);
	default:
		return OK;
	}
}
