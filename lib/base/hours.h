/*
 * hours.h - opening hours as people write them, into weekly rules.
 *
 * "Mon-Fri 9-18", "Mon,Wed 9:00-12:30, 14-18; Sat 10am-1pm", "Lun-Ven 9h-18h",
 * "daily 8-20", "24/7", "Fri 18-02" (past midnight), English and French day
 * names, Hebrew names and letters of days, the words in hours.def. Hours
 * without days are for every day; a day that is named elsewhere has its own
 * hours in place of those for every day; "closed" beats all. Nothing is
 * guessed: what is not understood, or can be read in two ways ("9-5", a day
 * with hours inside its other hours), is named in a sentence.
 */
#ifndef BASE_HOURS_H
#define BASE_HOURS_H

#include <stdbool.h>
#include <stddef.h>

#define HOURS_MAX 64

struct hours {
	int weekday;  /* 0 Monday .. 6 Sunday, of the opening */
	int from_min; /* minutes after midnight, 0..1439 */
	int to_min;   /* > from_min; over 1440: next day, <= 2880 */
};

/*
 * Read text into at most HOURS_MAX rules, sorted, without overlaps (also not
 * between a night and the next morning). Returns their number, 0 only for a
 * text without words, -1 with a sentence in why. A text that leaves no day
 * open is an error too.
 */
int hours_parse(const char *text, struct hours out[HOURS_MAX], char why[200]);

#endif
