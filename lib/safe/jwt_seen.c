/* jwt_seen.c - tokens whose signature this process has verified already. */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "safe/jwt_seen.h"
#include "safe/seal.h"

#define SLOTS 512 /* a power of two */
#define TEXT  128

struct seen {
	unsigned char digest[JWT_DIGEST];
	char issuer[TEXT];
	char user[TEXT];
	char session[TEXT];
	int64_t issued_s;
	int64_t expires_s; /* 0: the slot is empty */
};

static struct seen table[SLOTS];
static unsigned generation; /* of the keys that verified them */

static struct seen *
slot_of(const unsigned char digest[JWT_DIGEST])
{
	return &table[(digest[0] | digest[1] << 8) % SLOTS];
}

bool
jwt_seen(struct arena *a, const char *token, unsigned char digest[JWT_DIGEST],
    struct jwt *out)
{
	const struct seen *s;

	if (generation != seal_generation()) {
		memset(table, 0, sizeof(table));
		generation = seal_generation();
	}
	(void)crypto_generichash(digest, JWT_DIGEST,
	    (const unsigned char *)token, strlen(token), NULL, 0);
	s = slot_of(digest);
	if (s->expires_s == 0 ||
	    sodium_memcmp(s->digest, digest, JWT_DIGEST) != 0)
		return false;
	out->issuer = arena_str(a, s->issuer);
	out->user = arena_str(a, s->user);
	out->session = arena_str(a, s->session);
	out->issued_s = s->issued_s;
	out->expires_s = s->expires_s;
	return out->issuer != NULL && out->user != NULL && out->session != NULL;
}

void
jwt_remember(const unsigned char digest[JWT_DIGEST], const struct jwt *j)
{
	struct seen *s = slot_of(digest);

	if (strlen(j->issuer) >= TEXT || strlen(j->user) >= TEXT ||
	    strlen(j->session) >= TEXT)
		return;
	memcpy(s->digest, digest, JWT_DIGEST);
	snprintf(s->issuer, TEXT, "%s", j->issuer);
	snprintf(s->user, TEXT, "%s", j->user);
	snprintf(s->session, TEXT, "%s", j->session);
	s->issued_s = j->issued_s;
	s->expires_s = j->expires_s;
}
