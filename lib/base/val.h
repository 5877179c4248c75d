/*
 * val.h - one value on its way between a request and the database.
 *
 * VAL_ABSENT is not NULL: absent in a PATCH means unchanged, null cleared.
 * Booleans are VAL_INT 0 or 1, times VAL_INT in epoch milliseconds, JSON is
 * VAL_TEXT. Text is borrowed and NUL-terminated; len excludes the NUL.
 */
#ifndef BASE_VAL_H
#define BASE_VAL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum val_type { VAL_ABSENT = 0, VAL_NULL, VAL_INT, VAL_REAL, VAL_TEXT };

struct val {
	enum val_type type;
	size_t len;
	union {
		int64_t i;
		double d;
		const char *s;
	};
};

static inline struct val
val_int(int64_t i)
{
	return (struct val) { .type = VAL_INT, .i = i };
}

static inline struct val
val_real(double d)
{
	return (struct val) { .type = VAL_REAL, .d = d };
}

static inline struct val
val_null(void)
{
	return (struct val) { .type = VAL_NULL };
}

/* NULL gives VAL_NULL. */
static inline struct val
val_text(const char *s)
{
	if (s == NULL)
		return val_null();
	return (struct val) { .type = VAL_TEXT, .len = strlen(s), .s = s };
}

#endif
