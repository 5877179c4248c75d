/*
 * range.h - what the reports share: a range of time, and two formats.
 */
#ifndef ANALYTICS_RANGE_H
#define ANALYTICS_RANGE_H

#include "req.h"
#include "wire/csv.h"

#define RANGE_DAYS     30 /* when nothing is said */
#define RANGE_DAYS_MAX 366

struct range {
	int64_t from_ms;  /* both bound for statements, as from_ms, to_ms */
	int64_t to_ms;	  /* not a part of it */
	const char *zone; /* of the account, for days */
	bool csv;
};

/*
 * Read the query's from, to and format. A date means the start of that day
 * in the account's zone, and as `to` its end.
 */
enum rc range_read(struct req *, struct range *) MUST_CHECK;
/* Write "from" and "to" into the open answer. */
void range_put(struct req *, const struct range *);
/* Make the answer a file; lines go to the csv. */
void range_csv(struct req *, struct csv *, const char *name);

/* Fields of the query, for tables of fields. */
extern const char *range_must(const char *text);
#define RANGE_QUERY \
	{ "from", F_TEXT, .max = 40, .must = range_must, \
		.about = "A date or a time; 30 days before to when absent" }, \
	    { "to", F_TEXT, .max = 40, .must = range_must, \
		    .about = "A date, which is included, or a time; now when " \
			     "absent" }, \
	{ \
		"format", F_ENUM, .set = "json|csv" \
	}

#endif
