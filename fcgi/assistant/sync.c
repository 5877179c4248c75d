/* sync.c - the runner's part: what requests left between us and Vapi. */
#include "assistant/assistant.h"
#include "assistant/step.h"
#include "assistant/sync.h"

SQL claim_sql[] =
    "UPDATE assistant SET tried_at = :tried_at"
    " WHERE account_id = app_account() AND id = :id"
    " AND (tried_at IS NULL OR tried_at <= :held_since) RETURNING id";
SQL release_sql[] =
    "UPDATE assistant SET tried_at = NULL, last_error = :message"
    " WHERE account_id = app_account() AND id = :id"
    " AND tried_at = :tried_at";
SQL any_sql[] = "SELECT id FROM my_assistant ORDER BY id LIMIT 1";
SQL want_all_sql[] =
    "UPDATE assistant SET wanted = body WHERE account_id = app_account()"
    " AND status = 'active' AND wanted IS NULL";
SQL unsettled_sql[] = "SELECT id FROM my_assistant WHERE status <> 'active'"
		      " OR wanted IS NOT NULL OR line_id IS NULL ORDER BY id";

enum rc
assistant_any(struct req *r, bool *any)
{
	struct row row;

	*any = sql_find(r, any_sql, &row) == OK && row.count > 0;
	return r->rc;
}

enum rc
assistant_push_all(struct req *r, bool bodies)
{
	struct row *list;

	if ((bodies && sql_do(r, want_all_sql)) ||
	    sql_rows(r, unsettled_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next)
		if (job_put(r, SYNC_JOB, row_text(list, "id"), NULL, r->now_ms))
			return r->rc;
	return OK;
}

/* Let nobody else try for a while; false when somebody does already. */
static enum rc
claim(struct work *w, bool *ours)
{
	struct req *r = w->r;
	int64_t now = clock_now_ms();
	struct row row;

	req_set(r, "tried_at", val_int(now));
	req_set(r, "held_since", val_int(now - step_held_ms()));
	if (req_begin(r, DB_WRITE) || sql_find(r, claim_sql, &row) ||
	    req_commit(r))
		return r->rc;
	*ours = row.count > 0;
	return *ours ? step_find(w) : OK;
}

/*
 * Nothing of this attempt is under way any more. With an unknown end that is
 * not so sure: then the claim stays and runs out by itself, unless it was
 * about the line, which cannot be made twice.
 */
static enum rc
release(struct work *w)
{
	struct req *r = w->r;

	if (w->reply.end == VAPI_UNKNOWN &&
	    (row_text(&w->row, "vapi_id") == NULL ||
		row_text(&w->row, "wanted") != NULL))
		return OK;
	req_set(r, "message", val_text(w->reply.message));
	if (req_begin(r, DB_WRITE) || sql_do(r, release_sql))
		return r->rc;
	return req_commit(r);
}

/* An earlier attempt may have come through; only if not, try again. */
static enum rc
sync_pending(struct work *w)
{
	bool found;

	if (step_adopt(w, &found) || w->reply.end != VAPI_OK || found)
		return w->r->rc;
	if (req_begin(w->r, DB_WRITE) || step_sweep_later(w) ||
	    req_commit(w->r))
		return w->r->rc;
	return step_create(w);
}

/* A refusal that the step has dealt with is no reason to try again. */
static bool
went_on(struct work *w)
{
	if (w->reply.end == VAPI_REFUSED)
		w->reply.end = VAPI_OK;
	return w->r->rc == OK && w->reply.end == VAPI_OK;
}

static enum rc
sync_active(struct work *w)
{
	const char *wanted = row_text(&w->row, "wanted");

	if (wanted != NULL && (step_push(w, wanted) || !went_on(w)))
		return w->r->rc;
	if (row_text(&w->row, "line_id") != NULL)
		return OK;
	return step_line(w);
}

static enum rc
sync_deleting(struct work *w)
{
	if (row_text(&w->row, "vapi_id") == NULL)
		return step_gone(w);
	if (step_delete(w) == OK && w->reply.end == VAPI_GONE)
		w->reply.end = VAPI_OK;
	return w->r->rc;
}

static enum rc
sync_steps(struct work *w)
{
	if (str_eq(row_text(&w->row, "status"), "deleting"))
		return sync_deleting(w);
	if (row_text(&w->row, "vapi_id") == NULL) {
		if (sync_pending(w) || !went_on(w) || step_find(w))
			return w->r->rc;
	}
	if (w->row.count > 0 && str_eq(row_text(&w->row, "status"), "active"))
		return sync_active(w);
	return OK;
}

static bool
is_settled(const struct row *row)
{
	return str_eq(row_text(row, "status"), "active") &&
	    row_text(row, "wanted") == NULL && row_text(row, "line_id") != NULL;
}

enum rc
sync_run(struct req *r)
{
	bool ours = false;
	struct work w;

	if (step_open(&w, r, req_text(r, "ref")) || step_find(&w))
		return r->rc;
	if (w.row.count == 0 || is_settled(&w.row))
		return OK;
	if (claim(&w, &ours))
		return r->rc;
	if (!ours)
		return fail(r, E_BUSY, "another attempt is under way");
	if (w.row.count == 0)
		return OK;
	if (sync_steps(&w) || release(&w))
		return r->rc;
	return w.reply.end == VAPI_OK ? OK : step_fail(&w);
}

/* --- what was made twice -------------------------------------------------- */

/* Remove all copies but the one that the row names. */
static enum rc
sweep(struct work *w, const cJSON *list)
{
	const char *keep = row_text(&w->row, "vapi_id");
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		const char *id = json_path_text(item, "id");

		if (!step_is_copy(w, item) || str_eq(id, keep))
			continue;
		vapi_delete(&w->vapi, VAPI_ASSISTANT, id, &w->reply);
		if (step_waited(w) ||
		    (w->reply.end != VAPI_OK && w->reply.end != VAPI_GONE))
			return step_fail(w);
	}
	return OK;
}

enum rc
sweep_run(struct req *r)
{
	struct val since = req_get(r, "since");
	struct work w;

	if (step_open(&w, r, req_text(r, "ref")) || step_find(&w))
		return r->rc;
	if (w.row.count > 0 && row_text(&w.row, "vapi_id") == NULL)
		return fail(r, E_BUSY, "it is not made yet");
	step_list(&w, VAPI_ASSISTANT, since.i);
	if (w.reply.end != VAPI_OK)
		return step_fail(&w);
	return sweep(&w, w.reply.json);
}
