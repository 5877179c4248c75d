/* pass.c - passwords, Argon2id by libsodium. */
#include <string.h>

#include <sodium.h>

#include "safe/pass.h"

#define PASS_PASSES 2
#define PASS_BYTES  ((size_t)64 << 20)

char *
pass_hash(struct arena *a, const char *password)
{
	char *hash = arena_get(a, crypto_pwhash_STRBYTES);

	if (hash == NULL || sodium_init() < 0)
		return NULL;
	if (crypto_pwhash_str_alg(hash, password, strlen(password), PASS_PASSES,
		PASS_BYTES, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return NULL;
	return hash;
}

/*
 * What a missing hash is compared with. Every first check in a process pays
 * for it, whether its account exists or not. "" when memory is short.
 */
static const char *
dummy(void)
{
	static char hash[crypto_pwhash_STRBYTES];

	if (*hash == '\0' &&
	    crypto_pwhash_str_alg(hash, "nobody", 6, PASS_PASSES, PASS_BYTES,
		crypto_pwhash_ALG_ARGON2ID13) != 0)
		*hash = '\0';
	return hash;
}

bool
pass_check(const char *hash, const char *password)
{
	const char *against;
	bool same;

	if (sodium_init() < 0)
		return false;
	against = dummy();
	if (hash != NULL)
		against = hash;
	same =
	    crypto_pwhash_str_verify(against, password, strlen(password)) == 0;
	return same && hash != NULL;
}

bool
pass_stale(const char *hash)
{
	if (sodium_init() < 0)
		return true;
	return crypto_pwhash_str_needs_rehash(hash, PASS_PASSES, PASS_BYTES) !=
	    0;
}
