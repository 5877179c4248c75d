/* book_change.c - giving a time back, and moving to another one. */
#include <string.h>

#include "book/book_add.h"
#include "pms/pms.h"

SQL get_sql[] =
    "SELECT " APPOINTMENT_SQL " FROM my_appointment WHERE id = :change_id";

SQL cancel_sql[] =
    "UPDATE appointment SET status = 'cancelled', updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :change_id"
    " AND status = 'scheduled' RETURNING " APPOINTMENT_SQL;

SQL away_sql[] =
    "UPDATE appointment SET status = 'rescheduled', updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :change_id"
    " AND status = 'scheduled'";

SQL moved_sql[] = "SELECT " APPOINTMENT_SQL " FROM my_appointment"
		  " WHERE moved_from = :change_id ORDER BY id LIMIT 1";

enum rc
book_cancel(struct req *r, const char *id, struct row *row)
{
	enum rc rc;

	req_set(r, "change_id", val_text(id));
	rc = sql_find(r, cancel_sql, row);
	if (rc == OK && row->count > 0) {
		rc = pms_tell(r, PMS_CANCEL, id, NULL);
		return rc == OK ? book_note(r, "appointment.cancelled", row) :
				  rc;
	}
	if (rc == OK)
		rc = sql_row(r, get_sql, row);
	if (rc == OK && !str_eq(row_text(row, "status"), "cancelled"))
		rc = fail(r, E_CONFLICT, "it is %s already",
		    row_text(row, "status"));
	return rc;
}

/* It is not to come any more: moved there already, or another end. */
static enum rc
moved_before(struct req *r, const struct booking *in, enum book_end *end,
    const struct row *old, struct row *row)
{
	enum rc rc = sql_find(r, moved_sql, row);

	if (rc != OK)
		return rc;
	if (row->count > 0 && row_int(row, "starts_at") == in->starts_ms) {
		*end = BOOK_SAME;
		return OK;
	}
	return fail(r, E_CONFLICT, "it is %s already", row_text(old, "status"));
}

/* What the old one has and the new one keeps. */
static void
inherit(struct booking *to, const struct row *old, const struct booking *in)
{
	*to = *in;
	to->name = row_text(old, "name");
	to->phone = row_text(old, "phone");
	if (to->reason == NULL)
		to->reason = row_text(old, "reason");
	if (to->length_ms == 0)
		to->length_ms =
		    row_int(old, "ends_at") - row_int(old, "starts_at");
}

enum rc
book_move(struct req *r, struct book *b, const char *id,
    const struct booking *in, enum book_end *end, struct row *row)
{
	const char *resource;
	struct booking to;
	struct row old;
	bool known;
	enum rc rc;

	req_set(r, "change_id", val_text(id));
	rc = sql_row(r, get_sql, &old);
	if (rc == OK && !str_eq(row_text(&old, "status"), "scheduled"))
		return moved_before(r, in, end, &old, row);
	if (rc == OK)
		rc = book_serve(r, b, row_text(&old, "service_id"), &known);
	if (rc != OK)
		return rc;
	inherit(&to, &old, in);
	b->moving = row_text(&old, "id");
	if (to.starts_ms == row_int(&old, "starts_at") &&
	    (b->resource == NULL ||
		str_eq(b->resource, row_text(&old, "resource_id"))) &&
	    (in->length_ms == 0 ||
		to.starts_ms + to.length_ms == row_int(&old, "ends_at"))) {
		*end = BOOK_SAME;
		*row = old;
		return OK;
	}
	rc = book_look(r, b, &to, end, &resource, row);
	if (*end == BOOK_SAME)
		*end = BOOK_TWICE; /* another one of the same call's */
	if (rc != OK || *end != BOOK_DONE)
		return rc;
	rc = sql_must(r, away_sql);
	if (rc == OK)
		rc = book_insert(r, b, &to, resource, row);
	if (rc == OK)
		rc = pms_tell(r, PMS_MOVE, row_text(row, "id"), id);
	return rc == OK ? book_note(r, "appointment.rescheduled", row) : rc;
}
