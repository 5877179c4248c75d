/*
 * jout.h - JSON out, written straight into a buffer.
 *
 * Commas are put by themselves. Names and text are escaped; text that is not
 * UTF-8 is written with U+FFFD in place of each wrong byte. Reals get the
 * fewest digits that read back the same, as JavaScript prints them, in any
 * locale. A buffer that is full shows in buf.bad, as always.
 */
#ifndef WIRE_JOUT_H
#define WIRE_JOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct jout {
	struct buf *buf;
	bool comma;
};

void jout_init(struct jout *, struct buf *);
void jout_open(struct jout *, char bracket);  /* '{' or '[' */
void jout_close(struct jout *, char bracket); /* '}' or ']' */
/* The name of the next value. */
void jout_name(struct jout *, const char *);
/* The same for the name of a column, which needs no escape. */
void jout_column(struct jout *, const char *, size_t len);
void jout_str(struct jout *, const char *); /* NULL: null */
void jout_strn(struct jout *, const char *, size_t len);
void jout_int(struct jout *, int64_t);
void jout_real(struct jout *, double); /* not finite: null */
void jout_bool(struct jout *, bool);
void jout_null(struct jout *);
void jout_time(struct jout *, int64_t t_ms); /* as in wire rule 4 */
/* Text that is JSON already; it is trusted. NULL or "": null. */
void jout_raw(struct jout *, const char *);

/* Name and value at once. */
void jout_put_str(struct jout *, const char *name, const char *);
void jout_put_int(struct jout *, const char *name, int64_t);
void jout_put_bool(struct jout *, const char *name, bool);
void jout_put_time(struct jout *, const char *name, int64_t t_ms);

#endif
