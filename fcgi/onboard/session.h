/*
 * session.h - onboarding sessions: found, changed, given up.
 */
#ifndef ONBOARD_SESSION_H
#define ONBOARD_SESSION_H

#include "req.h"

/*
 * The session of :me that the body names ("sessionId"), else the live one, as
 * a row: id user_id status current_step step_data …; bound as :session_id.
 * None is E_MISSING.
 */
enum rc session_find(struct req *, struct row *) MUST_CHECK;
/* It can be changed: in progress and not expired; else E_CONFLICT. */
enum rc session_live(struct req *, const struct row *) MUST_CHECK;
/* Keep these recommendations (JSON) with :session_id while it is live. */
enum rc session_advise(struct req *, const char *recommendations) MUST_CHECK;

/*
 * For the housekeeper, between transactions, in every account: give up the
 * sessions that have expired, forget those given up long ago, and see to what
 * meter.h leaves behind.
 */
enum rc session_prune(struct req *) MUST_CHECK;

#endif
