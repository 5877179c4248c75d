/*
 * fault.h - failures on purpose, so that every error path can be walked.
 *
 * `frontdesk once --fail=N` makes the N-th call that asks fault_due() fail:
 * each begin, each statement, each commit and each provider call asks once.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

/* Fail the n-th call from now on, counted from 1; 0: none. */
void fault_arm(unsigned n);
/* Is this the call that has to fail? */
bool fault_due(void);
/* Did the armed call come? */
bool fault_fired(void);

#endif
