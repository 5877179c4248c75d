/* tool_book.c - book-appointment: take a time for the caller. */
#include <ctype.h>
#include <string.h>

#include "hook/tool.h"
#include "phone/sms.h"

#define NAME_CHARS   120
#define REASON_CHARS 500
#define JUST_NOW_MS  INT64_C(300000)

/* How people of a country write their numbers: without its code. */
static const struct {
	const char *code;
	size_t digits; /* behind the code */
	bool zero;     /* a 0 stands in front instead */
} countries[] = {
	{ "+1", 10, false },
	{ "+33", 9, true },
	{ "+44", 10, true },
	{ "+972", 9, true },
	{ "+972", 8, true },
	{ "+32", 9, true },
	{ "+41", 9, true },
};

/* Digits and a leading '+'; NULL when there is something else inside. */
static char *
squeeze(struct arena *a, const char *s)
{
	char *out = arena_get(a, strlen(s) + 2), *p = out;

	if (out == NULL)
		return NULL;
	if (strncmp(s, "00", 2) == 0) {
		*p++ = '+';
		s += 2;
	}
	for (; *s != '\0'; s++)
		if (isdigit((unsigned char)*s) || (*s == '+' && p == out))
			*p++ = *s;
		else if (strchr(" -.()/", *s) == NULL)
			return NULL;
	*p = '\0';
	return out;
}

/*
 * A number as it was said, in E.164. Without a country's code it is taken
 * from a number nearby: the business's own, or the caller's. NULL: no number.
 */
static const char *
phone_read(struct arena *a, const char *said, const char *nearby)
{
	char *s = squeeze(a, said);
	const char *full;

	if (s == NULL || str_phone(s))
		return s;
	for (size_t i = 0; nearby != NULL && i < COUNT(countries); i++) {
		size_t zero = countries[i].zero ? 1 : 0;

		if (!str_starts(nearby, countries[i].code) ||
		    strlen(s) != countries[i].digits + zero ||
		    (zero == 1 && s[0] != '0'))
			continue;
		full = arena_printf(a, "%s%s", countries[i].code, s + zero);
		return full != NULL && str_phone(full) ? full : NULL;
	}
	return NULL;
}

/* The number to keep: the one said, else the caller's. */
static bool
phone_of(struct req *r, const struct ask *ask, const char **phone)
{
	const struct call_link *link = &ask->env->link;
	const char *said = args_text(r->arena, ask->call->args, "phone", 40);

	*phone = link->caller;
	if (said == NULL)
		return *phone != NULL;
	*phone = phone_read(r->arena, said,
	    link->called != NULL ? link->called : link->caller);
	return *phone != NULL;
}

/* What is still missing, as a question; NULL when all is there. */
static const char *
question(struct req *r, const struct ask *ask, const struct wish *w,
    struct booking *in)
{
	struct arena *a = r->arena;
	enum lang lang = ask->book->lang;

	if (!w->date_known)
		return phrase(a, lang, PHRASE_ASK_DATE);
	if (!w->time_known)
		return phrase(a, lang, PHRASE_ASK_TIME,
		    tell_day(r, ask->book, w->date));
	in->name = args_text(a, ask->call->args, "name", NAME_CHARS);
	if (in->name == NULL)
		return phrase(a, lang, PHRASE_ASK_NAME);
	if (!phone_of(r, ask, &in->phone))
		return phrase(a, lang, PHRASE_ASK_PHONE);
	return NULL;
}

/* The caller has agreed to texts; a stop sent as a text stays in force. */
static enum rc
agree(struct req *r, const struct ask *ask, const char *phone)
{
	bool done;

	if (phone == NULL || !cJSON_IsTrue(json_get(ask->call->args, "texts")))
		return OK;
	return sms_agree(r, phone, SMS_GRANTED, "call", &done);
}

/*
 * What is in the way: was it booked a moment ago? Of what the practice's own
 * system holds there is no row.
 */
static bool
just_now(struct req *r, const struct row *row)
{
	return row->count > 0 &&
	    row_int(row, "created_at") >= r->now_ms - JUST_NOW_MS;
}

static enum rc
book(struct req *r, const struct ask *ask, struct booking *in,
    const char **said)
{
	struct book *b = ask->book;
	enum book_end end;
	struct row row;
	enum rc rc = book_add(r, b, in, &end, &row);

	if (rc != OK)
		return rc;
	if (end == BOOK_TAKEN && !just_now(r, &row))
		end = BOOK_HELD; /* "is not free", not "just taken" */
	if (end != BOOK_DONE && end != BOOK_SAME)
		return tell_refusal(r, b, end, in->starts_ms, &row, said);
	*said = phrase(r->arena, b->lang, PHRASE_BOOKED, row_text(&row, "name"),
	    tell_when(r, b, row_int(&row, "starts_at")));
	return OK;
}

enum rc
tool_book(struct req *r, const struct ask *ask, const char **said)
{
	struct booking in = { .call = ask->row, .channel = "phone" };
	struct wish w;
	enum rc rc = ask_wish(r, ask, said);

	if (rc == OK && *said == NULL)
		rc = ask_when(r, ask, &when_usual, &w, said);
	if (rc != OK || *said != NULL)
		return rc;
	*said = question(r, ask, &w, &in);
	if (*said != NULL)
		return OK;
	in.starts_ms = w.at_ms;
	in.reason =
	    args_text(r->arena, ask->call->args, "reason", REASON_CHARS);
	if (agree(r, ask, in.phone))
		return r->rc;
	return book(r, ask, &in, said);
}
