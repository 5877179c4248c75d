/* feed.c - the book as a calendar that others subscribe to. */
#include "base/conf.h"
#include "book/book.h"
#include "safe/token.h"
#include "vault/vault.h"
#include "wire/ics.h"

#define PREFIX	"fdc_"
#define BEFORE	30   /* days of the past that are shown */
#define FEEDS	50   /* of one account */
#define EVENTS	5000 /* in one calendar */
#define REFRESH "PT15M"

#define COLUMNS_SQL \
	"id, name, resource_id, detail, created_at AS \"created_at:time\"," \
	" updated_at AS \"updated_at:time\""

static const struct field add_in[] = {
	{ "name", F_TEXT, .need = true, .max = 120,
	    .about = "Whose calendar it is, to know it again." },
	{ "resource_id", F_ID, .about = "Only this resource's." },
	{ "detail", F_ENUM, .set = "full|busy",
	    .about = "busy shows no names; full by default." },
	{ 0 },
};

static const struct field add_out[] = {
	{ "id", F_ID },
	{ "name", F_TEXT },
	{ "resource_id", F_ID },
	{ "detail", F_TEXT },
	{ "created_at", F_TIME },
	{ "updated_at", F_TIME },
	{ "url", F_TEXT, .about = "Shown this once." },
	{ 0 },
};

static const struct field list_query[] = {
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ "cursor", F_ID, .about = "next_cursor of the page before." },
	{ 0 },
};

static const struct field feed_query[] = {
	{ "token", F_TEXT, .need = true, .max = 100, .secret = true,
	    .about = "As in the address that was given out." },
	{ 0 },
};

SQL list_sql[] = "SELECT " COLUMNS_SQL " FROM my_calendar_feed"
		 " WHERE id > COALESCE(CAST(:cursor AS TEXT), '')"
		 " ORDER BY id LIMIT :limit";

SQL count_sql[] = "SELECT count(*) AS \"n:int\" FROM my_calendar_feed";

SQL resource_sql[] = "SELECT id FROM my_resource WHERE id = :resource_id";

SQL add_sql[] =
    "INSERT INTO calendar_feed (id, account_id, name, resource_id, detail,"
    " token_hash, created_at, updated_at) VALUES (:new_id, app_account(),"
    " :name, :resource_id, COALESCE(CAST(:detail AS TEXT), 'full'),"
    " :feed_hash, :now_ms, :now_ms) RETURNING " COLUMNS_SQL;

SQL drop_sql[] = "DELETE FROM calendar_feed WHERE account_id = app_account()"
		 " AND id = :id RETURNING token_hash";

SQL find_sql[] = "SELECT f.name, f.resource_id, f.detail,"
		 " s.organization_name FROM my_calendar_feed f"
		 " LEFT JOIN my_studio s ON s.account_id = f.account_id"
		 " WHERE f.token_hash = :feed_hash";

SQL events_sql[] =
    "SELECT a.id, a.name, a.phone, a.reason, a.starts_at, a.ends_at,"
    " a.updated_at, d.name AS resource_name, v.name AS service_name"
    " FROM my_appointment a JOIN my_resource d ON d.id = a.resource_id"
    " LEFT JOIN my_service v ON v.id = a.service_id"
    " WHERE a.starts_at >= :feed_from AND a.starts_at < :feed_to"
    " AND a.status NOT IN ('cancelled', 'rescheduled')"
    " AND (CAST(:feed_resource AS TEXT) IS NULL"
    " OR a.resource_id = :feed_resource)"
    " ORDER BY a.starts_at, a.id LIMIT :feed_most";

/* --- giving out and taking back ---------------------------------------------
 */

static enum rc
feed_check(struct req *r)
{
	struct row row;
	enum rc rc = sql_row(r, count_sql, &row);

	if (rc == OK && row_int(&row, "n") >= FEEDS)
		return fail(r, E_CONFLICT,
		    "an account has at most %d calendars; revoke one", FEEDS);
	if (rc != OK || req_text(r, "resource_id") == NULL)
		return rc;
	rc = sql_find(r, resource_sql, &row);
	if (rc == OK && row.count == 0)
		rc = fail_field(r, "resource_id",
		    "is not one of your resources");
	return rc;
}

static enum rc
feed_add(struct req *r)
{
	const char *token = token_new(r->arena, PREFIX);
	const char *hash = token_hash(r->arena, token);
	struct jout *j = &r->json_out;
	struct row row;
	enum rc rc = feed_check(r);

	if (token == NULL || hash == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	req_set(r, "feed_hash", val_text(hash));
	if (rc == OK)
		rc = sql_row(r, add_sql, &row);
	if (rc == OK)
		rc = directory_put(r, DIRECTORY_FEED, hash);
	if (rc != OK)
		return rc;
	jout_open(j, '{');
	row_json(j, &row);
	jout_put_str(j, "url",
	    arena_printf(r->arena, "%s/api/calendar.ics?token=%s",
		conf->public_url, token));
	jout_close(j, '}');
	return OK;
}

static enum rc
feed_drop(struct req *r)
{
	struct row row;
	enum rc rc = sql_row(r, drop_sql, &row);

	return rc == OK ?
	    directory_drop(r, DIRECTORY_FEED, row_text(&row, "token_hash")) :
	    rc;
}

/* --- the calendar
 * ------------------------------------------------------------- */

static const char *
summary_of(struct req *r, const struct row *row)
{
	const char *service = row_text(row, "service_name");

	if (service == NULL)
		return row_text(row, "name");
	return arena_printf(r->arena, "%s: %s", service, row_text(row, "name"));
}

static const char *
description_of(struct req *r, const struct row *row)
{
	const char *phone = row_text(row, "phone");
	const char *reason = row_text(row, "reason");

	return arena_printf(r->arena, "%s%s%s", reason != NULL ? reason : "",
	    reason != NULL && phone != NULL ? "\n" : "",
	    phone != NULL ? phone : "");
}

static void
put_event(struct req *r, const struct row *row, bool full)
{
	struct buf *b = &r->out;

	ics_line(b, "BEGIN", "VEVENT");
	ics_line(b, "UID",
	    arena_printf(r->arena, "%s@frontdesk", row_text(row, "id")));
	ics_time(b, "DTSTAMP", row_int(row, "updated_at"));
	ics_time(b, "DTSTART", row_int(row, "starts_at"));
	ics_time(b, "DTEND", row_int(row, "ends_at"));
	ics_line(b, "STATUS", "CONFIRMED");
	if (full) {
		ics_text(b, "SUMMARY", summary_of(r, row));
		ics_text(b, "DESCRIPTION", description_of(r, row));
		ics_text(b, "LOCATION", row_text(row, "resource_name"));
	} else
		ics_line(b, "SUMMARY", "Busy");
	ics_line(b, "END", "VEVENT");
}

static void
put_calendar(struct req *r, const struct row *feed, const struct row *list)
{
	bool full = str_eq(row_text(feed, "detail"), "full");
	const char *business = row_text(feed, "organization_name");
	struct buf *b = &r->out;

	ics_line(b, "BEGIN", "VCALENDAR");
	ics_line(b, "VERSION", "2.0");
	ics_line(b, "PRODID", "-//frontdesk//appointments//EN");
	ics_line(b, "CALSCALE", "GREGORIAN");
	ics_line(b, "METHOD", "PUBLISH");
	ics_text(b, "X-WR-CALNAME",
	    business != NULL && *business != '\0' ? business : "frontdesk");
	ics_line(b, "REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
	ics_line(b, "X-PUBLISHED-TTL", REFRESH);
	for (; list != NULL; list = list->next)
		put_event(r, list, full);
	ics_line(b, "END", "VCALENDAR");
}

/* The one feed that the token opens, in the account that gave it out. */
static enum rc
feed_open(struct req *r, struct row *feed)
{
	const char *hash = token_hash(r->arena, req_text(r, "token"));
	struct row *owner;
	enum rc rc = directory_find(r, DIRECTORY_FEED, hash, &owner);

	feed->count = 0;
	req_set(r, "feed_hash", val_text(hash));
	if (rc == OK && owner != NULL) {
		req_scope(r, row_text(owner, "account_id"));
		rc = sql_find(r, find_sql, feed);
	}
	if (rc == OK && feed->count == 0)
		rc = fail(r, E_MISSING,
		    "there is no such calendar, or it was revoked");
	return rc;
}

static enum rc
feed_read(struct req *r)
{
	struct row feed, *list;
	enum rc rc = feed_open(r, &feed);

	if (rc != OK)
		return rc;
	req_set(r, "feed_resource", row_val(&feed, "resource_id"));
	req_set(r, "feed_from", val_int(r->now_ms - BEFORE * DAY_MS));
	req_set(r, "feed_to", val_int(r->now_ms + (BOOK_AHEAD + 1) * DAY_MS));
	req_set(r, "feed_most", val_int(EVENTS));
	rc = sql_rows(r, events_sql, &list);
	if (rc == OK)
		put_calendar(r, &feed, list);
	return rc;
}

static const struct route routes[] = {
	{ "GET", "/calendar-feeds", list_sql, MANY, .query = list_query,
	    .about = "Addresses at which calendars read the book." },
	{ "POST", "/calendar-feeds", .status = 201, .in = add_in,
	    .out = add_out, .run = feed_add,
	    .about = "A new address; whoever has it can read." },
	{ "DELETE", "/calendar-feeds/:id", .run = feed_drop,
	    .about = "Revoke it." },
	{ "GET", "/calendar.ics", .who = ANYONE, .query = feed_query,
	    .type = "text/calendar; charset=utf-8", .run = feed_read,
	    .about = "The book as iCalendar (RFC 5545)." },
	{ 0 },
};

const struct resource book_feed = { "book_feed",
	"The book as a calendar for others", routes };
