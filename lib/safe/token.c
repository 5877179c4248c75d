/* token.c - random tokens and their hashes. */
#include <string.h>

#include <sodium.h>

#include "safe/token.h"

#define TOKEN_BYTES   32
#define TOKEN_TEXT    44 /* 43 characters and a NUL */
#define TOKEN_VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

char *
token_new(struct arena *a, const char *prefix)
{
	unsigned char raw[TOKEN_BYTES];
	char text[TOKEN_TEXT];
	char *token;

	if (sodium_init() < 0)
		return NULL;
	randombytes_buf(raw, sizeof(raw));
	sodium_bin2base64(text, sizeof(text), raw, sizeof(raw), TOKEN_VARIANT);
	token = arena_printf(a, "%s%s", prefix, text);
	sodium_memzero(raw, sizeof(raw));
	sodium_memzero(text, sizeof(text));
	return token;
}

char *
token_digest(struct arena *a, const void *data, size_t len)
{
	unsigned char raw[TOKEN_BYTES];
	char *hash = arena_get(a, TOKEN_TEXT);

	if (hash == NULL || sodium_init() < 0)
		return NULL;
	crypto_generichash(raw, sizeof(raw), data, len, NULL, 0);
	return sodium_bin2base64(hash, TOKEN_TEXT, raw, sizeof(raw),
	    TOKEN_VARIANT);
}

char *
token_base64(struct arena *a, const void *data, size_t len)
{
	size_t room =
	    sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL);
	char *out = arena_get(a, room);

	if (out == NULL || sodium_init() < 0)
		return NULL;
	return sodium_bin2base64(out, room, data, len,
	    sodium_base64_VARIANT_ORIGINAL);
}

char *
token_hash(struct arena *a, const char *text)
{
	return text != NULL ? token_digest(a, text, strlen(text)) : NULL;
}

bool
token_same(const char *a, const char *b)
{
	size_t n;

	if (a == NULL || b == NULL)
		return false;
	n = strlen(a);
	return n == strlen(b) && sodium_memcmp(a, b, n) == 0;
}
