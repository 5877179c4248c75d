/*
 * csv.h - comma-separated values out (RFC 4180), safe in spreadsheets.
 *
 * Values are quoted where they must be. A text that a spreadsheet would take
 * for a formula (it begins with = + - @, a tab or a line end) gets an
 * apostrophe in front; numbers of ours do not. Lines end with CR LF.
 */
#ifndef WIRE_CSV_H
#define WIRE_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct csv {
	struct buf *buf;
	bool inside; /* a line has begun */
};

void csv_init(struct csv *, struct buf *);
void csv_text(struct csv *, const char *); /* NULL: an empty value */
void csv_int(struct csv *, int64_t);
/* With at most four digits behind the point. */
void csv_real(struct csv *, double);
void csv_end(struct csv *); /* of the line */
/* A whole line of texts out of "a|b|c". */
void csv_line(struct csv *, const char *names);

#endif
