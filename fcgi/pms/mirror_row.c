/* mirror_row.c - the mirror's rows. */
#include <string.h>

#include "book/book.h"
#include "pms/mirror.h"
#include "staff/task.h"

/* --- providers --------------------------------------------------------------
 */

SQL staff_sql[] =
    "INSERT INTO pms_provider (id, account_id, ext_id, first_name, last_name,"
    " specialty, active, pass_at, created_at, updated_at) VALUES (:m_id,"
    " app_account(), :m_ext, :m_first, :m_last, :m_specialty, :m_active,"
    " :m_pass, :now_ms, :now_ms) ON CONFLICT (account_id, ext_id) DO UPDATE"
    " SET first_name = excluded.first_name, last_name = excluded.last_name,"
    " specialty = excluded.specialty, active = excluded.active,"
    " pass_at = excluded.pass_at, updated_at = excluded.updated_at"
    " RETURNING id, resource_id";
SQL was_sql[] = "SELECT active, resource_id FROM my_pms_provider"
		" WHERE ext_id = :m_ext";
/* The book's first resource has the hours: it is never switched off. */
SQL switch_sql[] =
    "UPDATE resource SET active = :m_active, updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :m_resource"
    " AND id <> :account";
SQL away_sql[] = "UPDATE pms_provider SET active = 0, updated_at = :now_ms"
		 " WHERE account_id = app_account() AND ext_id = :m_ext";
SQL seat_sql[] = "UPDATE pms_provider SET resource_id = :m_resource"
		 " WHERE account_id = app_account() AND id = :m_id";
SQL taken_sql[] = "SELECT id FROM my_pms_provider"
		  " WHERE resource_id = :m_resource ORDER BY id LIMIT 1";
SQL resource_sql[] =
    "INSERT INTO resource (id, account_id, name, kind, created_at, updated_at)"
    " VALUES (:m_resource, app_account(), :m_name, 'practitioner', :now_ms,"
    " :now_ms)";

static void
bind(struct req *r, const char *name, const char *text)
{
	req_set(r, name, val_text(text));
}

/*
 * Who works there is a resource of the book: the first one is the book's own
 * first, which has the hours; each other one gets a resource.
 */
static enum rc
seat(struct pms *p, const struct pms_staff *x)
{
	struct req *r = p->r;
	const char *first;
	struct row row;

	if (book_resource(r, &first))
		return r->rc;
	bind(r, "m_resource", first);
	if (sql_find(r, taken_sql, &row))
		return r->rc;
	if (row.count > 0) {
		(void)req_new_id(r, "m_resource");
		bind(r, "m_name",
		    arena_printf(r->arena, "%s%s%s",
			x->first != NULL ? x->first : "",
			x->first != NULL && x->last != NULL ? " " : "",
			x->last != NULL	     ? x->last :
			    x->first != NULL ? "" :
					       x->id));
		if (sql_do(r, resource_sql))
			return r->rc;
	}
	return sql_do(r, seat_sql);
}

/* Only a change counts: staff may switch a resource off and on themselves. */
static enum rc
switched(struct req *r, const struct row *was, bool active)
{
	if (was->count == 0 || (row_int(was, "active") == 1) == active ||
	    row_text(was, "resource_id") == NULL)
		return OK;
	req_set(r, "m_active", val_int(active));
	req_set(r, "m_resource", row_val(was, "resource_id"));
	return sql_do(r, switch_sql);
}

enum rc
mirror_staff_gone(struct pms *p, const char *ext_id)
{
	struct row was;

	bind(p->r, "m_ext", ext_id);
	if (sql_find(p->r, was_sql, &was) || switched(p->r, &was, false))
		return p->r->rc;
	return sql_do(p->r, away_sql);
}

enum rc
mirror_staff(struct pms *p, const struct pms_staff *x, int64_t pass_at)
{
	struct req *r = p->r;
	struct row row, was;

	(void)req_new_id(r, "m_id");
	bind(r, "m_ext", x->id);
	if (sql_find(r, was_sql, &was) || switched(r, &was, x->active))
		return r->rc;
	bind(r, "m_first", x->first);
	bind(r, "m_last", x->last);
	bind(r, "m_specialty", x->specialty);
	req_set(r, "m_active", val_int(x->active));
	req_set(r, "m_pass", val_int(pass_at));
	if (sql_row(r, staff_sql, &row))
		return r->rc;
	bind(r, "m_id", row_text(&row, "id"));
	return x->active && row_text(&row, "resource_id") == NULL ? seat(p, x) :
								    OK;
}

/* --- patients ---------------------------------------------------------------
 */

SQL person_sql[] =
    "INSERT INTO pms_patient (id, account_id, ext_id, first_name, last_name,"
    " birth_date, status, cell, home_phone, work_phone, email, provider_ext,"
    " last_visit, cell_key, home_key, work_key, name_key, pass_at, created_at,"
    " updated_at) VALUES (:m_id, app_account(), :m_ext, :m_first, :m_last,"
    " :m_birth, :m_status, :m_cell, :m_home, :m_work, :m_email, :m_provider,"
    " :m_last_visit, :m_cell_key, :m_home_key, :m_work_key, :m_name, :m_pass,"
    " :now_ms, :now_ms) ON CONFLICT (account_id, ext_id) DO UPDATE SET"
    " first_name = excluded.first_name, last_name = excluded.last_name,"
    " birth_date = excluded.birth_date, status = excluded.status,"
    " cell = excluded.cell, home_phone = excluded.home_phone,"
    " work_phone = excluded.work_phone, email = excluded.email,"
    " provider_ext = excluded.provider_ext, last_visit = excluded.last_visit,"
    " cell_key = excluded.cell_key, home_key = excluded.home_key,"
    " work_key = excluded.work_key, name_key = excluded.name_key,"
    " pass_at = excluded.pass_at, updated_at = excluded.updated_at";
SQL person_gone_sql[] = "DELETE FROM pms_patient"
			" WHERE account_id = app_account() AND ext_id = :m_ext";

enum rc
mirror_person(struct pms *p, const struct pms_person *x, int64_t pass_at)
{
	struct req *r = p->r;

	(void)req_new_id(r, "m_id");
	bind(r, "m_ext", x->id);
	bind(r, "m_first", x->first);
	bind(r, "m_last", x->last);
	bind(r, "m_birth", x->birth);
	bind(r, "m_status", x->status);
	bind(r, "m_cell", x->cell);
	bind(r, "m_home", x->home);
	bind(r, "m_work", x->work);
	bind(r, "m_email", x->email);
	bind(r, "m_provider", x->provider);
	bind(r, "m_last_visit", x->last_visit);
	bind(r, "m_cell_key", pms_digits(r->arena, x->cell));
	bind(r, "m_home_key", pms_digits(r->arena, x->home));
	bind(r, "m_work_key", pms_digits(r->arena, x->work));
	bind(r, "m_name",
	    pms_fold(r->arena,
		arena_printf(r->arena, "%s %s", x->last != NULL ? x->last : "",
		    x->first != NULL ? x->first : "")));
	req_set(r, "m_pass", val_int(pass_at));
	return sql_do(r, person_sql);
}

enum rc
mirror_person_gone(struct pms *p, const char *ext_id)
{
	bind(p->r, "m_ext", ext_id);
	return sql_do(p->r, person_gone_sql);
}

/* --- appointments -----------------------------------------------------------
 */

SQL visit_sql[] =
    "INSERT INTO pms_appointment (id, account_id, ext_id, patient_ext,"
    " patient_name, provider_ext, operatory, type, note, status, state,"
    " starts_at, ends_at, resource_id, busy, pass_at, created_at, updated_at)"
    " VALUES (:m_id, app_account(), :m_ext, :m_patient, :m_name, :m_provider,"
    " :m_operatory, :m_type, :m_note, :m_status, :m_state, :m_starts, :m_ends,"
    " COALESCE((SELECT v.resource_id FROM my_pms_provider v"
    " WHERE v.ext_id = :m_provider), (SELECT f.id FROM my_resource f"
    " ORDER BY f.id LIMIT 1)), :m_busy, :m_pass, :now_ms, :now_ms)"
    " ON CONFLICT (account_id, ext_id) DO UPDATE SET"
    " patient_ext = excluded.patient_ext,"
    " patient_name = excluded.patient_name,"
    " provider_ext = excluded.provider_ext, operatory = excluded.operatory,"
    " type = excluded.type, note = excluded.note, status = excluded.status,"
    " state = excluded.state, starts_at = excluded.starts_at,"
    " ends_at = excluded.ends_at, resource_id = excluded.resource_id,"
    " busy = CASE WHEN pms_appointment.appointment_id IS NULL"
    " THEN excluded.busy ELSE 0 END,"
    " pass_at = excluded.pass_at, updated_at = excluded.updated_at"
    " RETURNING appointment_id";
SQL ours_sql[] = "SELECT a.id, (SELECT o.ext_id FROM my_pms_appointment o"
		 " WHERE o.appointment_id = a.id AND o.ext_id <> :m_ext"
		 " AND o.state <> 'cancelled' ORDER BY o.id LIMIT 1) AS other"
		 " FROM my_appointment a WHERE a.id = :m_ours";
SQL visit_gone_sql[] =
    "DELETE FROM pms_appointment WHERE account_id = app_account()"
    " AND ext_id = :m_ext RETURNING appointment_id";
SQL link_sql[] =
    "UPDATE pms_appointment SET appointment_id = :m_ours, busy = 0"
    " WHERE account_id = app_account() AND ext_id = :m_ext RETURNING id";
SQL unlink_sql[] = "UPDATE pms_appointment SET appointment_id = NULL"
		   " WHERE account_id = app_account()"
		   " AND appointment_id = :m_from AND ext_id <> :m_ext";

bool
visit_is_live(const struct pms_visit *x)
{
	return !str_in("cancelled|no_show", x->state);
}

static enum rc
visit_put(struct pms *p, const struct pms_visit *x, int64_t pass_at,
    struct row *row)
{
	struct req *r = p->r;

	(void)req_new_id(r, "m_id");
	bind(r, "m_ext", x->id);
	bind(r, "m_patient", x->patient);
	bind(r, "m_name", x->patient_name);
	bind(r, "m_provider", x->provider);
	bind(r, "m_operatory", x->operatory);
	bind(r, "m_type", x->type);
	bind(r, "m_note", x->note);
	bind(r, "m_status", x->status);
	bind(r, "m_state", x->state);
	req_set(r, "m_starts", val_int(x->starts_ms));
	req_set(r, "m_ends", val_int(x->ends_ms));
	req_set(r, "m_busy", val_int(visit_is_live(x)));
	req_set(r, "m_pass", val_int(pass_at));
	return sql_row(r, visit_sql, row);
}

/* The id in a note of ours, or NULL. */
static const char *
mark_read(struct pms *p, const char *note)
{
	const char *at = note != NULL ? strstr(note, PMS_MARK) : NULL;

	if (at == NULL)
		return NULL;
	at += strlen(PMS_MARK);
	at = arena_copy(p->r->arena, at, strnlen(at, ID_TEXT - 1));
	return at != NULL && id_valid(at) ? at : NULL;
}

/*
 * It has our mark, but the outbox does not know of it (yet). A second one for
 * the same appointment is for staff to remove.
 */
static enum rc
adopt(struct pms *p, const struct pms_visit *x, const char *mark)
{
	struct req *r = p->r;
	struct row row;

	bind(r, "m_ours", mark);
	if (sql_find(r, ours_sql, &row) || row.count == 0)
		return r->rc;
	if (row_text(&row, "other") == NULL)
		return mirror_link(p, mark, NULL, x->id);
	if (!visit_is_live(x))
		return OK;
	return staff_task_put(r, "pms.duplicate", mark,
	    arena_printf(r->arena,
		"The practice's system holds the same booking twice (%s and "
		"%s, on %s at %s): remove one of them there",
		row_text(&row, "other"), x->id, pms_date(p, x->starts_ms),
		pms_time(p, x->starts_ms)));
}

enum rc
mirror_visit(struct pms *p, const struct pms_visit *x, int64_t pass_at)
{
	const char *mark = mark_read(p, x->note), *ours;
	struct row row;

	if (visit_put(p, x, pass_at, &row))
		return p->r->rc;
	ours = row_text(&row, "appointment_id");
	if (ours != NULL)
		return ours_follow(p, ours, x);
	return mark != NULL ? adopt(p, x, mark) : OK;
}

enum rc
mirror_visit_gone(struct pms *p, const char *ext_id)
{
	const char *ours;
	struct row row;

	bind(p->r, "m_ext", ext_id);
	if (sql_find(p->r, visit_gone_sql, &row))
		return p->r->rc;
	ours = row_text(&row, "appointment_id");
	return ours != NULL ? ours_follow(p, ours, NULL) : OK;
}

enum rc
mirror_link(struct pms *p, const char *appointment, const char *from,
    const char *ext_id)
{
	struct req *r = p->r;

	bind(r, "m_ours", appointment);
	bind(r, "m_from", from != NULL ? from : appointment);
	bind(r, "m_ext", ext_id);
	if (sql_do(r, unlink_sql))
		return r->rc;
	return sql_do(r, link_sql);
}
