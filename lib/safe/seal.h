/*
 * seal.h - credentials at rest: XChaCha20-Poly1305 with a key id.
 *
 * The key file has one key a line, `<id> <base64url of 32 bytes>`, ids from 1
 * to 255, ascending; the highest seals, all open. Nobody but its owner may
 * have any right to it (mode 0600 or 0400). Nothing but keys may stand in it.
 *
 * Each account has its own key: BLAKE2b-256 of "seal|" and the account id,
 * keyed with the master key. An envelope is base64url of: version 1, key id,
 * nonce (24), ciphertext and tag. The place where it lives is bound to it as
 * associated data, `account|table|row|column|key id`, so that a copied
 * envelope does not open anywhere else. No member of a place may hold a '|'.
 *
 * Rotation: processes look at the file's stamps before they seal, and when
 * they meet a key id that they do not know; a changed file is read again. If
 * it is broken then, or gone, the keys in memory stay in force. The keys live
 * in locked memory, also after a fork. Not thread-safe.
 */
#ifndef SAFE_SEAL_H
#define SAFE_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define SEAL_IDS 255 /* highest key id */

struct seal_place {
	const char *account;
	const char *table;
	const char *row;
	const char *column;
};

/*
 * Read the key file. E_MISSING: there is none; E_DENIED: others may read it,
 * or we may not; E_INPUT: broken. why gets a sentence.
 */
enum rc seal_load(const char *path, char why[256]) MUST_CHECK;
/*
 * Append a new key (making the file, mode 0600, if needed) and load; *id is
 * its id. A file that seal_load refuses is left alone, with the same code;
 * E_LIMIT: there is no id left. The file is replaced as a whole; two callers
 * at once each get a key of their own.
 */
enum rc seal_add_key(const char *path, int *id, char why[256]) MUST_CHECK;
/* Ids in the file, ascending; returns how many. */
int seal_keys(int ids[SEAL_IDS]);
/* Id of the key that seals now, 0 when none is loaded. */
int seal_current(void);
/* Changes whenever the keys in force may have changed. */
unsigned seal_generation(void);

/* Seal secret; NULL when the arena is full or no key is loaded. */
char *seal_close(struct arena *, const struct seal_place *, const char *secret);
/*
 * Open an envelope; NULL when it is forged, moved, broken, or its key is not
 * here. The plain text is wiped when the arena is reset.
 */
const char *seal_open(struct arena *, const struct seal_place *,
    const char *envelope);
/* Key id of an envelope, 0 when broken. */
int seal_key_id(const char *envelope);

/*
 * A 32-byte key for a purpose, e.g. "jwt", of the master key *id; with *id 0
 * of the current one, and its id goes there. What is made with a derived key
 * must therefore carry the id, and lives no longer than that master key.
 * False, and key cleared, when the master key is not here.
 */
bool seal_derive(const char *purpose, int *id,
    unsigned char key[32]) MUST_CHECK;

#endif
