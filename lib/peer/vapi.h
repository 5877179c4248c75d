/*
 * vapi.h - the Vapi API: assistants and the lines that lead to them.
 *
 * Source: Vapi's OpenAPI document (paths, bodies) and its NestJS error shape
 * {"message": text or [text, …], "error", "statusCode"}. Bodies go out as
 * they are given. POST has no idempotency key: after VAPI_UNKNOWN look the
 * thing up before it is made again.
 */
#ifndef PEER_VAPI_H
#define PEER_VAPI_H

#include <stdint.h>

#include "base/arena.h"
#include "wire/json.h"

#define VAPI_LIST_MAX 1000 /* things in one list, their limit */

struct vapi {
	struct arena *arena;
	const char *base; /* URL without a slash at the end */
	const char *key;
	int64_t until_us; /* clock_tick_us() when it must end */
	int64_t spent_us; /* waited so far */
};

enum vapi_end {
	VAPI_OK,
	VAPI_GONE,    /* 404: there is no such thing */
	VAPI_KEY,     /* 401, 403: the key is refused */
	VAPI_REFUSED, /* another 4xx: it was not and will not be done */
	VAPI_LATER,   /* 409, 429, or nothing was sent: not done yet */
	VAPI_UNKNOWN  /* no answer, half of one, 408, 5xx, no JSON */
};

struct vapi_reply {
	enum vapi_end end;
	int status;	     /* 0: none came */
	cJSON *json;	     /* of VAPI_OK; NULL for status 204 */
	const char *message; /* a sentence unless VAPI_OK; one line,
				without the key */
};

/*
 * Talk with this key, for at most budget_ms in all and conf->peer_timeout_ms
 * a call. Keys that start with sandbox- go to conf->sandbox_url, if set.
 */
void vapi_init(struct vapi *, struct arena *, const char *key,
    int64_t budget_ms);

/* noun: the path's first part. */
#define VAPI_ASSISTANT "assistant"
#define VAPI_PHONE     "phone-number"
#define VAPI_FILE      "file"

/* VAPI_OK has an object with the text "id". */
void vapi_create(struct vapi *, const char *noun, const char *body,
    struct vapi_reply *);
/* Top-level members replace what is there; those not sent stay. */
void vapi_patch(struct vapi *, const char *noun, const char *id,
    const char *body, struct vapi_reply *);
void vapi_delete(struct vapi *, const char *noun, const char *id,
    struct vapi_reply *);
/*
 * An array, newest first, of what was made after since_ms (0: ever); at most
 * VAPI_LIST_MAX things.
 */
void vapi_list(struct vapi *, const char *noun, int64_t since_ms,
    struct vapi_reply *);

/*
 * Upload a file under a name (POST /file, form-data); VAPI_OK has "id". The
 * list has all of them: its route knows no limit and no dates.
 */
struct vapi_file {
	const char *name;
	const char *type; /* media type */
	const char *data;
	size_t len;
};

void vapi_upload(struct vapi *, const struct vapi_file *, struct vapi_reply *);
void vapi_files(struct vapi *, struct vapi_reply *);

#endif
