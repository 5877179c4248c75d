/*
 * sikka.h - the Sikka ONE API, version 4: keys, lists, writes.
 *
 * Sources: Sikka's Postman collection and FAQ. Data calls carry a key of a
 * day (Request-Key) that is fetched with the office's secret and renewed with
 * a refresh key that works once; this is done here, before the key ends and
 * once after a 401. All scalars are texts. A list without rows is a 204.
 * Writes are only accepted: their outcome is polled by an id. There is no
 * idempotency key: after SIKKA_UNKNOWN look before it is written again.
 */
#ifndef PEER_SIKKA_H
#define PEER_SIKKA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "wire/json.h"

/* What the practice gave; all in the caller's arena. */
struct sikka_app {
	const char *app_id;
	const char *app_key;
	const char *office_id; /* NULL: sikka_offices finds it */
	const char *secret_key;
};

/* The keys of the day. */
struct sikka_keys {
	const char *request; /* NULL: there is none yet */
	const char *refresh; /* or NULL */
	int64_t renew_ms;    /* when a new one is due, epoch ms */
};

/* May we fetch new keys? */
enum sikka_turn {
	SIKKA_MINE,
	SIKKA_THEIRS, /* another process is at it */
	SIKKA_FRESH   /* another one was: they are in keys now */
};

struct sikka {
	struct arena *arena;
	const char *base; /* URL without a slash at the end */
	struct sikka_app app;
	struct sikka_keys keys;
	/* asked before keys are fetched; NULL: always ours */
	enum sikka_turn (*claim)(struct sikka *);
	/* keep the new keys, or (false) let go of the claim; NULL: nothing */
	void (*keep)(struct sikka *, bool got);
	void *own;	  /* of claim and keep */
	int64_t until_us; /* clock_tick_us() when it must end */
	int64_t spent_us; /* waited so far */
	bool renewed;	  /* after a 401: only once */
};

enum sikka_end {
	SIKKA_OK,
	SIKKA_KEY,     /* app, office or secret are refused */
	SIKKA_REFUSED, /* another 4xx: it was not and will not be done */
	SIKKA_LATER,   /* 429, or nothing was sent: not done yet */
	SIKKA_UNKNOWN  /* no answer, half of one, 408, 5xx, no JSON */
};

struct sikka_reply {
	enum sikka_end end;
	int status;	       /* 0: none came */
	const cJSON *json;     /* of SIKKA_OK; NULL for status 204 */
	const cJSON *items;    /* rows of a list; NULL: none */
	bool more;	       /* there is another page */
	const char *id;	       /* of an accepted write */
	int64_t retry_after_s; /* -1 when not given */
	const char *message;   /* a sentence unless SIKKA_OK; one line,
				  without keys */
};

/* Talk for at most budget_ms in all, conf->peer_timeout_ms a call. */
void sikka_init(struct sikka *, struct arena *, const struct sikka_app *,
    int64_t budget_ms);

/* The app's offices (GET /authorized_practices). */
void sikka_offices(struct sikka *, struct sikka_reply *);
/* Have a key that is good for a while. */
void sikka_key(struct sikka *, struct sikka_reply *);
/* One page, counted from 0, of a list; query without `?`, or "". */
void sikka_list(struct sikka *, const char *noun, const char *query,
    int64_t page, struct sikka_reply *);
/* Write; SIKKA_OK has its id to poll by. */
void sikka_write(struct sikka *, const char *method, const char *path,
    const char *body, struct sikka_reply *);

#define SIKKA_PAGE 200 /* rows asked for at once */

/* May it stand in a path (none of : # ? / \ % + =, not too long)? */
bool sikka_id_valid(const char *);

#endif
