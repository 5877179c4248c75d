/*
 * fetch.h - calls to providers, by libcurl.
 *
 * One easy handle a provider (scheme, host and port) is kept, so that
 * connections and TLS sessions are used again. A process makes its handles
 * itself; those that it inherits by fork are left alone. Redirects are not
 * followed, proxies of the environment not used; answers over 4 MiB are an
 * error. Verification of certificates is always on, against conf->ca_file
 * when that is set. A URL that starts with http:// goes in the clear: base
 * URLs are settings of the operator. From the first call on SIGPIPE is
 * ignored, unless it has a handler. Not thread-safe.
 */
#ifndef PEER_FETCH_H
#define PEER_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define FETCH_MAX_BYTES ((size_t)4 << 20)

struct fetch_header {
	const char *name;
	const char *value;
};

struct fetch {
	const char *method; /* GET POST PATCH PUT DELETE */
	const char *url;
	const char *bearer; /* token, or NULL */
	const char *user;   /* Basic user and password, or NULL */
	const char *password;
	const struct fetch_header
	    *headers;	  /* more; a NULL name ends; or NULL */
	const char *type; /* of the body, or NULL */
	const char *body; /* or NULL */
	size_t body_len;
	int64_t timeout_ms; /* whole call, of it 3 s to connect;
			       <= 0, none left: FETCH_REFUSED */
};

/* What came of it. */
enum fetch_end {
	FETCH_ANSWERED, /* a whole answer, of any status */
	FETCH_REFUSED,	/* nothing was sent: safe to repeat */
	FETCH_UNKNOWN	/* sent, or perhaps sent, without an answer */
};

struct fetch_reply {
	enum fetch_end end;
	int status;	  /* 0 unless answered */
	const char *type; /* Content-Type, or "" */
	const char *body; /* in the arena, with a NUL, or "" */
	size_t body_len;
	int64_t retry_after_s; /* -1 when not given */
	const char *why;       /* a sentence for logs; no secrets;
				  "" when answered */
};

/*
 * Call; waits. Asks fault_due() once (then: FETCH_UNKNOWN). A POST, PATCH or
 * PUT is sent at most once: when its kept connection dies without an answer,
 * libcurl would send it again by itself; here it is FETCH_UNKNOWN. Control
 * characters in the URL or a header are FETCH_REFUSED.
 */
void fetch_call(struct arena *, const struct fetch *, struct fetch_reply *);
/* Make this process fit for libcurl; false: it is not. Others may use it. */
bool fetch_start(void);
/* Drop the kept handles; before exit. */
void fetch_drop(void);

#endif
