/* tool_check.c - check-availability: which times are free? */
#include <string.h>

#include "hook/tool.h"

#define LOOK 400 /* starts of a day, even of 5-minute slots */

/* How many days to look at: "days" of the arguments, 1 by default. */
static int64_t
days_of(struct req *r, const struct ask *ask)
{
	const char *s = args_text(r->arena, ask->call->args, "days", 4);
	int64_t n;

	return s != NULL && str_int(s, 1, BOOK_SCAN_DAYS, &n) ? n : 1;
}

/* The first, a middle and the last of them. */
static void
spread(struct book_slots *l)
{
	int n = l->count < BOOK_OFFER ? l->count : BOOK_OFFER;

	for (int i = 1; i < n; i++)
		l->list[i] = l->list[i * (l->count - 1) / (n - 1)];
	l->count = n;
}

/* Only those of the first day there is something on. */
static struct span
first_day(const struct book *b, struct book_slots *l)
{
	struct span day =
	    slot_day(b->zone, slot_date(b->zone, l->list[0].start_ms));

	while (l->list[l->count - 1].start_ms >= day.to_ms)
		l->count--;
	return day;
}

/* Only those in the part of the day that is wished; false: there is none. */
static bool
in_part(const struct book *b, const struct wish *w, struct book_slots *l)
{
	int n = 0;

	if (w->from_min == 0 && w->to_min == 1440)
		return true;
	for (int i = 0; i < l->count; i++) {
		struct civil c = zone_civil(b->zone, l->list[i].start_ms);
		int minute = c.hour * 60 + c.minute;

		if (minute >= w->from_min && minute < w->to_min)
			l->list[n++] = l->list[i];
	}
	if (n > 0)
		l->count = n;
	return n > 0;
}

static enum rc
offer(struct req *r, const struct book *b, const struct wish *w,
    struct book_slots *l, const char **said)
{
	struct span day = first_day(b, l);
	enum phrase id =
	    in_part(b, w, l) ? PHRASE_SLOTS_FREE : PHRASE_PART_NONE;
	const char *list;
	enum rc rc;

	spread(l);
	rc = tell_offer(r, b, l, true, &list);
	if (rc == OK)
		*said = phrase(r->arena, b->lang, id,
		    tell_day(r, b, slot_date(b->zone, day.from_ms)), list);
	return rc;
}

/* The first of the days on which something is free. */
static enum rc
look(struct req *r, const struct book *b, const struct wish *w, int64_t days,
    const char **said)
{
	struct span window = slot_day(b->zone, w->date);
	int64_t today = slot_date(b->zone, r->now_ms);
	struct book_slot starts[LOOK];
	struct book_slots l = { starts, 0, LOOK };
	enum rc rc;

	if (w->date < today)
		return tell_refusal(r, b, BOOK_PAST, window.from_ms, NULL,
		    said);
	if (w->date > today + b->service.horizon_days)
		return tell_refusal(r, b, BOOK_FAR, window.from_ms, NULL, said);
	if (w->soon)
		rc = book_next(r, b, r->now_ms, &l);
	else {
		window.to_ms = slot_day(b->zone, w->date + days - 1).to_ms;
		rc = book_free(r, b, window, &l);
	}
	if (rc != OK)
		return rc;
	if (l.count > 0)
		return offer(r, b, w, &l, said);
	if (w->soon)
		days = BOOK_SCAN_DAYS;
	return tell_none(r, b, w->date + days - 1, said);
}

/* Is the very time that was asked for free? Then it is held. */
static enum rc
answer(struct req *r, const struct ask *ask, int64_t at_ms, const char **said)
{
	struct booking in = { .starts_ms = at_ms, .call = ask->row };
	const struct book *b = ask->book;
	struct book_slot slot = { at_ms, NULL };
	enum book_end end;
	struct row row;
	enum rc rc = book_look(r, b, &in, &end, &slot.resource, &row);

	if (rc != OK)
		return rc;
	if (end == BOOK_TAKEN)
		end = BOOK_HELD; /* "is not free", not "just taken" */
	if (end != BOOK_DONE)
		return tell_refusal(r, b, end, at_ms, &row, said);
	*said =
	    phrase(r->arena, b->lang, PHRASE_SLOT_YES, tell_when(r, b, at_ms));
	return hold_put(r, b, &slot, 1);
}

enum rc
tool_check(struct req *r, const struct ask *ask, const char **said)
{
	const struct book *b = ask->book;
	struct wish w;
	enum rc rc = ask_wish(r, ask, said);

	if (rc == OK && *said == NULL)
		rc = ask_when(r, ask, &when_usual, &w, said);
	if (rc != OK || *said != NULL)
		return rc;
	if (!w.date_known && w.date_text == NULL &&
	    json_get(ask->call->args, "days") != NULL) {
		w.date = slot_date(b->zone, r->now_ms);
		w.date_known = true;
	}
	if (!w.date_known) {
		*said = phrase(r->arena, b->lang, PHRASE_ASK_DATE);
		return OK;
	}
	if (w.time_known)
		return answer(r, ask, w.at_ms, said);
	return look(r, b, &w, days_of(r, ask), said);
}
