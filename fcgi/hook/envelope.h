/*
 * envelope.h - the many shapes of one message of Vapi, made into one.
 *
 * Sources: Vapi's OpenAPI description, its pages on server events and custom
 * tools, and recorded traffic, which differ from one another. Of each part
 * the first spelling that is there counts. Everything is borrowed from the
 * JSON tree or lives in the arena.
 */
#ifndef HOOK_ENVELOPE_H
#define HOOK_ENVELOPE_H

#include <stddef.h>

#include "base/arena.h"
#include "book/call.h"
#include "wire/json.h"

struct tool_call {
	const char *id;	   /* "" when there is none */
	const char *name;  /* NULL when there is none */
	const cJSON *args; /* an object, perhaps empty */
};

struct envelope {
	const cJSON *message;
	const char *type; /* "" when there is none */
	struct tool_call *calls;
	size_t count;
	bool legacy;		 /* function-call: a bare result too */
	struct call_link link;	 /* vapi_id may be NULL */
	const char *control_url; /* secret; or NULL */
};

/*
 * Read `{"message":{…}}`; false when there is no message or no memory. Ids and
 * names that are longer than any real one count as missing.
 */
bool envelope_read(struct arena *, const cJSON *root, struct envelope *);

/* Is the call on a line where Vapi can speak to the human before? */
bool envelope_warm(const struct envelope *);

/*
 * Text of a value without blanks at the ends, cut to max characters; numbers
 * as text. NULL when it is missing, empty or no text.
 */
const char *envelope_text(struct arena *, const cJSON *, size_t max);
/* The same of a tool's argument. */
const char *args_text(struct arena *, const cJSON *args, const char *name,
    size_t max);

#endif
