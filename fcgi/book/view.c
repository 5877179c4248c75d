/* view.c - what stands in a window of time: exceptions, bookings, holds. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "book/except.h"
#include "pms/pms.h"

#define BUSY_FIRST 64 /* room for rows, at first */
#define FULL_MAX   64 /* dates of a window */

#define LIVE	   "status NOT IN ('cancelled', 'rescheduled')"

/* What begins in the window; read from one index alone. */
SQL busy_sql[] =
    "SELECT d.id, a.blocked_from, a.blocked_to"
    " FROM my_resource d JOIN my_appointment a ON a.resource_id = d.id"
    " AND a." LIVE " AND a.blocked_from >= :busy_from"
    " AND a.blocked_from < :busy_to ORDER BY d.id, a.blocked_from";

/*
 * Live rows of a resource never overlap, so of those that begin before the
 * window only the last can reach into it.
 */
SQL reach_sql[] =
    "SELECT d.id, (SELECT p.blocked_to FROM my_appointment p"
    " WHERE p.resource_id = d.id AND p." LIVE " AND p.blocked_from < :busy_from"
    " AND p.blocked_from > :busy_from - 172800000"
    " ORDER BY p.blocked_from DESC LIMIT 1) AS until FROM my_resource d"
    " ORDER BY d.id";

/* The same with all that can be told of them, for short windows. */
SQL busy_ids_sql[] =
    "SELECT d.id, a.blocked_from, a.blocked_to, a.starts_at, a.ends_at, a.id"
    " FROM my_resource d JOIN my_appointment a ON a.resource_id = d.id"
    " AND a." LIVE " AND a.blocked_from > :busy_from - 172800000"
    " AND a.blocked_from < :busy_to AND a.blocked_to > :busy_from"
    " AND a.id <> :busy_moving ORDER BY d.id, a.blocked_from";

/* What the practice's own system holds; such rows may overlap. */
SQL practice_sql[] =
    PMS_BUSY_SQL(":busy_from", ":busy_to") " ORDER BY starts_at, id";

SQL hold_sql[] = "SELECT resource_id, blocked_from, blocked_to, id FROM my_hold"
		 " WHERE expires_at > :now_ms AND call_id <> :busy_call"
		 " AND blocked_from < :busy_to AND blocked_to > :busy_from"
		 " ORDER BY expires_at, id";

SQL day_sql[] =
    "SELECT starts_at FROM my_appointment WHERE service_id = :day_service"
    " AND status NOT IN ('cancelled', 'rescheduled')"
    " AND id <> :busy_moving"
    " AND starts_at >= :busy_from AND starts_at < :busy_to"
    " ORDER BY starts_at, id";

/* Of a week without a closed hour. */
static const struct hours always[] = { { 0, 0, 1440 }, { 1, 0, 1440 },
	{ 2, 0, 1440 }, { 3, 0, 1440 }, { 4, 0, 1440 }, { 5, 0, 1440 },
	{ 6, 0, 1440 } };

/* --- who ------------------------------------------------------------------ */

static bool
may_sit(const struct book *b, const struct book_chair *c)
{
	const cJSON *id;

	if (b->resource != NULL && !str_eq(b->resource, c->id))
		return false;
	if (!c->active || b->service.who == NULL)
		return c->active;
	cJSON_ArrayForEach(id, b->service.who)
	{
		if (str_eq(json_text(id), c->id))
			return true;
	}
	return false;
}

/* What is the same for all. */
static struct slot_plan
plan_make(struct req *r, const struct book *b, struct span window)
{
	const struct book_service *s = &b->service;
	int64_t today = slot_date(b->zone, r->now_ms);
	struct slot_plan plan = { .zone = b->zone }, *p = &plan;

	p->calendar = slot_calendar(r->arena, b->zone, window);
	p->step_ms = s->step_ms;
	p->length_ms = s->length_ms;
	p->before_ms = s->before_ms;
	p->after_ms = s->after_ms;
	p->now_ms = r->now_ms;
	p->first_ms = s->notice_ms > 0 ? r->now_ms + s->notice_ms : 0;
	p->last_ms = slot_day(b->zone, today + s->horizon_days).to_ms;
	if (b->force) {
		p->first_ms = 0;
		p->last_ms = slot_day(b->zone, today + BOOK_AHEAD).to_ms;
	}
	return plan;
}

/* Each resource that may be booked gets the plan, with its own hours. */
static bool
seat_all(struct req *r, const struct book *b, const struct slot_plan *plan,
    struct book_view *v)
{
	size_t n = (size_t)b->chair_count;

	v->count = 0;
	v->resource = arena_get(r->arena, n * sizeof(*v->resource));
	v->plan = arena_get(r->arena, n * sizeof(*v->plan));
	if (v->resource == NULL || v->plan == NULL)
		return false;
	for (int i = 0; i < b->chair_count; i++) {
		const struct book_chair *c = &b->chairs[i];
		struct slot_plan *p = &v->plan[v->count];

		if (!may_sit(b, c))
			continue;
		*p = *plan;
		p->rules = b->force ? always : c->rules;
		p->rule_count = b->force ? (int)COUNT(always) : c->rule_count;
		v->resource[v->count++] = c->id;
	}
	return true;
}

/* --- what is taken ---------------------------------------------------------
 */

struct taken {
	struct slot_busy busy;
	const char *resource; /* the chair's own text, for comparing */
};

struct reading {
	struct req *r;
	const struct book *book;
	struct taken *list;
	size_t count, room;
	int64_t from_ms; /* of the window, with buffers */
	bool explain;
};

/* The chair of an id; rows mostly come in the chairs' order. */
static const char *
resource_of(struct reading *g, const char *id)
{
	const struct book_chair *c;

	if (g->count > 0 && str_eq(g->list[g->count - 1].resource, id))
		return g->list[g->count - 1].resource;
	c = book_chair(g->book, id);
	return c != NULL ? c->id : NULL;
}

static struct taken *
taken_new(struct reading *g, const char *id)
{
	const char *resource = resource_of(g, id);
	size_t size = g->room * sizeof(*g->list);

	if (resource == NULL)
		return NULL;
	if (g->count == g->room) {
		g->room = g->room > 0 ? 2 * g->room : BUSY_FIRST;
		g->list = arena_grow(g->r->arena, g->list, size,
		    g->room * sizeof(*g->list));
		if (g->list == NULL) {
			g->count = g->room = 0;
			return NULL;
		}
	}
	memset(&g->list[g->count], 0, sizeof(*g->list));
	g->list[g->count].resource = resource;
	return &g->list[g->count++];
}

static void
busy_row(void *ctx, const struct val *v)
{
	struct reading *g = ctx;
	struct taken *t = taken_new(g, v[0].s);

	if (t == NULL)
		return;
	t->busy.span = (struct span) { v[1].i, v[2].i };
	if (!g->explain)
		return;
	t->busy.core = (struct span) { v[3].i, v[4].i };
	t->busy.ref = arena_copy(g->r->arena, v[5].s, v[5].len);
}

static void
reach_row(void *ctx, const struct val *v)
{
	struct reading *g = ctx;
	struct taken *t;

	if (v[1].type != VAL_INT || v[1].i <= g->from_ms)
		return;
	t = taken_new(g, v[0].s);
	if (t != NULL)
		t->busy.span = (struct span) { g->from_ms, v[1].i };
}

static void
hold_row(void *ctx, const struct val *v)
{
	struct reading *g = ctx;
	struct taken *t = taken_new(g, v[0].s);

	if (t == NULL)
		return;
	t->busy.span = (struct span) { v[1].i, v[2].i };
	t->busy.held = true;
}

static void
practice_row(void *ctx, const struct val *v)
{
	struct reading *g = ctx;
	struct taken *t = v[0].type == VAL_TEXT ? taken_new(g, v[0].s) : NULL;

	if (t == NULL)
		return;
	t->busy.span = (struct span) { v[1].i, v[2].i };
	t->busy.core = t->busy.span;
}

static int
by_resource(const void *a, const void *b)
{
	const struct taken *x = a, *y = b;
	int order = strcmp(x->resource, y->resource);

	if (order != 0)
		return order;
	return (x->busy.span.from_ms > y->busy.span.from_ms) -
	    (x->busy.span.from_ms < y->busy.span.from_ms);
}

/* Give each plan the part of the list that is its resource's. */
static void
busy_share(const struct reading *g, struct book_view *v, struct slot_busy *list)
{
	for (size_t i = 0; i < g->count; i++)
		list[i] = g->list[i].busy;
	for (int k = 0; k < v->count; k++) {
		size_t from = 0, to;

		while (
		    from < g->count && g->list[from].resource != v->resource[k])
			from++;
		for (to = from;
		     to < g->count && g->list[to].resource == v->resource[k];)
			to++;
		v->plan[k].busy = list + from;
		v->plan[k].busy_count = to - from;
	}
}

/* Ascending by resource and time, but for what was put behind. */
static enum rc
busy_read(struct reading *g, struct book_view *v)
{
	const struct book *b = g->book;
	struct slot_busy *list;
	size_t rows;
	enum rc rc;

	req_set(g->r, "busy_moving",
	    val_text(b->moving != NULL ? b->moving : ""));
	req_set(g->r, "busy_call", val_text(b->call != NULL ? b->call : ""));
	rc = sql_each(g->r, g->explain ? busy_ids_sql : busy_sql, busy_row, g);
	rows = g->count;
	if (rc == OK && !g->explain)
		rc = sql_each(g->r, reach_sql, reach_row, g);
	if (rc == OK)
		rc = sql_each(g->r, practice_sql, practice_row, g);
	if (rc == OK && !b->force)
		rc = sql_each(g->r, hold_sql, hold_row, g);
	if (rc != OK)
		return rc;
	if (g->count > rows)
		qsort(g->list, g->count, sizeof(*g->list), by_resource);
	list = arena_get(g->r->arena, (g->count + 1) * sizeof(*list));
	if (list == NULL || arena_full(g->r->arena))
		return fail(g->r, E_INTERNAL, "out of memory");
	busy_share(g, v, list);
	return OK;
}

/* --- how many a day --------------------------------------------------------
 */

struct days {
	const struct book *book;
	int64_t *full; /* dates */
	int count;
	int64_t date; /* being counted */
	int64_t times;
};

static void
day_row(void *ctx, const struct val *v)
{
	struct days *d = ctx;
	int64_t date = slot_date(d->book->zone, v[0].i);

	d->times = date == d->date ? d->times + 1 : 1;
	d->date = date;
	if (d->times == d->book->service.per_day && d->count < FULL_MAX)
		d->full[d->count++] = date;
}

static enum rc
days_read(struct req *r, const struct book *b, struct span window,
    struct book_view *v)
{
	struct days d = { .book = b, .date = INT64_MIN };
	enum rc rc;

	if (b->service.per_day == 0 || b->force)
		return OK;
	d.full = arena_get(r->arena, FULL_MAX * sizeof(*d.full));
	if (d.full == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	req_set(r, "day_service", val_text(b->service.id));
	req_set(r, "busy_from",
	    val_int(
		slot_day(b->zone, slot_date(b->zone, window.from_ms)).from_ms));
	req_set(r, "busy_to",
	    val_int(slot_day(b->zone, slot_date(b->zone, window.to_ms)).to_ms));
	rc = sql_each(r, day_sql, day_row, &d);
	for (int i = 0; i < v->count; i++) {
		v->plan[i].full = d.full;
		v->plan[i].full_count = d.count;
	}
	return rc;
}

/* --- the whole --------------------------------------------------------------
 */

/* Days of exceptions, and what they mean for each plan. */
static enum rc
excepts_share(struct req *r, const struct book *b, struct span window,
    struct book_view *v)
{
	struct excepts all;
	enum rc rc;

	if (b->force)
		return OK;
	rc = excepts_read(r, b->zone, window, &all);
	for (int i = 0; i < v->count && rc == OK; i++)
		excepts_of(r->arena, &all, v->resource[i], &v->plan[i]);
	return rc;
}

enum rc
book_view(struct req *r, const struct book *b, struct span window, bool explain,
    struct book_view *v)
{
	struct reading g = { .r = r, .book = b, .explain = explain };
	const struct book_service *s = &b->service;
	struct slot_plan plan;
	enum rc rc;

	plan = plan_make(r, b, window);
	if (!seat_all(r, b, &plan, v))
		return fail(r, E_INTERNAL, "out of memory");
	if (v->count == 0)
		return OK;
	rc = excepts_share(r, b, window, v);
	g.from_ms = window.from_ms - s->before_ms;
	req_set(r, "busy_from", val_int(g.from_ms));
	req_set(r, "busy_to",
	    val_int(window.to_ms + s->length_ms + s->after_ms));
	if (rc == OK)
		rc = busy_read(&g, v);
	return rc == OK ? days_read(r, b, window, v) : rc;
}
