/* oncall.c - the list of those who take calls for the business. */
#include <string.h>

#include "book/slot.h"
#include "phone/oncall.h"
#include "phone/phone.h"

#define COLUMNS_SQL \
	"id, name, phone, place AS \"place:int\", hours," \
	" active AS \"active:bool\", created_at AS \"created_at:time\"," \
	" updated_at AS \"updated_at:time\""

static const char *hours_must(const char *);

static const struct field add_in[] = {
	{ "name", F_TEXT, .need = true, .max = 120 },
	{ "phone", F_PHONE, .need = true },
	{ "place", F_INT, .min = 1, .max = 10000,
	    .about = "The lowest is rung first; 100 by default" },
	{ "hours", F_TEXT, .max = 500, .must = hours_must,
	    .about = "As people write them: Mon-Fri 9-18; null: whenever "
		     "the business is open" },
	{ "active", F_BOOL },
	{ 0 },
};

static const struct field change_in[] = {
	{ "name", F_TEXT, .min = 1, .max = 120 },
	{ "phone", F_PHONE },
	{ "place", F_INT, .min = 1, .max = 10000 },
	{ "hours", F_TEXT, .max = 500, .must = hours_must },
	{ "active", F_BOOL },
	{ 0 },
};

static const struct field list_query[] = {
	{ "limit", F_INT, .min = 1, .max = 500,
	    .about = "How many at once; 100 by default." },
	{ 0 },
};

SQL list_sql[] = "SELECT " COLUMNS_SQL " FROM my_on_call"
		 " ORDER BY place, id LIMIT :limit";
SQL get_sql[] = "SELECT " COLUMNS_SQL " FROM my_on_call WHERE id = :id";
SQL add_sql[] =
    "INSERT INTO on_call (id, account_id, name, phone, place, hours, active,"
    " created_at, updated_at) VALUES (:new_id, app_account(), :name, :phone,"
    " coalesce(CAST(:place AS BIGINT), 100), :hours,"
    " coalesce(CAST(:active AS BIGINT), 1), :now_ms, :now_ms)"
    " RETURNING " COLUMNS_SQL;
SQL change_sql[] =
    "UPDATE on_call SET name = coalesce(:name, name),"
    " phone = coalesce(:phone, phone),"
    " place = CASE WHEN :has_place = 1"
    " THEN coalesce(CAST(:place AS BIGINT), 100) ELSE place END,"
    " hours = CASE WHEN :has_hours = 1 THEN :hours ELSE hours END,"
    " active = CASE WHEN :has_active = 1"
    " THEN coalesce(CAST(:active AS BIGINT), 1) ELSE active END,"
    " updated_at = :now_ms"
    " WHERE account_id = app_account() AND id = :id RETURNING " COLUMNS_SQL;
SQL drop_sql[] = "DELETE FROM on_call WHERE account_id = app_account()"
		 " AND id = :id";
SQL ring_sql[] =
    "SELECT c.name, c.phone, c.hours, c.active AS \"active:bool\","
    " s.timezone FROM my_on_call c LEFT JOIN my_studio s"
    " ON s.account_id = c.account_id ORDER BY c.place, c.id LIMIT 100";
SQL human_sql[] = "SELECT transfer_number FROM my_studio"
		  " WHERE transfer_number IS NOT NULL";

static const char *
hours_must(const char *s)
{
	struct hours list[HOURS_MAX];
	char why[200];

	return hours_parse(s, list, why) > 0 ?
	    NULL :
	    "opening hours, such as Mon-Fri 9-18";
}

/* What is needed to know whose hours it is. */
struct now {
	const char *zone;
	bool known; /* whether the business is open */
	bool open;
};

/* Is it someone's time? Without own hours: the business's. */
static enum rc
is_time(struct req *r, struct now *now, const char *hours, bool *yes)
{
	struct span at = { r->now_ms, r->now_ms + 1 };
	struct hours rules[HOURS_MAX];
	struct slot_plan plan = { .zone = now->zone, .rules = rules };
	char why[200];

	if (hours != NULL && *hours != '\0') {
		plan.rule_count = hours_parse(hours, rules, why);
		*yes = plan.rule_count > 0 && slot_open(r->arena, &plan, at);
		return OK;
	}
	if (!now->known && phone_open(r, &now->open))
		return r->rc;
	now->known = true;
	*yes = now->open;
	return OK;
}

static enum rc
human(struct req *r, struct oncall *o)
{
	struct row row;

	if (sql_find(r, human_sql, &row) || row.count == 0)
		return r->rc;
	o->phone[o->count++] = row_text(&row, "transfer_number");
	return OK;
}

enum rc
oncall_now(struct req *r, struct oncall *o)
{
	struct now now = { "UTC", false, false };
	bool yes = false;
	struct row *list;

	memset(o, 0, sizeof(*o));
	if (sql_rows(r, ring_sql, &list))
		return r->rc;
	if (list == NULL)
		return human(r, o);
	if (row_text(list, "timezone") != NULL)
		now.zone = row_text(list, "timezone");
	for (; list != NULL && o->count < ONCALL_RING; list = list->next) {
		if (row_int(list, "active") != 1)
			continue;
		if (is_time(r, &now, row_text(list, "hours"), &yes))
			return r->rc;
		if (!yes)
			continue;
		o->name[o->count] = row_text(list, "name");
		o->phone[o->count++] = row_text(list, "phone");
	}
	return OK;
}

enum rc
oncall_first(struct req *r, const char **phone)
{
	struct oncall o = { 0 };
	struct row *list;

	*phone = NULL;
	if (sql_rows(r, ring_sql, &list))
		return r->rc;
	for (; list != NULL && *phone == NULL; list = list->next)
		if (row_int(list, "active") == 1)
			*phone = row_text(list, "phone");
	if (*phone != NULL || human(r, &o))
		return r->rc;
	*phone = o.phone[0];
	return OK;
}

/* Who would be rung this moment. */
static enum rc
ring_now(struct req *r)
{
	struct jout *j = &r->json_out;
	struct oncall o;

	if (oncall_now(r, &o))
		return r->rc;
	jout_open(j, '{');
	jout_name(j, "data");
	jout_open(j, '[');
	for (int i = 0; i < o.count; i++) {
		jout_open(j, '{');
		jout_put_str(j, "name", o.name[i]);
		jout_put_str(j, "phone", o.phone[i]);
		jout_close(j, '}');
	}
	jout_close(j, ']');
	jout_put_str(j, "next_cursor", NULL);
	jout_close(j, '}');
	return OK;
}

static enum rc
on_call_drop(struct req *r)
{
	return sql_must(r, drop_sql);
}

static const struct route routes[] = {
	{ "GET", "/on_call", list_sql, MANY, .query = list_query,
	    .about = "Who takes calls, in the order in which they are rung" },
	{ "GET", "/on_call/now", .run = ring_now,
	    .about = "Who would be rung this moment" },
	{ "GET", "/on_call/:id", get_sql, ONE, .about = "One of them" },
	{ "POST", "/on_call", add_sql, ONE, 201, .in = add_in,
	    .about = "Add someone" },
	{ "PATCH", "/on_call/:id", change_sql, ONE, .in = change_in,
	    .about = "Change what is given" },
	{ "DELETE", "/on_call/:id", .status = 204, .run = on_call_drop,
	    .about = "Take someone off the list" },
	{ 0 },
};

const struct resource phone_on_call = { "phone_on_call",
	"Those who take calls for the business", routes };
