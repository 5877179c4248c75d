/* write.c - the job that tells a practice's system of one change. */
#include <string.h>

#include "base/conf.h"
#include "job/circuit.h"
#include "pms/mirror.h"
#include "pms/sync.h"
#include "pms/write.h"
#include "staff/task.h"

#define TURN_MS	 1000 /* until it is looked whether it is its turn */
#define LOOK_MAX 10   /* pages of a day */

SQL load_sql[] =
    "SELECT w.id, w.appointment_id, w.root, w.provider, w.verb, w.state,"
    " w.stage, w.patient_ext, w.remote_id, w.tries, w.polls, w.tried_at,"
    " COALESCE(w.ext_id, (SELECT m.ext_id FROM my_pms_appointment m"
    " WHERE m.appointment_id = w.appointment_id ORDER BY m.id LIMIT 1),"
    " (SELECT e.ext_id FROM my_pms_writeback e WHERE e.root = w.root"
    " AND e.state = 'done' AND e.ext_id IS NOT NULL"
    " ORDER BY e.id DESC LIMIT 1)) AS ext_id,"
    " (SELECT b.patient_ext FROM my_pms_writeback b WHERE b.root = w.root"
    " AND b.patient_ext IS NOT NULL ORDER BY b.id LIMIT 1) AS root_patient,"
    " (SELECT o.id FROM my_pms_writeback o WHERE o.root = w.root"
    " AND o.id < w.id AND o.state IN ('queued', 'sending', 'sent')"
    " ORDER BY o.id LIMIT 1) AS before_id,"
    " (SELECT v.ext_id FROM my_pms_provider v"
    " WHERE v.resource_id = a.resource_id AND v.active = 1"
    " ORDER BY v.id LIMIT 1) AS doctor,"
    " a.name, a.phone, a.reason, a.starts_at, a.ends_at, a.status"
    " FROM my_pms_writeback w JOIN my_appointment a"
    " ON a.id = w.appointment_id WHERE w.id = :w_id";
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

/* --- what steps end with ---------------------------------------------------
 */

/* How the row shall be; what is not said stays. */
struct mark {
	const char *state;
	const char *remote;
	const char *ext;
	const char *error;
	int64_t polls;
	int64_t tries;
};

static enum rc
mark(struct work *w, const struct mark *m)
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

/* Nobody knows what came of it: look, when it has had time to appear. */
static int64_t
settle_at(void)
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
	struct mark m = { "queued", .error = w->pms.said.why, .tries = tries };
	struct req *r = w->r;

	if (r->rc != OK)
		return r->rc;
	if (w->pms.said.end == PMS_REFUSED)
		return work_conflict(w, w->pms.said.why);
	if (w->pms.said.end == PMS_OK)
		m = (struct mark) { "sent", .remote = remote_id,
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
		at_ms = settle_at();
	if (again(w, at_ms))
		return r->rc;
	return req_commit(r);
}

enum rc
work_later(struct work *w)
{
	struct mark m = { row_text(&w->row, "state"), .error = w->pms.said.why,
		.polls = row_int(&w->row, "polls"),
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
	struct mark m = { "conflict", .error = why,
		.polls = row_int(&w->row, "polls"),
		.tries = row_int(&w->row, "tries") };
	const char *id = row_text(&w->row, "id");
	struct req *r = w->r;

	if (r->rc != OK || req_begin(r, DB_WRITE) || mark(w, &m) ||
	    staff_task_put(r, "pms.writeback", row_text(&w->row, "root"),
		story(w, why)) ||
	    event_put(r, "pms.conflict", row_text(&w->row, "appointment_id"),
		NULL))
		return r->rc;
	/* what is there still takes its time there */
	req_set(r, "w_ext", val_text(w->wish.id));
	if (!str_eq(row_text(&w->row, "verb"), "book") && w->wish.id != NULL &&
	    sql_do(r, free_sql))
		return r->rc;
	log_msg(LOG_WARN, "writeback %s is for staff to settle", id);
	return req_commit(r);
}

/* It is so there; what was seen of it is mirrored at once. */
static enum rc
finish(struct work *w)
{
	const char *ext = w->found ? w->visit.id : w->wish.id;
	struct mark m = { "done", .ext = ext,
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

/* --- looking ----------------------------------------------------------------
 */

/* Is it the one that we mean? */
static bool
is_it(struct work *w, const struct pms_visit *x)
{
	const char *mark_text = arena_printf(w->r->arena, PMS_MARK "%s",
	    row_text(&w->row, "appointment_id"));

	if (w->wish.id != NULL)
		return str_eq(x->id, w->wish.id);
	if (x->note != NULL && mark_text != NULL &&
	    strstr(x->note, mark_text) != NULL)
		return true;
	return w->wish.patient != NULL && visit_is_live(x) &&
	    str_eq(x->patient, w->wish.patient) &&
	    x->starts_ms == w->wish.starts_ms;
}

static void
page_look(struct work *w, const struct pms_page *page)
{
	int64_t ends = w->wish.starts_ms + w->wish.length_ms;

	for (int i = 0; i < page->count; i++) {
		const struct pms_visit *x = &page->visit[i];

		if (is_it(w, x)) {
			w->found = true;
			w->visit = *x;
		} else if (visit_is_live(x) && w->wish.provider != NULL &&
		    str_eq(x->provider, w->wish.provider) &&
		    x->starts_ms < ends && x->ends_ms > w->wish.starts_ms)
			w->clash = true;
	}
}

/* Read the day of the appointment, or one by its number. */
static enum rc
look(struct work *w, const char *id)
{
	const char *day = pms_date(&w->pms, w->wish.starts_ms);
	struct pms_find f = { .id = id };
	struct pms_page page = { .more = true };

	if (id == NULL)
		f.from = f.to = day;
	w->clash = false;
	for (; page.more && f.page < LOOK_MAX; f.page++) {
		w->pms.system->visits(&w->pms, &f, &page);
		if (w->r->rc != OK || w->pms.said.end != PMS_OK)
			return w->r->rc;
		page_look(w, &page);
	}
	return OK;
}

/* --- verbs ------------------------------------------------------------------
 */

typedef void send_fn(struct pms *, const struct pms_wish *, const char **);

static enum rc
send(struct work *w, send_fn *fn)
{
	const char *id = NULL;
	bool ours;

	if (work_sending(w, "appointment", &ours) || !ours)
		return w->r->rc;
	fn(&w->pms, &w->wish, &id);
	return work_sent(w, id);
}

#define TAKEN "the time is taken there by another appointment"

static enum rc
book_step(struct work *w)
{
	bool wait = false;

	if (w->wish.patient == NULL && (patient_step(w, &wait) || wait))
		return w->r->rc;
	if (look(w, NULL))
		return w->r->rc;
	if (w->pms.said.end != PMS_OK)
		return work_later(w);
	if (w->found)
		return finish(w);
	if (w->clash)
		return work_conflict(w, TAKEN);
	return send(w, w->pms.system->book);
}

/* One whose number nobody told is looked for on its day. */
static enum rc
cancel_step(struct work *w)
{
	if (look(w, w->wish.id))
		return w->r->rc;
	if (w->pms.said.end != PMS_OK)
		return work_later(w);
	if (!w->found || !visit_is_live(&w->visit))
		return finish(w);
	w->wish.id = w->visit.id;
	return send(w, w->pms.system->cancel);
}

static enum rc
move_step(struct work *w)
{
	if (w->wish.id == NULL)
		return work_conflict(w,
		    "it is not known which appointment of the system it is");
	if (look(w, w->wish.id))
		return w->r->rc;
	if (w->pms.said.end != PMS_OK)
		return work_later(w);
	if (!w->found || !visit_is_live(&w->visit))
		return work_conflict(w, "it is not there any more");
	if (w->visit.starts_ms == w->wish.starts_ms)
		return finish(w);
	if (look(w, NULL))
		return w->r->rc;
	if (w->pms.said.end != PMS_OK)
		return work_later(w);
	return w->clash ? work_conflict(w, TAKEN) :
			  send(w, w->pms.system->move);
}

/* --- polling ----------------------------------------------------------------
 */

/* Often at first; it stays pending while the practice's machine is off. */
static int64_t
poll_at(int64_t polls)
{
	int64_t wait = conf->pms_poll_ms;

	return clock_now_ms() + wait * (polls < 6 ? 1 : polls < 20 ? 6 : 30);
}

static enum rc
pending(struct work *w)
{
	struct mark m = { "sent", .polls = row_int(&w->row, "polls") + 1,
		.tries = row_int(&w->row, "tries") };

	if (req_begin(w->r, DB_WRITE) || mark(w, &m) ||
	    circuit_tell(w->r, w->pms.system->name, NULL) ||
	    again(w, poll_at(m.polls)))
		return w->r->rc;
	return req_commit(w->r);
}

/* The patient is written: find it, then the appointment. */
static enum rc
patient_done(struct work *w)
{
	struct mark m = { "queued" };

	if (req_begin(w->r, DB_WRITE) || mark(w, &m) ||
	    again(w, clock_now_ms()))
		return w->r->rc;
	return req_commit(w->r);
}

/* It does not know what it accepted: as if nobody had answered. */
static enum rc
forgotten(struct work *w)
{
	struct mark m = { "sending", .error = w->pms.said.why,
		.tries = row_int(&w->row, "tries") };

	if (req_begin(w->r, DB_WRITE) || mark(w, &m) || again(w, settle_at()))
		return w->r->rc;
	return req_commit(w->r);
}

static enum rc
poll_step(struct work *w)
{
	struct pms_outcome out = { 0 };

	w->pms.system->poll(&w->pms, row_text(&w->row, "remote_id"), &out);
	if (w->r->rc != OK)
		return w->r->rc;
	if (w->pms.said.end == PMS_REFUSED)
		return forgotten(w);
	if (w->pms.said.end != PMS_OK)
		return work_later(w);
	if (out.failed)
		return work_conflict(w, out.why);
	if (!out.done)
		return pending(w);
	if (str_eq(row_text(&w->row, "stage"), "patient"))
		return patient_done(w);
	if (out.id != NULL)
		w->wish.id = out.id;
	if (look(w, w->wish.id))
		return w->r->rc;
	return finish(w);
}

/* --- the job ----------------------------------------------------------------
 */

static void
wish_read(struct work *w)
{
	const struct row *row = &w->row;
	const char *patient = row_text(row, "patient_ext");

	w->wish = (struct pms_wish) { .id = row_text(row, "ext_id"),
		.patient =
		    patient != NULL ? patient : row_text(row, "root_patient"),
		.provider = row_text(row, "doctor"),
		.name = row_text(row, "name"),
		.phone = row_text(row, "phone"),
		.reason = row_text(row, "reason"),
		.note =
		    arena_printf(w->r->arena, "Booked by phone, " PMS_MARK "%s",
			row_text(row, "appointment_id")),
		.starts_ms = row_int(row, "starts_at"),
		.length_ms =
		    row_int(row, "ends_at") - row_int(row, "starts_at") };
	if (str_eq(row_text(row, "verb"), "book"))
		w->wish.id = NULL;
}

static enum rc
drop(struct work *w)
{
	struct mark m = { "dropped", .error = "the system is not connected" };

	if (req_begin(w->r, DB_WRITE) || mark(w, &m))
		return w->r->rc;
	return req_commit(w->r);
}

/* Not before its turn, its time, or while the system is left alone. */
static enum rc
turn(struct work *w, int64_t *at_ms)
{
	int64_t settled = row_int(&w->row, "tried_at") + conf->repair_after_ms;

	*at_ms = 0;
	if (row_text(&w->row, "before_id") != NULL ||
	    str_eq(row_text(&w->pms.link, "status"), "pending"))
		*at_ms = clock_now_ms() + TURN_MS;
	else if (str_eq(row_text(&w->row, "state"), "sending") &&
	    settled > clock_now_ms())
		*at_ms = settled;
	else
		return circuit_ask(w->r, w->pms.system->name, at_ms);
	return OK;
}

static enum rc
step(struct work *w)
{
	const char *verb = row_text(&w->row, "verb");

	if (str_eq(row_text(&w->row, "state"), "sent"))
		return poll_step(w);
	if (str_eq(verb, "book"))
		return book_step(w);
	return str_eq(verb, "cancel") ? cancel_step(w) : move_step(w);
}

enum rc
pms_write_run(struct req *r)
{
	struct work w = { .r = r };
	int64_t at_ms;

	req_set(r, "w_id", req_get(r, "ref"));
	if (sql_find(r, load_sql, &w.row) || w.row.count == 0 ||
	    !str_in("queued|sending|sent", row_text(&w.row, "state")) ||
	    pms_find_link(r, &w.pms))
		return r->rc;
	if (!pms_outside(&w.pms) ||
	    !str_eq(w.pms.system->name, row_text(&w.row, "provider")))
		return drop(&w);
	if (turn(&w, &at_ms))
		return r->rc;
	if (at_ms > 0)
		return work_again(&w, at_ms);
	wish_read(&w);
	if (w.pms.system->open(&w.pms))
		return r->rc;
	return step(&w);
}
