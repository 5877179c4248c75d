/*
 * jwt.h - short-lived access tokens: JWT, HS256, by the jose library.
 *
 * Only our own tokens: the algorithm is fixed here, never read from the
 * token. Claims: iss, sub (user), sid (session), iat, exp.
 */
#ifndef SAFE_JWT_H
#define SAFE_JWT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct jwt {
	const char	*issuer;
	const char	*user;
	const char	*session;
	int64_t		 issued_s;
	int64_t		 expires_s;
};

/* Compact form; NULL when it cannot be made. Key: seal_derive("jwt"). */
char *jwt_make(struct arena *, const struct jwt *);
/*
 * Read and verify; false unless signature, issuer and times (60 s of skew)
 * hold. At most 8 KiB.
 */
bool jwt_read(struct arena *, const char *token, const char *issuer,
    int64_t now_ms, struct jwt *out);

#endif
