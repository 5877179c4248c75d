/*
 * number.h - telephone numbers at Twilio: found, bought, led here, let go.
 *
 * A row of phone_line says what shall be; the job NUMBER_JOB does what is
 * left of it, and the request that asked takes the first try itself. A number
 * is bought once at most: before it goes out a purchase is written down
 * (tried_at), and whoever finds that looks the number up and never buys.
 *
 * number_proof says whose a number is: the account's own token has seen it in
 * Twilio's list. It is looked at daily, together with what others may have
 * changed at Twilio (drift).
 */
#ifndef PHONE_NUMBER_H
#define PHONE_NUMBER_H

#include "peer/twilio.h"
#include "peer/vapi.h"
#include "req.h"

#define NUMBER_JOB "/job/phone/number"
#define CHECK_JOB  "/job/phone/check"

/* One number being worked on. */
struct number {
	struct req *r;
	struct twilio at;
	struct twilio_reply reply; /* of the last call */
	struct row row;
	const char *id;
	const char *number;
	const char *routing; /* as the account wants it: sip or vapi */
};

/* --- credentials have changed -----------------------------------------------
 */

/* Go on with what waited for credentials, and look at all numbers. */
enum rc number_push_all(struct req *) MUST_CHECK;
/* Forget what the account has proven. */
enum rc number_unproven(struct req *) MUST_CHECK;
/* The routing has changed: lead all numbers the other way. */
enum rc number_reroute(struct req *) MUST_CHECK;

/* --- the steps
 * ---------------------------------------------------------------- */

/*
 * Read the row, bound as :id, and begin with the token of its account at
 * Twilio; none: E_CONFLICT. row.count is 0 when there is none.
 */
enum rc number_open(struct number *, struct req *, const char *id) MUST_CHECK;
/*
 * Do what the row says is left; OK: nothing is. Calls providers, so outside
 * any transaction. first: the request's own try, the only one that may buy.
 */
enum rc number_settle(struct req *, const char *id, bool first) MUST_CHECK;
/* Say in the answer why Twilio did not do it. */
enum rc number_fail(struct number *) MUST_CHECK;
/* Put the waiting into the request's note. */
void number_waited(struct number *);

/* The webhooks of a number that leads here. */
void number_hooks(struct number *, struct twilio_form *);
/* How a number at Twilio differs from that; NULL: not at all. */
const char *number_drift(struct number *, const cJSON *item);
/* The account's token has just seen the number in its list. */
enum rc number_proven(struct number *) MUST_CHECK;

/* --- number_vapi.c
 * ------------------------------------------------------------ */

/* Import the number into Vapi; *id is Vapi's. Its end is in the answer. */
enum rc number_import(struct number *, const char **id) MUST_CHECK;
/* Take it out of Vapi again, if it is there. */
enum rc number_export(struct number *) MUST_CHECK;

/* --- jobs
 * ----------------------------------------------------------------------- */

enum rc number_job(struct req *) MUST_CHECK;
enum rc number_check(struct req *) MUST_CHECK;

#endif
