/* write.c - the job that tells a practice's system of one change. */
#include <string.h>

#include "base/conf.h"
#include "job/circuit.h"
#include "pms/mirror.h"
#include "pms/write.h"

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
/* An earlier change of ours, still to be told, that takes that one away. */
SQL leaving_sql[] =
    "SELECT w.id FROM my_pms_writeback w WHERE w.state IN ('queued',"
    " 'sending', 'sent') AND w.verb <> 'book' AND w.id < :w_id"
    " AND EXISTS (SELECT 1 FROM my_pms_writeback e WHERE e.root = w.root"
    " AND (e.ext_id = :w_clash OR e.appointment_id ="
    " (SELECT m.appointment_id FROM my_pms_appointment m"
    " WHERE m.ext_id = :w_clash))) ORDER BY w.id LIMIT 1";

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
			w->clash = x->id;
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
	w->clash = NULL;
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

/*
 * What our book has moved or cancelled goes as soon as that is told, which may
 * take until the practice's machine is on: *wait, until then.
 */
static enum rc
leaving(struct work *w, const char *ext_id, bool *wait)
{
	struct row row;

	req_set(w->r, "w_clash", val_text(ext_id));
	if (sql_find(w->r, leaving_sql, &row))
		return w->r->rc;
	*wait = row.count > 0;
	return *wait ? work_again(w, clock_now_ms() + TURN_MS) : OK;
}

/* Send it, unless another appointment is there. */
static enum rc
send_free(struct work *w, send_fn *fn)
{
	bool wait;

	if (w->clash == NULL)
		return send(w, fn);
	if (leaving(w, w->clash, &wait) || wait)
		return w->r->rc;
	return work_conflict(w,
	    "the time is taken there by another appointment");
}

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
	if (!w->found)
		return send_free(w, w->pms.system->book);
	if (leaving(w, w->visit.id, &wait) || wait)
		return w->r->rc;
	return work_finish(w);
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
		return work_finish(w);
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
		return work_finish(w);
	if (look(w, NULL))
		return w->r->rc;
	if (w->pms.said.end != PMS_OK)
		return work_later(w);
	return send_free(w, w->pms.system->move);
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
	struct work_mark m = { "sent", .polls = row_int(&w->row, "polls") + 1,
		.tries = row_int(&w->row, "tries") };

	return work_put(w, &m, poll_at(m.polls));
}

/* The patient is written: find it, then the appointment. */
static enum rc
patient_done(struct work *w)
{
	struct work_mark m = { "queued" };

	return work_put(w, &m, clock_now_ms());
}

/* It does not know what it accepted: as if nobody had answered. */
static enum rc
forgotten(struct work *w)
{
	struct work_mark m = { "sending", .error = w->pms.said.why,
		.tries = row_int(&w->row, "tries") };

	return work_put(w, &m, work_settle_at());
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
	return work_finish(w);
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
	struct work_mark m = { "dropped",
		.error = "the system is not connected" };

	return work_put(w, &m, 0);
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
