/*
 * mirror.c - reading a practice's system, page by page.
 *
 * What a pass did not meet is asked for by its number before it is taken for
 * gone: pages shift while they are read.
 */
#include "base/conf.h"
#include "book/slot.h"
#include "pms/mirror.h"
#include "pms/sync.h"

#define NEAR_DAYS  45
#define BACK_DAYS  30 /* of a full pass */
#define AHEAD_DAYS 740
#define PAGES_MAX  5000
#define ASK_MAX	   5 /* asked for by number in one run */
#define EMPTY_MAX  5 /* an empty list is believed when so few are known */

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
		return sync_advance(s, more, NULL);
	s->noun = sync_noun_after(s); /* whatever was missed is not asked for */
	return sync_advance(s, false,
	    "an empty list came where there were rows before: they are kept");
}

enum rc
sync_page(struct sync *s)
{
	struct pms_page page = { 0 };
	struct req *r = s->p->r;

	page_read(s, &page);
	if (r->rc != OK)
		return r->rc;
	if (s->p->said.end != PMS_OK)
		return sync_give_up(s->p);
	if (sync_keep(s->p) || page_settle(s, &page))
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

enum rc
sync_lost(struct sync *s)
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
		return sync_give_up(s->p);
	if (sync_keep(s->p))
		return r->rc;
	for (int i = 0; i < n; i++)
		if (lost_put(s, &lost[i]))
			return r->rc;
	if (sync_advance(s, n == ASK_MAX, NULL))
		return r->rc;
	return req_commit(r);
}
