/*
 * slot.h - free times out of weekly opening hours; no database, no clock.
 *
 * Opening hours are wall clock times of a zone, so a rule is laid out day by
 * day: on the day of a change to or from summer time it is an hour shorter or
 * longer, and a rule that ends past midnight reaches into the next day. Slots
 * start at the beginning of each opening and then every step; an appointment
 * may run over from one opening into the next when they touch.
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

/* Instants in epoch milliseconds; to_ms is not part of it. */
struct span {
	int64_t from_ms;
	int64_t to_ms;
};

/* Starts of free appointments. */
struct slot_list {
	int64_t *start_ms;
	int count;
	int max; /* room in start_ms */
};

struct slot_plan {
	const char *zone;
	const struct hours *rules; /* weekly openings */
	int rule_count;
	int64_t step_ms;	 /* from one start to the next */
	int64_t length_ms;	 /* of an appointment */
	const struct span *busy; /* taken, by start */
	size_t busy_count;
};

/* Days since 1970-01-01 of the date that the zone's calendar shows. */
int64_t slot_date(const char *zone, int64_t t_ms);
/* The whole of a date in the zone: 23, 24 or 25 hours. */
struct span slot_day(const char *zone, int64_t date);
/* Is there an opening for each moment of it? */
bool slot_open(struct arena *, const struct slot_plan *, struct span);
/* Does a moment of it lie in an opening? */
bool slot_opens(struct arena *, const struct slot_plan *, struct span);
/*
 * Starts of free appointments inside the window, ascending, as many as there
 * is room for. A full arena gives none.
 */
void slot_free(struct arena *, const struct slot_plan *, struct span window,
    struct slot_list *);

#endif
