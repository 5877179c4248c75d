/* slot_lay.c - weekly rules and exceptions laid out on the calendar. */
#include <stdlib.h>

#include "base/clock.h"
#include "book/slot_lay.h"

#define AROUND INT64_C(3) /* days kept before and behind a window */

struct slot_calendar {
	const char *zone;
	int64_t first; /* date */
	int count;
	int64_t start_ms[]; /* of each date; one more than count */
};

int64_t
slot_date(const char *zone, int64_t t_ms)
{
	struct civil c = zone_civil(zone, t_ms);

	return clock_days(c.year, c.month, c.day);
}

/* Instant of a minute after midnight of a date, by the wall clock. */
static int64_t
instant(const char *zone, int64_t date, int minute)
{
	struct civil c = { .minute = minute };

	clock_date(date, &c.year, &c.month, &c.day);
	return zone_instant(zone, &c);
}

struct span
slot_day(const char *zone, int64_t date)
{
	return (
	    struct span) { instant(zone, date, 0), instant(zone, date + 1, 0) };
}

struct slot_calendar *
slot_calendar(struct arena *a, const char *zone, struct span window)
{
	int64_t first = slot_date(zone, window.from_ms) - AROUND;
	int64_t last = slot_date(zone, window.to_ms) + AROUND;
	struct slot_calendar *c;

	if (last - first > SLOT_DAYS + 2 * AROUND)
		last = first + SLOT_DAYS + 2 * AROUND;
	c = arena_get(a,
	    sizeof(*c) + sizeof(int64_t) * (size_t)(last - first + 2));
	if (c == NULL)
		return NULL;
	c->zone = zone;
	c->first = first;
	c->count = (int)(last - first + 1);
	for (int i = 0; i <= c->count; i++)
		c->start_ms[i] = instant(zone, first + i, 0);
	return c;
}

/* No clock was changed on the i-th date, so that minutes can be counted. */
static bool
is_plain(const struct slot_calendar *c, int64_t i)
{
	return i >= 0 && i < c->count &&
	    c->start_ms[i + 1] - c->start_ms[i] == DAY_MS;
}

static int64_t
minute_at(const struct slot_calendar *c, int64_t date, int minute)
{
	int64_t i = date - c->first + minute / 1440;

	if (is_plain(c, i))
		return c->start_ms[i] + minute % 1440 * MINUTE_MS;
	return instant(c->zone, date, minute);
}

/* 0 Monday .. 6 Sunday; day 0 was a Thursday. */
static int
weekday(int64_t date)
{
	return (int)((date % 7 + 10) % 7);
}

/* What is being laid out. */
struct lay {
	const struct slot_plan *p;
	const struct slot_calendar *c;
	struct openings *o; /* the lists have room for all, and one more */
};

static void
put(struct lay *l, int64_t date, const struct hours *h, const char *gone)
{
	struct opening *o = &l->o->list[l->o->count];

	o->span.from_ms = minute_at(l->c, date, h->from_min);
	o->span.to_ms = minute_at(l->c, date, h->to_min);
	o->gone = gone;
	l->o->count += o->span.from_ms < o->span.to_ms;
}

static bool
falls_on(const struct slot_except *e, int64_t date)
{
	return e->from_date <= date && date <= e->to_date;
}

/* What closes the whole date for the weekly hours, or only what is own. */
static const char *
closed_on(const struct slot_plan *p, int64_t date, bool own)
{
	for (int i = 0; i < p->except_count; i++) {
		const struct slot_except *e = &p->excepts[i];

		if (!e->open && e->from_min < 0 && falls_on(e, date) &&
		    (e->own || !own))
			return e->ref != NULL ? e->ref : "";
	}
	return NULL;
}

static void
lay_shut(struct lay *l, int64_t date, const struct slot_except *e)
{
	struct slot_busy *s = &l->o->shut[l->o->shut_count];

	s->span.from_ms = minute_at(l->c, date, e->from_min);
	s->span.to_ms = minute_at(l->c, date, e->to_min);
	s->core = s->span;
	s->held = false;
	s->ref = e->ref;
	l->o->shut_count += s->span.from_ms < s->span.to_ms;
}

static void
lay_date(struct lay *l, int64_t date)
{
	const struct slot_plan *p = l->p;
	const char *closed = closed_on(p, date, false);
	const char *away = closed != NULL ? closed_on(p, date, true) : NULL;

	for (int i = 0; i < p->rule_count; i++)
		if (p->rules[i].weekday == weekday(date))
			put(l, date, &p->rules[i], closed);
	for (int i = 0; i < p->except_count; i++) {
		const struct slot_except *e = &p->excepts[i];
		struct hours h = { 0, e->from_min, e->to_min };

		if (!falls_on(e, date) || e->from_min < 0)
			continue;
		if (e->open)
			put(l, date, &h, e->own ? NULL : away);
		else
			lay_shut(l, date, e);
	}
}

static int
by_start(const void *a, const void *b)
{
	const struct opening *x = a, *y = b;

	if ((x->gone != NULL) != (y->gone != NULL))
		return x->gone != NULL ? 1 : -1;
	if (x->span.from_ms != y->span.from_ms)
		return x->span.from_ms < y->span.from_ms ? -1 : 1;
	return (x->span.to_ms > y->span.to_ms) -
	    (x->span.to_ms < y->span.to_ms);
}

static int
by_shut(const void *a, const void *b)
{
	const struct slot_busy *x = a, *y = b;

	return (x->span.from_ms > y->span.from_ms) -
	    (x->span.from_ms < y->span.from_ms);
}

struct openings
slot_lay(struct arena *a, const struct slot_plan *p, struct span window)
{
	int64_t first = slot_date(p->zone, window.from_ms) - 1;
	int64_t last = slot_date(p->zone, window.to_ms) + 1;
	struct openings o = { 0 };
	struct lay l = { p, p->calendar, &o };
	size_t room = (size_t)p->rule_count + (size_t)p->except_count;

	if (last - first > SLOT_DAYS)
		last = first + SLOT_DAYS;
	room *= (size_t)(last - first + 1);
	o.list = arena_get(a, sizeof(struct opening) * (room + 1));
	o.shut = arena_get(a, sizeof(struct slot_busy) * (room + 1));
	if (l.c == NULL)
		l.c = slot_calendar(a, p->zone, window);
	if (o.list == NULL || o.shut == NULL || l.c == NULL)
		return o;
	for (int64_t d = first; d <= last; d++)
		lay_date(&l, d);
	qsort(o.list, o.count, sizeof(*o.list), by_start);
	for (size_t i = 0; i < o.count; i++)
		o.gone += o.list[i].gone != NULL;
	o.count -= o.gone;
	if (o.shut_count > 1)
		qsort(o.shut, o.shut_count, sizeof(*o.shut), by_shut);
	return o;
}
