/* slot.c - which starts are free, and why the others are not. */
#include "book/slot_lay.h"

static bool
overlap(struct span a, struct span b)
{
	return a.from_ms < b.to_ms && b.from_ms < a.to_ms;
}

/* Do openings from index i on cover the span without a gap? */
static bool
covered(const struct openings *o, size_t i, struct span s)
{
	int64_t t = s.from_ms;

	for (; i < o->count && t < s.to_ms && o->list[i].span.from_ms <= t; i++)
		if (o->list[i].span.to_ms > t)
			t = o->list[i].span.to_ms;
	return t >= s.to_ms;
}

/* What of the list lies upon the span; *k is the first that still may. */
static const struct slot_busy *
in_the_way(const struct slot_busy *list, size_t n, struct span s, size_t *k)
{
	while (*k < n && list[*k].span.to_ms <= s.from_ms)
		(*k)++;
	for (size_t i = *k; i < n && list[i].span.from_ms < s.to_ms; i++)
		if (overlap(list[i].span, s))
			return &list[i];
	return NULL;
}

static bool
is_full(const struct slot_plan *p, int64_t t_ms)
{
	int64_t date = p->full_count > 0 ? slot_date(p->zone, t_ms) : 0;

	for (int i = 0; i < p->full_count; i++)
		if (p->full[i] == date)
			return true;
	return false;
}

/* Places in the lists, which only move on as times ascend. */
struct walk {
	const struct slot_plan *p;
	const struct openings *o;
	size_t opening; /* first that may cover it */
	size_t busy;
	size_t shut;
};

static struct slot
judge_busy(struct walk *w, struct span s)
{
	const struct slot_plan *p = w->p;
	struct span all = { s.from_ms - p->before_ms, s.to_ms + p->after_ms };
	const struct slot_busy *b =
	    in_the_way(p->busy, p->busy_count, all, &w->busy);
	struct slot out = { s.from_ms, SLOT_FREE, NULL };

	if (b == NULL)
		return out;
	out.ref = b->ref;
	out.why = b->held			       ? SLOT_HELD :
	    b->core.to_ms != 0 && !overlap(b->core, s) ? SLOT_BUFFER :
							 SLOT_TAKEN;
	return out;
}

static struct slot
judge(struct walk *w, struct span s)
{
	const struct slot_plan *p = w->p;
	struct slot out = { s.from_ms, SLOT_FREE, NULL };
	const struct slot_busy *shut;

	if (s.from_ms <= p->now_ms)
		out.why = SLOT_PAST;
	else if (s.from_ms < p->first_ms)
		out.why = SLOT_SOON;
	else if (p->last_ms != 0 && s.from_ms >= p->last_ms)
		out.why = SLOT_FAR;
	if (out.why != SLOT_FREE)
		return out;
	shut = in_the_way(w->o->shut, w->o->shut_count, s, &w->shut);
	if (shut != NULL)
		return (struct slot) { s.from_ms, SLOT_CLOSED, shut->ref };
	if (!covered(w->o, w->opening, s))
		out.why = SLOT_HOURS;
	else if (is_full(p, s.from_ms))
		out.why = SLOT_FULL;
	else
		return judge_busy(w, s);
	return out;
}

/* An opening that is gone and would have covered the start. */
static const struct opening *
gone_at(const struct openings *o, int64_t t_ms)
{
	for (size_t i = o->count; i < o->count + o->gone; i++)
		if (o->list[i].span.from_ms <= t_ms &&
		    t_ms < o->list[i].span.to_ms)
			return &o->list[i];
	return NULL;
}

struct slot
slot_judge(struct arena *a, const struct slot_plan *p, struct span s)
{
	struct openings o = slot_lay(a, p, s);
	struct walk w = { .p = p, .o = &o };
	struct slot out = judge(&w, s);
	const struct opening *gone;

	gone = out.why == SLOT_HOURS ? gone_at(&o, s.from_ms) : NULL;
	if (gone != NULL &&
	    !covered(&o, 0, (struct span) { s.from_ms, s.from_ms + 1 }))
		out = (struct slot) { s.from_ms, SLOT_CLOSED, gone->gone };
	return out;
}

bool
slot_open(struct arena *a, const struct slot_plan *p, struct span s)
{
	struct openings o = slot_lay(a, p, s);
	size_t k = 0;

	return s.from_ms < s.to_ms && covered(&o, 0, s) &&
	    in_the_way(o.shut, o.shut_count, s, &k) == NULL;
}

bool
slot_opens(struct arena *a, const struct slot_plan *p, struct span s)
{
	struct openings o = slot_lay(a, p, s);

	for (size_t i = 0; i < o.count; i++) {
		struct span at = o.list[i].span;
		const struct slot_busy *shut;
		size_t k = 0;

		if (!overlap(at, s))
			continue;
		shut = in_the_way(o.shut, o.shut_count, at, &k);
		if (shut == NULL || shut->span.from_ms > at.from_ms ||
		    shut->span.to_ms < at.to_ms)
			return true;
	}
	return false;
}

/* First start of the opening's grid that is not before t. */
static int64_t
grid(struct span opening, int64_t step_ms, int64_t t)
{
	int64_t behind = t - opening.from_ms;

	if (behind <= 0)
		return opening.from_ms;
	return opening.from_ms + (behind + step_ms - 1) / step_ms * step_ms;
}

static void
keep(struct slot_list *out, struct slot s)
{
	if (out->count < out->max && (out->all || s.why == SLOT_FREE))
		out->list[out->count++] = s;
}

/* Starts in openings that are gone, unless another one is there. */
static void
add_gone(const struct slot_plan *p, const struct openings *o,
    struct span window, struct slot_list *out)
{
	int64_t next = window.from_ms;

	for (size_t i = o->count; i < o->count + o->gone; i++) {
		const struct opening *at = &o->list[i];

		for (int64_t t = grid(at->span, p->step_ms, next);
		     t < at->span.to_ms && t < window.to_ms; t += p->step_ms)
			if (!covered(o, 0, (struct span) { t, t + 1 }))
				keep(out,
				    (struct slot) { t, SLOT_CLOSED, at->gone });
		if (at->span.to_ms > next)
			next = at->span.to_ms;
	}
}

/* Put what was added behind n into its place; both parts ascend. */
static void
merge(struct slot_list *out, int n)
{
	for (int i = n; i < out->count; i++) {
		struct slot s = out->list[i];
		int k = i;

		for (; k > 0 && out->list[k - 1].start_ms > s.start_ms; k--)
			out->list[k] = out->list[k - 1];
		out->list[k] = s;
	}
}

void
slot_free(struct arena *a, const struct slot_plan *p, struct span window,
    struct slot_list *out)
{
	struct openings o = slot_lay(a, p, window);
	struct walk w = { .p = p, .o = &o };
	int64_t next = window.from_ms;
	int n;

	out->count = 0;
	for (; w.opening < o.count && out->count < out->max; w.opening++) {
		struct span at = o.list[w.opening].span;
		int64_t t = grid(at, p->step_ms, next);

		for (; t < at.to_ms && t < window.to_ms; t += p->step_ms)
			keep(out,
			    judge(&w, (struct span) { t, t + p->length_ms }));
		if (at.to_ms > next)
			next = at.to_ms;
	}
	n = out->count;
	if (!out->all || n == out->max)
		return;
	add_gone(p, &o, window, out);
	merge(out, n);
}
