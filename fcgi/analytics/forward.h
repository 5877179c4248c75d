/*
 * forward.h - what was recorded goes to where the operator wants it.
 */
#ifndef ANALYTICS_FORWARD_H
#define ANALYTICS_FORWARD_H

#include "req.h"

/* The job behind TRACK_JOB: sends what the account has not sent yet. */
enum rc track_forward(struct req *) MUST_CHECK;

#endif
