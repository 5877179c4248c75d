/*
 * ical.h - closed days and hours out of an iCalendar file, read by libical.
 *
 * Each event counts, whatever it is called, unless it is cancelled: one of
 * whole days gives dates, one with times gives minutes on dates of the zone
 * given. Times are those of the event's own zone. Rules (RRULE, RDATE,
 * EXDATE) are worked out inside the window only; an event that repeats within
 * a day is left out. An occurrence that was moved (RECURRENCE-ID) is counted
 * where it went and where it was.
 */
#ifndef WIRE_ICAL_H
#define WIRE_ICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define ICAL_BYTES 400000 /* of a file */
#define ICAL_MOST  2000	  /* closed times that one file may give */

/* Dates are days since 1970-01-01. */
struct ical_closed {
	int64_t from_date;
	int64_t to_date;     /* the last */
	int from_min;	     /* after midnight; -1: all day */
	int to_min;	     /* over 1440: next day */
	const char *summary; /* in the arena; "" when there is none */
};

struct ical_list {
	struct ical_closed *list;
	size_t count;
	size_t skipped; /* events that could not be used */
};

struct ical_window {
	const char *zone; /* of the business */
	int64_t from_date;
	int64_t to_date;
};

/* False with a sentence in why; takes a second at the most. */
bool ical_read(struct arena *, const char *text, const struct ical_window *,
    struct ical_list *, char why[200]);

#endif
