/*
 * mime.h - a letter in the form that SMTP carries.
 *
 * RFC 5322 (fields), RFC 2047 (words that are not ASCII), RFC 2045 (text as
 * base64). Nothing that is given can begin a field of its own: addresses are
 * those that str_email takes, control characters of a subject become blanks,
 * the text goes as base64.
 */
#ifndef WIRE_MIME_H
#define WIRE_MIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct mime_letter {
	const char *from; /* an address */
	const char *name; /* of the sender, or NULL */
	const char *to;	  /* an address */
	const char *subject;
	const char *text; /* UTF-8, lines end with LF */
	const char *id;	  /* letters, digits and '-'; the same letter again
			     has the same one */
	int64_t date_ms;
};

/* The whole letter; NULL when an address or id is none, or out of memory. */
char *mime_print(struct arena *, const struct mime_letter *);
/* An address that can stand in a letter: str_email, and ASCII. NULL: no. */
bool mime_address(const char *);
/* Text as it may stand in a field, folded; NULL when out of memory. */
char *mime_field(struct arena *, const char *text);

#endif
