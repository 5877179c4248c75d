/* appointment.c - appointments, as staff see, make and cancel them. */
#include <string.h>

#include "book/book.h"
#include "phone/sms.h"

#define COLUMNS_SQL \
	"id, kind, name, phone, reason, starts_at AS \"starts_at:time\"," \
	" ends_at AS \"ends_at:time\", zone, status, source_channel," \
	" resource_id, contact_id, call_id, created_at AS \"created_at:time\"," \
	" updated_at AS \"updated_at:time\""

#define CURSOR_TIME 13 /* digits of the milliseconds in a cursor */

static const struct field add_in[] = {
	{ "starts_at", F_TIME, .need = true,
	    .about = "Start, in the opening hours and in the future." },
	{ "name", F_TEXT, .need = true, .max = 120,
	    .about = "Whom it is for." },
	{ "phone", F_PHONE, .about = "Makes or finds the contact." },
	{ "reason", F_TEXT, .max = 500, .about = "What it is about." },
	{ "minutes", F_INT, .min = 5, .max = 1440,
	    .about = "Length; the account's slot length by default." },
	{ 0 },
};

static const struct field list_query[] = {
	{ "from", F_TIME, .about = "Only those that start then or later." },
	{ "to", F_TIME, .about = "Only those that start before." },
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_TEXT, .max = 60,
	    .about = "next_cursor of the page before." },
	{ 0 },
};

SQL list_sql[] =
    "SELECT " COLUMNS_SQL ","
    " CAST(starts_at AS TEXT) || '_' || id AS _cursor FROM my_appointment"
    " WHERE starts_at >= :after_ms AND starts_at < :before_ms"
    " AND (starts_at > :after_ms OR id > :after_id)"
    " ORDER BY starts_at, id LIMIT :limit";

SQL get_sql[] = "SELECT " COLUMNS_SQL " FROM my_appointment WHERE id = :id";

SQL cancel_sql[] =
    "UPDATE appointment SET status = 'cancelled', updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :id"
    " AND status = 'scheduled' RETURNING " COLUMNS_SQL;

/* "1770000000000_<id>": the place behind which the next page begins. */
static enum rc
cursor_read(struct req *r, int64_t *after_ms, const char **after_id)
{
	const char *s = req_text(r, "cursor");
	char *digits;

	if (s == NULL)
		return OK;
	digits = arena_copy(r->arena, s, strcspn(s, "_"));
	if (digits == NULL || strlen(digits) > CURSOR_TIME ||
	    !str_int(digits, 0, INT64_MAX, after_ms) ||
	    s[strlen(digits)] != '_' || !id_valid(s + strlen(digits) + 1))
		return fail_field(r, "cursor",
		    "must be the next_cursor of "
		    "an answer");
	*after_id = s + strlen(digits) + 1;
	return OK;
}

static enum rc
appointment_list(struct req *r)
{
	struct val from = req_get(r, "from"), to = req_get(r, "to");
	int64_t after_ms = from.type == VAL_INT ? from.i : INT64_MIN;
	const char *after_id = "";
	enum rc rc = cursor_read(r, &after_ms, &after_id);

	if (rc != OK)
		return rc;
	req_set(r, "after_ms", val_int(after_ms));
	req_set(r, "after_id", val_text(after_id));
	req_set(r, "before_ms", val_int(to.type == VAL_INT ? to.i : INT64_MAX));
	return sql_many(r, list_sql);
}

static void
answer(struct req *r, const struct row *row)
{
	jout_open(&r->json_out, '{');
	row_json(&r->json_out, row);
	jout_close(&r->json_out, '}');
}

static enum rc
refuse(struct req *r, enum book_end end)
{
	switch (end) {
	case BOOK_PAST:
		return fail_field(r, "starts_at", "has already passed");
	case BOOK_FAR:
		return fail_field(r, "starts_at", "is too far ahead");
	case BOOK_CLOSED:
		return fail_field(r, "starts_at",
		    "is not within the opening "
		    "hours");
	default:
		return fail(r, E_CONFLICT, "that time is already taken");
	}
}

static enum rc
appointment_add(struct req *r)
{
	struct booking in = { .name = req_text(r, "name"),
		.phone = req_text(r, "phone"),
		.reason = req_text(r, "reason"),
		.channel = "staff" };
	struct val minutes = req_get(r, "minutes");
	enum book_end end;
	struct book book;
	struct row row;
	enum rc rc;

	in.starts_ms = req_get(r, "starts_at").i;
	in.length_ms = minutes.type == VAL_INT ? minutes.i * 60000 : 0;
	rc = book_open(r, &book);
	if (rc == OK)
		rc = book_add(r, &book, &in, &end, &row);
	if (rc != OK)
		return rc;
	if (end != BOOK_DONE)
		return refuse(r, end);
	answer(r, &row);
	return OK;
}

/* A second time changes nothing and tells nobody. */
static enum rc
appointment_cancel(struct req *r)
{
	struct row row;
	enum rc rc = sql_find(r, cancel_sql, &row);

	if (rc == OK && row.count > 0) {
		rc = event_put(r, "appointment.cancelled", row_text(&row, "id"),
		    NULL);
		if (rc == OK)
			rc = sms_follow(r, row_text(&row, "id"));
	} else if (rc == OK) {
		rc = sql_row(r, get_sql, &row);
		if (rc == OK && !str_eq(row_text(&row, "status"), "cancelled"))
			rc = fail(r, E_CONFLICT, "it is %s already",
			    row_text(&row, "status"));
	}
	if (rc == OK)
		answer(r, &row);
	return rc;
}

static const struct route routes[] = {
	{ "GET", "/appointments", list_sql, MANY, .query = list_query,
	    .run = appointment_list, .about = "Appointments by start." },
	{ "GET", "/appointments/:id", get_sql, ONE,
	    .about = "One appointment." },
	{ "POST", "/appointments", get_sql, ONE, 201, .in = add_in,
	    .run = appointment_add,
	    .about = "Book a free time; 409 when it "
		     "is taken." },
	{ "POST", "/appointments/:id/cancel", cancel_sql, ONE,
	    .run = appointment_cancel,
	    .about = "Cancel it; its time is free "
		     "again." },
	{ 0 },
};

const struct resource book_appointment = { "book_appointment",
	"Appointments in the built-in book", routes };
