/* slot.c - free times out of weekly opening hours. */
#include <stdlib.h>

#include "base/clock.h"
#include "book/slot.h"

/* Openings around a window, by start. */
struct openings {
	struct span *list;
	size_t count;
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

static int
by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->from_ms != y->from_ms)
		return x->from_ms < y->from_ms ? -1 : 1;
	return (x->to_ms > y->to_ms) - (x->to_ms < y->to_ms);
}

/* 0 Monday .. 6 Sunday; day 0 was a Thursday. */
static int
weekday(int64_t date)
{
	return (int)((date % 7 + 10) % 7);
}

/*
 * Lay the rules out from the day before the window, which may reach in, to
 * a day behind it, into which an appointment may run.
 */
static struct openings
lay_out(struct arena *a, const struct slot_plan *p, struct span window)
{
	int64_t first = slot_date(p->zone, window.from_ms) - 1;
	int64_t last = slot_date(p->zone, window.to_ms) + 1;
	struct openings o = { NULL, 0 };

	if (last - first > SLOT_DAYS)
		last = first + SLOT_DAYS;
	o.list = arena_get(a,
	    sizeof(struct span) * (size_t)(last - first + 1) *
		(size_t)(p->rule_count + 1));
	if (o.list == NULL)
		return o;
	for (int64_t d = first; d <= last; d++)
		for (int i = 0; i < p->rule_count; i++) {
			const struct hours *h = &p->rules[i];
			struct span *s = &o.list[o.count];

			if (h->weekday != weekday(d))
				continue;
			s->from_ms = instant(p->zone, d, h->from_min);
			s->to_ms = instant(p->zone, d, h->to_min);
			o.count += s->from_ms < s->to_ms;
		}
	qsort(o.list, o.count, sizeof(struct span), by_start);
	return o;
}

/* Do openings from index i on cover the span without a gap? */
static bool
covered(const struct openings *o, size_t i, struct span s)
{
	int64_t t = s.from_ms;

	for (; i < o->count && t < s.to_ms && o->list[i].from_ms <= t; i++)
		if (o->list[i].to_ms > t)
			t = o->list[i].to_ms;
	return t >= s.to_ms;
}

bool
slot_open(struct arena *a, const struct slot_plan *p, struct span s)
{
	struct openings o = lay_out(a, p, s);

	return s.from_ms < s.to_ms && covered(&o, 0, s);
}

bool
slot_opens(struct arena *a, const struct slot_plan *p, struct span s)
{
	struct openings o = lay_out(a, p, s);

	for (size_t i = 0; i < o.count; i++)
		if (o.list[i].from_ms < s.to_ms && o.list[i].to_ms > s.from_ms)
			return true;
	return false;
}

/* Is it free? *k is the first taken span that may still matter. */
static bool
is_free(const struct slot_plan *p, struct span s, size_t *k)
{
	while (*k < p->busy_count && p->busy[*k].to_ms <= s.from_ms)
		(*k)++;
	return *k >= p->busy_count || p->busy[*k].from_ms >= s.to_ms;
}

/* First start of the opening's grid that is not before t. */
static int64_t
grid(const struct span *opening, int64_t step_ms, int64_t t)
{
	int64_t behind = t - opening->from_ms;

	if (behind <= 0)
		return opening->from_ms;
	return opening->from_ms + (behind + step_ms - 1) / step_ms * step_ms;
}

void
slot_free(struct arena *a, const struct slot_plan *p, struct span window,
    struct slot_list *out)
{
	struct openings o = lay_out(a, p, window);
	int64_t next = window.from_ms;
	size_t k = 0;

	out->count = 0;
	for (size_t i = 0; i < o.count; i++) {
		const struct span *at = &o.list[i];
		int64_t t = grid(at, p->step_ms, next);

		for (;
		     t < at->to_ms && t < window.to_ms && out->count < out->max;
		     t += p->step_ms) {
			struct span s = { t, t + p->length_ms };

			if (covered(&o, i, s) && is_free(p, s, &k))
				out->start_ms[out->count++] = t;
			next = t + 1;
		}
	}
}
