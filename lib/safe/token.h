/*
 * token.h - random tokens and their hashes.
 *
 * A token is `prefix` + base64url of 32 random bytes (43 characters); only
 * its hash (BLAKE2b-256, base64url) is ever stored.
 */
#ifndef SAFE_TOKEN_H
#define SAFE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* A new token; NULL when full. */
char *token_new(struct arena *, const char *prefix);
/* Hash of any text, 43 characters; NULL when full, or of NULL. */
char *token_hash(struct arena *, const char *text);
/* The same of any bytes. */
char *token_digest(struct arena *, const void *, size_t len);
/* Bytes as base64 with padding (RFC 4648, 4); NULL when full. */
char *token_base64(struct arena *, const void *, size_t len);
/*
 * Same text? The time taken tells lengths, never content. NULL is the same
 * as nothing, not even as NULL.
 */
bool token_same(const char *a, const char *b);

#endif
