/*
 * sign.h - signatures of webhooks. HMAC by OpenSSL's libcrypto, comparison
 * in constant time. An empty or missing key never proves anything.
 */
#ifndef SAFE_SIGN_H
#define SAFE_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "wire/http.h"

enum sign_hash { SIGN_SHA1, SIGN_SHA256, SIGN_SHA512, SIGN_HASHES };

/* HMAC in hex (lower case) or base64 with padding; NULL when full. */
char *sign_hex(struct arena *, enum sign_hash, const char *key,
    const void *text, size_t len);
char *sign_base64(struct arena *, enum sign_hash, const char *key,
    const void *text, size_t len);
/* SHA-256 of bytes in lower-case hex. */
char *sign_sha256_hex(struct arena *, const void *, size_t len);

/*
 * X-Twilio-Signature of a request: url as requested, decoded form pairs
 * (NULL for GET and JSON). Twilio's rules: the URL, then each name and value,
 * names sorted, values of a repeated name de-duplicated and sorted. Names and
 * values sort by UTF-16 units like in Twilio's own library for Node, which
 * differs from bytes only beyond U+D7FF. The same spellings of the URL as
 * there are tried (sign_url.h). A fragment of url is left out.
 */
bool sign_twilio(struct arena *, const char *token, const char *url,
    const struct pairs *, const char *signature);
/* For a body that is not a form: also compare bodySHA256 of the query. */
bool sign_twilio_body(struct arena *, const char *token, const char *url,
    const void *body, size_t len, const char *signature);

/* What a Vapi webhook brings to prove itself; absent headers are NULL. */
struct sign_vapi {
	const char *secret;	    /* X-Vapi-Secret */
	const char *authorization;  /* Authorization */
	const char *signature;	    /* X-Signature */
	const char *timestamp;	    /* X-Timestamp, seconds or ms */
	const char *vapi_signature; /* X-Vapi-Signature */
};

/*
 * Does any of the styles prove knowledge of secret? X-Vapi-Secret carries it,
 * Authorization too, bare or behind "Bearer ". The other two carry an HMAC in
 * hex or base64, behind an optional "sha256=" (sha1, sha512): X-Signature over
 * "timestamp.body" with a timestamp within 300 s of now_ms, or without the
 * header X-Timestamp over the body; X-Vapi-Signature over either.
 */
bool sign_vapi(struct arena *, const struct sign_vapi *, const char *secret,
    const void *body, size_t len, int64_t now_ms);

#endif
