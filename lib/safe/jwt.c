/* jwt.c - access tokens: JWT with HS256. */
#include <stdio.h>
#include <string.h>

#include <jose/jose.h>
#include <sodium.h>

#include "base/str.h"
#include "safe/jwt.h"
#include "safe/jwt_seen.h"
#include "safe/seal.h"

#define SKEW_S	  60
#define KEY_BYTES 32
#define KEY_TEXT  44 /* base64url of a key and a NUL */
#define VARIANT	  sodium_base64_VARIANT_URLSAFE_NO_PADDING

static void
stay_silent(void *misc, const char *file, int line, uint64_t err,
    const char *fmt, va_list ap)
{
	(void)misc;
	(void)file;
	(void)line;
	(void)err;
	(void)fmt;
	(void)ap;
}

/* Made once, kept to the end: one that does not write to stderr. */
static jose_cfg_t *
silent_cfg(void)
{
	static jose_cfg_t *cfg;

	if (cfg == NULL && (cfg = jose_cfg()) != NULL)
		jose_cfg_set_err_func(cfg, stay_silent, NULL);
	return cfg;
}

/* The signing key of master key *id as a JWK; NULL when it is not here. */
static json_t *
key_jwk(int *id)
{
	unsigned char raw[KEY_BYTES];
	char text[KEY_TEXT];
	json_t *jwk;

	if (!seal_derive("jwt", id, raw))
		return NULL;
	sodium_bin2base64(text, sizeof(text), raw, sizeof(raw), VARIANT);
	jwk =
	    json_pack("{s:s,s:s,s:s}", "kty", "oct", "alg", "HS256", "k", text);
	sodium_memzero(raw, sizeof(raw));
	sodium_memzero(text, sizeof(text));
	return jwk;
}

static json_t *
claims_pack(const struct jwt *j)
{
	json_t *claims = json_pack("{s:s,s:s,s:s,s:I,s:I}", "iss", j->issuer,
	    "sub", j->user, "sid", j->session, "iat", (json_int_t)j->issued_s,
	    "exp", (json_int_t)j->expires_s);
	json_t *text = NULL;

	if (claims != NULL)
		text = jose_b64_enc_dump(claims);
	json_decref(claims);
	return text;
}

static char *
compact(struct arena *a, const json_t *jws)
{
	const char *head, *payload, *sig;

	if (json_unpack((json_t *)jws, "{s:s,s:s,s:s}", "protected", &head,
		"payload", &payload, "signature", &sig) != 0)
		return NULL;
	return arena_printf(a, "%s.%s.%s", head, payload, sig);
}

char *
jwt_make(struct arena *a, const struct jwt *j)
{
	json_auto_t *claims = NULL, *jws = NULL, *head = NULL, *jwk = NULL;
	jose_cfg_t *cfg = silent_cfg();
	char kid[8], *token;
	int id = 0;

	jwk = key_jwk(&id);
	claims = claims_pack(j);
	if (cfg == NULL || jwk == NULL || claims == NULL)
		return NULL;
	snprintf(kid, sizeof(kid), "%d", id);
	jws = json_pack("{s:O}", "payload", claims);
	head = json_pack("{s:{s:s,s:s,s:s}}", "protected", "alg", "HS256",
	    "typ", "JWT", "kid", kid);
	if (jws == NULL || head == NULL || !jose_jws_sig(cfg, jws, head, jwk))
		return NULL;
	token = compact(a, jws);
	return token != NULL && strlen(token) <= JWT_MAX_BYTES ? token : NULL;
}

/* Is part canonical base64url? Its bytes go to out, which fits them. */
static bool
part_bytes(const char *part, size_t len, char out[JWT_MAX_BYTES], size_t *n)
{
	return sodium_base642bin((unsigned char *)out, JWT_MAX_BYTES, part, len,
		   NULL, n, NULL, VARIANT) == 0;
}

/* A part of the token that is a JSON object; NULL when it is none. */
static json_t *
part_json(const char *part, size_t len)
{
	char text[JWT_MAX_BYTES];
	json_t *json;
	size_t n;

	if (!part_bytes(part, len, text, &n))
		return NULL;
	json = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

/* Key id of a header that is exactly one of ours; 0 of any other. */
static int
head_kid(const char *part, size_t len)
{
	json_auto_t *head = part_json(part, len);
	const char *alg, *typ, *kid;
	int64_t id;

	/* "!": no further members, so no crit, jku, jwk, x5u */
	if (head == NULL ||
	    json_unpack(head, "{s:s,s:s,s:s!}", "alg", &alg, "typ", &typ, "kid",
		&kid) != 0)
		return 0;
	if (strcmp(alg, "HS256") != 0 || strcmp(typ, "JWT") != 0 ||
	    !str_int(kid, 1, SEAL_IDS, &id))
		return 0;
	return (int)id;
}

struct cut {
	const char *part[3]; /* header, claims, signature */
	size_t len[3];
};

static bool
token_cut(const char *token, struct cut *c)
{
	if (strnlen(token, JWT_MAX_BYTES + 1) > JWT_MAX_BYTES)
		return false;
	for (int i = 0; i < 3; i++) {
		c->part[i] = token;
		c->len[i] = strcspn(token, ".");
		token += c->len[i];
		if ((*token == '.') != (i < 2))
			return false;
		token++;
	}
	return true;
}

static bool
token_verify(const struct cut *c)
{
	jose_cfg_t *cfg = silent_cfg();
	json_auto_t *jws = NULL, *jwk = NULL;
	char raw[JWT_MAX_BYTES];
	int id = head_kid(c->part[0], c->len[0]);
	size_t n;

	if (cfg == NULL || id == 0 ||
	    !part_bytes(c->part[2], c->len[2], raw, &n) || n != 32)
		return false;
	jwk = key_jwk(&id);
	jws = json_pack("{s:s%,s:s%,s:s%}", "protected", c->part[0], c->len[0],
	    "payload", c->part[1], c->len[1], "signature", c->part[2],
	    c->len[2]);
	return jwk != NULL && jws != NULL &&
	    jose_jws_ver(cfg, jws, NULL, jwk, false);
}

static bool
claims_read(struct arena *a, const json_t *claims, struct jwt *out)
{
	const char *iss, *sub, *sid;
	json_int_t iat, exp;

	if (json_unpack((json_t *)claims, "{s:s,s:s,s:s,s:I,s:I}", "iss", &iss,
		"sub", &sub, "sid", &sid, "iat", &iat, "exp", &exp) != 0)
		return false;
	out->issuer = arena_str(a, iss);
	out->user = arena_str(a, sub);
	out->session = arena_str(a, sid);
	out->issued_s = iat;
	out->expires_s = exp;
	return out->issuer != NULL && out->user != NULL && out->session != NULL;
}

/* Signature and claims, from memory if they were verified before. */
static bool
token_read(struct arena *a, const char *token, struct jwt *out)
{
	unsigned char digest[JWT_DIGEST];
	json_auto_t *claims = NULL;
	struct cut c;

	if (!token_cut(token, &c))
		return false;
	if (jwt_seen(a, token, digest, out))
		return true;
	if (!token_verify(&c))
		return false;
	claims = part_json(c.part[1], c.len[1]);
	if (claims == NULL || !claims_read(a, claims, out))
		return false;
	jwt_remember(digest, out);
	return true;
}

bool
jwt_read(struct arena *a, const char *token, const char *issuer, int64_t now_ms,
    struct jwt *out)
{
	int64_t now_s = now_ms / 1000;

	return token != NULL && token_read(a, token, out) &&
	    str_eq(out->issuer, issuer) && out->issued_s <= now_s + SKEW_S &&
	    out->expires_s > now_s - SKEW_S;
}
