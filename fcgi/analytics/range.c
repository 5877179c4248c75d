/* range.c - what the reports share: a range of time, and two formats. */
#include <stdio.h>
#include <string.h>

#include "analytics/range.h"
#include "base/zone.h"

#define DAY_MS	  86400000
#define YEAR_LAST 9998

SQL zone_sql[] = "SELECT timezone FROM my_studio";

/* "2026-02-11", a day that there is. */
static bool
date_read(const char *s, struct civil *c)
{
	int64_t t_ms;
	char text[32];

	memset(c, 0, sizeof(*c));
	if (strlen(s) != 10)
		return false;
	snprintf(text, sizeof(text), "%sT00:00:00Z", s);
	if (!clock_parse(text, &t_ms))
		return false;
	clock_date(t_ms / DAY_MS, &c->year, &c->month, &c->day);
	return t_ms >= 0 && c->year <= YEAR_LAST;
}

const char *
range_must(const char *s)
{
	struct civil c;
	int64_t t_ms;

	return date_read(s, &c) || (clock_parse(s, &t_ms) && t_ms >= 0) ?
	    NULL :
	    "a date such as 2026-02-11, or a time such as "
	    "2026-02-11T20:10:00Z";
}

/* The instant; days: so many days behind a date. */
static int64_t
instant(const struct range *g, const char *s, int days)
{
	struct civil c;
	int64_t t_ms = 0;

	if (!date_read(s, &c)) {
		(void)clock_parse(s, &t_ms);
		return t_ms;
	}
	clock_date(clock_days(c.year, c.month, c.day) + days, &c.year, &c.month,
	    &c.day);
	return zone_instant(g->zone, &c);
}

enum rc
range_read(struct req *r, struct range *g)
{
	const char *from = req_text(r, "from"), *to = req_text(r, "to");
	struct row row;

	memset(g, 0, sizeof(*g));
	if (sql_find(r, zone_sql, &row))
		return r->rc;
	g->zone = row_text(&row, "timezone");
	g->csv = str_eq(req_text(r, "format"), "csv");
	g->to_ms = to != NULL ? instant(g, to, 1) : r->now_ms + 1;
	g->from_ms = from != NULL ? instant(g, from, 0) :
				    g->to_ms - (int64_t)RANGE_DAYS * DAY_MS;
	if (g->from_ms >= g->to_ms)
		return fail_field(r, "from", "must lie before to");
	if (g->to_ms - g->from_ms > (int64_t)RANGE_DAYS_MAX * DAY_MS)
		return fail_field(r, "from",
		    "must lie at most %d days before "
		    "to",
		    RANGE_DAYS_MAX);
	req_set(r, "from_ms", val_int(g->from_ms));
	req_set(r, "to_ms", val_int(g->to_ms));
	return OK;
}

void
range_put(struct req *r, const struct range *g)
{
	jout_put_time(&r->json_out, "from", g->from_ms);
	jout_put_time(&r->json_out, "to", g->to_ms);
}

void
range_csv(struct req *r, struct csv *c, const char *name)
{
	r->type = "text/csv; charset=utf-8";
	req_head(r, "Content-Disposition",
	    arena_printf(r->arena, "attachment; filename=\"%s.csv\"", name));
	csv_init(c, &r->out);
}
