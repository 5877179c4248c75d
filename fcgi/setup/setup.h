/*
 * setup.h - the set-up wizard: four steps, saved one by one in any order.
 *
 * Saving a step writes rows and nothing else; what follows from it is done by
 * the runner, by a job a step whose ref is the account. Such a job reads what
 * is saved when it runs, so it may run late, twice or after a later save:
 *
 *	/job/setup/voice         assistants get the voice
 *	/job/setup/integrations  the choice of a PMS becomes the row of type
 *	                         "pms" in integration: its settings hold
 *	                         {"provider","connectionId"}, and its status is
 *	                         "disconnected" until whoever connects that PMS
 *	                         says otherwise (the built-in book is connected)
 *	/job/setup/phone         the number is attached
 */
#ifndef SETUP_SETUP_H
#define SETUP_SETUP_H

#include "req.h"

#define SETUP_VOICE	   "voice"
#define SETUP_KNOWLEDGE	   "knowledge"
#define SETUP_INTEGRATIONS "integrations"
#define SETUP_PHONE	   "phone"

#define SETUP_DATA_MAX	   65536 /* bytes of a step's data */

/* The account of the path is the caller's, or it does not exist. */
enum rc setup_mine(struct req *) MUST_CHECK;
/*
 * The step's data in the body: the body itself, or what it wraps as
 * {"voice":{…}} or {"data":{…}}. What is too large is refused: NULL.
 */
cJSON *setup_data(struct req *, const char *step);
/*
 * Save a step, in the transaction that is open; secrets in data are covered.
 * skipped: the customer did without it.
 */
enum rc setup_save(struct req *, const char *step, cJSON *data,
    bool skipped) MUST_CHECK;
/* Data of a saved step; NULL: it is not saved. */
enum rc setup_read(struct req *, const char *step, cJSON **data) MUST_CHECK;
/* Write the progress as the answer; with "success" where it was changed. */
enum rc setup_tell(struct req *, bool changed) MUST_CHECK;

extern const struct field setup_out[];

/* --- integrations --------------------------------------------------------- */

struct integration {
	const char *name; /* one row a name */
	const char *type;
	const char *status;
	const char *settings; /* JSON object without secrets */
};

/* Make or change the account's row of that name. */
enum rc integration_put(struct req *, const struct integration *) MUST_CHECK;
/* All of a type but one of that name (NULL: none) are disconnected. */
enum rc integration_leave(struct req *, const char *type,
    const char *but) MUST_CHECK;

/* --- the jobs ---------------------------------------------------------------
 */

enum rc setup_voice_job(struct req *) MUST_CHECK;
enum rc setup_pms_job(struct req *) MUST_CHECK;
enum rc setup_phone_job(struct req *) MUST_CHECK;

/* Numbers and method out of a phone step's data. */
struct phone_choice {
	const char *method; /* sip forwarding porting new_number */
	const char *number; /* at which the assistant answers, or NULL */
	const char *office; /* that forwards to it, or NULL */
	const char *staff;  /* where callers reach a human, or NULL */
	const char *mode;   /* of forwarding: always no_answer busy … */
};

void phone_choice_read(const cJSON *data, struct phone_choice *);

#endif
