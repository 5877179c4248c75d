/*
 * auth.h - what the files of sign-in share.
 *
 * A session is one row. It can be used as a cookie (an opaque secret, stored
 * hashed) or as a bearer token (a JWT of an hour that names the session);
 * both end when the row is revoked. Refresh tokens are stored hashed and
 * rotate; see session.c.
 */
#ifndef FCGI_AUTH_AUTH_H
#define FCGI_AUTH_AUTH_H

#include "req.h"

#define SESSION_MS	 (INT64_C(30) * 86400000)
#define ACCESS_S	 3600
#define REFRESH_GRACE_MS 30000

/* What a fresh session gives to its owner. */
struct grant {
	const char *access; /* JWT */
	const char *refresh;
	const char *secret; /* of the cookie; NULL: it stays */
	int64_t expires_s;
	struct row user; /* what is told of its owner */
};

/* Name of the session cookie: __Host- where the public URL is https. */
const char *auth_cookie_name(void);

/*
 * Open a session for :me in the scoped account (r->user must be set), or only
 * new tokens for r->session; in the current write transaction.
 */
enum rc grant_open(struct req *, struct grant *) MUST_CHECK;
enum rc grant_renew(struct req *, struct grant *) MUST_CHECK;
/* Write cookies and body once the transaction is committed. */
void grant_tell(struct req *, const struct grant *);
/* Cookies that end the session in the browser. */
void grant_forget(struct req *);
/* The user of the scoped account, and as the member "user" of the answer. */
enum rc user_read(struct req *, struct row *) MUST_CHECK;
void user_tell(struct req *, const struct row *);

/* Make a user with an account of its own; leaves the scope on it. */
enum rc account_make(struct req *, const char *email,
    const char *hash) MUST_CHECK;

/*
 * Failures are counted by key: allow is E_LIMIT when there were too many,
 * fail counts one more, clear forgets. Each in the current transaction.
 */
enum rc throttle_allow(struct req *, const char *key) MUST_CHECK;
enum rc throttle_fail(struct req *, const char *key) MUST_CHECK;
enum rc throttle_clear(struct req *, const char *key) MUST_CHECK;

extern const struct field session_out[];

#endif
