/* calls.c - figures of calls: by day, by how they ended, and one by one. */
#include <stdio.h>
#include <string.h>

#include "analytics/range.h"
#include "base/zone.h"

#define SLICE_MS   900000 /* no zone is off by less than a quarter */
#define SLICES_MAX "40000"
#define CALLS_MAX  "10000"

static const struct field report_query[] = { RANGE_QUERY,
	{ "by", F_ENUM, .set = "day|reason|call",
	    .about = "What a line of the CSV is; day when absent" },
	{ 0 } };
static const struct field report_out[] = {
	{ "from", F_TIME },
	{ "to", F_TIME },
	{ "time_zone", F_TEXT },
	{ "calls", F_INT },
	{ "connected", F_INT },
	{ "booked", F_INT },
	{ "duration_s", F_INT },
	{ "average_duration_s", F_REAL },
	{ "cost", F_REAL },
	{ "days", F_LIST },
	{ "reasons", F_LIST },
	{ 0 },
};

/*
 * connected: somebody spoke with the assistant or a person. Ids of calls that
 * booked are looked up by the slice's calls, never the other way round.
 */
#define FIGURES \
	" count(*) AS \"calls:int\", coalesce(sum(CASE WHEN" \
	" coalesce(c.duration_s, 0) > 0 OR c.status = 'in-progress'" \
	" THEN 1 ELSE 0 END), 0) AS \"connected:int\"," \
	" coalesce(sum(c.duration_s), 0) AS \"duration_s:int\"," \
	" coalesce(sum(c.cost), 0) AS \"cost:real\""
#define IN_RANGE \
	" FROM my_call c WHERE c.created_at >= :from_ms" \
	" AND c.created_at < :to_ms"

SQL slices_sql[] =
    "SELECT c.created_at / 900000 AS \"slice:int\"," FIGURES IN_RANGE
    " GROUP BY c.created_at / 900000 ORDER BY c.created_at / 900000"
    " LIMIT " SLICES_MAX;
SQL reasons_sql[] =
    "SELECT coalesce(c.ended_reason, c.status) AS reason," FIGURES IN_RANGE
    " GROUP BY coalesce(c.ended_reason, c.status)"
    " ORDER BY count(*) DESC, coalesce(c.ended_reason, c.status) LIMIT 200";
SQL booked_sql[] =
    "SELECT count(*) AS \"booked:int\" FROM my_appointment a"
    " WHERE a.call_id IS NOT NULL AND a.created_at >= :from_ms"
    " AND a.created_at < :to_ms AND a.starts_at >= :from_ms - 86400000";
SQL calls_sql[] =
    "SELECT c.id, c.created_at AS \"created_at:int\", c.direction,"
    " c.from_number, c.to_number, c.status, c.ended_reason,"
    " c.duration_s AS \"duration_s:int\", c.cost AS \"cost:real\","
    " c.summary" IN_RANGE
    " ORDER BY c.created_at DESC, c.id DESC LIMIT " CALLS_MAX;

struct figures {
	char date[11];
	int64_t calls, connected, duration_s;
	double cost;
	struct figures *next;
};

/* --- counting ---------------------------------------------------------------
 */

static double
row_real(const struct row *row, const char *name)
{
	struct val v = row_val(row, name);

	return v.type == VAL_REAL ? v.d : v.type == VAL_INT ? (double)v.i : 0;
}

static void
figures_add(struct figures *f, const struct row *row)
{
	f->calls += row_int(row, "calls");
	f->connected += row_int(row, "connected");
	f->duration_s += row_int(row, "duration_s");
	f->cost += row_real(row, "cost");
}

/* Slices of a quarter of an hour, put together to days of the zone. */
static enum rc
days_read(struct req *r, const struct range *g, struct figures **days)
{
	struct figures *day = NULL, **tail = days;
	struct row *list;

	*days = NULL;
	if (sql_rows(r, slices_sql, &list))
		return r->rc;
	for (; list != NULL; list = list->next) {
		struct civil c =
		    zone_civil(g->zone, row_int(list, "slice") * SLICE_MS);
		char date[40];

		snprintf(date, sizeof(date), "%04d-%02d-%02d", c.year, c.month,
		    c.day);
		if (day == NULL || strcmp(day->date, date) != 0) {
			day = arena_zero(r->arena, sizeof(*day));
			if (day == NULL)
				return fail(r, E_INTERNAL, "out of memory");
			memcpy(day->date, date, sizeof(day->date) - 1);
			*tail = day;
			tail = &day->next;
		}
		figures_add(day, list);
	}
	return OK;
}

/* --- telling
 * ------------------------------------------------------------------ */

static void
real_put(struct jout *j, const char *name, double d)
{
	jout_name(j, name);
	jout_real(j, d);
}

static void
figures_json(struct jout *j, const struct figures *f)
{
	jout_put_int(j, "calls", f->calls);
	jout_put_int(j, "connected", f->connected);
	jout_put_int(j, "duration_s", f->duration_s);
	real_put(j, "cost", f->cost);
}

static void
figures_csv(struct csv *c, const char *name, const struct figures *f)
{
	csv_text(c, name);
	csv_int(c, f->calls);
	csv_int(c, f->connected);
	csv_int(c, f->duration_s);
	csv_real(c, f->cost);
	csv_end(c);
}

static void
totals_json(struct req *r, const struct figures *days, int64_t booked)
{
	struct jout *j = &r->json_out;
	struct figures sum = { .calls = 0 };

	for (; days != NULL; days = days->next) {
		sum.calls += days->calls;
		sum.connected += days->connected;
		sum.duration_s += days->duration_s;
		sum.cost += days->cost;
	}
	figures_json(j, &sum);
	jout_put_int(j, "booked", booked);
	jout_name(j, "average_duration_s");
	if (sum.connected > 0)
		jout_real(j, (double)sum.duration_s / (double)sum.connected);
	else
		jout_null(j);
}

static enum rc
reasons_json(struct req *r)
{
	struct jout *j = &r->json_out;
	struct row *list;

	if (sql_rows(r, reasons_sql, &list))
		return r->rc;
	jout_name(j, "reasons");
	jout_open(j, '[');
	for (; list != NULL; list = list->next) {
		struct figures f = { .calls = 0 };

		figures_add(&f, list);
		jout_open(j, '{');
		jout_put_str(j, "reason", row_text(list, "reason"));
		figures_json(j, &f);
		jout_close(j, '}');
	}
	jout_close(j, ']');
	return OK;
}

static enum rc
report_json(struct req *r, const struct range *g)
{
	struct jout *j = &r->json_out;
	struct figures *days;
	struct row booked;

	if (days_read(r, g, &days) || sql_row(r, booked_sql, &booked))
		return r->rc;
	jout_open(j, '{');
	range_put(r, g);
	jout_put_str(j, "time_zone", g->zone);
	totals_json(r, days, row_int(&booked, "booked"));
	jout_name(j, "days");
	jout_open(j, '[');
	for (; days != NULL; days = days->next) {
		jout_open(j, '{');
		jout_put_str(j, "date", days->date);
		figures_json(j, days);
		jout_close(j, '}');
	}
	jout_close(j, ']');
	if (reasons_json(r))
		return r->rc;
	jout_close(j, '}');
	return OK;
}

static enum rc
days_csv(struct req *r, const struct range *g, struct csv *c)
{
	struct figures *days;

	if (days_read(r, g, &days))
		return r->rc;
	csv_line(c, "date|calls|connected|duration_s|cost");
	for (; days != NULL; days = days->next)
		figures_csv(c, days->date, days);
	return OK;
}

static enum rc
reasons_csv(struct req *r, struct csv *c)
{
	struct row *list;

	if (sql_rows(r, reasons_sql, &list))
		return r->rc;
	csv_line(c, "reason|calls|connected|duration_s|cost");
	for (; list != NULL; list = list->next) {
		struct figures f = { .calls = 0 };

		figures_add(&f, list);
		figures_csv(c, row_text(list, "reason"), &f);
	}
	return OK;
}

static void
value_csv(struct csv *c, const struct row *row, const char *name)
{
	struct val v = row_val(row, name);

	if (v.type == VAL_INT)
		csv_int(c, v.i);
	else if (v.type == VAL_REAL)
		csv_real(c, v.d);
	else
		csv_text(c, row_text(row, name));
}

static enum rc
calls_csv(struct req *r, struct csv *c)
{
	static const char *const names[] = { "direction", "from_number",
		"to_number", "status", "ended_reason", "duration_s", "cost",
		"summary" };
	struct row *list;

	if (sql_rows(r, calls_sql, &list))
		return r->rc;
	csv_line(c,
	    "id|created_at|direction|from_number|to_number|status|"
	    "ended_reason|duration_s|cost|summary");
	for (; list != NULL; list = list->next) {
		char at[CLOCK_TEXT];

		clock_text(row_int(list, "created_at"), at);
		csv_text(c, row_text(list, "id"));
		csv_text(c, at);
		for (size_t i = 0; i < COUNT(names); i++)
			value_csv(c, list, names[i]);
		csv_end(c);
	}
	return OK;
}

static enum rc
report(struct req *r)
{
	const char *by = req_text(r, "by");
	struct range g;
	struct csv c;

	if (range_read(r, &g))
		return r->rc;
	if (!g.csv)
		return report_json(r, &g);
	range_csv(r, &c, "calls");
	if (str_eq(by, "call"))
		return calls_csv(r, &c);
	return str_eq(by, "reason") ? reasons_csv(r, &c) : days_csv(r, &g, &c);
}

static const struct route routes[] = {
	{ "GET", "/analytics/calls", .flags = CSV, .query = report_query,
	    .out = report_out, .run = report,
	    .about = "Calls, their length and cost, by day and by end" },
	{ 0 },
};

const struct resource analytics_calls = { "analytics_calls", "Figures of calls",
	routes };
