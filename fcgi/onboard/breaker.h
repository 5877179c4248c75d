/*
 * breaker.h - a model that fails again and again is left alone for a while.
 * All processes share what is known of it, in the database.
 */
#ifndef ONBOARD_BREAKER_H
#define ONBOARD_BREAKER_H

#include "req.h"

/* May it be asked? After its rest one request may, the others wait for it. */
enum rc breaker_allows(struct req *, const char *model, bool *yes) MUST_CHECK;
/* It answered (whatever it said), or it failed. */
enum rc breaker_tell(struct req *, const char *model, bool works) MUST_CHECK;

#endif
