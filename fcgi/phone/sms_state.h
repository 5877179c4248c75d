/*
 * sms_state.h - what becomes of a text, told in any order and often.
 *
 * A status is only replaced by one of a higher rank:
 *	0 queued, sending (ours)	1 accepted, scheduled, queued
 *	2 sending	3 sent
 *	4 delivered, undelivered, failed, canceled, dropped	5 read
 */
#ifndef PHONE_SMS_STATE_H
#define PHONE_SMS_STATE_H

#include "req.h"

struct sms_news {
	const char *id; /* of the row, or NULL: by sid */
	const char *sid;
	const char *status;
	const char *error; /* or NULL */
};

/* In a write transaction; a message that nobody knows is nothing. */
enum rc sms_tell(struct req *, const struct sms_news *) MUST_CHECK;

#endif
