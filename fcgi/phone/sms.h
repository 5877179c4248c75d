/*
 * sms.h - text messages: what may be said to whom, and what became of it.
 *
 * Only numbers with consent (sms_consent, granted) are written to. A message
 * is said once for a kind and ref. It is sent by the job SMS_JOB: what goes
 * out is written down before (tried_at), and after an unknown outcome it is
 * looked up at Twilio before it is sent again.
 */
#ifndef PHONE_SMS_H
#define PHONE_SMS_H

#include "base/phrase.h"
#include "req.h"

#define SMS_JOB	   "/job/phone/sms"
#define REMIND_JOB "/job/phone/remind"

struct sms {
	const char *kind; /* what is said … */
	const char *ref;  /* … about what: once */
	const char *to;	  /* E.164 */
	const char *text;
	int64_t until_ms; /* it is not worth sending later; 0: a day */
};

/*
 * Leave a message for a number, if it has agreed; the same kind and ref
 * again: nothing. In a write transaction.
 */
enum rc sms_put(struct req *, const struct sms *) MUST_CHECK;

/*
 * An appointment was made, moved or cancelled: leave what shall be said of it
 * and see to its reminder. In a write transaction.
 */
enum rc sms_follow(struct req *, const char *appointment) MUST_CHECK;
/* It is not what was said to the caller: let them call us. In a write. */
enum rc sms_trouble(struct req *, const char *appointment) MUST_CHECK;
/* Look for reminders that are due at t_ms, or earlier. */
enum rc sms_remind_later(struct req *, int64_t t_ms) MUST_CHECK;

enum sms_agreed { SMS_GRANTED, SMS_STOPPED };

/*
 * Write down that a number agrees, or does no more. source: sms (the person
 * wrote), call (said so) or staff. *done: false when staff or a call would
 * undo a stop of the person's own.
 */
enum rc sms_agree(struct req *, const char *phone, enum sms_agreed,
    const char *source, bool *done) MUST_CHECK;

/* What is said to an account's people: its name and language. */
struct sms_voice {
	const char *name;
	const char *zone;
	enum lang lang;
};

enum rc sms_voice(struct req *, struct sms_voice *) MUST_CHECK;

/* --- handlers ------------------------------------------------------------- */

enum rc sms_hook(struct req *) MUST_CHECK;
enum rc sms_send(struct req *) MUST_CHECK;
enum rc sms_remind(struct req *) MUST_CHECK;

#endif
