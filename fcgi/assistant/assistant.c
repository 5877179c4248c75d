/* assistant.c - voice assistants, made at Vapi with the account's own key. */
#include "assistant/body.h"
#include "assistant/step.h"
#include "assistant/sync.h"
#include "safe/token.h"

#define BUSY_MS 30000 /* a change waits so long for its answer */

static const struct field voice_in[] = { { "provider", .kind = F_TEXT,
					     .need = true, .max = 40 },
	{ "voiceId", .kind = F_TEXT, .need = true, .max = 200 }, { 0 } };
static const struct field model_in[] = { { "provider", .kind = F_TEXT,
					     .need = true, .max = 40 },
	{ "model", .kind = F_TEXT, .need = true, .max = 100 },
	{ "temperature", .kind = F_REAL, .min = 0, .max = 2 }, { 0 } };
static const struct field add_in[] = { { "name", .kind = F_TEXT, .need = true,
					   .max = 40 },
	{ "instructions", .kind = F_TEXT, .need = true, .max = 50000,
	    .about = "The prompt" },
	{ "phoneNumber", .kind = F_PHONE, .about = "Kept here only" },
	{ "firstMessage", .kind = F_TEXT, .max = 2000 },
	{ "voice", .kind = F_OBJECT, .sub = voice_in },
	{ "model", .kind = F_OBJECT, .sub = model_in,
	    .about = "openai's gpt-4o-mini when absent" },
	{ "metadata", .kind = F_OBJECT }, { 0 } };

static const struct field voice_patch[] = { { "provider", .kind = F_TEXT,
						.max = 40 },
	{ "voiceId", .kind = F_TEXT, .max = 200 }, { 0 } };
static const struct field model_patch[] = { { "provider", .kind = F_TEXT,
						.max = 40 },
	{ "model", .kind = F_TEXT, .max = 100 },
	{ "temperature", .kind = F_REAL, .min = 0, .max = 2 }, { 0 } };
static const struct field patch_in[] = { { "name", .kind = F_TEXT, .max = 40 },
	{ "instructions", .kind = F_TEXT, .max = 50000 },
	{ "phoneNumber", .kind = F_PHONE },
	{ "firstMessage", .kind = F_TEXT, .max = 2000 },
	{ "voice", .kind = F_OBJECT, .sub = voice_patch },
	{ "model", .kind = F_OBJECT, .sub = model_patch },
	{ "metadata", .kind = F_OBJECT }, { 0 } };
static const struct field list_query[] = { { "limit", .kind = F_INT, .min = 1,
					       .max = 100 },
	{ "cursor", .kind = F_ID }, { 0 } };
static const struct field sweep_in[] = {
	{ "since", .kind = F_INT, .about = "ms since 1970" }, { 0 }
};
static const struct field nothing_in[] = {
	{ 0 },
};
static const struct field deleting_out[] = {
	{ "status", .kind = F_ENUM, .need = true, .set = "deleting" }, { 0 }
};

/* What shall be is shown; as long as Vapi may differ it is "pending". */
#define SHOW \
	"SELECT id, vapi_id AS \"vapiId\"," \
	" coalesce(wanted, body) ->> 'name' AS \"name\"," \
	" coalesce(wanted, body) ->> 'instructions' AS \"instructions\"," \
	" coalesce(wanted, body) ->> 'phoneNumber' AS \"phoneNumber\"," \
	" coalesce(wanted, body) ->> 'firstMessage' AS \"firstMessage\"," \
	" coalesce(wanted, body) ->> 'voice' AS \"voice:json\"," \
	" coalesce(wanted, body) ->> 'model' AS \"model:json\"," \
	" coalesce(wanted, body) ->> 'metadata' AS \"metadata:json\"," \
	" CASE WHEN status = 'active' AND wanted IS NOT NULL THEN 'pending'" \
	" ELSE status END AS \"status\", line_uri AS \"lineUri\"," \
	" created_at AS \"createdAt:time\", updated_at AS \"updatedAt:time\"" \
	" FROM my_assistant"

SQL list_sql[] = SHOW
    " WHERE (CAST(:cursor AS TEXT) IS NULL OR id < :cursor) ORDER BY id DESC"
    " LIMIT :limit";
SQL get_sql[] = SHOW " WHERE id = :id";
SQL added_sql[] = SHOW " WHERE id = :new_id";
SQL same_sql[] = "SELECT id FROM my_assistant WHERE fingerprint = :fingerprint"
		 " AND status = 'pending'";
SQL add_sql[] =
    "INSERT INTO assistant (id, account_id, name, body, fingerprint, status,"
    " tried_at, created_at, updated_at) VALUES (:new_id, app_account(),"
    " :name, :body, :fingerprint, 'pending', :tried_at, :now_ms, :now_ms)";
SQL want_sql[] = "UPDATE assistant SET wanted = :wanted, tried_at = :tried_at"
		 " WHERE account_id = app_account() AND id = :id";
SQL deleting_sql[] =
    "UPDATE assistant SET status = 'deleting', tried_at = :tried_at"
    " WHERE account_id = app_account() AND id = :id";
SQL restore_sql[] =
    "UPDATE assistant SET status = 'active', tried_at = NULL,"
    " line_id = CASE WHEN :line_gone = 1 THEN NULL ELSE line_id END,"
    " line_uri = CASE WHEN :line_gone = 1 THEN NULL ELSE line_uri END"
    " WHERE account_id = app_account() AND id = :id"
    " AND vapi_id IS NOT NULL";

/* Nobody knows yet what Vapi did; the runner will find out. */
static bool
is_open(const struct work *w)
{
	return w->reply.end == VAPI_UNKNOWN ||
	    (w->reply.end == VAPI_LATER && w->reply.status != 409);
}

/* A job for the case that this attempt does not come to its end. */
static enum rc
repair_put(struct req *r, const char *id)
{
	return job_put(r, SYNC_JOB, id, NULL, step_repair_at());
}

static void
mark_time(struct req *r)
{
	req_set(r, "tried_at", val_int(clock_now_ms()));
}

/* --- POST ----------------------------------------------------------------- */

/*
 * The row, before Vapi is asked. *again: the same payload is pending already
 * (a form sent twice, or again after a time-out), that row is the answer.
 */
static enum rc
add_row(struct req *r, const char *body, bool *again)
{
	struct row same;

	req_set(r, "body", val_text(body));
	req_set(r, "fingerprint", val_text(token_hash(r->arena, body)));
	mark_time(r);
	if (req_begin(r, DB_WRITE) || sql_find(r, same_sql, &same))
		return r->rc;
	*again = same.count > 0;
	if (*again)
		req_set(r, "new_id", row_val(&same, "id"));
	else if (sql_do(r, add_sql))
		return r->rc;
	if (repair_put(r, req_text(r, "new_id")))
		return r->rc;
	return req_commit(r);
}

static enum rc
add(struct req *r)
{
	const char *body = body_make(r, NULL);
	bool again = false;
	struct work w;

	if (body == NULL || step_open(&w, r, req_text(r, "new_id")) ||
	    add_row(r, body, &again))
		return r->rc;
	if (!again) {
		if (step_find(&w) || step_create(&w))
			return r->rc;
		if (w.reply.end != VAPI_OK && w.reply.end != VAPI_UNKNOWN &&
		    w.reply.end != VAPI_LATER)
			return step_fail(&w);
	}
	r->status = again || w.reply.end != VAPI_OK ? 202 : 201;
	return sql_one(r, added_sql);
}

/* --- PATCH ---------------------------------------------------------------- */

static enum rc
patch_allowed(struct work *w)
{
	const char *status = row_text(&w->row, "status");
	int64_t age = clock_now_ms() - row_int(&w->row, "tried_at");

	if (w->row.count == 0)
		return fail(w->r, E_MISSING, "there is no such assistant");
	if (!str_eq(status, "active"))
		return fail(w->r, E_CONFLICT,
		    "this assistant is %s; try "
		    "again shortly",
		    str_eq(status, "pending") ? "still being made" :
						"being deleted");
	if (row_text(&w->row, "wanted") != NULL && age < BUSY_MS)
		return fail(w->r, E_CONFLICT,
		    "another change is under way; "
		    "try again shortly");
	return OK;
}

/* Write down what shall be; *wanted NULL: it is so already. */
static enum rc
patch_row(struct work *w, const char **wanted)
{
	struct req *r = w->r;
	const char *old;

	if (req_begin(r, DB_WRITE) || step_find(w) || patch_allowed(w))
		return r->rc;
	old = row_text(&w->row, "wanted");
	*wanted = body_make(r, old != NULL ? old : row_text(&w->row, "body"));
	if (*wanted == NULL)
		return r->rc;
	if (old == NULL && str_eq(*wanted, row_text(&w->row, "body"))) {
		*wanted = NULL;
		return req_commit(r);
	}
	req_set(r, "wanted", val_text(*wanted));
	mark_time(r);
	if (sql_do(r, want_sql) || repair_put(r, w->id))
		return r->rc;
	return req_commit(r);
}

static enum rc
patch(struct req *r)
{
	const char *wanted = NULL;
	struct work w;

	if (step_open(&w, r, req_text(r, "id")) || patch_row(&w, &wanted))
		return r->rc;
	if (wanted != NULL) {
		if (step_push(&w, wanted))
			return r->rc;
		if (w.reply.end == VAPI_UNKNOWN || w.reply.end == VAPI_LATER)
			r->status = 202;
		else if (w.reply.end != VAPI_OK)
			return step_fail(&w);
	}
	return sql_one(r, get_sql);
}

/* --- DELETE --------------------------------------------------------------- */

static enum rc
delete_row(struct work *w)
{
	struct req *r = w->r;

	mark_time(r);
	if (req_begin(r, DB_WRITE) || step_find(w))
		return r->rc;
	if (w->row.count == 0)
		return fail(r, E_MISSING, "there is no such assistant");
	if (sql_do(r, deleting_sql) || repair_put(r, w->id))
		return r->rc;
	return req_commit(r);
}

/* Vapi will not delete it: it lives on, and gets its line back. */
static enum rc
restore(struct work *w)
{
	struct req *r = w->r;

	req_set(r, "line_gone", val_int(w->line_gone));
	if (req_begin(r, DB_WRITE) || sql_do(r, restore_sql) ||
	    job_put(r, SYNC_JOB, w->id, NULL, clock_now_ms()) || req_commit(r))
		return r->rc;
	return step_fail(w);
}

/* One that is still being made is the runner's to remove. */
static enum rc
drop(struct req *r)
{
	bool here;
	struct work w;

	if (step_open(&w, r, req_text(r, "id")) || delete_row(&w))
		return r->rc;
	here = row_text(&w.row, "vapi_id") != NULL;
	if (here && step_delete(&w))
		return r->rc;
	if (!here || is_open(&w)) {
		r->status = 202;
		jout_open(&r->json_out, '{');
		jout_put_str(&r->json_out, "status", "deleting");
		jout_close(&r->json_out, '}');
		return OK;
	}
	if (w.reply.end != VAPI_OK && w.reply.end != VAPI_GONE)
		return restore(&w);
	return OK;
}

static const struct route routes[] = {
	{ "GET", "/assistants", list_sql, MANY, .query = list_query,
	    .about = "All assistants, newest first" },
	{ "POST", "/assistants", added_sql, ONE, 201, .also = 202, .pool = WAIT,
	    .tx = TX_OWN, .flags = LAX, .in = add_in, .run = add,
	    .about = "Make one here and at Vapi; 202: pending" },
	{ "GET", "/assistants/:id", get_sql, ONE, .about = "One assistant" },
	{ "PATCH", "/assistants/:id", get_sql, ONE, .also = 202, .pool = WAIT,
	    .tx = TX_OWN, .flags = LAX, .in = patch_in, .run = patch,
	    .about = "Change one; 202: Vapi will follow" },
	{ "DELETE", "/assistants/:id", .status = 204, .also = 202, .pool = WAIT,
	    .tx = TX_OWN, .out = deleting_out, .run = drop,
	    .about = "Remove one here and at Vapi; 202: will be removed" },
	{ "JOB", SYNC_JOB, .who = RUNNER, .tx = TX_OWN, .in = nothing_in,
	    .run = sync_run, .about = "Bring Vapi up to date" },
	{ "JOB", SWEEP_JOB, .who = RUNNER, .tx = TX_OWN, .in = sweep_in,
	    .run = sweep_run, .about = "Remove what was made twice" },
	{ 0 }
};

const struct resource assistant = { "assistant", "Voice assistants at Vapi",
	routes };
