/*
 * seal.h - credentials at rest: XChaCha20-Poly1305 with a key id.
 *
 * The key file has one key a line, `<id> <base64url of 32 bytes>`, ids from 1
 * to 255; the highest seals, all open. Mode must be 0600. Each account has
 * its own key, BLAKE2b of the account id under the master key.
 *
 * An envelope is base64url of: version 1, key id, nonce (24), ciphertext and
 * tag. The place where it lives is bound to it as associated data:
 * `account|table|row|column|key id`, so that a copied envelope does not open
 * anywhere else. Not thread-safe; keys live in locked memory.
 */
#ifndef SAFE_SEAL_H
#define SAFE_SEAL_H

#include <stddef.h>

#include "base/arena.h"

struct seal_place {
	const char	*account;
	const char	*table;
	const char	*row;
	const char	*column;
};

/*
 * Read the key file. E_MISSING: there is none; E_DENIED: others may read it;
 * E_INPUT: broken. why gets a sentence.
 */
enum rc seal_load(const char *path, char why[256]) MUST_CHECK;
/* Append a new key (making the file if needed) and load; *id is its id. */
enum rc seal_add_key(const char *path, int *id, char why[256]) MUST_CHECK;
/* Ids in the file, ascending; returns how many (at most 255). */
int seal_keys(int ids[255]);
/* Id of the key that seals now, 0 when none is loaded. */
int seal_current(void);

/* Seal secret; NULL when the arena is full or no key is loaded. */
char *seal_close(struct arena *, const struct seal_place *,
    const char *secret);
/*
 * Open an envelope; NULL when it is forged, moved, broken, or its key is not
 * here (the file is read again once for an unknown id). The plain text is
 * wiped when the arena is reset.
 */
const char *seal_open(struct arena *, const struct seal_place *,
    const char *envelope);
/* Key id of an envelope, 0 when broken. */
int seal_key_id(const char *envelope);

/* A 32-byte key of the installation for a purpose, e.g. "jwt". */
void seal_derive(const char *purpose, unsigned char key[32]);

#endif
