/*
 * ai.h - any endpoint that speaks OpenAI's chat completions: one question,
 * one answer in the form of a JSON schema.
 *
 * Nothing here trusts the answer beyond its being a JSON object: whoever asks
 * checks members, lengths and texts.
 */
#ifndef PEER_AI_H
#define PEER_AI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "wire/json.h"

#define AI_ANSWER_BYTES ((size_t)256 << 10) /* more is nonsense */

struct ai_ask {
	const char *model;
	const char *rules;  /* what the model shall do */
	const char *data;   /* what it shall do it with */
	const char *name;   /* of the schema: letters, digits, '_' */
	const char *schema; /* JSON schema, strict */
	int max_tokens;	    /* of the answer */
	int64_t timeout_ms; /* <= 0: AI_REFUSED */
};

enum ai_end {
	AI_OK,
	AI_NONSENSE, /* answered, and paid for, but not what was asked */
	AI_REFUSED,  /* not asked, or it said no: nothing to pay */
	AI_LATE,     /* no answer in time */
	AI_UNKNOWN   /* asked, but the answer was lost */
};

struct ai_reply {
	enum ai_end end;
	cJSON *json;	    /* an object when AI_OK; in the arena */
	int64_t tokens_in;  /* -1: not told */
	int64_t tokens_out; /* -1: not told */
	int64_t us;	    /* how long it took */
	const char *why;    /* for logs: no secret, nothing of the data */
};

/* Is there an endpoint to ask? */
bool ai_configured(void);
/* Ask; waits. */
void ai_call(struct arena *, const struct ai_ask *, struct ai_reply *);
/*
 * The most tokens that asking can send: no token is shorter than a byte.
 * What it can receive is max_tokens.
 */
int64_t ai_tokens_in(const struct ai_ask *);

#endif
