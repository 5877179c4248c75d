/* sign.c - HMACs in hex and base64, and what Vapi signs with them. */
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "base/str.h"
#include "safe/sign.h"
#include "safe/token.h"

#define VAPI_WINDOW_MS (300 * (int64_t)1000)

static const struct {
	const EVP_MD *(*md)(void);
	const char *prefix;
	size_t hex_len; /* characters of a MAC */
	size_t base64_len;
} hashes[SIGN_HASHES] = {
	[SIGN_SHA1] = { EVP_sha1, "sha1=", 40, 28 },
	[SIGN_SHA256] = { EVP_sha256, "sha256=", 64, 44 },
	[SIGN_SHA512] = { EVP_sha512, "sha512=", 128, 88 },
};

struct text {
	const char *data;
	size_t len;
};

/* HMAC into out; 0 when it cannot be made. */
static unsigned
hmac(enum sign_hash h, const char *key, const struct text *t,
    unsigned char out[EVP_MAX_MD_SIZE])
{
	unsigned n = 0;

	if (HMAC(hashes[h].md(), key, (int)strlen(key),
		(const unsigned char *)(t->len > 0 ? t->data : ""), t->len, out,
		&n) == NULL)
		return 0;
	return n;
}

char *
sign_hex(struct arena *a, enum sign_hash h, const char *key, const void *data,
    size_t len)
{
	const struct text t = { data, len };
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = hmac(h, key, &t, raw);
	char *hex = n > 0 ? arena_get(a, 2 * (size_t)n + 1) : NULL;

	if (hex != NULL)
		str_hex(raw, n, hex);
	return hex;
}

char *
sign_base64(struct arena *a, enum sign_hash h, const char *key,
    const void *data, size_t len)
{
	const struct text t = { data, len };
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = hmac(h, key, &t, raw);
	char *text = n > 0 ? arena_get(a, ((size_t)n + 2) / 3 * 4 + 1) : NULL;

	if (text != NULL)
		EVP_EncodeBlock((unsigned char *)text, raw, (int)n);
	return text;
}

char *
sign_sha256_hex(struct arena *a, const void *data, size_t len)
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char *hex = arena_get(a, 2 * 32 + 1);

	if (hex == NULL ||
	    EVP_Digest(len > 0 ? data : "", len, raw, &n, EVP_sha256(), NULL) !=
		1)
		return NULL;
	str_hex(raw, n, hex);
	return hex;
}

/*
 * Is given, in hex or base64, a MAC of the text? Its length tells which, so
 * the text, which may be long, is read once at most.
 */
static bool
mac_any(struct arena *a, const char *key, const struct text *t,
    const char *given)
{
	for (int h = 0; h < SIGN_HASHES; h++) {
		size_t skip = strlen(hashes[h].prefix), n;
		const char *mac = given;

		if (strncasecmp(given, hashes[h].prefix, skip) == 0)
			mac += skip;
		n = strlen(mac);
		if (n == hashes[h].hex_len)
			return token_same(str_lower(a, mac),
			    sign_hex(a, (enum sign_hash)h, key, t->data,
				t->len));
		if (n == hashes[h].base64_len)
			return token_same(mac,
			    sign_base64(a, (enum sign_hash)h, key, t->data,
				t->len));
	}
	return false;
}

/* Digits, in seconds or (above 1e11) milliseconds, close to now? */
static bool
stamp_fresh(const char *stamp, int64_t now_ms)
{
	int64_t t;

	if (!str_int(stamp, 0, INT64_C(100000000000000), &t))
		return false;
	if (t <= INT64_C(100000000000))
		t *= 1000;
	return t >= now_ms - VAPI_WINDOW_MS && t <= now_ms + VAPI_WINDOW_MS;
}

static bool
vapi_hmac(struct arena *a, const struct sign_vapi *v, const char *secret,
    const struct text *body, int64_t now_ms)
{
	struct buf b;
	struct text stamped;

	if (v->vapi_signature != NULL &&
	    mac_any(a, secret, body, v->vapi_signature))
		return true;
	if (v->timestamp == NULL)
		return v->signature != NULL &&
		    mac_any(a, secret, body, v->signature);
	if (!stamp_fresh(v->timestamp, now_ms))
		return false;
	buf_init(&b, a);
	buf_str(&b, v->timestamp);
	buf_char(&b, '.');
	buf_add(&b, body->data, body->len);
	if (b.bad)
		return false;
	stamped = (struct text) { b.data, b.len };
	return (v->signature != NULL &&
		   mac_any(a, secret, &stamped, v->signature)) ||
	    (v->vapi_signature != NULL &&
		mac_any(a, secret, &stamped, v->vapi_signature));
}

bool
sign_vapi(struct arena *a, const struct sign_vapi *v, const char *secret,
    const void *data, size_t len, int64_t now_ms)
{
	const struct text body = { data, len };
	const char *bearer = v->authorization;

	if (secret == NULL || *secret == '\0')
		return false;
	if (token_same(v->secret, secret) || token_same(bearer, secret))
		return true;
	if (bearer != NULL && strncasecmp(bearer, "Bearer ", 7) == 0 &&
	    token_same(bearer + 7 + strspn(bearer + 7, " "), secret))
		return true;
	return vapi_hmac(a, v, secret, &body, now_ms);
}
