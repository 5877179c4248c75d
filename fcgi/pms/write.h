/*
 * write.h - the outbox to a practice's system: the job, and its steps.
 *
 *	queued    nothing of it is under way
 *	sending   it was, or is being, sent: look before it is sent (again)
 *	sent      accepted; its outcome is polled
 *	done      it is so there
 *	conflict  the system will not have it: staff decide
 *	dropped   nobody needs to know any more
 *
 * A booking has two stages: its patient has to be known there, or is written
 * first. Each run of the job does one step and leaves the next one.
 */
#ifndef PMS_WRITE_H
#define PMS_WRITE_H

#include "pms/pms.h"

struct work {
	struct req *r;
	struct pms pms;
	struct row row; /* of the writeback, with its appointment */
	struct pms_wish wish;
	bool found; /* by look: */
	struct pms_visit visit;
	bool clash; /* another one has the time */
};

/* Step by step; ref: the writeback. */
enum rc pms_write_run(struct req *) MUST_CHECK;

/*
 * Who is it for? Fills wish.patient and says OK, or has done a step of its
 * own (*wait): written the patient, or given up.
 */
enum rc patient_step(struct work *, bool *wait) MUST_CHECK;

/* --- what steps end with; each in a transaction of its own ------------------
 */

/* Begin to send: from here on the outcome may be unknown. */
enum rc work_sending(struct work *, const char *stage, bool *ours) MUST_CHECK;
/* After a send: polled, or tried again, or staff decide. */
enum rc work_sent(struct work *, const char *remote_id) MUST_CHECK;
/* Nothing came of a look or a poll. */
enum rc work_later(struct work *) MUST_CHECK;
/* Staff decide; why: a sentence. */
enum rc work_conflict(struct work *, const char *why) MUST_CHECK;
/* Run the job again then. */
enum rc work_again(struct work *, int64_t at_ms) MUST_CHECK;

#endif
