/* slot_lay.h - weekly rules and exceptions laid out on the calendar; private
 * to slot.c and slot_lay.c. */
#ifndef BOOK_SLOT_LAY_H
#define BOOK_SLOT_LAY_H

#include "book/slot.h"

struct opening {
	struct span span;
	const char *gone; /* why it is not one: the exception's id, or "" */
};

/* Around a window, by start; those that are gone behind the others. */
struct openings {
	struct opening *list;
	size_t count;		/* real ones */
	size_t gone;		/* behind them */
	struct slot_busy *shut; /* closed hours, by start */
	size_t shut_count;
};

/*
 * From the day before the window, which may reach in, to a day behind it,
 * into which an appointment may run. A full arena gives none.
 */
struct openings slot_lay(struct arena *, const struct slot_plan *,
    struct span window);

#endif
