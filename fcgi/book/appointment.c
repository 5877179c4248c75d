/* appointment.c - appointments, as staff see, make, move and cancel them. */
#include <string.h>

#include "book/book_add.h"

#define FOUND_USUAL 20 /* hits of a search */
#define FOUND_MAX   100
#define FORCE \
	"Whatever hours, notice, horizon and limits say; never upon " \
	"another appointment."

static const struct field add_in[] = {
	{ "starts_at", F_TIME, .need = true,
	    .about = "Start, in the opening hours and in the future." },
	{ "name", F_TEXT, .need = true, .max = 120,
	    .about = "Whom it is for." },
	{ "phone", F_PHONE, .about = "Makes or finds the contact." },
	{ "reason", F_TEXT, .max = 500, .about = "What it is about." },
	{ "minutes", F_INT, .min = 5, .max = 1440,
	    .about = "Length; the service's by default, or the account's "
		     "slot length." },
	{ "service_id", F_ID, .about = "What it is; its rules hold." },
	{ "resource_id", F_ID, .about = "With whom; who is free by default." },
	{ "force", F_BOOL, .about = FORCE },
	{ 0 },
};

static const struct field move_in[] = {
	{ "starts_at", F_TIME, .need = true, .about = "The new start." },
	{ "minutes", F_INT, .min = 5, .max = 1440,
	    .about = "Length; as before by default." },
	{ "resource_id", F_ID, .about = "With whom; the same by default." },
	{ "force", F_BOOL, .about = FORCE },
	{ 0 },
};

static const struct field patch_in[] = {
	{ "name", F_TEXT, .max = 120 },
	{ "reason", F_TEXT, .max = 500 },
	{ "status", F_ENUM, .set = "scheduled|completed|no_show",
	    .about = "What became of it; to cancel or move it there are "
		     "verbs." },
	{ 0 },
};

static const struct field list_query[] = {
	{ "q", F_TEXT, .max = 200,
	    .about = "Words of name, phone or reason, or how they begin. "
		     "Answers the best hits first, 100 at most, each with "
		     "a snippet: HTML, hits in <mark>." },
	{ "from", F_TIME, .about = "Only those that start then or later." },
	{ "to", F_TIME, .about = "Only those that start before." },
	{ "resource_id", F_ID, .about = "Only those of this resource." },
	{ "status", F_ENUM,
	    .set = "scheduled|completed|no_show|rescheduled|cancelled" },
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_TEXT, .max = 60,
	    .about = "next_cursor of the page before." },
	{ 0 },
};

SQL list_sql[] =
    "SELECT " APPOINTMENT_SQL ","
    " CAST(starts_at AS TEXT) || '_' || id AS _cursor FROM my_appointment"
    " WHERE starts_at >= :after_ms AND starts_at < :before_ms"
    " AND (starts_at > :after_ms OR id > :after_id)"
    " AND (CAST(:resource_id AS TEXT) IS NULL OR resource_id = :resource_id)"
    " AND (CAST(:status AS TEXT) IS NULL OR status = :status)"
    " ORDER BY starts_at, id LIMIT :limit";

SQL found_sql[] =
    "SELECT " APPOINTMENT_SQL ", CAST(:snippet AS TEXT) AS snippet"
    " FROM my_appointment WHERE id = :hit";

SQL get_sql[] = "SELECT " APPOINTMENT_SQL " FROM my_appointment WHERE id = :id";

SQL patch_sql[] =
    "UPDATE appointment SET"
    " name = COALESCE(NULLIF(CAST(:name AS TEXT), ''), name),"
    " reason = CASE WHEN :has_reason = 1 THEN CAST(:reason AS TEXT)"
    " ELSE reason END,"
    " status = COALESCE(CAST(:status AS TEXT), status),"
    " updated_at = :now_ms WHERE account_id = app_account() AND id = :id"
    " AND status NOT IN ('cancelled', 'rescheduled')"
    " RETURNING " APPOINTMENT_SQL;

static void
answer(struct req *r, const struct row *row)
{
	jout_open(&r->json_out, '{');
	row_json(&r->json_out, row);
	jout_close(&r->json_out, '}');
}

/* What is asked for with words has an order of its own. */
static enum rc
appointment_search(struct req *r, const char *words)
{
	static const char *const others[] = { "from", "to", "cursor",
		"resource_id", "status" };
	struct val asked = req_get(r, "limit");
	int64_t limit = asked.type == VAL_INT ? asked.i : FOUND_USUAL;
	struct found *hit;
	struct row row;

	for (size_t i = 0; i < COUNT(others); i++)
		if (req_has(r, others[i]))
			(void)fail_field(r, others[i], "does not go with q");
	if (limit > FOUND_MAX)
		limit = FOUND_MAX;
	if (sql_search(r, "appointment", words, limit, &hit) != OK)
		return r->rc;
	jout_open(&r->json_out, '{');
	jout_name(&r->json_out, "data");
	jout_open(&r->json_out, '[');
	for (; hit != NULL; hit = hit->next) {
		req_set(r, "hit", val_text(hit->id));
		req_set(r, "snippet", val_text(hit->snippet));
		if (sql_row(r, found_sql, &row) != OK)
			return r->rc;
		answer(r, &row);
	}
	jout_close(&r->json_out, ']');
	jout_put_str(&r->json_out, "next_cursor", NULL);
	jout_close(&r->json_out, '}');
	return OK;
}

static enum rc
appointment_list(struct req *r)
{
	const char *words = req_text(r, "q");
	struct val from = req_get(r, "from"), to = req_get(r, "to");
	int64_t after_ms = from.type == VAL_INT ? from.i : INT64_MIN;
	const char *after_id = "";
	enum rc rc;

	if (words != NULL && *words != '\0')
		return appointment_search(r, words);
	rc = req_cursor(r, &after_ms, &after_id);
	if (rc != OK)
		return rc;
	req_set(r, "after_ms", val_int(after_ms));
	req_set(r, "after_id", val_text(after_id));
	req_set(r, "before_ms", val_int(to.type == VAL_INT ? to.i : INT64_MAX));
	return sql_many(r, list_sql);
}

static enum rc
refuse(struct req *r, enum book_end end)
{
	switch (end) {
	case BOOK_PAST:
		return fail_field(r, "starts_at", "has already passed");
	case BOOK_SOON:
		return fail_field(r, "starts_at",
		    "is less ahead than the notice of the service");
	case BOOK_FAR:
		return fail_field(r, "starts_at", "is too far ahead");
	case BOOK_CLOSED:
		return fail_field(r, "starts_at",
		    "is not within the opening "
		    "hours");
	case BOOK_FULL:
		return fail(r, E_CONFLICT,
		    "there are as many of these on that day as there may be");
	case BOOK_HELD:
		return fail(r, E_CONFLICT,
		    "a caller is thinking that time over; try again in two "
		    "minutes");
	case BOOK_TWICE:
		return fail(r, E_CONFLICT,
		    "the same person has an appointment at that time already");
	default:
		return fail(r, E_CONFLICT, "that time is already taken");
	}
}

static bool
flag(struct req *r, const char *name)
{
	return req_get(r, name).type == VAL_INT && req_get(r, name).i == 1;
}

/* The book, with what the request wishes. */
static enum rc
open_for(struct req *r, struct book *b, struct booking *in)
{
	struct val minutes = req_get(r, "minutes");
	const char *resource = req_text(r, "resource_id");
	const char *service = req_text(r, "service_id");
	bool known;
	enum rc rc = book_open(r, b);

	in->starts_ms = req_get(r, "starts_at").i;
	in->length_ms = minutes.type == VAL_INT ? minutes.i * MINUTE_MS : 0;
	in->channel = "staff";
	if (rc == OK)
		rc = book_serve(r, b, service, &known);
	if (rc != OK)
		return rc;
	if (!known)
		rc = fail_field(r, "service_id", "is not one of your services");
	if (resource != NULL && book_chair(b, resource) == NULL)
		rc = fail_field(r, "resource_id",
		    "is not one of your resources");
	b->resource = resource;
	b->force = flag(r, "force");
	return rc;
}

static enum rc
appointment_add(struct req *r)
{
	struct booking in = { .name = req_text(r, "name"),
		.phone = req_text(r, "phone"),
		.reason = req_text(r, "reason") };
	enum book_end end;
	struct book book;
	struct row row;
	enum rc rc = open_for(r, &book, &in);

	if (rc == OK)
		rc = book_add(r, &book, &in, &end, &row);
	if (rc != OK)
		return rc;
	if (end != BOOK_DONE)
		return refuse(r, end);
	answer(r, &row);
	return OK;
}

static enum rc
appointment_move(struct req *r)
{
	struct booking in = { .name = NULL };
	enum book_end end;
	struct book book;
	struct row row;
	enum rc rc = open_for(r, &book, &in);

	if (rc == OK)
		rc = sql_row(r, get_sql, &row);
	if (rc == OK && book.resource == NULL)
		book.resource = row_text(&row, "resource_id");
	if (rc == OK)
		rc = book_move(r, &book, req_text(r, "id"), &in, &end, &row);
	if (rc != OK)
		return rc;
	if (end != BOOK_DONE && end != BOOK_SAME)
		return refuse(r, end);
	answer(r, &row);
	return OK;
}

static enum rc
appointment_cancel(struct req *r)
{
	struct row row;
	enum rc rc = book_cancel(r, req_text(r, "id"), &row);

	if (rc == OK)
		answer(r, &row);
	return rc;
}

/* What was cancelled or moved stays so. */
static enum rc
appointment_patch(struct req *r)
{
	struct row row;
	enum rc rc = sql_find(r, patch_sql, &row);

	if (rc == OK && row.count > 0) {
		rc = book_note(r, "appointment.changed", &row);
		answer(r, &row);
		return rc;
	}
	if (rc == OK)
		rc = sql_row(r, get_sql, &row);
	if (rc == OK)
		rc = fail(r, E_CONFLICT, "it is %s already",
		    row_text(&row, "status"));
	return rc;
}

static const struct route routes[] = {
	{ "GET", "/appointments", found_sql, MANY, .query = list_query,
	    .run = appointment_list,
	    .about = "Appointments by start, or by words (q)." },
	{ "GET", "/appointments/:id", get_sql, ONE,
	    .about = "One appointment." },
	{ "POST", "/appointments", get_sql, ONE, 201, .in = add_in,
	    .run = appointment_add,
	    .about = "Book a free time; 409 when it "
		     "is taken." },
	{ "PATCH", "/appointments/:id", get_sql, ONE, .in = patch_in,
	    .run = appointment_patch,
	    .about = "Change what is known of it, or say what became of it." },
	{ "POST", "/appointments/:id/cancel", get_sql, ONE,
	    .run = appointment_cancel,
	    .about = "Cancel it; its time is free "
		     "again." },
	{ "POST", "/appointments/:id/reschedule", get_sql, ONE, .in = move_in,
	    .run = appointment_move,
	    .about = "Move it; the answer is the new one, which names it." },
	{ 0 },
};

const struct resource book_appointment = { "book_appointment",
	"Appointments in the built-in book", routes };
