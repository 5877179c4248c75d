/*
 * twilio.h - Twilio's REST API, version 2010-04-01.
 *
 * Source: Twilio's OpenAPI document twilio_api_v2010 (paths, parameters) and
 * its page on errors: {"code", "message", "more_info", "status"}. Bodies are
 * forms, answers JSON. POST has no idempotency key: after TWILIO_UNKNOWN look
 * the thing up before it is made again. What was answered with 429 was not
 * done.
 */
#ifndef PEER_TWILIO_H
#define PEER_TWILIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "wire/json.h"

#define TWILIO_SID   34	  /* characters of a SID: two letters, 32 digits */
#define TWILIO_PAGE  1000 /* things in one page of a list, their limit */
#define TWILIO_PAGES 10	  /* pages that are followed */

struct twilio {
	struct arena *arena;
	const char *base;    /* URL without a slash at the end */
	const char *account; /* AccountSid */
	const char *token;
	bool sandbox;	  /* it is not the real Twilio that answers */
	int64_t until_us; /* clock_tick_us() when it must end */
	int64_t spent_us; /* waited so far */
};

enum twilio_end {
	TWILIO_OK,
	TWILIO_GONE,	/* 404: there is no such thing */
	TWILIO_KEY,	/* 401, 403: the token is refused */
	TWILIO_REFUSED, /* another 4xx: it was not and will not be done */
	TWILIO_LATER,	/* 409, 429, or nothing was sent: not done yet */
	TWILIO_UNKNOWN	/* no answer, half of one, 408, 5xx, no JSON */
};

struct twilio_reply {
	enum twilio_end end;
	int status;	     /* 0: none came */
	int64_t code;	     /* Twilio's own, 0 when there is none */
	cJSON *json;	     /* of TWILIO_OK; NULL for status 204 */
	const char *message; /* a sentence unless TWILIO_OK; one line,
				without the token */
};

/* A SID of a kind: "AC" and 32 hexadecimal digits. NULL: no. */
bool twilio_sid(const char *, const char *kind);

/*
 * Talk as this account, for at most budget_ms in all and conf->peer_timeout_ms
 * a call. Tokens that start with sandbox- go to conf->sandbox_url, if set.
 */
void twilio_init(struct twilio *, struct arena *, const char *account,
    const char *token, int64_t budget_ms);

/* A form or a query; add a name as often as it has values. NULL: left out. */
struct twilio_form {
	struct buf buf;
};

void twilio_form(struct twilio *, struct twilio_form *);
void twilio_add(struct twilio_form *, const char *name, const char *value);

/*
 * path: behind /2010-04-01/Accounts/{AccountSid}, such as "/Messages.json"; of
 * things with a SID that twilio_sid has checked. form may be NULL.
 */
void twilio_get(struct twilio *, const char *path, const struct twilio_form *,
    struct twilio_reply *);
void twilio_post(struct twilio *, const char *path, const struct twilio_form *,
    struct twilio_reply *);
void twilio_delete(struct twilio *, const char *path, struct twilio_reply *);

/*
 * All things of a list, over its pages: TWILIO_OK has an array. More pages
 * than TWILIO_PAGES are TWILIO_UNKNOWN: half a list proves nothing.
 */
void twilio_list(struct twilio *, const char *path, const char *noun,
    const struct twilio_form *, struct twilio_reply *);

/* Bytes of a recording as MP3, which needs the account's token. */
struct twilio_sound {
	enum twilio_end end;
	const char *type;
	const char *data;
	size_t len;
};

void twilio_recording(struct twilio *, const char *sid, struct twilio_sound *);

#endif
