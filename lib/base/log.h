/*
 * log.h - one JSON object a line on standard error, one write a line.
 *
 * Values are escaped; secrets never come here: callers log ids and codes.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

#include "base/rc.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Lines below this level are dropped; LOG_INFO at the start. */
void log_level_set(enum log_level);
/* Name of the process in each line, e.g. "web"; borrowed for ever. */
void log_role(const char *);

/* A line that a person reads: {"time","level","role","pid","msg"}. */
void log_msg(enum log_level, const char *fmt, ...) PRINTF(2, 3);

/*
 * A line that is put together member by member, then written at once. A value
 * that is too long is cut; a member there is no room for is left out.
 */
struct log_line {
	char text[2048];
	unsigned len; /* 0: below the level, nothing is written */
};

void log_begin(struct log_line *, enum log_level, const char *msg);
void log_str(struct log_line *, const char *key, const char *value);
void log_int(struct log_line *, const char *key, int64_t value);
void log_end(struct log_line *);

#endif
