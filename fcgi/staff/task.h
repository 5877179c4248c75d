/*
 * task.h - what only a person can settle, put before the staff.
 */
#ifndef STAFF_TASK_H
#define STAFF_TASK_H

#include "req.h"

/*
 * A task of a kind about something (ref), as a sentence; the same kind and ref
 * is the same task, open again. In a write transaction.
 */
enum rc staff_task_put(struct req *, const char *kind, const char *ref,
    const char *text) MUST_CHECK;

#endif
