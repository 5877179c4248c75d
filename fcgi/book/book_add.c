/* book_add.c - taking a time: the contact, the appointment and its event. */
#include <string.h>
#include <strings.h>

#include "book/book_add.h"
#include "phone/sms.h"
#include "pms/pms.h"

SQL contact_sql[] =
    "INSERT INTO contact (id, account_id, phone, name, created_at, updated_at)"
    " VALUES (:contact_new, app_account(), :contact_phone, :contact_name,"
    " :now_ms, :now_ms) ON CONFLICT (account_id, phone) DO UPDATE SET"
    " name = COALESCE(contact.name, excluded.name) RETURNING id";

SQL get_sql[] =
    "SELECT " APPOINTMENT_SQL " FROM my_appointment WHERE id = :look_id";

/* Of the same number, at the same time. */
SQL twice_sql[] =
    "SELECT " APPOINTMENT_SQL " FROM my_appointment WHERE contact_id ="
    " (SELECT c.id FROM my_contact c WHERE c.phone = :book_phone)"
    " AND status = 'scheduled' AND id <> :busy_moving"
    " AND starts_at > :book_starts - 86400000 AND starts_at < :book_ends"
    " AND ends_at > :book_starts ORDER BY starts_at, id LIMIT 20";

SQL add_sql[] =
    "INSERT INTO appointment (id, account_id, resource_id, service_id,"
    " contact_id, call_id, name, phone, reason, starts_at, ends_at,"
    " blocked_from, blocked_to, zone, source_channel, moved_from, created_at,"
    " updated_at) VALUES (:appointment_new, app_account(), :book_resource,"
    " :book_service, :book_contact, :book_call, :book_name, :book_phone,"
    " :book_reason, :book_starts, :book_ends, :book_from, :book_to,"
    " :book_zone, :book_channel, :book_moved, :now_ms, :now_ms)"
    " RETURNING " APPOINTMENT_SQL;

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

static int64_t
length_of(const struct book *b, const struct booking *in)
{
	return in->length_ms > 0 ? in->length_ms : b->service.length_ms;
}

static void
bind(struct req *r, const struct book *b, const struct booking *in)
{
	int64_t ends_ms = in->starts_ms + length_of(b, in);

	req_set(r, "busy_moving", val_text(b->moving != NULL ? b->moving : ""));
	req_set(r, "book_moved", val_text(b->moving));
	req_set(r, "book_service", val_text(b->service.id));
	req_set(r, "book_starts", val_int(in->starts_ms));
	req_set(r, "book_ends", val_int(ends_ms));
	req_set(r, "book_from", val_int(in->starts_ms - b->service.before_ms));
	req_set(r, "book_to", val_int(ends_ms + b->service.after_ms));
	req_set(r, "book_name", val_text(in->name));
	req_set(r, "book_phone", val_text(in->phone));
	req_set(r, "book_reason", val_text(in->reason));
	req_set(r, "book_call", val_text(in->call));
	req_set(r, "book_zone", val_text(b->zone));
	req_set(r, "book_channel", val_text(in->channel));
	req_set(r, "book_contact", val_null());
}

/* --- would it do? ----------------------------------------------------------
 */

static enum book_end
end_of(enum slot_why why)
{
	static const enum book_end ends[SLOT_WHY_COUNT] = {
		[SLOT_FREE] = BOOK_DONE,
		[SLOT_PAST] = BOOK_PAST,
		[SLOT_SOON] = BOOK_SOON,
		[SLOT_FAR] = BOOK_FAR,
		[SLOT_CLOSED] = BOOK_CLOSED,
		[SLOT_HOURS] = BOOK_CLOSED,
		[SLOT_FULL] = BOOK_FULL,
		[SLOT_TAKEN] = BOOK_TAKEN,
		[SLOT_BUFFER] = BOOK_TAKEN,
		[SLOT_HELD] = BOOK_HELD,
	};

	return ends[why];
}

/*
 * The first resource that is free; else the reason of the one that came
 * closest: the later a rule is looked at, the more of the others are met.
 */
static enum rc
judge(struct req *r, const struct book *b, struct span s, struct slot *best,
    const char **resource)
{
	struct book_view v;
	enum rc rc = book_view(r, b, s, true, &v);

	*best = (struct slot) { s.from_ms, SLOT_CLOSED, NULL };
	if (s.from_ms <= r->now_ms)
		best->why = SLOT_PAST;
	*resource = NULL;
	for (int i = 0; i < v.count && rc == OK; i++) {
		struct slot one = slot_judge(r->arena, &v.plan[i], s);

		if (one.why == SLOT_FREE) {
			*best = one;
			*resource = v.resource[i];
			return OK;
		}
		if (i == 0 || one.why > best->why)
			*best = one;
	}
	return rc;
}

/* A mistyped time is far from any; so are its dates from being computed. */
static bool
is_sane(struct req *r, int64_t t_ms)
{
	return t_ms < r->now_ms + (BOOK_AHEAD + 2) * DAY_MS &&
	    t_ms > r->now_ms - DAY_MS;
}

static enum rc
look(struct req *r, const struct book *b, const struct booking *in,
    enum book_end *end, const char **resource)
{
	struct span s = { in->starts_ms, in->starts_ms + length_of(b, in) };
	struct slot best;
	enum rc rc;

	*resource = NULL;
	*end = in->starts_ms <= r->now_ms ? BOOK_PAST : BOOK_FAR;
	if (!is_sane(r, in->starts_ms))
		return OK;
	rc = judge(r, b, s, &best, resource);
	*end = end_of(best.why);
	req_set(r, "look_id", val_text(best.ref));
	return rc;
}

/*
 * Does this number have an appointment then? Of the same person it would be
 * one too many; of the same call the very same.
 */
static enum rc
look_twice(struct req *r, const struct booking *in, enum book_end *end,
    struct row *row)
{
	struct row *list;
	enum rc rc;

	if (in->phone == NULL)
		return OK;
	rc = sql_rows(r, twice_sql, &list);
	for (; rc == OK && list != NULL; list = list->next) {
		const char *name = row_text(list, "name");
		bool same = row_int(list, "starts_at") == in->starts_ms &&
		    in->call != NULL &&
		    str_eq(row_text(list, "call_id"), in->call);
		bool person = in->name == NULL || name == NULL ||
		    strcasecmp(name, in->name) == 0;

		if (!person && !(same && *end != BOOK_DONE))
			continue;
		if (!person || *end == BOOK_DONE || *end == BOOK_TAKEN ||
		    *end == BOOK_HELD) {
			*end = same ? BOOK_SAME : BOOK_TWICE;
			*row = *list;
			return OK;
		}
	}
	return rc;
}

enum rc
book_look(struct req *r, const struct book *b, const struct booking *in,
    enum book_end *end, const char **resource, struct row *row)
{
	enum rc rc;

	memset(row, 0, sizeof(*row));
	bind(r, b, in);
	rc = look(r, b, in, end, resource);
	if (rc == OK && !b->force)
		rc = look_twice(r, in, end, row);
	if (rc == OK && *end == BOOK_TAKEN)
		rc = sql_find(r, get_sql, row);
	return rc;
}

/* --- doing it ---------------------------------------------------------------
 */

enum rc
book_note(struct req *r, const char *kind, const struct row *row)
{
	struct buf b;
	struct jout j;

	buf_init(&b, r->arena);
	jout_init(&j, &b);
	jout_open(&j, '{');
	row_json(&j, row);
	jout_close(&j, '}');
	if (event_put(r, kind, row_text(row, "id"), buf_text(&b)))
		return r->rc;
	return sms_follow(r, row_text(row, "id"));
}

enum rc
book_insert(struct req *r, const struct book *b, const struct booking *in,
    const char *resource, struct row *row)
{
	const char *contact;
	enum rc rc = OK;

	bind(r, b, in);
	req_set(r, "book_resource", val_text(resource));
	if (b->bare) {
		rc = book_resource(r, &resource);
		req_set(r, "book_resource", val_text(resource));
	}
	if (rc == OK && in->phone != NULL) {
		rc = contact_meet(r, in->phone, in->name, &contact);
		req_set(r, "book_contact", val_text(contact));
	}
	(void)req_new_id(r, "appointment_new");
	if (rc == OK)
		rc = sql_row(r, add_sql, row);
	if (rc == OK && in->call != NULL)
		rc = hold_drop(r, in->call);
	return rc;
}

enum rc
book_add(struct req *r, struct book *b, const struct booking *in,
    enum book_end *end, struct row *row)
{
	const char *resource;
	enum rc rc = book_look(r, b, in, end, &resource, row);

	if (rc != OK || *end != BOOK_DONE)
		return rc;
	rc = book_insert(r, b, in, resource, row);
	if (rc == OK)
		rc = pms_tell(r, PMS_BOOK, row_text(row, "id"), NULL);
	return rc == OK ? book_note(r, "appointment.booked", row) : rc;
}
