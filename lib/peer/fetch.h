/*
 * fetch.h - calls to providers, by libcurl.
 *
 * One easy handle a provider is kept, so that connections and TLS sessions
 * are used again. Never after fork: a process makes its handles itself.
 * Redirects are not followed, proxies of the environment not used; answers
 * over 4 MiB are an error. Verification of certificates is always on.
 */
#ifndef PEER_FETCH_H
#define PEER_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define FETCH_MAX_BYTES	((size_t)4 << 20)

struct fetch {
	const char	*method;	/* GET POST PATCH PUT DELETE */
	const char	*url;
	const char	*bearer;	/* token, or NULL */
	const char	*user;		/* Basic user and password, or NULL */
	const char	*password;
	const char	*type;		/* of the body, or NULL */
	const char	*body;		/* or NULL */
	size_t		 body_len;
	int64_t		 timeout_ms;	/* whole call; connecting at most 3 s */
};

/* What came of it. */
enum fetch_end {
	FETCH_ANSWERED,		/* a whole answer, of any status */
	FETCH_REFUSED,		/* nothing was sent: safe to repeat */
	FETCH_UNKNOWN		/* sent, or perhaps sent, without an answer */
};

struct fetch_reply {
	enum fetch_end	 end;
	int		 status;	/* 0 unless answered */
	const char	*type;		/* Content-Type, or "" */
	const char	*body;		/* NUL-terminated, in the arena */
	size_t		 body_len;
	int64_t		 retry_after_s;	/* -1 when not given */
	const char	*why;		/* a sentence for logs; no secrets */
};

/* Call; waits. Asks fault_due() once (then: FETCH_UNKNOWN). */
void fetch_call(struct arena *, const struct fetch *, struct fetch_reply *);
/* Drop the kept handles; before exit. */
void fetch_drop(void);

#endif
