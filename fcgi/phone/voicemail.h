/*
 * voicemail.h - messages that callers have left: kept, shown, mailed.
 */
#ifndef PHONE_VOICEMAIL_H
#define PHONE_VOICEMAIL_H

#include "req.h"

#define VOICEMAIL_JOB "/job/phone/mail_voicemail"
#define CALLBACK_JOB  "/job/phone/mail_callback"

/*
 * The form tells of a recording: keep it as a voicemail of the call, with a
 * task for staff, and leave the mail for when the transcript may be there. A
 * recording of something else than <Record> is none. In a write transaction.
 */
enum rc voicemail_put(struct req *, const char *call) MUST_CHECK;

/*
 * Mail to the account's fallback address; no address or no mail server: OK,
 * nothing. id: the letter's own, the same when it is sent again. Calls out,
 * so outside any transaction; *sent tells whether it went.
 */
struct letter {
	const char *id;
	const char *subject;
	const char *text;
};

enum rc letter_send(struct req *, const struct letter *, bool *sent) MUST_CHECK;

/* --- handlers ------------------------------------------------------------- */

enum rc voicemail_transcript(struct req *) MUST_CHECK;
enum rc voicemail_mail(struct req *) MUST_CHECK;
enum rc callback_mail(struct req *) MUST_CHECK;

#endif
