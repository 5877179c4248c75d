/*
 * mirror.c - the job that reads a practice's system, page by page.
 *
 * Sikka has no "changed since": a near pass reads who works there and the
 * coming weeks, a full pass all appointments and patients. Each run of the
 * job asks for one page and keeps it; the row of pms_link says what is next.
 * What a pass did not meet is asked for by its number before it is taken for
 * gone: pages shift while they are read.
 */
#include "base/conf.h"
#include "base/zone.h"
#include "book/slot.h"
#include "job/circuit.h"
#include "pms/mirror.h"
#include "staff/task.h"
#include "pms/sync.h"

#define NEAR_DAYS  45
#define BACK_DAYS  30 /* of a full pass */
#define AHEAD_DAYS 740
#define PAGES_MAX  5000
#define ASK_MAX	   5	/* asked for by number in one run */
#define EMPTY_MAX  5	/* an empty list is believed when so few are known */
#define RETRY_MS   1000 /* the breaker makes it more */
#define KEY_MS	   (INT64_C(3600000)) /* credentials are tried so often */

SQL begin_sql[] =
    "UPDATE pms_link SET pass = :s_pass, pass_at = :s_now, noun = 'staff',"
    " page = 0, rows_seen = 0 WHERE account_id = app_account()";
SQL next_sql[] =
    "UPDATE pms_link SET noun = :s_noun, page = :s_page,"
    " rows_seen = :s_rows, status = 'active', last_error = :s_error"
    " WHERE account_id = app_account()";
SQL end_sql[] =
    "UPDATE pms_link SET noun = NULL, page = 0, pass = NULL,"
    " status = 'active', last_sync_at = pass_at, last_error = :s_error,"
    " full_at = CASE WHEN pass = 'full' THEN pass_at ELSE full_at END"
    " WHERE account_id = app_account()";
SQL known_sql[] =
    "UPDATE pms_link SET status = 'active', last_error = NULL,"
    " office_id = :s_office, practice_id = COALESCE(:s_practice, practice_id),"
    " practice_name = :s_name, system_name = :s_system,"
    " cancel_status = :s_cancel WHERE account_id = app_account()";
SQL error_sql[] = "UPDATE pms_link SET last_error = :s_error,"
		  " status = CASE WHEN :s_key = 1 THEN 'error' ELSE status END"
		  " WHERE account_id = app_account()";
SQL missed_staff_sql[] = "SELECT ext_id, id FROM my_pms_provider"
			 " WHERE pass_at < :s_pass_at AND active = 1"
			 " ORDER BY id";
SQL missed_visits_sql[] =
    "SELECT ext_id, id FROM my_pms_appointment WHERE starts_at >= :s_from"
    " AND starts_at < :s_to AND pass_at < :s_pass_at"
    " ORDER BY starts_at, id LIMIT :s_max";
SQL missed_people_sql[] =
    "SELECT ext_id, id FROM my_pms_patient WHERE pass_at < :s_pass_at"
    " ORDER BY pass_at, id LIMIT :s_max";

/* What a run is about. */
struct sync {
	struct pms *p;
	const char *noun;
	bool full;
	int64_t pass_at;
	int64_t page;
	int64_t seen;
};

/* --- windows
 * ------------------------------------------------------------------
 */

static int64_t
day_at(const struct sync *s, int days)
{
	int64_t date = slot_date(s->p->zone, s->pass_at) + days;

	return slot_day(s->p->zone, date).from_ms;
}

static int
first_day(const struct sync *s)
{
	return s->full ? -BACK_DAYS : -1;
}

static int
last_day(const struct sync *s)
{
	return s->full ? AHEAD_DAYS : NEAR_DAYS;
}

/* --- settling --------------------------------------------------------------
 */

enum rc
sync_again(struct req *r, int64_t at_ms)
{
	return job_put(r, PMS_SYNC_JOB, r->account, NULL, at_ms);
}

enum rc
sync_failed(struct pms *p, int64_t *at_ms)
{
	struct req *r = p->r;
	bool key = p->said.end == PMS_KEY;
	const char *label = p->system->label;

	req_set(r, "s_error", val_text(p->said.why));
	req_set(r, "s_key", val_int(key));
	*at_ms = clock_now_ms() +
	    (key			? KEY_MS :
		    p->said.wait_ms > 0 ? p->said.wait_ms :
					  RETRY_MS);
	if (sql_do(r, error_sql) ||
	    circuit_tell(r, p->system->name, p->said.down))
		return r->rc;
	if (!key)
		return OK;
	if (pms_integration(r, p->system, "error", 0))
		return r->rc;
	return staff_task_put(r, "pms.credentials", p->system->name,
	    arena_printf(r->arena,
		"%s refuses the stored credentials (%s): connect the "
		"practice's system again",
		label, p->said.why));
}

/*
 * Begin to keep what came. It may have been disconnected, or connected to
 * another practice, while we asked: then there is nothing to keep.
 */
static enum rc
keep_begin(struct pms *p)
{
	bool same;

	if (req_begin(p->r, DB_WRITE) || pms_same(p, &same))
		return p->r->rc;
	if (!same)
		return fail(p->r, E_BUSY, "another practice is connected now");
	return OK;
}

/* A run that got nothing: say so, and try again. */
static enum rc
give_up(struct pms *p)
{
	int64_t at_ms;

	if (keep_begin(p) || sync_failed(p, &at_ms) || sync_again(p->r, at_ms))
		return p->r->rc;
	return req_commit(p->r);
}

/* staff, visits, lost visits; a full pass: people, lost people. */
static const char *
noun_after(const struct sync *s)
{
	static const char *const nouns[] = { "staff", "visits", "lost_visits",
		"people", "lost_people" };
	size_t n = s->full ? COUNT(nouns) : 3;

	for (size_t i = 0; i + 1 < n; i++)
		if (str_eq(nouns[i], s->noun))
			return nouns[i + 1];
	return NULL;
}

/* The noun is read to its end, or there is more of it. */
static enum rc
advance(struct sync *s, bool more, const char *error)
{
	struct req *r = s->p->r;
	const char *noun = more ? s->noun : noun_after(s);

	req_set(r, "s_noun", val_text(noun));
	req_set(r, "s_page", val_int(more ? s->page + 1 : 0));
	req_set(r, "s_rows", val_int(more ? s->seen : 0));
	req_set(r, "s_error", val_text(error));
	if (sql_do(r, noun != NULL ? next_sql : end_sql) ||
	    circuit_tell(r, s->p->system->name, NULL))
		return r->rc;
	if (noun == NULL &&
	    pms_integration(r, s->p->system, "connected", s->pass_at))
		return r->rc;
	if (noun == NULL && s->full &&
	    event_put(r, "pms.synced", s->p->system->name, NULL))
		return r->rc;
	return sync_again(r,
	    noun != NULL ? clock_now_ms() :
			   clock_now_ms() + conf->pms_near_s * 1000);
}

/* --- a page ----------------------------------------------------------------
 */

static void
page_read(struct sync *s, struct pms_page *page)
{
	struct pms_find f = { .page = s->page };

	if (str_eq(s->noun, "staff"))
		s->p->system->staff(s->p, &f, page);
	else if (str_eq(s->noun, "people"))
		s->p->system->people(s->p, &f, page);
	else {
		f.from = pms_date(s->p, day_at(s, first_day(s)));
		f.to = pms_date(s->p, day_at(s, last_day(s)));
		s->p->system->visits(s->p, &f, page);
	}
}

static enum rc
page_put(struct sync *s, const struct pms_page *page)
{
	enum rc rc = OK;

	for (int i = 0; i < page->count && rc == OK; i++)
		rc = page->staff != NULL ?
		    mirror_staff(s->p, &page->staff[i], s->pass_at) :
		    page->person != NULL ?
		    mirror_person(s->p, &page->person[i], s->pass_at) :
		    mirror_visit(s->p, &page->visit[i], s->pass_at);
	return rc;
}

static void
missed_bind(struct sync *s, int64_t max)
{
	struct req *r = s->p->r;

	req_set(r, "s_from", val_int(day_at(s, first_day(s) + 1)));
	req_set(r, "s_to", val_int(day_at(s, last_day(s))));
	req_set(r, "s_pass_at", val_int(s->pass_at));
	req_set(r, "s_max", val_int(max));
}

/*
 * A list that is suddenly empty is rather a fault than the truth: nothing is
 * taken for gone then.
 */
static enum rc
believe(struct sync *s, bool *empty)
{
	struct req *r = s->p->r;
	struct row *list;
	int n = 0;

	*empty = false;
	if (s->seen > 0 || str_eq(s->noun, "staff"))
		return OK;
	missed_bind(s, EMPTY_MAX + 1);
	if (sql_rows(r,
		str_eq(s->noun, "visits") ? missed_visits_sql :
					    missed_people_sql,
		&list))
		return r->rc;
	for (; list != NULL; list = list->next)
		n++;
	*empty = n > EMPTY_MAX;
	return OK;
}

static enum rc
staff_gone(struct sync *s)
{
	struct req *r = s->p->r;
	struct row *list;

	missed_bind(s, 0);
	if (sql_rows(r, missed_staff_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next)
		if (mirror_staff_gone(s->p, row_text(list, "ext_id")))
			return r->rc;
	return OK;
}

static enum rc
page_settle(struct sync *s, const struct pms_page *page)
{
	struct req *r = s->p->r;
	bool more = page->more && s->page < PAGES_MAX, empty = false;

	s->seen += page->count;
	if (page_put(s, page) || (!more && believe(s, &empty)))
		return r->rc;
	if (!more && str_eq(s->noun, "staff") && s->seen > 0 && staff_gone(s))
		return r->rc;
	if (!empty)
		return advance(s, more, NULL);
	s->noun = noun_after(s); /* whatever was missed is not asked for */
	return advance(s, false,
	    "an empty list came where there were rows before: they are kept");
}

static enum rc
page_run(struct sync *s)
{
	struct pms_page page = { 0 };
	struct req *r = s->p->r;

	page_read(s, &page);
	if (r->rc != OK)
		return r->rc;
	if (s->p->said.end != PMS_OK)
		return give_up(s->p);
	if (keep_begin(s->p) || page_settle(s, &page))
		return r->rc;
	return req_commit(r);
}

/* --- what was missed -------------------------------------------------------
 */

struct lost {
	const char *ext_id;
	struct pms_page page; /* what is there under that number */
};

static enum rc
lost_ask(struct sync *s, const struct row *list, struct lost *lost, int *n)
{
	bool visits = str_eq(s->noun, "lost_visits");

	for (*n = 0; list != NULL; list = list->next, (*n)++) {
		struct pms_find f = { .id = row_text(list, "ext_id") };

		lost[*n].ext_id = f.id;
		if (visits)
			s->p->system->visits(s->p, &f, &lost[*n].page);
		else
			s->p->system->people(s->p, &f, &lost[*n].page);
		if (s->p->r->rc != OK || s->p->said.end != PMS_OK)
			break;
	}
	return s->p->r->rc;
}

static enum rc
lost_put(struct sync *s, const struct lost *l)
{
	bool visits = str_eq(s->noun, "lost_visits");

	for (int i = 0; i < l->page.count; i++)
		if (visits && str_eq(l->page.visit[i].id, l->ext_id))
			return mirror_visit(s->p, &l->page.visit[i],
			    s->pass_at);
		else if (!visits && str_eq(l->page.person[i].id, l->ext_id))
			return mirror_person(s->p, &l->page.person[i],
			    s->pass_at);
	return visits ? mirror_visit_gone(s->p, l->ext_id) :
			mirror_person_gone(s->p, l->ext_id);
}

static enum rc
lost_run(struct sync *s)
{
	struct lost lost[ASK_MAX] = { 0 };
	struct req *r = s->p->r;
	struct row *list;
	int n = 0;

	missed_bind(s, ASK_MAX);
	if (sql_rows(r,
		str_eq(s->noun, "lost_visits") ? missed_visits_sql :
						 missed_people_sql,
		&list) ||
	    lost_ask(s, list, lost, &n))
		return r->rc;
	if (list != NULL && s->p->said.end != PMS_OK)
		return give_up(s->p);
	if (keep_begin(s->p))
		return r->rc;
	for (int i = 0; i < n; i++)
		if (lost_put(s, &lost[i]))
			return r->rc;
	if (advance(s, n == ASK_MAX, NULL))
		return r->rc;
	return req_commit(r);
}

/* --- the job ----------------------------------------------------------------
 */

/* The credentials were saved while nobody could check them. */
static enum rc
check_run(struct pms *p)
{
	struct pms_practice practice = { 0 };
	struct req *r = p->r;

	p->system->check(p, &practice);
	if (r->rc != OK)
		return r->rc;
	if (p->said.end != PMS_OK)
		return give_up(p);
	if (keep_begin(p) || p->system->seal(p) || sync_known(p, &practice) ||
	    sync_again(r, clock_now_ms()))
		return r->rc;
	return req_commit(r);
}

enum rc
sync_known(struct pms *p, const struct pms_practice *practice)
{
	struct req *r = p->r;

	req_set(r, "s_office", val_text(practice->office));
	req_set(r, "s_practice", val_text(practice->id));
	req_set(r, "s_name", val_text(practice->name));
	req_set(r, "s_system", val_text(practice->system));
	req_set(r, "s_cancel", val_text(practice->cancel_status));
	if (sql_do(r, known_sql) || circuit_tell(r, p->system->name, NULL) ||
	    pms_integration(r, p->system, "connected", 0))
		return r->rc;
	return event_put(r, "pms.connected", p->system->name, NULL);
}

/* Is a pass due? Begin it; else wait for the next. */
static enum rc
pass_begin(struct pms *p)
{
	struct req *r = p->r;
	int64_t now = clock_now_ms(), full = row_int(&p->link, "full_at"),
		near = row_int(&p->link, "last_sync_at"), at_ms = now;
	bool whole = full + conf->pms_full_s * 1000 <= now;

	req_set(r, "s_pass", val_text(whole ? "full" : "near"));
	req_set(r, "s_now", val_int(now));
	if (req_begin(r, DB_WRITE))
		return r->rc;
	if (!whole && near + conf->pms_near_s * 1000 > now)
		at_ms = near + conf->pms_near_s * 1000;
	else if (sql_do(r, begin_sql))
		return r->rc;
	if (sync_again(r, at_ms))
		return r->rc;
	return req_commit(r);
}

static enum rc
later(struct req *r, int64_t at_ms)
{
	if (req_begin(r, DB_WRITE) || sync_again(r, at_ms))
		return r->rc;
	return req_commit(r);
}

enum rc
pms_sync_run(struct req *r)
{
	struct sync s = { 0 };
	int64_t until;
	struct pms p;

	if (pms_find_link(r, &p) || !pms_outside(&p))
		return r->rc;
	s = (struct sync) { .p = &p,
		.noun = row_text(&p.link, "noun"),
		.full = str_eq(row_text(&p.link, "pass"), "full"),
		.pass_at = row_int(&p.link, "pass_at"),
		.page = row_int(&p.link, "page"),
		.seen = row_int(&p.link, "rows_seen") };
	if (s.noun == NULL && !str_eq(row_text(&p.link, "status"), "pending"))
		return pass_begin(&p);
	if (circuit_ask(r, p.system->name, &until))
		return r->rc;
	if (until > 0)
		return later(r, until);
	if (p.system->open(&p))
		return r->rc;
	if (s.noun == NULL)
		return check_run(&p);
	return str_starts(s.noun, "lost_") ? lost_run(&s) : page_run(&s);
}
