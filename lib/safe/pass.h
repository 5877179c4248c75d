/*
 * pass.h - passwords, Argon2id by libsodium (two passes, 64 MiB).
 */
#ifndef SAFE_PASS_H
#define SAFE_PASS_H

#include <stdbool.h>

#include "base/arena.h"

/* Hash in PHC text form; NULL when memory is short. Slow on purpose. */
char *pass_hash(struct arena *, const char *password);
/*
 * Does the password belong to hash? A NULL hash costs the same time and is
 * false, so that an unknown account cannot be told by the clock. The first
 * call of a process takes twice as long, whatever it is asked. False also
 * when 64 MiB cannot be had.
 */
bool pass_check(const char *hash, const char *password);
/* Was the hash made with other costs than today's, or is it none at all? */
bool pass_stale(const char *hash);

#endif
