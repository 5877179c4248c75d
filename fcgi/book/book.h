/*
 * book.h - the appointment book of an account: which times are free, and the
 * one verb that takes one. The voice tools and the staff's routes call it.
 *
 * All act on the account that is set and inside the caller's transaction.
 * The book has one resource so far, the account's first.
 */
#ifndef BOOK_BOOK_H
#define BOOK_BOOK_H

#include "base/hours.h"
#include "base/phrase.h"
#include "book/slot.h"
#include "req.h"

#define BOOK_SCAN_DAYS 14 /* how far "the next free time" is looked for */
#define BOOK_AHEAD_MS  (INT64_C(740) * DAY_MS) /* bookings end here */

/* The account's settings that decide about times. */
struct book {
	const char *resource; /* id, NULL while there is none */
	const char *zone;     /* IANA name */
	enum lang lang;	      /* of what is spoken */
	int64_t slot_ms;      /* usual length, and step */
	struct hours rules[HOURS_MAX];
	int rule_count;
	bool assumed; /* the account gave no hours: these are
			 Monday to Friday, 9 to 17 */
};

/* Read them: one statement. */
enum rc book_open(struct req *, struct book *) MUST_CHECK;
/*
 * What is spoken, by a row with "languages" of the studio and "locale" of its
 * owner: the first language, else the locale, else English.
 */
enum lang book_lang(struct req *, const struct row *);
/* Id of the default resource; made when there is none. */
enum rc book_resource(struct req *, const char **id) MUST_CHECK;

/* Is the business open for all of the span? With assumed hours: by those. */
bool book_covers(struct req *, const struct book *, struct span);
/* Does it open at all in the span? */
bool book_opens(struct req *, const struct book *, struct span);
/*
 * Starts of free appointments of the usual length in the window, from now
 * on, ascending, at most max: one statement.
 */
enum rc book_free(struct req *, const struct book *, struct span window,
    struct slot_list *) MUST_CHECK;

/* How a booking ends. Only BOOK_DONE has written something. */
enum book_end {
	BOOK_DONE,
	BOOK_SAME, /* this call holds that time already */
	BOOK_TAKEN,
	BOOK_CLOSED, /* not, or not all of it, in the opening hours */
	BOOK_PAST,
	BOOK_FAR /* more than BOOK_AHEAD_MS ahead */
};

struct booking {
	int64_t starts_ms;
	int64_t length_ms; /* 0: the usual */
	const char *name;
	const char *phone;   /* E.164 or NULL: no contact */
	const char *reason;  /* or NULL */
	const char *call;    /* row id of the call, or NULL */
	const char *channel; /* "phone" or "staff" */
};

/*
 * What would come of it now: BOOK_DONE when the time is free. row is the
 * appointment that is in the way, if any.
 */
enum rc book_look(struct req *, const struct book *, const struct booking *,
    enum book_end *, struct row *) MUST_CHECK;
/*
 * Book a time: upserts the contact, inserts the appointment and its event.
 * row is the appointment when it was done (or the same). To be called in a
 * write transaction; E_CONFLICT means that another one won a race, and the
 * whole transaction may be run again.
 */
enum rc book_add(struct req *, struct book *, const struct booking *,
    enum book_end *, struct row *) MUST_CHECK;

/* Row id of the contact with this number, made when it is new. */
enum rc contact_meet(struct req *, const char *phone, const char *name,
    const char **id) MUST_CHECK;

#endif
