/*
 * track.h - what happens on the way of a new customer, each cause once.
 *
 * A flow is a row of steps that a run goes through: the nine steps of the
 * onboarding (a run is a user), the four of the set-up wizard (a run is an
 * account), those of an onboarding session (a run is a session). Everything
 * is written in the transaction of its cause; what has been written already
 * is not written again. A forwarder, where one is set, learns of it by a job.
 * Nothing personal may stand in data: it may leave the house.
 */
#ifndef ANALYTICS_TRACK_H
#define ANALYTICS_TRACK_H

#include "req.h"

#define TRACK_ONBOARDING "onboarding"
#define TRACK_SETUP	 "setup"
#define TRACK_SESSION	 "session"

#define TRACK_JOB	 "/job/analytics/forward"

struct flow {
	const char *name;
	const char *steps; /* "profile|vapi|…", in order */
	const char *event; /* of a step done; "…_skipped" of one not */
	const char *skipped;
};

/* All; ends with a NULL name. */
extern const struct flow flows[];
/* NULL: there is none of that name. */
const struct flow *flow_find(const char *name);
/* Number of a step, from 1; 0: the flow has no such step. */
int flow_step(const struct flow *, const char *step);

struct track {
	const char *name; /* of the event */
	const char *flow;
	const char *run;
	const char *step; /* NULL: it is no step */
	bool skipped;
	const char *cause; /* unique in the account */
	const char *data;  /* JSON object: the event's properties */
};

/* Who is acting; of a job, who owns the account. NULL: nobody is left. */
const char *track_owner(struct req *);
/* Write it unless the cause is known; *fresh (may be NULL): it was not. */
enum rc track_put(struct req *, const struct track *, bool *fresh) MUST_CHECK;
/* "<flow>_started"; comes first in each run, so every track_step calls it. */
enum rc track_start(struct req *, const char *flow, const char *run) MUST_CHECK;
/*
 * A step of a run is done, or was skipped: flow, run, step and skipped are
 * given, the rest follows. Each counts once, done and skipped apart.
 */
enum rc track_step(struct req *, const struct track *) MUST_CHECK;

#endif
