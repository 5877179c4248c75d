/* when_lex.h - words and numbers of a day and a time; private to when.c. */
#ifndef HOOK_WHEN_LEX_H
#define HOOK_WHEN_LEX_H

#include <stdbool.h>
#include <stdint.h>

#define WHEN_TOKENS 24

enum when_kind {
	WHEN_WEEKDAY, /* value: from Monday, 0 */
	WHEN_PLUS,    /* days from today */
	WHEN_NEXT,
	WHEN_THIS,
	WHEN_NEXT_WEEK,
	WHEN_THIS_WEEK,
	WHEN_IN,   /* a number of units follows */
	WHEN_UNIT, /* days */
	WHEN_MONTH,
	WHEN_PART, /* 'm'orning, 'a'fternoon, 'e'vening */
	WHEN_TONIGHT,
	WHEN_TIME,  /* minutes; exact */
	WHEN_CLOCK, /* minutes; on a clock of 12 or of 24 hours */
	WHEN_HALF,  /* 1 before noon, 2 after */
	WHEN_MORE,  /* minutes past the hour */
	WHEN_HOURS, /* what was before is an hour */
	WHEN_AT,    /* an hour follows */
	WHEN_NUMBER,
	WHEN_ORDINAL,	/* day of a month */
	WHEN_DATE,	/* days since 1970-01-01 */
	WHEN_DAY_MONTH, /* 100 * month + day */
	WHEN_SOON,
	WHEN_SKIP /* never handed out */
};

struct when_token {
	enum when_kind kind;
	int64_t value;
};

/*
 * Cut a text, which is in lower case, into tokens. Returns their number, or
 * -1 when there is something else in it. day_first: 3/4 is the third of April
 * (else it is not understood).
 */
int when_lex(const char *text, bool day_first,
    struct when_token out[WHEN_TOKENS]);

#endif
