/*
 * onboarding.h - the one end that all ways through the onboarding share.
 */
#ifndef USER_ONBOARDING_H
#define USER_ONBOARDING_H

#include "req.h"

/*
 * The onboarding of :me is done: the profile says so (the first time wins and
 * is recorded as an event) and a live onboarding session is completed.
 */
enum rc onboarding_finish(struct req *) MUST_CHECK;
/*
 * What the business is called and does; NULL: not said, it stays. As a PATCH
 * of the profile would save it.
 */
enum rc onboarding_business(struct req *, const char *name,
    const char *industry) MUST_CHECK;

#endif
