/*
 * tool_change.c - cancel-appointment and reschedule-appointment: only of what
 * was made with the number of the call, whatever number the model names.
 */
#include "hook/tool.h"

#define LIST 20 /* upcoming appointments that are looked at */
#define TOLD 3	/* that are named at once */

SQL mine_sql[] =
    "SELECT a.id, a.name, a.starts_at, a.resource_id FROM my_appointment a"
    " JOIN my_contact c ON c.id = a.contact_id WHERE c.phone = :caller"
    " AND a.status = 'scheduled' AND a.starts_at > :now_ms"
    " ORDER BY a.starts_at, a.id LIMIT 20";

static const struct when_names old_names = { "old_date", "old_time",
	{ "old_start", NULL } };

/* Is it the one that was described? */
static bool
is_meant(const struct book *b, const struct wish *w, int64_t t_ms)
{
	struct civil c = zone_civil(b->zone, t_ms);
	int minute = c.hour * 60 + c.minute;

	if (w->date_known && slot_date(b->zone, t_ms) != w->date)
		return false;
	if (w->time_known && w->date_known)
		return t_ms == w->at_ms ||
		    (w->loose && t_ms == w->at_ms + DAY_MS / 2);
	if (w->time_known)
		return minute == w->from_min;
	return minute >= w->from_min && minute < w->to_min;
}

/* "Tuesday, March 3, at 9 AM or Friday, …" */
static const char *
names_of(struct req *r, const struct book *b, const struct row *list,
    const struct wish *w)
{
	const char *words[TOLD];
	size_t n = 0;

	for (; list != NULL && n < TOLD; list = list->next)
		if (is_meant(b, w, row_int(list, "starts_at")))
			words[n++] =
			    tell_when(r, b, row_int(list, "starts_at"));
	return phrase_or(r->arena, b->lang, words, n);
}

/* Of the caller's appointments the one that fits, or a question. */
static enum rc
find(struct req *r, const struct ask *ask, const struct row **found,
    const char **said)
{
	const struct book *b = ask->book;
	static const struct wish any = { .to_min = 1440 };
	struct row *list;
	struct wish w;
	int fits = 0;
	enum rc rc;

	if (ask->env->link.caller == NULL) {
		*said = phrase(r->arena, b->lang, PHRASE_ONLY_OWN);
		return OK;
	}
	rc = ask_when(r, ask, &old_names, &w, said);
	if (rc != OK || *said != NULL)
		return rc;
	req_set(r, "caller", val_text(ask->env->link.caller));
	rc = sql_rows(r, mine_sql, &list);
	if (rc != OK)
		return rc;
	for (const struct row *row = list; row != NULL; row = row->next)
		if (is_meant(b, &w, row_int(row, "starts_at")) && fits++ == 0)
			*found = row;
	if (list == NULL)
		*said = phrase(r->arena, b->lang, PHRASE_NO_APPOINTMENT);
	else if (fits != 1)
		*said = phrase(r->arena, b->lang, PHRASE_WHICH_APPOINTMENT,
		    names_of(r, b, list, fits > 1 ? &w : &any));
	return OK;
}

enum rc
tool_cancel(struct req *r, const struct ask *ask, const char **said)
{
	const struct row *found = NULL;
	struct row row;
	enum rc rc;

	*said = NULL;
	rc = find(r, ask, &found, said);
	if (rc != OK || *said != NULL)
		return rc;
	rc = book_cancel(r, row_text(found, "id"), &row);
	if (rc == OK)
		*said = phrase(r->arena, ask->book->lang, PHRASE_CANCELLED,
		    tell_when(r, ask->book, row_int(&row, "starts_at")));
	return rc;
}

/* With the same person if that can be, else with whoever is free. */
static enum rc
move(struct req *r, const struct ask *ask, const struct row *found,
    int64_t at_ms, const char **said)
{
	struct booking in = { .starts_ms = at_ms,
		.call = ask->row,
		.channel = "phone" };
	struct book *b = ask->book;
	bool chosen = b->resource != NULL;
	const char *id = row_text(found, "id");
	enum book_end end;
	struct row row;
	enum rc rc;

	if (!chosen)
		b->resource = row_text(found, "resource_id");
	rc = book_move(r, b, id, &in, &end, &row);
	if (rc == OK && end != BOOK_DONE && end != BOOK_SAME && !chosen) {
		b->resource = NULL;
		rc = book_move(r, b, id, &in, &end, &row);
	}
	if (rc != OK)
		return rc;
	if (end == BOOK_TAKEN)
		end = BOOK_HELD; /* "is not free" */
	if (end != BOOK_DONE && end != BOOK_SAME)
		return tell_refusal(r, b, end, at_ms, &row, said);
	*said = phrase(r->arena, b->lang, PHRASE_MOVED, row_text(&row, "name"),
	    tell_when(r, b, row_int(&row, "starts_at")));
	return OK;
}

enum rc
tool_move(struct req *r, const struct ask *ask, const char **said)
{
	const char *with = args_text(r->arena, ask->call->args, "with", 120);
	const struct row *found = NULL;
	struct book *b = ask->book;
	const char *names;
	struct wish w;
	enum rc rc;

	*said = NULL;
	b->resource = b->moving = NULL;
	rc = find(r, ask, &found, said);
	if (rc == OK && *said == NULL)
		rc = ask_when(r, ask, &when_usual, &w, said);
	if (rc != OK || *said != NULL)
		return rc;
	if (!w.date_known)
		*said = phrase(r->arena, b->lang, PHRASE_ASK_DATE);
	else if (!w.time_known)
		*said = phrase(r->arena, b->lang, PHRASE_ASK_TIME,
		    tell_day(r, b, w.date));
	else if (with != NULL && !book_say_resource(r, b, with, &names))
		*said = phrase(r->arena, b->lang, PHRASE_ASK_WHO, names);
	return *said == NULL ? move(r, ask, found, w.at_ms, said) : OK;
}
