/* tell.c - times and refusals, in words. */
#include <string.h>

#include "base/clock.h"
#include "hook/tool.h"

#define NEAR 3	 /* times that are offered at once */
#define LOOK 320 /* a whole day, even of 5-minute slots */

const char *
tell_when(struct req *r, const struct book *b, int64_t t_ms)
{
	struct civil c = zone_civil(b->zone, t_ms);

	return phrase_when(r->arena, b->lang, &c);
}

const char *
tell_day(struct req *r, const struct book *b, int64_t date)
{
	struct civil c = { .weekday = (int)((date % 7 + 10) % 7) };

	clock_date(date, &c.year, &c.month, &c.day);
	return phrase_day(r->arena, b->lang, &c);
}

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/*
 * Narrow an ascending list to the NEAR times around t_ms: of neighbours, the
 * farther end goes.
 */
static void
narrow(struct slot_list *l, int64_t t_ms)
{
	while (l->count > NEAR) {
		if (distance(l->start_ms[0], t_ms) >
		    distance(l->start_ms[l->count - 1], t_ms))
			l->start_ms++;
		l->count--;
	}
}

/* The day is named once for the times on it: "Tuesday, at 9 AM, 10 AM". */
static const char *
name_times(struct req *r, const struct book *b, const struct slot_list *l)
{
	const char *words[NEAR];
	int64_t date = INT64_MIN;

	for (int i = 0; i < l->count; i++) {
		struct civil c = zone_civil(b->zone, l->start_ms[i]);
		int64_t day = clock_days(c.year, c.month, c.day);

		words[i] = day == date ? phrase_time(r->arena, b->lang, &c) :
					 phrase_when(r->arena, b->lang, &c);
		date = day;
	}
	return phrase_or(r->arena, b->lang, words, (size_t)l->count);
}

enum rc
tell_near(struct req *r, const struct book *b, int64_t t_ms, const char **list)
{
	int64_t starts[LOOK];
	struct slot_list free_ms = { starts, 0, LOOK };
	struct span window = slot_day(b->zone, slot_date(b->zone, t_ms));
	enum rc rc;

	*list = NULL;
	if (window.from_ms < r->now_ms)
		window.from_ms = r->now_ms;
	window.to_ms = window.from_ms + BOOK_SCAN_DAYS * DAY_MS;
	rc = book_free(r, b, window, &free_ms);
	if (rc != OK || free_ms.count == 0)
		return rc;
	narrow(&free_ms, t_ms);
	*list = name_times(r, b, &free_ms);
	return OK;
}

enum rc
tell_none(struct req *r, const struct book *b, int64_t date, const char **said)
{
	struct span day = slot_day(b->zone, date), after = day;
	int64_t start;
	struct slot_list next = { &start, 0, 1 };
	enum rc rc;

	after.from_ms = day.to_ms > r->now_ms ? day.to_ms : r->now_ms;
	after.to_ms = after.from_ms + BOOK_SCAN_DAYS * DAY_MS;
	rc = book_free(r, b, after, &next);
	if (rc != OK)
		return rc;
	if (next.count == 0)
		*said = phrase(r->arena, b->lang, PHRASE_NONE_SOON);
	else
		*said = phrase(r->arena, b->lang,
		    book_opens(r, b, day) ? PHRASE_NONE_FREE :
					    PHRASE_CLOSED_DAY,
		    tell_day(r, b, date), tell_when(r, b, start));
	return OK;
}

enum rc
tell_refusal(struct req *r, const struct book *b, enum book_end end,
    int64_t t_ms, const char **said)
{
	int64_t date = slot_date(b->zone, t_ms);
	const char *near;
	enum rc rc;

	if (end == BOOK_PAST) {
		*said = phrase(r->arena, b->lang, PHRASE_PAST);
		return OK;
	}
	if (end == BOOK_FAR) {
		*said = phrase(r->arena, b->lang, PHRASE_BAD_DATE,
		    tell_day(r, b, date));
		return OK;
	}
	if (end == BOOK_CLOSED && !book_opens(r, b, slot_day(b->zone, date)))
		return tell_none(r, b, date, said);
	rc = tell_near(r, b, t_ms, &near);
	if (rc != OK)
		return rc;
	if (near == NULL)
		*said = phrase(r->arena, b->lang, PHRASE_NONE_SOON);
	else if (end == BOOK_TAKEN)
		*said = phrase(r->arena, b->lang, PHRASE_TAKEN, near);
	else
		*said = phrase(r->arena, b->lang, PHRASE_SLOT_NO,
		    tell_when(r, b, t_ms), near);
	return OK;
}
