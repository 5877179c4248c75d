/*
 * body.h - an assistant as our clients write it, and as Vapi wants it.
 */
#ifndef ASSISTANT_BODY_H
#define ASSISTANT_BODY_H

#include "req.h"

/*
 * The payload of the request laid over an older one (NULL: none), as JSON with
 * a fixed order of members. model and voice merge part by part, so that a new
 * temperature keeps the rest; all else is replaced; null and "" clear. NULL
 * after a mistake, which is told (fail_field).
 */
char *body_make(struct req *, const char *old);

struct body_place {
	const char *id;	    /* of our row */
	const char *secret; /* of webhooks; may be NULL */
	bool change;	    /* for PATCH: what is cleared is null */
};

/*
 * What is sent to Vapi for a payload: the prompt as the model's first message,
 * our tools, where they and the events are served, and in the metadata our
 * ids, by which a lost assistant is found again. Always the whole model,
 * because PATCH replaces it as a whole. NULL when the arena is full.
 */
char *body_vapi(struct req *, const char *payload, const struct body_place *);

#endif
