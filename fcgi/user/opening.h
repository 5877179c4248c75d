/*
 * opening.h - the business hours of the studio as rules of the book.
 */
#ifndef USER_OPENING_H
#define USER_OPENING_H

#include "req.h"

/*
 * Read text (NULL or "": no hours) and make it the rules of the account's
 * first resource. When it cannot be understood the rules stay as they are:
 * no hours at all would be a worse answer to callers than the former ones.
 * *error is then a sentence that says so, else NULL.
 */
enum rc opening_save(struct req *, const char *text,
    const char **error) MUST_CHECK;

#endif
