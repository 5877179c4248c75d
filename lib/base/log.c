/* log.c - one JSON object a line on standard error. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static const char *const names[] = { "debug", "info", "warn", "error" };
static enum log_level lowest = LOG_INFO;
static const char *role = "frontdesk";

void
log_level_set(enum log_level level)
{
	lowest = level;
}

void
log_role(const char *name)
{
	role = name;
}

static void
raw(struct log_line *l, const char *s, size_t n)
{
	/* room for "}\n" is always kept */
	if (n > sizeof(l->text) - 2 - l->len)
		return;
	memcpy(l->text + l->len, s, n);
	l->len += (unsigned)n;
}

static void
quoted(struct log_line *l, const char *s)
{
	char esc[8];

	raw(l, "\"", 1);
	for (; *s != '\0' && l->len < sizeof(l->text) - 64; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\') {
			raw(l, "\\", 1);
			raw(l, s, 1);
		} else if (c < 0x20 || c == 0x7f) {
			snprintf(esc, sizeof(esc), "\\u%04x", c);
			raw(l, esc, 6);
		} else
			raw(l, s, 1);
	}
	raw(l, "\"", 1);
}

void
log_str(struct log_line *l, const char *key, const char *value)
{
	if (l->len == 0 || value == NULL ||
	    l->len + strlen(key) + 80 > sizeof(l->text))
		return;
	raw(l, ",", 1);
	quoted(l, key);
	raw(l, ":", 1);
	quoted(l, value);
}

void
log_int(struct log_line *l, const char *key, int64_t value)
{
	char num[24];

	if (l->len == 0 || l->len + strlen(key) + 80 > sizeof(l->text))
		return;
	snprintf(num, sizeof(num), "%lld", (long long)value);
	raw(l, ",", 1);
	quoted(l, key);
	raw(l, ":", 1);
	raw(l, num, strlen(num));
}

void
log_begin(struct log_line *l, enum log_level level, const char *msg)
{
	char now[CLOCK_TEXT];

	l->len = 0;
	if (level < lowest)
		return;
	clock_text(clock_now_ms(), now);
	raw(l, "{\"time\":", 8);
	quoted(l, now);
	log_str(l, "level", names[level]);
	log_str(l, "role", role);
	log_int(l, "pid", getpid());
	log_str(l, "msg", msg);
}

void
log_end(struct log_line *l)
{
	const char *p = l->text;

	if (l->len == 0)
		return;
	memcpy(l->text + l->len, "}\n", 2);
	l->len += 2;
	while (l->len > 0) {
		ssize_t n = write(STDERR_FILENO, p, l->len);

		if (n <= 0)
			return;
		p += n;
		l->len -= (unsigned)n;
	}
}

void
log_msg(enum log_level level, const char *fmt, ...)
{
	struct log_line l;
	char msg[1024];
	va_list ap;

	if (level < lowest)
		return;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	log_begin(&l, level, msg);
	log_end(&l);
}
