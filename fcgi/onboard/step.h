/*
 * step.h - the steps of an onboarding session and what is asked in each.
 *
 * A session is at step 1 (welcome), 2 (company), 3 (organization) or, with all
 * of them behind it, 4. A step without data was skipped.
 */
#ifndef ONBOARD_STEP_H
#define ONBOARD_STEP_H

#include "req.h"

#define STEP_COUNT 3
#define STEP_END   (STEP_COUNT + 1)

/* Names by number; steps[0] is step 1. */
extern const char *const step_names[STEP_COUNT];
/* The member "stepData" of a body: F_OBJECT.sub. */
extern const struct field step_fields[];

/*
 * Put what is given over what is stored: step by step and member by member,
 * so that two windows that save different things lose nothing; null clears.
 * Unknown members are kept. The merged text; NULL after a failure.
 */
const char *step_merge(struct req *, const char *stored, const cJSON *given);
/* A step has data in this text. */
bool step_has(struct req *, const char *data, int step);
/*
 * What leaving the steps before `next` takes: a company that has been begun
 * has a name.
 */
enum rc step_leave(struct req *, const char *data, int next) MUST_CHECK;
/* Events for the steps from..to-1: completed, or skipped. */
enum rc step_events(struct req *, const char *data, int from,
    int to) MUST_CHECK;

#endif
