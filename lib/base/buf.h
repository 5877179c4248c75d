/*
 * buf.h - a byte buffer that grows inside an arena.
 *
 * Appending never fails loudly: when the arena is full the buffer keeps what
 * it has and buf.bad is set, which the one who uses the result checks once.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct buf {
	struct arena *arena; /* where it grows; borrowed */
	char *data;	     /* NUL-terminated once anything is in */
	size_t len;	     /* bytes, without the NUL */
	size_t cap;
	bool bad; /* something was dropped */
};

/* An empty buffer on the arena; takes no memory before the first byte. */
void buf_init(struct buf *, struct arena *);
void buf_add(struct buf *, const void *, size_t len);
/* NULL, as a full arena gives it, counts as dropped. */
void buf_str(struct buf *, const char *);
void buf_char(struct buf *, char);
/*
 * Room for len bytes that the caller writes at once, all of them; NULL when
 * the arena is full.
 */
char *buf_take(struct buf *, size_t len);
void buf_printf(struct buf *, const char *fmt, ...) PRINTF(2, 3);
/* Back to empty; keeps the memory. */
void buf_clear(struct buf *);
/* The text so far, "" when empty; valid until the next append. */
const char *buf_text(const struct buf *);

#endif
