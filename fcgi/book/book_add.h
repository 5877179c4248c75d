/* book_add.h - what the verbs of the book share; private to fcgi/book. */
#ifndef BOOK_BOOK_ADD_H
#define BOOK_BOOK_ADD_H

#include "book/book.h"

/* Insert the appointment of a resource that was found free. */
enum rc book_insert(struct req *, const struct book *, const struct booking *,
    const char *resource, struct row *) MUST_CHECK;
/* The event of an appointment, with all of its columns. */
enum rc book_note(struct req *, const char *kind,
    const struct row *) MUST_CHECK;

#endif
