/* book.c - free times and bookings of the built-in appointment book. */
#include <string.h>

#include "book/book.h"
#include "pms/pms.h"

#define NINE	     (9 * 60)
#define FIVE_PM	     (17 * 60)
#define SLOT_MINUTES 30

SQL open_sql[] =
    "SELECT s.timezone, s.slot_minutes, s.languages, (SELECT p.locale"
    " FROM my_profile p WHERE p.locale IS NOT NULL"
    " ORDER BY p.user_id LIMIT 1) AS locale,"
    " d.id AS resource_id, h.weekday, h.from_min, h.to_min"
    " FROM my_studio s LEFT JOIN my_resource d ON d.id ="
    " (SELECT f.id FROM my_resource f ORDER BY f.id LIMIT 1)"
    " LEFT JOIN my_availability_rule h ON h.resource_id = d.id"
    " ORDER BY h.weekday, h.from_min, h.id";

SQL resource_sql[] = "SELECT id FROM my_resource ORDER BY id LIMIT 1";

/* Its id is the account's, so that two at once make one. */
SQL resource_add_sql[] =
    "INSERT INTO resource (id, account_id, name, kind, created_at, updated_at)"
    " VALUES (:account, app_account(), 'Main', 'practitioner', :now_ms,"
    " :now_ms) ON CONFLICT (account_id, id) DO NOTHING";

SQL busy_sql[] =
    "SELECT starts_at, ends_at, id FROM my_appointment"
    " WHERE resource_id = :resource_id"
    " AND status NOT IN ('cancelled', 'rescheduled')"
    " AND starts_at > :window_from - 86400000 AND starts_at < :window_to"
    " AND ends_at > :window_from UNION ALL"
    " SELECT b.starts_at, b.ends_at, b.id FROM (" PMS_BUSY_SQL(":window_from",
	":window_to") " AND resource_id = :resource_id) b ORDER BY starts_at, id";

static void
assume_hours(struct book *b)
{
	b->assumed = true;
	for (int day = 0; day < 5; day++)
		b->rules[b->rule_count++] =
		    (struct hours) { day, NINE, FIVE_PM };
}

/* The first of the business's languages, a list such as ["fr","en"]. */
enum lang
book_lang(struct req *r, const struct row *studio)
{
	const char *languages = row_text(studio, "languages"), *why;
	const cJSON *list = NULL;

	if (languages != NULL)
		list = json_parse(r->arena, languages, strlen(languages), &why);
	if (list != NULL && cJSON_IsArray(list) &&
	    json_text(list->child) != NULL)
		return phrase_lang(json_text(list->child));
	return phrase_lang(row_text(studio, "locale"));
}

enum rc
book_open(struct req *r, struct book *b)
{
	struct row *list;
	enum rc rc = sql_rows(r, open_sql, &list);

	memset(b, 0, sizeof(*b));
	b->zone = "UTC";
	b->slot_ms = SLOT_MINUTES * INT64_C(60000);
	if (rc != OK)
		return rc;
	if (list != NULL) {
		b->resource = row_text(list, "resource_id");
		if (row_text(list, "timezone") != NULL)
			b->zone = row_text(list, "timezone");
		b->lang = book_lang(r, list);
		b->slot_ms = row_int(list, "slot_minutes") * 60000;
	}
	for (; list != NULL && b->rule_count < HOURS_MAX; list = list->next)
		if (row_val(list, "weekday").type == VAL_INT)
			b->rules[b->rule_count++] =
			    (struct hours) { (int)row_int(list, "weekday"),
				    (int)row_int(list, "from_min"),
				    (int)row_int(list, "to_min") };
	if (b->rule_count == 0)
		assume_hours(b);
	return OK;
}

enum rc
book_resource(struct req *r, const char **id)
{
	struct row row;
	enum rc rc = sql_find(r, resource_sql, &row);

	if (rc == OK && row.count == 0) {
		rc = sql_do(r, resource_add_sql);
		if (rc == OK)
			rc = sql_row(r, resource_sql, &row);
	}
	*id = rc == OK ? row_text(&row, "id") : NULL;
	return rc;
}

static struct slot_plan
plan_of(const struct book *b)
{
	return (struct slot_plan) { .zone = b->zone,
		.rules = b->rules,
		.rule_count = b->rule_count,
		.step_ms = b->slot_ms,
		.length_ms = b->slot_ms };
}

bool
book_covers(struct req *r, const struct book *b, struct span s)
{
	struct slot_plan p = plan_of(b);

	return slot_open(r->arena, &p, s);
}

bool
book_opens(struct req *r, const struct book *b, struct span s)
{
	struct slot_plan p = plan_of(b);

	return slot_opens(r->arena, &p, s);
}

/* What is taken in the window, by start. */
static enum rc
busy_read(struct req *r, const struct book *b, struct span window,
    struct slot_plan *p)
{
	struct span *busy;
	struct row *list;
	size_t n = 0;
	enum rc rc;

	if (b->resource == NULL)
		return OK;
	req_set(r, "resource_id", val_text(b->resource));
	req_set(r, "window_from", val_int(window.from_ms));
	req_set(r, "window_to", val_int(window.to_ms));
	rc = sql_rows(r, busy_sql, &list);
	if (rc != OK)
		return rc;
	for (const struct row *row = list; row != NULL; row = row->next)
		n++;
	busy = arena_get(r->arena, (n + 1) * sizeof(*busy));
	if (busy == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	p->busy = busy;
	p->busy_count = n;
	for (; list != NULL; list = list->next)
		*busy++ = (struct span) { row_int(list, "starts_at"),
			row_int(list, "ends_at") };
	return OK;
}

enum rc
book_free(struct req *r, const struct book *b, struct span window,
    struct slot_list *out)
{
	struct slot_plan p = plan_of(b);
	struct span reach;
	enum rc rc;

	out->count = 0;
	if (window.from_ms < r->now_ms)
		window.from_ms = r->now_ms;
	if (window.from_ms >= window.to_ms)
		return OK;
	reach = (struct span) { window.from_ms, window.to_ms + p.length_ms };
	rc = busy_read(r, b, reach, &p);
	if (rc == OK)
		slot_free(r->arena, &p, window, out);
	return rc;
}
