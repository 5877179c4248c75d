/*
 * when.h - the day and the time that a caller wishes, as a model writes them.
 *
 * "date" and "time" are what was said, in English, French or Hebrew, or their
 * ISO forms: 2026-03-03 and 14:30; "tomorrow afternoon", "next Tuesday at 9",
 * "le 3 mars", "dans deux semaines", "מחר בבוקר". "start" or "datetime" is
 * both in ISO 8601: with an offset an instant, without one the clock of the
 * business. Nothing is guessed: of a day that can be two, both are given
 * back, so that the caller can be asked.
 */
#ifndef HOOK_WHEN_H
#define HOOK_WHEN_H

#include "base/arena.h"
#include "base/phrase.h"
#include "wire/json.h"

/* Where and when it is said. */
struct when_place {
	const char *zone;
	enum lang lang;
	int64_t now_ms;
};

/* What the arguments are called. */
struct when_names {
	const char *date;
	const char *time;
	const char *both[2]; /* other names for both in one */
};

struct wish {
	const char *date_text; /* as given, NULL: not given */
	const char *time_text;
	bool date_known;
	bool time_known;
	bool unclear; /* the day: date, or or_date? date_known is false */
	bool soon;    /* the first that is free, from the date on */
	bool skipped; /* the clocks are put forward over that time */
	bool loose;   /* may be meant twelve hours later */
	int64_t date; /* days since 1970-01-01 */
	int64_t or_date;
	int64_t at_ms; /* when both are known; of a doubled hour the first */
	char part;     /* 'm'orning, 'a'fternoon, 'e'vening, or 0 */
	int from_min;  /* part of the day that is wished: 0 and 1440 is all */
	int to_min;
};

void when_read(struct arena *, const struct when_place *, const cJSON *args,
    const struct when_names *, struct wish *);

/* "date", "time", "start" and "datetime". */
extern const struct when_names when_usual;

/* Twelve hours later. */
void when_later(const struct when_place *, struct wish *);

#endif
