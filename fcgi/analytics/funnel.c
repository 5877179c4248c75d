/* funnel.c - how far new customers come, and how long each step takes. */
#include <stdlib.h>
#include <string.h>

#include "analytics/forward.h"
#include "analytics/range.h"
#include "analytics/track.h"

#define STEPS_MAX 12
#define ROWS_MAX  "50000"

static const struct field report_query[] = { RANGE_QUERY, { 0 } };
static const struct field report_out[] = {
	{ "from", F_TIME },
	{ "to", F_TIME },
	{ "flows", F_LIST },
	{ "events", F_OBJECT },
	{ 0 },
};
static const struct field nothing_in[] = {
	{ 0 },
};

/* One run behind the other, each in its order. */
SQL rows_sql[] = "SELECT name, flow, run, step, skipped AS \"skipped:int\","
		 " happened_at AS \"at:int\" FROM my_track"
		 " WHERE happened_at >= :from_ms AND happened_at < :to_ms"
		 " ORDER BY flow, run, happened_at, id LIMIT " ROWS_MAX;
SQL events_sql[] = "SELECT name, count(*) AS \"count:int\" FROM my_track"
		   " WHERE happened_at >= :from_ms AND happened_at < :to_ms"
		   " GROUP BY name ORDER BY name";

struct times {
	int64_t *list;
	size_t count, room;
};

struct step {
	const char *id;
	int64_t done, skipped;
	struct times times;
};

struct report {
	struct req *r;
	const struct flow *flow;
	int64_t started, completed;
	struct step step[STEPS_MAX];
	int steps;
};

/* --- counting ---------------------------------------------------------------
 */

static void
time_add(struct req *r, struct times *t, int64_t ms)
{
	if (t->count == t->room) {
		size_t room = t->room == 0 ? 64 : t->room * 2;
		int64_t *list = arena_grow(r->arena, t->list,
		    t->room * sizeof(*list), room * sizeof(*list));

		if (list == NULL)
			return;
		t->list = list;
		t->room = room;
	}
	t->list[t->count++] = ms;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* In seconds; -1: there is none. */
static double
median(struct times *t)
{
	size_t n = t->count, high = n / 2;
	size_t low = n % 2 == 1 ? high : high - 1;

	if (n == 0)
		return -1;
	qsort(t->list, n, sizeof(*t->list), by_size);
	return (double)(t->list[low] + t->list[high]) / 2000.0;
}

static void
report_open(struct report *p, struct req *r, const struct flow *f)
{
	const char *s = f->steps;

	memset(p, 0, sizeof(*p));
	p->r = r;
	p->flow = f;
	while (*s != '\0' && p->steps < STEPS_MAX) {
		size_t n = strcspn(s, "|");

		p->step[p->steps++].id = arena_copy(r->arena, s, n);
		s += n + (s[n] == '|');
	}
}

/*
 * A step takes from what came before it in its run, be that the start or
 * another step; one that has nothing before it in the range counts no time.
 */
static void
step_add(struct report *p, const struct row *e, const struct row *before)
{
	int n = flow_step(p->flow, row_text(e, "step"));

	if (n == 0 || n > p->steps)
		return;
	if (row_int(e, "skipped") == 1)
		p->step[n - 1].skipped++;
	else
		p->step[n - 1].done++;
	if (before != NULL &&
	    str_eq(row_text(before, "run"), row_text(e, "run")))
		time_add(p->r, &p->step[n - 1].times,
		    row_int(e, "at") - row_int(before, "at"));
}

/* "onboarding_started" and "onboarding_completed" of the flow. */
static bool
is_end(const struct report *p, const char *name, const char *what)
{
	size_t n = strlen(p->flow->name);

	return strncmp(name, p->flow->name, n) == 0 && name[n] == '_' &&
	    str_eq(name + n + 1, what);
}

static void
report_read(struct report *p, const struct row *e)
{
	const struct row *before = NULL;

	for (; e != NULL; e = e->next) {
		const char *name = row_text(e, "name");

		if (!str_eq(row_text(e, "flow"), p->flow->name))
			continue;
		if (is_end(p, name, "completed"))
			p->completed++;
		if (row_text(e, "step") != NULL)
			step_add(p, e, before);
		else if (!is_end(p, name, "started"))
			continue; /* neither a step nor the start */
		else
			p->started++;
		before = e;
	}
}

/* --- telling
 * ------------------------------------------------------------------ */

static void
number_put(struct jout *j, const char *name, double d)
{
	jout_name(j, name);
	if (d < 0)
		jout_null(j);
	else
		jout_real(j, d);
}

static double
share(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : -1;
}

static void
report_json(struct report *p)
{
	struct jout *j = &p->r->json_out;

	jout_open(j, '{');
	jout_put_str(j, "flow", p->flow->name);
	jout_put_int(j, "started", p->started);
	jout_put_int(j, "completed", p->completed);
	number_put(j, "completion_rate", share(p->completed, p->started));
	jout_name(j, "steps");
	jout_open(j, '[');
	for (int i = 0; i < p->steps; i++) {
		struct step *s = &p->step[i];

		jout_open(j, '{');
		jout_put_str(j, "step_id", s->id);
		jout_put_int(j, "step_number", i + 1);
		jout_put_int(j, "completed", s->done);
		jout_put_int(j, "skipped", s->skipped);
		number_put(j, "skip_rate",
		    share(s->skipped, s->done + s->skipped));
		number_put(j, "median_seconds", median(&s->times));
		jout_close(j, '}');
	}
	jout_close(j, ']');
	jout_close(j, '}');
}

static void
real_csv(struct csv *c, double d)
{
	if (d < 0)
		csv_text(c, NULL);
	else
		csv_real(c, d);
}

static void
report_csv(struct report *p, struct csv *c)
{
	for (int i = 0; i < p->steps; i++) {
		struct step *s = &p->step[i];

		csv_text(c, p->flow->name);
		csv_text(c, s->id);
		csv_int(c, i + 1);
		csv_int(c, p->started);
		csv_int(c, s->done);
		csv_int(c, s->skipped);
		real_csv(c, share(s->skipped, s->done + s->skipped));
		real_csv(c, median(&s->times));
		csv_end(c);
	}
}

static enum rc
report_end(struct req *r)
{
	struct jout *j = &r->json_out;
	struct row *list;

	if (sql_rows(r, events_sql, &list))
		return r->rc;
	jout_close(j, ']');
	jout_name(j, "events");
	jout_open(j, '{');
	for (; list != NULL; list = list->next)
		jout_put_int(j, row_text(list, "name"), row_int(list, "count"));
	jout_close(j, '}');
	jout_close(j, '}');
	return OK;
}

static enum rc
report(struct req *r)
{
	struct range g;
	struct report p;
	struct row *list;
	struct csv c;

	if (range_read(r, &g) || sql_rows(r, rows_sql, &list))
		return r->rc;
	if (g.csv) {
		range_csv(r, &c, "onboarding");
		csv_line(&c,
		    "flow|step_id|step_number|started|completed|skipped|"
		    "skip_rate|median_seconds");
	} else {
		jout_open(&r->json_out, '{');
		range_put(r, &g);
		jout_name(&r->json_out, "flows");
		jout_open(&r->json_out, '[');
	}
	for (const struct flow *f = flows; f->name != NULL; f++) {
		report_open(&p, r, f);
		report_read(&p, list);
		if (g.csv)
			report_csv(&p, &c);
		else
			report_json(&p);
	}
	return g.csv ? OK : report_end(r);
}

static const struct route routes[] = {
	{ "GET", "/analytics/onboarding", .flags = CSV, .query = report_query,
	    .out = report_out, .run = report,
	    .about = "Steps reached and skipped, and the time they take" },
	{ "JOB", TRACK_JOB, .who = RUNNER, .tx = TX_OWN, .in = nothing_in,
	    .run = track_forward,
	    .about = "Send what was recorded to PostHog or Mixpanel" },
	{ 0 },
};

const struct resource analytics_onboarding = { "analytics_onboarding",
	"How far new customers come", routes };
