/*
 * when.h - the day and the time that a caller wishes, as a model writes them.
 *
 * "date" is YYYY-MM-DD (or today, tomorrow in our languages), "time" HH:MM,
 * 9:30 AM, 9am, 14h30 or 14 h; "start" or "datetime" is both in ISO 8601: with
 * an offset an instant, without one the clock of the business. Nothing is
 * guessed.
 */
#ifndef HOOK_WHEN_H
#define HOOK_WHEN_H

#include "base/arena.h"
#include "wire/json.h"

struct wish {
	const char *date_text; /* as given, NULL: not given */
	const char *time_text;
	bool date_known;
	bool time_known;
	int64_t date;  /* days since 1970-01-01 */
	int64_t at_ms; /* when both are known */
};

void when_read(struct arena *, const char *zone, int64_t now_ms,
    const cJSON *args, struct wish *);

#endif
