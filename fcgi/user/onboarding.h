/*
 * onboarding.h - the one onboarding behind its three faces: the nine steps
 * (/user/…), the set-up wizard (/setup/…) and the sessions (/onboarding/…).
 *
 * Whichever of them a customer comes to the end of, the onboarding of that
 * user is completed, once. All of it belongs to the write transaction that is
 * open, in the scoped account, for the user who acts (jobs: who owns it).
 */
#ifndef USER_ONBOARDING_H
#define USER_ONBOARDING_H

#include "req.h"

/* The user's profile in the account, to which all else belongs, is there. */
enum rc onboarding_open(struct req *) MUST_CHECK;
/*
 * One of the nine steps ("profile", "vapi", …, see track.c) is done, or was
 * skipped. Counted the first time, and not once all is completed.
 */
enum rc onboarding_step(struct req *, const char *step,
    bool skipped) MUST_CHECK;
/*
 * All is done: sets onboarding_completed and its time, and records the event
 * onboarding_completed; a live session is completed with it. *first (may be
 * NULL): it was not before.
 */
enum rc onboarding_complete(struct req *, bool *first) MUST_CHECK;
/* Is it completed, and when (ms)? 0: it is not. */
enum rc onboarding_when(struct req *, int64_t *at_ms) MUST_CHECK;
/*
 * What the business is called and does; NULL: not said, it stays. As a PATCH
 * of the profile would save it.
 */
enum rc onboarding_business(struct req *, const char *name,
    const char *industry) MUST_CHECK;

#endif
