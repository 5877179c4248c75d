/*
 * jwt.h - short-lived access tokens: JWT (RFC 7519), HS256, by the jose
 * library.
 *
 * Only our own tokens: the algorithm is fixed here, never read from the
 * token. Header: alg, typ, kid; claims: iss, sub (user), sid (session), iat,
 * exp. kid is the id of the master key whose seal_derive("jwt") signs, so
 * rotation leaves tokens valid until they expire, and a process that does not
 * know a new key yet reads the key file again.
 */
#ifndef SAFE_JWT_H
#define SAFE_JWT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define JWT_MAX_BYTES 8192

struct jwt {
	const char *issuer;
	const char *user;
	const char *session;
	int64_t issued_s;
	int64_t expires_s;
};

/* Compact form; NULL when it cannot be made, as without a master key. */
char *jwt_make(struct arena *, const struct jwt *);
/*
 * Read and verify; false unless signature, issuer and times (60 s of skew)
 * hold. At most JWT_MAX_BYTES. The texts of out live in the arena.
 */
bool jwt_read(struct arena *, const char *token, const char *issuer,
    int64_t now_ms, struct jwt *out);

#endif
