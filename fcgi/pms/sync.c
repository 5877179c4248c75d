/*
 * sync.c - the job that keeps the mirror of a practice's system.
 *
 * Sikka has no "changed since": a near pass reads who works there and the
 * coming weeks, a full pass all appointments and patients. Each run of the
 * job asks for one page and keeps it; the row of pms_link says what is next.
 */
#include "base/conf.h"
#include "job/circuit.h"
#include "pms/sync.h"
#include "staff/task.h"

#define RETRY_MS 1000		    /* the breaker makes it more */
#define KEY_MS	 (INT64_C(3600000)) /* credentials are tried so often */

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

enum rc
sync_keep(struct pms *p)
{
	bool same;

	if (req_begin(p->r, DB_WRITE) || pms_same(p, &same))
		return p->r->rc;
	if (!same)
		return fail(p->r, E_BUSY, "another practice is connected now");
	return OK;
}

enum rc
sync_give_up(struct pms *p)
{
	int64_t at_ms;

	if (sync_keep(p) || sync_failed(p, &at_ms) || sync_again(p->r, at_ms))
		return p->r->rc;
	return req_commit(p->r);
}

const char *
sync_noun_after(const struct sync *s)
{
	static const char *const nouns[] = { "staff", "visits", "lost_visits",
		"people", "lost_people" };
	size_t n = s->full ? COUNT(nouns) : 3;

	for (size_t i = 0; i + 1 < n; i++)
		if (str_eq(nouns[i], s->noun))
			return nouns[i + 1];
	return NULL;
}

enum rc
sync_advance(struct sync *s, bool more, const char *error)
{
	struct req *r = s->p->r;
	const char *noun = more ? s->noun : sync_noun_after(s);

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
		return sync_give_up(p);
	if (sync_keep(p) || p->system->seal(p) || sync_known(p, &practice) ||
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
	return str_starts(s.noun, "lost_") ? sync_lost(&s) : sync_page(&s);
}
