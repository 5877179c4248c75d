/*
 * transfer.h - handing a call to a human, and what if nobody takes it.
 *
 * Three ways: Vapi is answered a destination; Vapi is told one by its live
 * call control; Twilio is told to leave the assistant and ring the list
 * itself. Whatever fails ends the same: a task for staff, a mail, and where
 * Twilio still has the caller, a voicemail.
 */
#ifndef PHONE_TRANSFER_H
#define PHONE_TRANSFER_H

#include "base/phrase.h"
#include "req.h"

struct transfer {
	const char *call;   /* row id */
	const char *way;    /* answer, control or dial */
	const char *caller; /* E.164 or NULL */
	const char *tried;  /* the number that is named, or NULL */
	const char *reason; /* or NULL */
};

/* Write an attempt down; *id is the row's. In a write transaction. */
enum rc transfer_put(struct req *, const struct transfer *,
    const char **id) MUST_CHECK;
/* It was sent off. In a write transaction. */
enum rc transfer_sent(struct req *, const char *id, const char *way) MUST_CHECK;
/*
 * The call's open attempt has ended: answered, or not (then someone has to
 * call back). *open: there was one. In a write transaction.
 */
enum rc transfer_end(struct req *, const char *call, bool answered,
    bool *open) MUST_CHECK;
/* A leg of the call has ended: that of an attempt by Twilio, if there is one.
 */
enum rc transfer_dialed(struct req *, const char *call,
    bool answered) MUST_CHECK;
/* Has the last attempt of the call failed? */
enum rc transfer_lost(struct req *, const char *call, bool *lost) MUST_CHECK;
/* Was this number named for the call before? */
enum rc transfer_tried(struct req *, const char *call, const char *number,
    bool *tried) MUST_CHECK;

/*
 * Let Twilio take the call back from the assistant and ring the list. *done:
 * false when it is no call of Twilio's, or Twilio refuses. Calls out.
 */
enum rc transfer_dial(struct req *, const char *id, bool *done) MUST_CHECK;

/*
 * Staff shall call somebody back: an event, a task and a mail. call and number
 * may be NULL. In a write transaction.
 */
enum rc callback_put(struct req *, const char *call, const char *number,
    const char *reason) MUST_CHECK;

/* What the human hears first: who calls and why. */
const char *transfer_words(struct req *, enum lang, const char *caller,
    const char *reason);

/* --- handlers ------------------------------------------------------------- */

enum rc transfer_ring(struct req *) MUST_CHECK;
enum rc transfer_whisper(struct req *) MUST_CHECK;

#endif
