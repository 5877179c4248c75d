/* buf.c - a byte buffer that grows inside an arena. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

void
buf_init(struct buf *b, struct arena *a)
{
	memset(b, 0, sizeof(*b));
	b->arena = a;
}

static bool
buf_room(struct buf *b, size_t more)
{
	size_t cap = b->cap > 0 ? b->cap : 512;
	char *p;

	if (b->bad || more > SIZE_MAX / 4 - b->len)
		return false;
	if (b->cap > b->len + more)
		return true;
	while (cap <= b->len + more)
		cap *= 2;
	p = arena_grow(b->arena, b->data, b->cap, cap);
	if (p == NULL)
		return false;
	b->data = p;
	b->cap = cap;
	return true;
}

char *
buf_take(struct buf *b, size_t len)
{
	char *p;

	if (!buf_room(b, len)) {
		b->bad = true;
		return NULL;
	}
	p = b->data + b->len;
	b->len += len;
	b->data[b->len] = '\0';
	return p;
}

void
buf_add(struct buf *b, const void *src, size_t len)
{
	char *p = buf_take(b, len);

	if (p != NULL && len > 0)
		memcpy(p, src, len);
}

void
buf_str(struct buf *b, const char *s)
{
	if (s == NULL)
		b->bad = true;
	else
		buf_add(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !buf_room(b, (size_t)n)) {
		b->bad = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->bad = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

const char *
buf_text(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}
