/*
 * slot.h - free times out of weekly opening hours; no database, no clock.
 *
 * Opening hours are wall clock times of a zone, so a rule is laid out day by
 * day: on the day of a change to or from summer time it is an hour shorter or
 * longer, and a rule that ends past midnight reaches into the next day.
 *
 * Exceptions, of the business or of one resource (own), in this order:
 *	closed all day	the openings that begin on the day are gone: the weekly
 *			ones, and the extra ones of the business when the
 *			resource itself is away
 *	open		extra openings, besides those of the week
 *	closed hours	nothing is offered then, whatever else is said
 *
 * Slots start at the beginning of each opening and then every step; where
 * openings overlap, the one that began first says when. An appointment may
 * run over from one opening into the next when they touch. Its buffers may
 * lie outside the hours, but not upon another appointment or its buffers.
 */
#ifndef BOOK_SLOT_H
#define BOOK_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hours.h"
#include "base/zone.h"

#define SLOT_DAYS 62 /* longest window that is looked at */
#define DAY_MS	  (INT64_C(86400000))
#define MINUTE_MS (INT64_C(60000))

/* Instants in epoch milliseconds; to_ms is not part of it. */
struct span {
	int64_t from_ms;
	int64_t to_ms;
};

/* Dates are days since 1970-01-01, minutes are those after midnight. */
struct slot_except {
	int64_t from_date;
	int64_t to_date; /* the last */
	int from_min;	 /* -1: all day (only when closed) */
	int to_min;	 /* over 1440: next day, <= 2880 */
	bool open;	 /* extra hours; else closed */
	bool own;	 /* of the resource, not of the business */
	const char *ref; /* its id, for explanations */
};

/* Time that is taken: an appointment with its buffers, or a hold. */
struct slot_busy {
	struct span span;
	struct span core; /* without buffers; 0, 0: not known */
	bool held;
	const char *ref;
};

enum slot_why {
	SLOT_FREE,
	SLOT_PAST,
	SLOT_SOON,   /* less than the notice ahead */
	SLOT_FAR,    /* behind the horizon */
	SLOT_CLOSED, /* by an exception */
	SLOT_HOURS,  /* does not end within the hours */
	SLOT_FULL,   /* as many as there may be on that day */
	SLOT_TAKEN,
	SLOT_BUFFER, /* only the buffers are in the way */
	SLOT_HELD,   /* offered to a caller just now */
	SLOT_WHY_COUNT
};

struct slot {
	int64_t start_ms;
	enum slot_why why;
	const char *ref; /* what is in the way, or NULL */
};

struct slot_list {
	struct slot *list;
	int count;
	int max;  /* room in list */
	bool all; /* those that are not free as well */
};

/* Instants of midnights, worked out once for all resources of a zone. */
struct slot_calendar;

struct slot_plan {
	const char *zone;
	const struct slot_calendar *calendar; /* NULL: made as needed */
	const struct hours *rules;	      /* weekly openings */
	int rule_count;
	const struct slot_except *excepts;
	int except_count;
	int64_t step_ms;   /* from one start to the next */
	int64_t length_ms; /* of an appointment */
	int64_t before_ms; /* buffers */
	int64_t after_ms;
	int64_t now_ms;	     /* starts must be later */
	int64_t first_ms;    /* first start that the notice leaves; 0: any */
	int64_t last_ms;     /* starts must be earlier; 0: any */
	const int64_t *full; /* dates with no room left */
	int full_count;
	const struct slot_busy *busy; /* by span.from_ms */
	size_t busy_count;
};

/* Days since 1970-01-01 of the date that the zone's calendar shows. */
int64_t slot_date(const char *zone, int64_t t_ms);
/* The whole of a date in the zone: 23, 24 or 25 hours. */
struct span slot_day(const char *zone, int64_t date);
/* For windows inside this one; NULL when the arena is full. */
struct slot_calendar *slot_calendar(struct arena *, const char *zone,
    struct span window);
/* Is there an opening for each moment of it, and nothing closed in it? */
bool slot_open(struct arena *, const struct slot_plan *, struct span);
/* Does a moment of it lie in an opening? */
bool slot_opens(struct arena *, const struct slot_plan *, struct span);
/*
 * Would an appointment at this time do? What lies off the grid of starts is
 * judged like the rest. The span may be of another length than the plan's.
 */
struct slot slot_judge(struct arena *, const struct slot_plan *, struct span);
/*
 * Starts inside the window, ascending, as many as there is room for. A full
 * arena gives none.
 */
void slot_free(struct arena *, const struct slot_plan *, struct span window,
    struct slot_list *);

#endif
