/*
 * http.h - the small grammars of HTTP: queries, forms, cookies, escapes.
 *
 * Sources: RFC 3986 (escapes), WHATWG URL (application/x-www-form-urlencoded),
 * RFC 6265 (cookies). Everything returned lives in the arena given.
 */
#ifndef WIRE_HTTP_H
#define WIRE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define HTTP_PAIRS 1000 /* pairs in one query or form */

struct pair {
	const char *name;
	const char *value;
};

struct pairs {
	struct pair *list;
	size_t count;
};

/*
 * Decode `a=1&b=%20+c` in order, repeated names and empty values kept; "a" is
 * "a=", and nothing between two '&' is no pair. False when an escape is
 * broken, a NUL or bad UTF-8 comes out, there are more than HTTP_PAIRS, or
 * the arena is full.
 */
bool http_pairs(struct arena *, const char *text, size_t len, struct pairs *);
/* First value of a name, or NULL. */
const char *http_pair(const struct pairs *, const char *name);
/* Decode %XX in a path part; NULL when broken, NUL, or not UTF-8. */
char *http_unescape(struct arena *, const char *, size_t len);
/* Escape all but unreserved characters; NULL when the arena is full. */
char *http_escape(struct arena *, const char *);
/*
 * First value of a cookie in a Cookie header, as it stands there, or NULL;
 * the header may be NULL.
 */
char *http_cookie(struct arena *, const char *header, const char *name);
/*
 * Token of `Authorization: Bearer token` (RFC 6750), inside the header given,
 * or NULL; the header may be NULL.
 */
const char *http_bearer(const char *header);

#endif
