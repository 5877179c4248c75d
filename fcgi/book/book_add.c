/* book_add.c - taking a time: the contact, the appointment and its event. */
#include <string.h>

#include "book/book.h"
#include "phone/sms.h"

#define DAY_LONG DAY_MS /* no appointment is longer */

SQL contact_sql[] =
    "INSERT INTO contact (id, account_id, phone, name, created_at, updated_at)"
    " VALUES (:contact_new, app_account(), :contact_phone, :contact_name,"
    " :now_ms, :now_ms) ON CONFLICT (account_id, phone) DO UPDATE SET"
    " name = COALESCE(contact.name, excluded.name) RETURNING id";

SQL clash_sql[] =
    "SELECT id, kind, name, phone, reason, starts_at AS \"starts_at:time\","
    " ends_at AS \"ends_at:time\", zone, status, source_channel, resource_id,"
    " contact_id, call_id, created_at AS \"created_at:time\","
    " updated_at AS \"updated_at:time\" FROM my_appointment"
    " WHERE resource_id = :resource_id"
    " AND status NOT IN ('cancelled', 'rescheduled')"
    " AND starts_at > :book_starts - 86400000 AND starts_at < :book_ends"
    " AND ends_at > :book_starts ORDER BY starts_at, id LIMIT 1";

SQL add_sql[] =
    "INSERT INTO appointment (id, account_id, resource_id, contact_id,"
    " call_id, name, phone, reason, starts_at, ends_at, zone, source_channel,"
    " created_at, updated_at) VALUES (:appointment_new, app_account(),"
    " :resource_id, :contact_id, :book_call, :book_name, :book_phone,"
    " :book_reason, :book_starts, :book_ends, :book_zone, :book_channel,"
    " :now_ms, :now_ms) RETURNING id, kind, name, phone, reason,"
    " starts_at AS \"starts_at:time\", ends_at AS \"ends_at:time\", zone,"
    " status, source_channel, resource_id, contact_id, call_id,"
    " created_at AS \"created_at:time\", updated_at AS \"updated_at:time\"";

enum rc
contact_meet(struct req *r, const char *phone, const char *name,
    const char **id)
{
	struct row row;
	enum rc rc;

	(void)req_new_id(r, "contact_new");
	req_set(r, "contact_phone", val_text(phone));
	req_set(r, "contact_name", val_text(name));
	rc = sql_row(r, contact_sql, &row);
	*id = rc == OK ? row_text(&row, "id") : NULL;
	return rc;
}

static void
bind(struct req *r, const struct book *b, const struct booking *in)
{
	int64_t length_ms = in->length_ms > 0 ? in->length_ms : b->slot_ms;

	req_set(r, "resource_id", val_text(b->resource));
	req_set(r, "book_starts", val_int(in->starts_ms));
	req_set(r, "book_ends", val_int(in->starts_ms + length_ms));
	req_set(r, "book_name", val_text(in->name));
	req_set(r, "book_phone", val_text(in->phone));
	req_set(r, "book_reason", val_text(in->reason));
	req_set(r, "book_call", val_text(in->call));
	req_set(r, "book_zone", val_text(b->zone));
	req_set(r, "book_channel", val_text(in->channel));
	req_set(r, "contact_id", val_null());
}

/* What can be said without looking at other appointments. */
static enum book_end
judge(struct req *r, const struct book *b, const struct booking *in)
{
	int64_t length_ms = in->length_ms > 0 ? in->length_ms : b->slot_ms;
	struct span s = { in->starts_ms, in->starts_ms + length_ms };

	if (s.from_ms <= r->now_ms)
		return BOOK_PAST;
	if (s.from_ms > r->now_ms + BOOK_AHEAD_MS)
		return BOOK_FAR;
	if (length_ms > DAY_LONG || !book_covers(r, b, s))
		return BOOK_CLOSED;
	return BOOK_DONE;
}

/* Is the time taken? By the same call for the same start: repeated. */
enum rc
book_look(struct req *r, const struct book *b, const struct booking *in,
    enum book_end *end, struct row *row)
{
	enum rc rc;

	memset(row, 0, sizeof(*row));
	*end = judge(r, b, in);
	if (*end != BOOK_DONE || b->resource == NULL)
		return OK;
	bind(r, b, in);
	rc = sql_find(r, clash_sql, row);
	if (rc == OK && row->count > 0)
		*end = in->call != NULL &&
			row_int(row, "starts_at") == in->starts_ms &&
			str_eq(row_text(row, "call_id"), in->call) ?
		    BOOK_SAME :
		    BOOK_TAKEN;
	return rc;
}

static enum rc
note(struct req *r, const struct row *row)
{
	struct buf b;
	struct jout j;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	row_json(&j, row);
	jout_close(&j, '}');
	if (event_put(r, "appointment.booked", row_text(row, "id"),
		buf_text(&b)))
		return r->rc;
	return sms_follow(r, row_text(row, "id"));
}

enum rc
book_add(struct req *r, struct book *b, const struct booking *in,
    enum book_end *end, struct row *row)
{
	const char *contact;
	enum rc rc = book_look(r, b, in, end, row);

	if (rc != OK || *end != BOOK_DONE)
		return rc;
	if (b->resource == NULL)
		rc = book_resource(r, &b->resource);
	bind(r, b, in);
	if (rc == OK && in->phone != NULL) {
		rc = contact_meet(r, in->phone, in->name, &contact);
		req_set(r, "contact_id", val_text(contact));
	}
	(void)req_new_id(r, "appointment_new");
	if (rc == OK)
		rc = sql_row(r, add_sql, row);
	return rc == OK ? note(r, row) : rc;
}
