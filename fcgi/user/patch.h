/*
 * patch.h - a PATCH that writes only what it changes.
 *
 * The wizard saves every ten seconds from every open tab, mostly the same
 * values: such a request should read and be done.
 */
#ifndef USER_PATCH_H
#define USER_PATCH_H

#include "req.h"

/* An empty text clears: bind it as null. */
void patch_clean(struct req *, const struct field *);
/* Was the member given, and is it another value than the row has? */
bool patch_changes(const struct req *, const struct row *, const char *name);
/* The same of any of these names, which are parted by '|'. */
bool patch_changes_any(const struct req *, const struct row *,
    const char *names);

#endif
