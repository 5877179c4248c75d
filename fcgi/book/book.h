/*
 * book.h - the appointment book of an account: which times are free, and the
 * verbs that take, give back and move them. The voice tools and the staff's
 * routes call the same ones.
 *
 * All act on the account that is set and inside the caller's transaction.
 * The business's hours are those of the resource that came with the account
 * (its id is the account's; else the first); one without rules of its own
 * keeps them too.
 */
#ifndef BOOK_BOOK_H
#define BOOK_BOOK_H

#include "base/hours.h"
#include "base/phrase.h"
#include "book/slot.h"
#include "req.h"

#define BOOK_SCAN_DAYS 14  /* how far "the next free time" is looked for */
#define BOOK_AHEAD     740 /* days; no horizon is farther */
#define BOOK_CHAIRS    64  /* resources that are looked at */
#define BOOK_HOLD_MS   (INT64_C(120000))
#define BOOK_OFFER     3 /* times that are offered, and held, at once */

/* One that can be booked. */
struct book_chair {
	const char *id;
	const char *name;
	bool active;
	struct hours *rules; /* its own, or the business's */
	int rule_count;
};

struct book_service {
	const char *id; /* NULL: none, just an appointment */
	const char *name;
	int64_t length_ms;
	int64_t step_ms; /* from one start to the next */
	int64_t before_ms;
	int64_t after_ms;
	int64_t notice_ms;
	int64_t horizon_days; /* from today */
	int64_t per_day;      /* 0: any number */
	const cJSON *who;     /* ids of resources; NULL: all */
};

/* The account's settings that decide about times. */
struct book {
	const char *zone;	       /* IANA name */
	enum lang lang;		       /* of what is spoken */
	int64_t slot_ms;	       /* usual length, and step */
	struct book_chair *chairs;     /* by id */
	const struct book_chair *main; /* whose hours are the business's */
	int chair_count;
	bool bare;		     /* there is none yet: chairs holds the
					one that the first booking makes */
	bool assumed;		     /* the account gave no hours: these are
					Monday to Friday, 9 to 17 */
	struct book_service service; /* what is wished */
	const char *resource;	     /* who is wished; NULL: anybody */
	const char *call;	     /* whose holds do not count, or NULL */
	const char *moving;	     /* appointment that gives way, or NULL */
	bool force;		     /* whatever the rules say */
};

/* Read them: two statements. */
enum rc book_open(struct req *, struct book *) MUST_CHECK;
/*
 * What is spoken, by a row with "languages" of the studio and "locale" of its
 * owner: the first language, else the locale, else English.
 */
enum lang book_lang(struct req *, const struct row *);
/* Id of the default resource; made when there is none. */
enum rc book_resource(struct req *, const char **id) MUST_CHECK;
/* Wish for a service by its id; NULL or unknown: just an appointment. */
enum rc book_serve(struct req *, struct book *, const char *id,
    bool *known) MUST_CHECK;
/* Replace all weekly rules of a resource. */
enum rc book_rules(struct req *, const char *resource, const struct hours *,
    int count) MUST_CHECK;
/* One of the book's resources by id; NULL: there is none. */
const struct book_chair *book_chair(const struct book *, const char *id);

/*
 * Services and resources as callers say them. One is meant when its name is
 * the text, else when it is the only one whose name is in the text or the
 * other way round. *names is what to choose from when that is not clear.
 */
enum rc book_say_service(struct req *, struct book *, const char *said,
    const char **names) MUST_CHECK;
bool book_say_resource(struct req *, struct book *, const char *said,
    const char **names);

/* --- what stands in a window ---------------------------------------------- */

/* A plan for each resource that may be booked, on what the database holds. */
struct book_view {
	const char **resource; /* ids */
	struct slot_plan *plan;
	int count;
};

/* explain: with ids and cores of what is taken. Four or five statements. */
enum rc book_view(struct req *, const struct book *, struct span window,
    bool explain, struct book_view *) MUST_CHECK;

/* Is the business open for all of the span? With assumed hours: by those. */
enum rc book_covers(struct req *, const struct book *, struct span,
    bool *open) MUST_CHECK;
/* Does anything that may be booked open at all in the span? */
enum rc book_opens(struct req *, const struct book *, struct span,
    bool *opens) MUST_CHECK;

struct book_slot {
	int64_t start_ms;
	const char *resource;
};

struct book_slots {
	struct book_slot *list;
	int count;
	int max;
};

/*
 * Starts at which somebody is free in the window, from now on, ascending,
 * each once, at most max.
 */
enum rc book_free(struct req *, const struct book *, struct span window,
    struct book_slots *) MUST_CHECK;
/*
 * The same from an instant on, over as many days as are needed to find some,
 * BOOK_SCAN_DAYS at most.
 */
enum rc book_next(struct req *, const struct book *, int64_t from_ms,
    struct book_slots *) MUST_CHECK;

/* --- holds -----------------------------------------------------------------
 */

/*
 * Hold what was offered to the book's call, in place of what it was offered
 * before, for BOOK_HOLD_MS. Without a call: nothing.
 */
enum rc hold_put(struct req *, const struct book *, const struct book_slot *,
    int count) MUST_CHECK;
/* The call is over, or has what it wants. */
enum rc hold_drop(struct req *, const char *call) MUST_CHECK;

/* --- the verbs -------------------------------------------------------------
 */

/* How a booking ends. Only BOOK_DONE has written something. */
enum book_end {
	BOOK_DONE,
	BOOK_SAME,  /* this call has booked that time already */
	BOOK_TWICE, /* the same person has another one at that time */
	BOOK_TAKEN,
	BOOK_HELD,   /* offered to another caller just now */
	BOOK_FULL,   /* no more of these on that day */
	BOOK_CLOSED, /* not, or not all of it, in the opening hours */
	BOOK_PAST,
	BOOK_SOON, /* less ahead than the notice */
	BOOK_FAR   /* behind the horizon */
};

struct booking {
	int64_t starts_ms;
	int64_t length_ms; /* 0: the service's */
	const char *name;
	const char *phone;   /* E.164 or NULL: no contact */
	const char *reason;  /* or NULL */
	const char *call;    /* row id of the call, or NULL */
	const char *channel; /* "phone" or "staff" */
};

/* Columns of an appointment, as every verb answers them. */
#define APPOINTMENT_SQL \
	"id, kind, name, phone, reason, starts_at AS \"starts_at:time\"," \
	" ends_at AS \"ends_at:time\", zone, status, source_channel," \
	" resource_id, service_id, contact_id, call_id, moved_from," \
	" created_at AS \"created_at:time\", updated_at AS \"updated_at:time\""

/*
 * What would come of it now: BOOK_DONE when the time is free, *resource is
 * whose then. row is the appointment that is in the way, if any.
 */
enum rc book_look(struct req *, const struct book *, const struct booking *,
    enum book_end *, const char **resource, struct row *) MUST_CHECK;
/*
 * Book a time: upserts the contact, inserts the appointment and its event,
 * and lets go of the call's holds. row is the appointment when it was done
 * (or the same). To be called in a write transaction; E_CONFLICT means that
 * another one won a race, and the whole transaction may be run again.
 */
enum rc book_add(struct req *, struct book *, const struct booking *,
    enum book_end *, struct row *) MUST_CHECK;
/*
 * Cancel an appointment; row is it. A second time changes nothing and tells
 * nobody. E_MISSING, or E_CONFLICT when it is neither to come nor cancelled.
 */
enum rc book_cancel(struct req *, const char *id, struct row *) MUST_CHECK;
/*
 * Move one to another time (in->starts_ms; length 0: as long as before): it
 * stays as 'rescheduled', row is the new one. BOOK_SAME: it is there already.
 * The book's service becomes the appointment's; who is wished is up to the
 * book.
 */
enum rc book_move(struct req *, struct book *, const char *id,
    const struct booking *in, enum book_end *, struct row *) MUST_CHECK;

/* Row id of the contact with this number, made when it is new. */
enum rc contact_meet(struct req *, const char *phone, const char *name,
    const char **id) MUST_CHECK;

#endif
