/* line.c - the line of an assistant at Vapi, and how both go. */
#include "assistant/step.h"
#include "base/conf.h"
#include "vault/vault.h"

SQL line_sql[] =
    "UPDATE assistant SET line_id = :line_id, line_uri = :line_uri"
    " WHERE account_id = app_account() AND id = :id AND status = 'active'"
    " RETURNING id";
SQL gone_sql[] =
    "DELETE FROM assistant WHERE account_id = app_account() AND id = :id"
    " RETURNING vapi_id";

/* Where Twilio hands calls over; no other row has this one. */
static const char *
uri_of(const struct work *w)
{
	return arena_printf(w->r->arena, "sip:fd-%s@%s", w->id,
	    conf->vapi_sip_host);
}

/* The line as Vapi has it, or NULL; w->reply.end tells whether it knows. */
static const cJSON *
line_find(struct work *w)
{
	const char *uri = uri_of(w);
	const cJSON *item;

	step_list(w, VAPI_PHONE, row_int(&w->row, "created_at"));
	if (w->reply.end == VAPI_OK)
		cJSON_ArrayForEach(item,
		    w->reply.json) if (str_eq(json_path_text(item, "sipUri"),
					   uri) &&
		    json_path_text(item, "id") != NULL) return item;
	return NULL;
}

/* A line that is there but leads elsewhere is led here; else a new one. */
static void
line_make(struct work *w, const cJSON *there)
{
	const char *to = row_text(&w->row, "vapi_id");
	struct jout j;
	struct buf b;

	if (str_eq(json_path_text(there, "assistantId"), to))
		return;
	buf_init(&b, w->r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	if (there == NULL) {
		jout_put_str(&j, "provider", "vapi");
		jout_put_str(&j, "sipUri", uri_of(w));
		jout_put_str(&j, "name", row_text(&w->row, "name"));
	}
	jout_put_str(&j, "assistantId", to);
	jout_close(&j, '}');
	if (there == NULL)
		vapi_create(&w->vapi, VAPI_PHONE, buf_text(&b), &w->reply);
	else
		vapi_patch(&w->vapi, VAPI_PHONE, json_path_text(there, "id"),
		    buf_text(&b), &w->reply);
	(void)step_waited(w);
}

/* Keep it in the row; a row that is being deleted has no use for it. */
static enum rc
line_save(struct work *w, const char *line_id)
{
	struct req *r = w->r;
	struct row row;

	req_set(r, "line_id", val_text(line_id));
	req_set(r, "line_uri", val_text(uri_of(w)));
	if (req_begin(r, DB_WRITE) || sql_find(r, line_sql, &row) ||
	    req_commit(r))
		return r->rc;
	if (row.count == 0) {
		vapi_delete(&w->vapi, VAPI_PHONE, line_id, &w->reply);
		return step_waited(w);
	}
	return OK;
}

enum rc
step_line(struct work *w)
{
	const cJSON *there = line_find(w);
	const char *line_id = json_path_text(there, "id");

	if (w->reply.end != VAPI_OK)
		return w->r->rc;
	line_make(w, there);
	if (w->reply.end != VAPI_OK)
		return w->r->rc;
	if (line_id == NULL)
		line_id = json_path_text(w->reply.json, "id");
	return line_save(w, line_id);
}

static bool
is_gone(const struct work *w)
{
	return w->reply.end == VAPI_OK || w->reply.end == VAPI_GONE;
}

enum rc
step_gone(struct work *w)
{
	struct req *r = w->r;
	const char *vapi_id;
	struct row row;

	if (req_begin(r, DB_WRITE) || sql_find(r, gone_sql, &row))
		return r->rc;
	vapi_id = row_text(&row, "vapi_id");
	if (row.count == 0)
		return req_commit(r);
	if (vapi_id != NULL ? directory_drop(r, DIRECTORY_ASSISTANT, vapi_id) :
			      step_sweep_later(w))
		return r->rc;
	if (step_event(w, "assistant.deleted", "vapi_id", vapi_id))
		return r->rc;
	if (!w->job && job_drop(r, SYNC_JOB, w->id))
		return r->rc;
	return req_commit(r);
}

/* The line first: nobody shall be led to an assistant that is gone. */
enum rc
step_delete(struct work *w)
{
	const char *line_id = row_text(&w->row, "line_id");

	if (line_id == NULL) {
		line_id = json_path_text(line_find(w), "id");
		if (w->reply.end != VAPI_OK)
			return w->r->rc;
	}
	if (line_id != NULL)
		vapi_delete(&w->vapi, VAPI_PHONE, line_id, &w->reply);
	w->line_gone = is_gone(w);
	if (w->line_gone)
		vapi_delete(&w->vapi, VAPI_ASSISTANT,
		    row_text(&w->row, "vapi_id"), &w->reply);
	if (step_waited(w))
		return w->r->rc;
	return is_gone(w) ? step_gone(w) : OK;
}
