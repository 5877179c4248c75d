/* ours.c - appointments of the book follow what the practice did to them. */
#include "pms/mirror.h"
#include "staff/task.h"

SQL find_sql[] =
    "SELECT a.id, a.status, a.starts_at, a.ends_at, a.resource_id, a.name,"
    " a.blocked_from, a.blocked_to, (SELECT m.resource_id"
    " FROM my_pms_appointment m WHERE m.appointment_id = a.id"
    " ORDER BY m.id LIMIT 1) AS seat,"
    " (SELECT w.id FROM my_pms_writeback w WHERE w.appointment_id = a.id"
    " AND w.state IN ('queued', 'sending', 'sent')"
    " ORDER BY w.id LIMIT 1) AS pending FROM my_appointment a"
    " WHERE a.id = :o_id";
SQL clash_sql[] =
    "SELECT id FROM my_appointment WHERE resource_id = :o_resource"
    " AND status NOT IN ('cancelled', 'rescheduled') AND id <> :o_id"
    " AND blocked_from > :o_from - 172800000 AND blocked_from < :o_to"
    " AND blocked_to > :o_from ORDER BY blocked_from, id LIMIT 1";
SQL status_sql[] =
    "UPDATE appointment SET status = :o_status, updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :o_id";
SQL move_sql[] =
    "UPDATE appointment SET resource_id = :o_resource, starts_at = :o_starts,"
    " ends_at = :o_ends, blocked_from = :o_from, blocked_to = :o_to,"
    " updated_at = :now_ms WHERE account_id = app_account() AND id = :o_id";

static enum rc
status_put(struct pms *p, const char *status)
{
	struct req *r = p->r;

	req_set(r, "o_status", val_text(status));
	if (sql_do(r, status_sql))
		return r->rc;
	return event_put(r, "appointment.practice", req_text(r, "o_id"),
	    arena_printf(r->arena, "{\"status\":\"%s\"}", status));
}

/* With the buffers that it has. */
static void
times_bind(struct req *r, const struct row *ours, const struct pms_visit *x)
{
	int64_t before =
	    row_int(ours, "starts_at") - row_int(ours, "blocked_from");
	int64_t after = row_int(ours, "blocked_to") - row_int(ours, "ends_at");

	req_set(r, "o_resource", row_val(ours, "seat"));
	req_set(r, "o_starts", val_int(x->starts_ms));
	req_set(r, "o_ends", val_int(x->ends_ms));
	req_set(r, "o_from", val_int(x->starts_ms - before));
	req_set(r, "o_to", val_int(x->ends_ms + after));
}

/* Where the new time is taken in our book, the old one stays. */
static enum rc
times_put(struct pms *p, const struct row *ours, const struct pms_visit *x)
{
	struct req *r = p->r;
	struct row row;

	times_bind(r, ours, x);
	if (sql_find(r, clash_sql, &row))
		return r->rc;
	if (row.count > 0)
		return staff_task_put(r, "pms.conflict", row_text(ours, "id"),
		    arena_printf(r->arena,
			"The practice moved the appointment of %s to %s at "
			"%s, where the book has another one",
			row_text(ours, "name"), pms_date(p, x->starts_ms),
			pms_time(p, x->starts_ms)));
	if (sql_do(r, move_sql))
		return r->rc;
	return event_put(r, "appointment.practice", row_text(ours, "id"),
	    "{\"moved\":true}");
}

enum rc
ours_follow(struct pms *p, const char *appointment, const struct pms_visit *x)
{
	const char *state = x != NULL ? x->state : "cancelled";
	struct row row;

	req_set(p->r, "o_id", val_text(appointment));
	if (sql_find(p->r, find_sql, &row) || row.count == 0 ||
	    row_text(&row, "pending") != NULL ||
	    !str_eq(row_text(&row, "status"), "scheduled"))
		return p->r->rc;
	if (x == NULL || !str_in("scheduled|confirmed", state))
		return status_put(p, state);
	if (row_text(&row, "seat") != NULL &&
	    (row_int(&row, "starts_at") != x->starts_ms ||
		row_int(&row, "ends_at") != x->ends_ms ||
		!str_eq(row_text(&row, "seat"), row_text(&row, "resource_id"))))
		return times_put(p, &row, x);
	return OK;
}
