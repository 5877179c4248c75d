/* except.h - closed days and extra hours, as the database has them. */
#ifndef BOOK_EXCEPT_H
#define BOOK_EXCEPT_H

#include "book/book.h"

struct except_row {
	struct slot_except except;
	const char *resource; /* id; NULL: the business */
};

struct excepts {
	struct except_row *list;
	size_t count, room;
	struct arena *arena;
};

/* "2026-12-25" of a date; NULL when the arena is full. */
char *except_date(struct arena *, int64_t date);

/* Those that matter in a window. */
enum rc excepts_read(struct req *, const char *zone, struct span window,
    struct excepts *) MUST_CHECK;
/* Give a plan those of the business and of a resource (NULL: none). */
void excepts_of(struct arena *, const struct excepts *, const char *resource,
    struct slot_plan *);

#endif
