/*
 * hours_int.h - what hours.c, hours_lex.c and hours_read.c share; private.
 */
#ifndef BASE_HOURS_INT_H
#define BASE_HOURS_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hours.h"
#include "base/rc.h"

#define HOURS_BYTES 1000 /* of text that are read */
#define HOURS_RAW   512	 /* rules before they are merged */
#define DAY_MIN	    1440

enum hours_kind {
	H_END,
	H_DAY,	/* value: weekday */
	H_DAYS, /* value: bits of weekdays */
	H_TIME, /* value: minutes after midnight, 0..1440 */
	H_ALLDAY,
	H_CLOSED,
	H_DASH, /* from .. to */
	H_COMMA,
	H_COLON,
	H_SEP,	/* one statement ends here */
	H_LINE, /* so does it at the end of a line, mostly */
	H_SKIP	/* never handed out */
};

/* How a time was written. */
#define H_AM 1u
#define H_PM 2u
#define H_24 4u /* cannot be meant on a clock of 12 hours */

struct hours_token {
	enum hours_kind kind;
	int value;
	unsigned form;
	unsigned from, to; /* bytes of the text */
};

/*
 * Cut text into tokens, the last of which is H_END. Returns their number
 * without it, or -1 with a sentence in why.
 */
int hours_lex(const char *text, struct hours_token out[HOURS_BYTES + 1],
    char why[200]);

/* How many of len bytes to quote in a sentence: whole characters, few. */
int hours_cut(const char *s, unsigned len);

/* A rule as it was written. */
struct hours_rule {
	struct hours when;
	bool general; /* of a statement for every day */
};

struct hours_raw {
	struct hours_rule list[HOURS_RAW];
	size_t count;
	unsigned named;	 /* bits of days with their own hours */
	unsigned closed; /* bits of days */
};

/* Read text into raw; false with a sentence in why. */
bool hours_read(const char *text, struct hours_raw *raw,
    char why[200]) MUST_CHECK;

#endif
