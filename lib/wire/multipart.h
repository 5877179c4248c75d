/*
 * multipart.h - bodies of multipart/form-data: uploaded files.
 *
 * Sources: RFC 7578 and RFC 2046, and what browsers send (WHATWG: '"', CR and
 * LF in names are percent-escaped). The whole body is in memory; the bytes of
 * a part are not copied, they point into it.
 */
#ifndef WIRE_MULTIPART_H
#define WIRE_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define MULTIPART_PARTS	  64
#define MULTIPART_HEADERS 8192 /* bytes of headers of one part */

struct part {
	const char *name;     /* UTF-8 */
	const char *filename; /* NULL: not a file; "" when none was chosen */
	const char *type;     /* Content-Type, or "" */
	const char *data;     /* len bytes of the body, no NUL behind them */
	size_t len;
};

struct parts {
	struct part *list;
	size_t count;
};

/*
 * Cut a body (its data and len) into parts; type is the Content-Type header.
 * False, with a sentence in *why, when it is not what the sources allow, ends
 * early, has too many parts, or the arena is full.
 */
bool multipart_read(struct arena *, const char *type, const struct part *body,
    struct parts *, const char **why) MUST_CHECK;

#endif
