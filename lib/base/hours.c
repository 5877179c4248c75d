/* hours.c - opening hours as people write them, into weekly rules. */
#include <stdio.h>
#include <stdlib.h>

#include "base/hours_int.h"

static int
by_start(const void *a, const void *b)
{
	const struct hours_rule *x = a, *y = b;

	if (x->when.weekday != y->when.weekday)
		return x->when.weekday - y->when.weekday;
	return x->when.from_min - y->when.from_min;
}

/* Drop what is closed, and the general hours of days with their own. */
static size_t
choose(struct hours_raw *raw)
{
	size_t n = 0;

	for (size_t i = 0; i < raw->count; i++) {
		const struct hours_rule *r = &raw->list[i];
		unsigned day = 1u << r->when.weekday;

		if (!(raw->closed & day) && !(r->general && raw->named & day))
			raw->list[n++] = *r;
	}
	return n;
}

/* Sort n rules and merge within each day; out holds as many. */
static size_t
merge(struct hours_rule *list, size_t n, struct hours *out)
{
	size_t m = 0;

	qsort(list, n, sizeof(*list), by_start);
	for (size_t i = 0; i < n; i++) {
		const struct hours *r = &list[i].when;
		struct hours *last = m > 0 ? &out[m - 1] : NULL;

		if (last == NULL || last->weekday != r->weekday ||
		    r->from_min > last->to_min)
			out[m++] = *r;
		else if (r->to_min > last->to_min)
			last->to_min = r->to_min;
	}
	return m;
}

/* What the night before has open already is taken off the morning. */
static size_t
trim(struct hours *list, size_t n)
{
	int night[7] = { 0 };
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		int over = list[i].to_min - DAY_MIN;
		int *next = &night[(list[i].weekday + 1) % 7];

		if (over > *next)
			*next = over;
	}
	for (size_t i = 0; i < n; i++) {
		struct hours r = list[i];

		if (r.from_min < night[r.weekday])
			r.from_min = night[r.weekday];
		if (r.from_min < r.to_min)
			list[m++] = r;
	}
	return m;
}

int
hours_parse(const char *text, struct hours out[HOURS_MAX], char why[200])
{
	struct hours list[HOURS_RAW];
	struct hours_raw raw;
	size_t n;

	why[0] = '\0';
	if (!hours_read(text, &raw, why))
		return -1;
	n = trim(list, merge(raw.list, choose(&raw), list));
	if (n == 0 && (raw.count > 0 || raw.closed != 0)) {
		snprintf(why, 200, "these hours leave no day open");
		return -1;
	}
	if (n > HOURS_MAX) {
		snprintf(why, 200, "there are more than %d openings in a week",
		    HOURS_MAX);
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = list[i];
	return (int)n;
}
