/* work.c - what the steps of the outbox end with. */
#include "base/conf.h"
#include "job/circuit.h"
#include "phone/sms.h"
#include "pms/mirror.h"
#include "pms/sync.h"
#include "pms/write.h"
#include "staff/task.h"

SQL sending_sql[] =
    "UPDATE pms_writeback SET state = 'sending', stage = :w_stage,"
    " tries = tries + 1, tried_at = :w_now, updated_at = :w_now"
    " WHERE account_id = app_account() AND id = :w_id"
    " AND state IN ('queued', 'sending') RETURNING id";
/* A move or a cancellation may be asked for meanwhile, but not in between. */
SQL state_sql[] =
    "UPDATE pms_writeback SET state = :w_state, last_error = :w_error,"
    " remote_id = COALESCE(:w_remote, remote_id),"
    " ext_id = COALESCE(:w_ext, ext_id), polls = :w_polls, tries = :w_tries,"
    " done_at = :w_done, updated_at = :w_now"
    " WHERE account_id = app_account() AND id = :w_id"
    " AND state IN ('queued', 'sending', 'sent')";
SQL free_sql[] = "UPDATE pms_appointment SET appointment_id = NULL, busy = CASE"
		 " WHEN state IN ('cancelled', 'no_show') THEN 0 ELSE 1 END"
		 " WHERE account_id = app_account() AND ext_id = :w_ext";

static enum rc
mark(struct work *w, const struct work_mark *m)
{
	struct req *r = w->r;
	bool over = str_in("done|conflict|dropped", m->state);

	req_set(r, "w_now", val_int(clock_now_ms()));
	req_set(r, "w_state", val_text(m->state));
	req_set(r, "w_remote", val_text(m->remote));
	req_set(r, "w_ext", val_text(m->ext));
	req_set(r, "w_error", val_text(m->error));
	req_set(r, "w_polls", val_int(m->polls));
	req_set(r, "w_tries", val_int(m->tries));
	req_set(r, "w_done", over ? val_int(clock_now_ms()) : val_null());
	return sql_do(r, state_sql);
}

static enum rc
again(struct work *w, int64_t at_ms)
{
	return job_put(w->r, PMS_WRITE_JOB, row_text(&w->row, "id"), NULL,
	    at_ms);
}

enum rc
work_put(struct work *w, const struct work_mark *m, int64_t at_ms)
{
	if (req_begin(w->r, DB_WRITE) || mark(w, m) ||
	    (w->pms.own != NULL &&
		circuit_tell(w->r, w->pms.system->name, NULL)) ||
	    (at_ms > 0 && again(w, at_ms)))
		return w->r->rc;
	return req_commit(w->r);
}

enum rc
work_again(struct work *w, int64_t at_ms)
{
	if (req_begin(w->r, DB_WRITE) || again(w, at_ms))
		return w->r->rc;
	return req_commit(w->r);
}

enum rc
work_sending(struct work *w, const char *stage, bool *ours)
{
	struct req *r = w->r;
	struct row row;

	req_set(r, "w_stage", val_text(stage));
	req_set(r, "w_now", val_int(clock_now_ms()));
	if (req_begin(r, DB_WRITE) || sql_find(r, sending_sql, &row) ||
	    req_commit(r))
		return r->rc;
	*ours = row.count > 0;
	return OK;
}

int64_t
work_settle_at(void)
{
	return clock_now_ms() + conf->repair_after_ms;
}

/* Nothing came of it. With new credentials it is tried again at once. */
static enum rc
failed(struct work *w, int64_t *at_ms)
{
	bool same;

	if (pms_same(&w->pms, &same))
		return w->r->rc;
	if (same)
		return sync_failed(&w->pms, at_ms);
	*at_ms = clock_now_ms();
	return OK;
}

enum rc
work_sent(struct work *w, const char *remote_id)
{
	int64_t tries = row_int(&w->row, "tries") + 1, at_ms;
	struct work_mark m = { "queued", .error = w->pms.said.why,
		.tries = tries };
	struct req *r = w->r;

	if (r->rc != OK)
		return r->rc;
	if (w->pms.said.end == PMS_REFUSED)
		return work_conflict(w, w->pms.said.why);
	if (w->pms.said.end == PMS_OK)
		m = (struct work_mark) { "sent", .remote = remote_id,
			.tries = tries };
	else if (w->pms.said.end == PMS_UNKNOWN)
		m.state = "sending";
	if (req_begin(r, DB_WRITE) || mark(w, &m))
		return r->rc;
	at_ms = clock_now_ms() + conf->pms_poll_ms;
	if (w->pms.said.end == PMS_OK) {
		if (circuit_tell(r, w->pms.system->name, NULL))
			return r->rc;
	} else if (failed(w, &at_ms))
		return r->rc;
	if (w->pms.said.end == PMS_UNKNOWN)
		at_ms = work_settle_at();
	if (again(w, at_ms))
		return r->rc;
	return req_commit(r);
}

enum rc
work_later(struct work *w)
{
	struct work_mark m = { row_text(&w->row, "state"),
		.error = w->pms.said.why, .polls = row_int(&w->row, "polls"),
		.tries = row_int(&w->row, "tries") + 1 };
	int64_t at_ms = clock_now_ms() + conf->pms_poll_ms;
	struct req *r = w->r;

	if (r->rc != OK || req_begin(r, DB_WRITE) || mark(w, &m))
		return r->rc;
	if (w->pms.said.end != PMS_OK && failed(w, &at_ms))
		return r->rc;
	if (again(w, at_ms))
		return r->rc;
	return req_commit(r);
}

/* In the words of the staff: whom to call about what. */
static const char *
story(struct work *w, const char *why)
{
	static const char *const verbs[] = { "book", "was not entered",
		"cancel", "was not cancelled", "move", "was not moved" };
	const char *what = "was not told";

	for (size_t i = 0; i < COUNT(verbs); i += 2)
		if (str_eq(row_text(&w->row, "verb"), verbs[i]))
			what = verbs[i + 1];
	return arena_printf(w->r->arena,
	    "The appointment of %s (%s) on %s at %s %s in the practice's "
	    "system: %s. Enter it there, or call back",
	    w->wish.name, w->wish.phone != NULL ? w->wish.phone : "no number",
	    pms_date(&w->pms, w->wish.starts_ms),
	    pms_time(&w->pms, w->wish.starts_ms), what,
	    why != NULL ? why : "no reason was given");
}

enum rc
work_conflict(struct work *w, const char *why)
{
	struct work_mark m = { "conflict", .error = why,
		.polls = row_int(&w->row, "polls"),
		.tries = row_int(&w->row, "tries") };
	const char *id = row_text(&w->row, "id");
	struct req *r = w->r;

	if (r->rc != OK || req_begin(r, DB_WRITE) || mark(w, &m) ||
	    staff_task_put(r, "pms.writeback", row_text(&w->row, "root"),
		story(w, why)) ||
	    event_put(r, "pms.conflict", row_text(&w->row, "appointment_id"),
		NULL) ||
	    sms_trouble(r, row_text(&w->row, "appointment_id")))
		return r->rc;
	/* what is there still takes its time there */
	req_set(r, "w_ext", val_text(w->wish.id));
	if (!str_eq(row_text(&w->row, "verb"), "book") && w->wish.id != NULL &&
	    sql_do(r, free_sql))
		return r->rc;
	log_msg(LOG_WARN, "writeback %s is for staff to settle", id);
	return req_commit(r);
}

enum rc
work_finish(struct work *w)
{
	const char *ext = w->found ? w->visit.id : w->wish.id;
	struct work_mark m = { "done", .ext = ext,
		.polls = row_int(&w->row, "polls"),
		.tries = row_int(&w->row, "tries") };
	struct req *r = w->r;

	if (req_begin(r, DB_WRITE) || mark(w, &m) ||
	    circuit_tell(r, w->pms.system->name, NULL) ||
	    event_put(r, "pms.written", row_text(&w->row, "appointment_id"),
		NULL))
		return r->rc;
	if (w->found &&
	    mirror_visit(&w->pms, &w->visit, row_int(&w->pms.link, "pass_at")))
		return r->rc;
	if (ext != NULL &&
	    mirror_link(&w->pms, row_text(&w->row, "appointment_id"),
		str_eq(row_text(&w->row, "verb"), "move") ?
		    row_text(&w->row, "root") :
		    NULL,
		ext))
		return r->rc;
	return req_commit(r);
}
