/* sign_twilio.c - the signature of Twilio's webhooks. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "safe/sign.h"
#include "safe/sign_url.h"
#include "safe/token.h"

#define SIGNATURE_TEXT 28 /* SHA-1 in base64 */

/*
 * Order of UTF-16 units, in UTF-8: as bytes, but characters of two units
 * (lead bytes from 0xf0) stand before U+E000 and up (0xee and 0xef).
 */
static int
utf16_order(const char *a, const char *b)
{
	const unsigned char *x = (const unsigned char *)a;
	const unsigned char *y = (const unsigned char *)b;

	while (*x == *y && *x != '\0') {
		x++;
		y++;
	}
	if (*x >= 0xee && *y >= 0xee && (*x >= 0xf0) != (*y >= 0xf0))
		return *x >= 0xf0 ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

static int
pair_order(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = utf16_order(x->name, y->name);

	return order != 0 ? order : utf16_order(x->value, y->value);
}

/* Names and values in the order in which they are signed. */
static bool
add_pairs(struct buf *b, const struct pairs *pairs)
{
	struct pair *list;
	size_t n = pairs != NULL ? pairs->count : 0;

	if (n == 0)
		return true;
	list = arena_get(b->arena, n * sizeof(*list));
	if (list == NULL)
		return false;
	memcpy(list, pairs->list, n * sizeof(*list));
	qsort(list, n, sizeof(*list), pair_order);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && pair_order(&list[i - 1], &list[i]) == 0)
			continue;
		buf_str(b, list[i].name);
		buf_str(b, list[i].value);
	}
	return !b->bad;
}

/* Is it the signature of this spelling of the URL? */
static bool
url_signed(const char *token, const char *url, const struct buf *tail,
    const char *signature)
{
	struct buf b;

	buf_init(&b, tail->arena);
	buf_str(&b, url);
	buf_add(&b, buf_text(tail), tail->len);
	return !b.bad &&
	    token_same(signature,
		sign_base64(b.arena, SIGN_SHA1, token, b.data, b.len));
}

bool
sign_twilio(struct arena *a, const char *token, const char *url,
    const struct pairs *pairs, const char *signature)
{
	const char *urls[SIGN_URLS];
	struct buf tail;
	size_t n;

	if (token == NULL || *token == '\0' || signature == NULL ||
	    strlen(signature) != SIGNATURE_TEXT)
		return false;
	url = arena_copy(a, url, strcspn(url, "#"));
	buf_init(&tail, a);
	if (url == NULL || !add_pairs(&tail, pairs))
		return false;
	n = sign_urls(a, url, urls);
	for (size_t i = 0; i < n; i++)
		if (url_signed(token, urls[i], &tail, signature))
			return true;
	return false;
}

/* First value of bodySHA256 in the query, "" without one. */
static const char *
body_hash(struct arena *a, const char *url)
{
	static const char name[] = "bodySHA256=";
	const char *p = strchr(url, '?');

	while (p != NULL && strncmp(p + 1, name, sizeof(name) - 1) != 0)
		p = strchr(p + 1, '&');
	if (p == NULL)
		return "";
	p += sizeof(name);
	return arena_copy(a, p, strcspn(p, "&#"));
}

bool
sign_twilio_body(struct arena *a, const char *token, const char *url,
    const void *body, size_t len, const char *signature)
{
	return sign_twilio(a, token, url, NULL, signature) &&
	    token_same(body_hash(a, url), sign_sha256_hex(a, body, len));
}
