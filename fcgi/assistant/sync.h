/*
 * sync.h - the runner's part of keeping assistants in step; see step.h.
 */
#ifndef ASSISTANT_SYNC_H
#define ASSISTANT_SYNC_H

#include "req.h"

/* Finish what a request began, whatever the row says is left. ref: its id. */
enum rc sync_run(struct req *) MUST_CHECK;
/* Remove superfluous copies at Vapi. ref: the row's id; since: ms. */
enum rc sweep_run(struct req *) MUST_CHECK;

#endif
