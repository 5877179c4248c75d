/* ics.c - lines of an iCalendar stream, written into a buffer. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "wire/ics.h"

#define LINE_BYTES 75 /* without the line's end */

/* A line being written: how many bytes its last part has. */
struct line {
	struct buf *b;
	size_t len;
};

/* Bytes that must stay together. */
static void
put(struct line *l, const char *s, size_t n)
{
	if (l->len + n > LINE_BYTES) {
		buf_add(l->b, "\r\n ", 3);
		l->len = 1;
	}
	buf_add(l->b, s, n);
	l->len += n;
}

static void
put_all(struct line *l, const char *s)
{
	size_t left = strlen(s);

	while (left > 0) {
		size_t n = str_step(s, left);

		put(l, s, n > 0 ? n : 1);
		s += n > 0 ? n : 1;
		left -= n > 0 ? n : 1;
	}
}

static struct line
begin(struct buf *b, const char *name)
{
	struct line l = { b, 0 };

	put_all(&l, name);
	put(&l, ":", 1);
	return l;
}

void
ics_line(struct buf *b, const char *name, const char *value)
{
	struct line l = begin(b, name);

	put_all(&l, value);
	buf_add(b, "\r\n", 2);
}

/* One character of a text; n is 0 for a byte that is none. */
static void
put_char(struct line *l, const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	if (c == '\n')
		put(l, "\\n", 2);
	else if (c == '\\' || c == ',' || c == ';') {
		char pair[2] = { '\\', *s };

		put(l, pair, 2);
	} else if (n > 0 && c >= ' ' && c != 0x7f)
		put(l, s, n);
}

void
ics_text(struct buf *b, const char *name, const char *text)
{
	size_t left = text != NULL ? strlen(text) : 0;
	struct line l;

	if (left == 0)
		return;
	l = begin(b, name);
	while (left > 0) {
		size_t n = str_step(text, left), step = n > 0 ? n : 1;

		put_char(&l, text, n);
		text += step;
		left -= step;
	}
	buf_add(b, "\r\n", 2);
}

/* 2026-02-11T20:10:00.000Z becomes 20260211T201000Z. */
void
ics_time(struct buf *b, const char *name, int64_t t_ms)
{
	char text[CLOCK_TEXT], out[CLOCK_TEXT], *p = out;

	clock_text(t_ms, text);
	for (size_t i = 0; i < 19; i++)
		if (text[i] != '-' && text[i] != ':')
			*p++ = text[i];
	*p++ = 'Z';
	*p = '\0';
	ics_line(b, name, out);
}
