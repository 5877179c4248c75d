/*
 * ics.h - lines of an iCalendar stream (RFC 5545), written into a buffer:
 * ended by CRLF, folded so that none has more than 75 bytes, never inside a
 * character.
 */
#ifndef WIRE_ICS_H
#define WIRE_ICS_H

#include <stdint.h>

#include "base/buf.h"

/* A value that is in its final form. */
void ics_line(struct buf *, const char *name, const char *value);
/*
 * A text: backslash, comma, semicolon and line end are escaped, other control
 * characters left out. NULL or "": no line.
 */
void ics_text(struct buf *, const char *name, const char *text);
/* An instant, in UTC, of the years 0 to 9999. */
void ics_time(struct buf *, const char *name, int64_t t_ms);

#endif
