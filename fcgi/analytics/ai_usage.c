/* ai_usage.c - what the AI was asked, answered and cost. */
#include "analytics/range.h"
#include "onboard/meter.h"

#define MICRO 1e6 /* of a dollar */

static const struct field report_query[] = {
	RANGE_QUERY,
	{ 0 },
};
static const struct field sum_out[] = {
	{ "requests", F_INT },
	{ "ai", F_INT },
	{ "cache", F_INT },
	{ "rules", F_INT },
	{ "tokens_in", F_INT },
	{ "tokens_out", F_INT },
	{ "cost_usd", F_REAL },
	{ 0 },
};
static const struct field budget_out[] = {
	{ "month", F_TEXT },
	{ "limit_usd", F_REAL },
	{ "spent_usd", F_REAL },
	{ "reserved_usd", F_REAL },
	{ 0 },
};
static const struct field report_out[] = {
	{ "from", F_TIME },
	{ "to", F_TIME },
	{ "totals", F_OBJECT, .sub = sum_out },
	{ "budget", F_OBJECT, .sub = budget_out,
	    .about = "Of this month, whatever the range" },
	{ "reasons", F_LIST, .about = "Why rules answered, most often first" },
	{ "data", F_LIST, .about = "By day (UTC), kind and model" },
	{ "next_cursor", F_TEXT },
	{ 0 },
};

#define SUMS_SQL \
	" count(*) AS \"requests:int\"," \
	" count(*) FILTER (WHERE source = 'ai') AS \"ai:int\"," \
	" count(*) FILTER (WHERE source = 'cache') AS \"cache:int\"," \
	" count(*) FILTER (WHERE source = 'rules') AS \"rules:int\"," \
	" CAST(coalesce(sum(tokens_in), 0) AS BIGINT) AS \"tokens_in:int\"," \
	" CAST(coalesce(sum(tokens_out), 0) AS BIGINT) AS \"tokens_out:int\"," \
	" CAST(coalesce(sum(cost), 0) AS BIGINT) AS \"cost:int\"" \
	" FROM my_ai_usage WHERE created_at >= :from_ms AND created_at < :to_ms"

SQL totals_sql[] = "SELECT" SUMS_SQL;
SQL days_sql[] = "SELECT created_at / 86400000 AS \"day:int\", kind,"
		 " coalesce(model, '') AS model," SUMS_SQL
		 " GROUP BY created_at / 86400000, kind, coalesce(model, '')"
		 " ORDER BY created_at / 86400000, kind, coalesce(model, '')";
SQL reasons_sql[] =
    "SELECT reason, count(*) AS \"requests:int\" FROM my_ai_usage"
    " WHERE created_at >= :from_ms AND created_at < :to_ms"
    " AND reason IS NOT NULL GROUP BY reason ORDER BY count(*) DESC, reason";
SQL budget_sql[] = "SELECT spent AS \"spent:int\", reserved AS \"reserved:int\""
		   " FROM my_ai_budget WHERE month = :month";

static void
put_usd(struct jout *j, const char *name, int64_t micro)
{
	jout_name(j, name);
	jout_real(j, (double)micro / MICRO);
}

static const char *const counts[] = { "requests", "ai", "cache", "rules",
	"tokens_in", "tokens_out" };

static void
sums_put(struct jout *j, const struct row *row)
{
	for (size_t i = 0; i < COUNT(counts); i++)
		jout_put_int(j, counts[i], row_int(row, counts[i]));
	put_usd(j, "cost_usd", row_int(row, "cost"));
}

static const char *
day_text(struct req *r, const struct row *row)
{
	char text[CLOCK_TEXT];

	clock_text(row_int(row, "day") * 86400000, text);
	return arena_copy(r->arena, text, 10);
}

static enum rc
report_csv(struct req *r, const struct row *day)
{
	struct csv c;

	range_csv(r, &c, "ai-usage");
	csv_line(&c,
	    "day|kind|model|requests|ai|cache|rules|tokens_in|"
	    "tokens_out|cost_usd");
	for (; day != NULL; day = day->next) {
		csv_text(&c, day_text(r, day));
		csv_text(&c, row_text(day, "kind"));
		csv_text(&c, row_text(day, "model"));
		for (size_t i = 0; i < COUNT(counts); i++)
			csv_int(&c, row_int(day, counts[i]));
		csv_text(&c,
		    arena_printf(r->arena, "%.6f",
			(double)row_int(day, "cost") / MICRO));
		csv_end(&c);
	}
	return OK;
}

static void
days_put(struct req *r, const struct row *day)
{
	struct jout *j = &r->json_out;

	jout_name(j, "data");
	jout_open(j, '[');
	for (; day != NULL; day = day->next) {
		jout_open(j, '{');
		jout_put_str(j, "day", day_text(r, day));
		jout_put_str(j, "kind", row_text(day, "kind"));
		jout_put_str(j, "model",
		    *row_text(day, "model") != '\0' ? row_text(day, "model") :
						      NULL);
		sums_put(j, day);
		jout_close(j, '}');
	}
	jout_close(j, ']');
}

static enum rc
budget_put(struct req *r)
{
	const char *month = meter_month(r->arena, r->now_ms);
	struct jout *j = &r->json_out;
	struct row row;

	req_set(r, "month", val_text(month));
	if (sql_find(r, budget_sql, &row))
		return r->rc;
	jout_name(j, "budget");
	jout_open(j, '{');
	jout_put_str(j, "month", month);
	put_usd(j, "limit_usd", meter_limit());
	put_usd(j, "spent_usd", row_int(&row, "spent"));
	put_usd(j, "reserved_usd", row_int(&row, "reserved"));
	jout_close(j, '}');
	return OK;
}

static enum rc
reasons_put(struct req *r)
{
	struct jout *j = &r->json_out;
	struct row *list;

	if (sql_rows(r, reasons_sql, &list))
		return r->rc;
	jout_name(j, "reasons");
	jout_open(j, '[');
	for (; list != NULL; list = list->next) {
		jout_open(j, '{');
		row_json(j, list);
		jout_close(j, '}');
	}
	jout_close(j, ']');
	return OK;
}

static enum rc
report(struct req *r)
{
	struct row totals, *days;
	struct range g;

	if (range_read(r, &g) || sql_rows(r, days_sql, &days))
		return r->rc;
	if (g.csv)
		return report_csv(r, days);
	if (sql_row(r, totals_sql, &totals))
		return r->rc;
	jout_open(&r->json_out, '{');
	range_put(r, &g);
	jout_name(&r->json_out, "totals");
	jout_open(&r->json_out, '{');
	sums_put(&r->json_out, &totals);
	jout_close(&r->json_out, '}');
	if (budget_put(r) || reasons_put(r))
		return r->rc;
	days_put(r, days);
	jout_name(&r->json_out, "next_cursor");
	jout_null(&r->json_out);
	jout_close(&r->json_out, '}');
	return OK;
}

static const struct route routes[] = {
	{ "GET", "/analytics/ai-usage", .flags = CSV, .query = report_query,
	    .out = report_out, .run = report,
	    .about = "What the AI was asked, answered and cost" },
	{ 0 },
};

const struct resource analytics_ai_usage = { "analytics_ai_usage",
	"Use and cost of the AI", routes };
