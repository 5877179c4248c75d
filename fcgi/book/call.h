/*
 * call.h - telephone calls: one row for what Twilio and Vapi tell of the same
 * call, in any order and any number of times.
 *
 * Where the two meet: Vapi's call is a leg of Twilio's. The row takes Vapi's
 * id when Vapi names the CallSid, or our own id comes back in the X- headers
 * of the SIP line, or the same caller was just handed to that assistant.
 *
 * A status is only ever replaced by one of a higher rank:
 *	0 queued, scheduled	1 initiated		2 ringing
 *	3 in-progress, forwarding	4 ended (Vapi's leg)
 *	5 completed, busy, failed, no-answer, canceled
 * so that late and repeated events change nothing.
 */
#ifndef BOOK_CALL_H
#define BOOK_CALL_H

#include "req.h"

/* What Twilio tells; NULL or -1: nothing. */
struct call_leg {
	const char *sid;    /* CallSid */
	const char *status; /* CallStatus */
	const char *from;   /* E.164, or NULL when withheld */
	const char *to;
	const char *direction; /* Twilio's; NULL: inbound */
	const char *assistant; /* row id; handed over to it */
	const char *contact;   /* row id */
	int64_t sequence;
	int64_t duration_s;
};

/* Make or update the row of a CallSid; *id is the row's. */
enum rc call_meet(struct req *, const struct call_leg *,
    const char **id) MUST_CHECK;

/* Where Vapi's call comes from; NULL: not told. */
struct call_link {
	const char *vapi_id;   /* Vapi's id of the call; needed */
	const char *assistant; /* Vapi's id of the assistant */
	const char *caller;    /* E.164 */
	const char *called;    /* E.164 */
	const char *sid;       /* phoneCallProviderId */
	const char *row;       /* our id, from an X- header */
	const char *status;    /* of a row that is new; NULL: queued */
};

/* The row of Vapi's call, linked or made if need be; *id is the row's. */
enum rc call_join(struct req *, const struct call_link *,
    const char **id) MUST_CHECK;

/* What Vapi tells of a call; NULL or a negative number: nothing. */
struct call_news {
	const char *status;
	const char *ended_reason;
	const char *summary;
	const char *recording_url;
	double cost; /* USD */
	int64_t started_ms;
	int64_t ended_ms;
	int64_t duration_s;
};

enum rc call_tell(struct req *, const char *id,
    const struct call_news *) MUST_CHECK;

/* Rank of a status, 0 when unknown. */
int call_rank(const char *status);

/* Does that status end a call? */
bool call_is_over(const char *status);

#endif
