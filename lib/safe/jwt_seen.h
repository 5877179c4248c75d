/*
 * jwt_seen.h - tokens whose signature this process has verified already.
 *
 * A front end sends the same token with each request for an hour; verifying
 * it each time costs more than the request itself. What is remembered is the
 * BLAKE2b-256 of the token and its claims, in a small table where a newcomer
 * displaces an older one; when the keys change, all is forgotten. Times and
 * issuer are for the caller to check.
 */
#ifndef SAFE_JWT_SEEN_H
#define SAFE_JWT_SEEN_H

#include "safe/jwt.h"

#define JWT_DIGEST 32

/* Digest of a token, and its claims when they are known (else false). */
bool jwt_seen(struct arena *, const char *token,
    unsigned char digest[JWT_DIGEST], struct jwt *out);
/* Remember; claims too long for the table are not. */
void jwt_remember(const unsigned char digest[JWT_DIGEST], const struct jwt *);

#endif
