/* tool_check.c - check-availability: which times are free? */
#include <string.h>

#include "hook/tool.h"
#include "hook/when.h"

#define LOOK  320 /* a whole day, even of 5-minute slots */
#define OFFER 3	  /* times that are offered at once */

/* How many days to look at: "days" of the arguments, 1 by default. */
static int64_t
days_of(struct req *r, const struct ask *ask)
{
	const char *s = args_text(r->arena, ask->call->args, "days", 4);
	int64_t n;

	return s != NULL && str_int(s, 1, BOOK_SCAN_DAYS, &n) ? n : 1;
}

/* The first, a middle and the last of a day's free times. */
static const char *
spread(struct req *r, const struct book *b, const struct slot_list *l)
{
	const char *words[OFFER];
	int n = l->count < OFFER ? l->count : OFFER;

	for (int i = 0; i < n; i++) {
		int at = n == 1 ? 0 : i * (l->count - 1) / (n - 1);
		struct civil c = zone_civil(b->zone, l->start_ms[at]);

		words[i] = phrase_time(r->arena, b->lang, &c);
	}
	return phrase_or(r->arena, b->lang, words, (size_t)n);
}

/* The first of the days on which something is free. */
static enum rc
offer(struct req *r, const struct book *b, const struct wish *w, int64_t days,
    const char **said)
{
	struct span window = slot_day(b->zone, w->date);
	int64_t starts[LOOK], date;
	struct slot_list l = { starts, 0, LOOK };
	enum rc rc;

	if (window.to_ms <= r->now_ms)
		return tell_refusal(r, b, BOOK_PAST, window.from_ms, said);
	if (window.from_ms > r->now_ms + BOOK_AHEAD_MS)
		return tell_refusal(r, b, BOOK_FAR, window.from_ms, said);
	window.to_ms = slot_day(b->zone, w->date + days - 1).to_ms;
	rc = book_free(r, b, window, &l);
	if (rc != OK)
		return rc;
	if (l.count == 0)
		return tell_none(r, b, w->date + days - 1, said);
	date = slot_date(b->zone, starts[0]);
	window = slot_day(b->zone, date);
	while (starts[l.count - 1] >= window.to_ms)
		l.count--;
	*said = phrase(r->arena, b->lang, PHRASE_SLOTS_FREE,
	    tell_day(r, b, date), spread(r, b, &l));
	return OK;
}

/* Is the very time that was asked for free? */
static enum rc
answer(struct req *r, const struct ask *ask, int64_t at_ms, const char **said)
{
	struct booking in = { .starts_ms = at_ms, .call = ask->row };
	const struct book *b = ask->book;
	enum book_end end;
	struct row row;
	enum rc rc = book_look(r, b, &in, &end, &row);

	if (rc != OK)
		return rc;
	if (end == BOOK_TAKEN || end == BOOK_SAME)
		end = BOOK_CLOSED; /* "is not free", not "just taken" */
	if (end != BOOK_DONE)
		return tell_refusal(r, b, end, at_ms, said);
	*said =
	    phrase(r->arena, b->lang, PHRASE_SLOT_YES, tell_when(r, b, at_ms));
	return OK;
}

enum rc
tool_check(struct req *r, const struct ask *ask, const char **said)
{
	const cJSON *args = ask->call->args;
	const struct book *b = ask->book;
	struct wish w;

	when_read(r->arena, b->zone, r->now_ms, args, &w);
	if (w.date_text == NULL && json_get(args, "days") != NULL) {
		w.date = slot_date(b->zone, r->now_ms);
		w.date_known = true;
	}
	if (!w.date_known) {
		*said = phrase(r->arena, b->lang,
		    w.date_text != NULL ? PHRASE_BAD_DATE : PHRASE_ASK_DATE,
		    w.date_text);
		return OK;
	}
	if (w.time_known)
		return answer(r, ask, w.at_ms, said);
	if (w.time_text != NULL) {
		*said = phrase(r->arena, b->lang, PHRASE_BAD_TIME, w.time_text);
		return OK;
	}
	return offer(r, b, &w, days_of(r, ask), said);
}
