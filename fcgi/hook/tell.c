/* tell.c - times and refusals, in words. */
#include <string.h>

#include "base/clock.h"
#include "hook/tool.h"

#define LOOK 400 /* starts of a day, even of 5-minute slots */

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
 * Narrow an ascending list to the times around t_ms: of neighbours, the
 * farther end goes.
 */
static void
narrow(struct book_slots *l, int64_t t_ms)
{
	while (l->count > BOOK_OFFER) {
		if (distance(l->list[0].start_ms, t_ms) >
		    distance(l->list[l->count - 1].start_ms, t_ms))
			l->list++;
		l->count--;
	}
}

enum rc
tell_offer(struct req *r, const struct book *b, const struct book_slots *l,
    bool bare, const char **list)
{
	const char *words[BOOK_OFFER];
	int64_t date = INT64_MIN;
	int n = l->count < BOOK_OFFER ? l->count : BOOK_OFFER;

	for (int i = 0; i < n; i++) {
		struct civil c = zone_civil(b->zone, l->list[i].start_ms);
		int64_t day = clock_days(c.year, c.month, c.day);

		words[i] = bare || day == date ?
		    phrase_time(r->arena, b->lang, &c) :
		    phrase_when(r->arena, b->lang, &c);
		date = day;
	}
	*list = phrase_or(r->arena, b->lang, words, (size_t)n);
	return hold_put(r, b, l->list, n);
}

/* The day itself first; more days when there is too little on it. */
enum rc
tell_near(struct req *r, const struct book *b, int64_t t_ms, const char **list)
{
	struct book_slot starts[LOOK];
	struct book_slots found = { starts, 0, LOOK };
	struct span window = slot_day(b->zone, slot_date(b->zone, t_ms));
	enum rc rc;

	*list = NULL;
	rc = book_free(r, b, window, &found);
	if (rc == OK && found.count < BOOK_OFFER) {
		window.to_ms += 2 * DAY_MS;
		rc = book_free(r, b, window, &found);
	}
	if (rc == OK && found.count == 0)
		rc = book_next(r, b,
		    window.to_ms > r->now_ms ? window.to_ms : r->now_ms,
		    &found);
	if (rc != OK || found.count == 0)
		return rc;
	narrow(&found, t_ms);
	return tell_offer(r, b, &found, false, list);
}

enum rc
tell_none(struct req *r, const struct book *b, int64_t date, const char **said)
{
	struct span day = slot_day(b->zone, date);
	struct book_slot start;
	struct book_slots next = { &start, 0, 1 };
	const char *list;
	bool opens;
	enum rc rc;

	rc = book_next(r, b, day.to_ms > r->now_ms ? day.to_ms : r->now_ms,
	    &next);
	if (rc == OK && next.count == 0)
		*said = phrase(r->arena, b->lang, PHRASE_NONE_SOON);
	if (rc != OK || next.count == 0)
		return rc;
	rc = book_opens(r, b, day, &opens);
	if (rc == OK)
		rc = tell_offer(r, b, &next, false, &list);
	if (rc == OK)
		*said = phrase(r->arena, b->lang,
		    opens ? PHRASE_NONE_FREE : PHRASE_CLOSED_DAY,
		    tell_day(r, b, date), list);
	return rc;
}

/* Refusals that name other times. */
static enum rc
tell_instead(struct req *r, const struct book *b, enum book_end end,
    int64_t t_ms, const char **said)
{
	struct arena *a = r->arena;
	const char *near;
	enum rc rc = tell_near(r, b, t_ms, &near);

	if (rc != OK)
		return rc;
	if (near == NULL)
		*said = phrase(a, b->lang, PHRASE_NONE_SOON);
	else if (end == BOOK_TAKEN)
		*said = phrase(a, b->lang, PHRASE_TAKEN, near);
	else if (end == BOOK_SOON)
		*said = phrase(a, b->lang, PHRASE_TOO_SOON, near);
	else if (end == BOOK_FULL)
		*said = phrase(a, b->lang, PHRASE_DAY_FULL,
		    tell_day(r, b, slot_date(b->zone, t_ms)), near);
	else
		*said = phrase(a, b->lang, PHRASE_SLOT_NO,
		    tell_when(r, b, t_ms), near);
	return OK;
}

enum rc
tell_refusal(struct req *r, const struct book *b, enum book_end end,
    int64_t t_ms, const struct row *row, const char **said)
{
	struct arena *a = r->arena;
	int64_t today = slot_date(b->zone, r->now_ms);
	struct span day;
	bool opens = true;
	enum rc rc = OK;

	if (end == BOOK_PAST)
		*said = phrase(a, b->lang, PHRASE_PAST);
	else if (end == BOOK_FAR)
		*said = phrase(a, b->lang, PHRASE_TOO_FAR,
		    tell_day(r, b, today + b->service.horizon_days));
	else if (end == BOOK_TWICE)
		*said = phrase(a, b->lang, PHRASE_TWICE,
		    tell_when(r, b, row_int(row, "starts_at")));
	if (end == BOOK_PAST || end == BOOK_FAR || end == BOOK_TWICE)
		return OK;
	day = slot_day(b->zone, slot_date(b->zone, t_ms));
	if (end == BOOK_CLOSED)
		rc = book_opens(r, b, day, &opens);
	if (rc != OK)
		return rc;
	if (!opens)
		return tell_none(r, b, slot_date(b->zone, t_ms), said);
	return tell_instead(r, b, end, t_ms, said);
}
