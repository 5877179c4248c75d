/*
 * step.h - the steps by which an assistant's row and Vapi are kept in step;
 * requests take them one at a time, the runner takes what is left of them.
 *
 * A step calls Vapi outside any transaction and then records what came of it
 * in one of its own. Its code tells of our side only; w->reply.end says what
 * Vapi did. A step that is interrupted anywhere can be taken again: what Vapi
 * has is found by metadata.frontdesk_id (assistants) and sipUri (lines), and
 * what was made twice is swept. tried_at is when the attempt began that may
 * be under way; nobody else begins one within step_held_ms().
 */
#ifndef ASSISTANT_STEP_H
#define ASSISTANT_STEP_H

#include "peer/vapi.h"
#include "req.h"

#define SYNC_JOB  "/job/assistant/sync"
#define SWEEP_JOB "/job/assistant/sweep"

struct work {
	struct req *r;
	struct vapi vapi;
	struct vapi_reply reply; /* of the last call */
	struct row row;		 /* as step_find found it */
	const char *id;
	const char *secret; /* of webhooks, or NULL */
	bool line_gone;	    /* step_delete removed the line */
	bool job;	    /* the runner's, not a request's */
};

/*
 * Begin with the account's key; w->row is not filled. No key: E_CONFLICT.
 * All calls together take conf->peer_timeout_ms at most. id is bound as :id.
 */
enum rc step_open(struct work *, struct req *, const char *id) MUST_CHECK;
/*
 * Read the row: id vapi_id name body wanted status line_id created_at
 * tried_at; count 0: there is none.
 */
enum rc step_find(struct work *) MUST_CHECK;

/* Make it at Vapi; refused: the row goes. */
enum rc step_create(struct work *) MUST_CHECK;
/* Take over one that an earlier attempt has made, if there is one. */
enum rc step_adopt(struct work *, bool *found) MUST_CHECK;
/* Send the wanted payload; refused: it is wanted no more. */
enum rc step_push(struct work *, const char *wanted) MUST_CHECK;
/* Find or make the line. */
enum rc step_line(struct work *) MUST_CHECK;
/* Remove line and assistant at Vapi, then the row. */
enum rc step_delete(struct work *) MUST_CHECK;
/* Remove the row: nothing is left at Vapi, or the sweep will see to it. */
enum rc step_gone(struct work *) MUST_CHECK;

/* Say in the answer why Vapi did not do it. */
enum rc step_fail(struct work *) MUST_CHECK;

/* How long an attempt may be under way, in ms. */
int64_t step_held_ms(void);
/* When the runner shall look after an attempt that begins now. */
int64_t step_repair_at(void);

/* --- for the steps themselves --------------------------------------------- */

/* Put the time that was waited into the request's note; gives r->rc. */
enum rc step_waited(struct work *);
/* An event about the row, with one member of data. */
enum rc step_event(struct work *, const char *kind, const char *name,
    const char *text) MUST_CHECK;
/* Record that the assistant was made, for analytics; once. */
enum rc step_track(struct work *) MUST_CHECK;
/* It was made without a voice: the set-up's choice shall come to it. */
enum rc step_voice(struct work *) MUST_CHECK;
/* Leave a sweep for when the attempts of now are over. */
enum rc step_sweep_later(struct work *) MUST_CHECK;
/* What Vapi has of a noun since then, clocks aside; into w->reply. */
void step_list(struct work *, const char *noun, int64_t since_ms);
/* Was this assistant of Vapi's made for our row? */
bool step_is_copy(const struct work *, const cJSON *item);

#endif
