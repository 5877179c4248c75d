/* tool_ask.c - what a caller wishes, or the question that makes it clear. */
#include "hook/tool.h"

#define NAME_CHARS 120

/* The book serves several calls of a message; each wishes for itself. */
enum rc
ask_wish(struct req *r, const struct ask *ask, const char **said)
{
	const cJSON *args = ask->call->args;
	const char *service = args_text(r->arena, args, "service", NAME_CHARS);
	const char *with = args_text(r->arena, args, "with", NAME_CHARS);
	struct book *b = ask->book;
	const char *names;
	bool known;
	enum rc rc = book_serve(r, b, NULL, &known);

	b->resource = b->moving = NULL;
	*said = NULL;
	if (rc == OK)
		rc = book_say_service(r, b, service, &names);
	if (rc != OK)
		return rc;
	if (names != NULL)
		*said = phrase(r->arena, b->lang, PHRASE_ASK_SERVICE, names);
	else if (with != NULL && !book_say_resource(r, b, with, &names))
		*said = phrase(r->arena, b->lang, PHRASE_ASK_WHO, names);
	return OK;
}

/*
 * "at 3" where nobody said which half of the day: when only the later one is
 * in the opening hours, it is meant.
 */
static enum rc
settle_hour(struct req *r, const struct book *b, const struct when_place *at,
    struct wish *w)
{
	struct span early = { w->at_ms, w->at_ms + MINUTE_MS }, late;
	struct wish later = *w;
	bool open;
	enum rc rc;

	when_later(at, &later);
	late = (struct span) { later.at_ms, later.at_ms + MINUTE_MS };
	rc = book_covers(r, b, early, &open);
	if (rc != OK || open)
		return rc;
	rc = book_covers(r, b, late, &open);
	if (rc == OK && open)
		*w = later;
	return rc;
}

enum rc
ask_when(struct req *r, const struct ask *ask, const struct when_names *names,
    struct wish *w, const char **said)
{
	const struct book *b = ask->book;
	struct when_place at = { b->zone, b->lang, r->now_ms };
	struct arena *a = r->arena;

	*said = NULL;
	when_read(a, &at, ask->call->args, names, w);
	if (w->unclear)
		*said = phrase(a, b->lang, PHRASE_WHICH_DAY,
		    tell_day(r, b, w->date), tell_day(r, b, w->or_date));
	else if (!w->date_known && w->date_text != NULL)
		*said = phrase(a, b->lang, PHRASE_BAD_DATE, w->date_text);
	else if (!w->time_known && w->time_text != NULL)
		*said = phrase(a, b->lang, PHRASE_BAD_TIME, w->time_text);
	else if (w->skipped)
		*said =
		    phrase(a, b->lang, PHRASE_SKIPPED, tell_day(r, b, w->date));
	else if (w->loose && w->date_known)
		return settle_hour(r, b, &at, w);
	return OK;
}
