/* twiml.c - TwiML answers, in the bytes that Twilio's own library produces. */
#include <string.h>

#include "base/rc.h"
#include "base/str.h"
#include "wire/twiml.h"

/* What stands for c, or NULL when it may stand for itself. */
static const char *
entity(char c, bool attr)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return attr ? NULL : "&gt;";
	case '"':
		return attr ? "&quot;" : NULL;
	case '\r':
		return "&#xD;";
	case '\n':
		return attr ? "&#xA;" : NULL;
	case '\t':
		return attr ? "&#x9;" : NULL;
	default:
		/* The other control characters cannot be in XML at all. */
		return (unsigned char)c < ' ' ? " " : NULL;
	}
}

/* Bytes of the character at s if XML allows it, else 0. */
static size_t
step(const char *s, size_t left)
{
	size_t n = str_step(s, left);

	if (n == 3 && memcmp(s, "\xef\xbf", 2) == 0 &&
	    ((unsigned char)s[2] & 0xfe) == 0xbe)
		return 0; /* U+FFFE and U+FFFF */
	return n;
}

static void
escaped(struct buf *b, const char *s, bool attr)
{
	size_t len = strlen(s), n;

	for (size_t i = 0; i < len; i += n) {
		const char *e = entity(s[i], attr);

		n = step(s + i, len - i);
		if (n == 0) {
			n = 1;
			e = "\xef\xbf\xbd";
		}
		if (e != NULL)
			buf_str(b, e);
		else
			buf_add(b, s + i, n);
	}
}

static void
close_head(struct twiml *t)
{
	if (t->head)
		buf_char(t->buf, '>');
	t->head = 0;
}

void
twiml_begin(struct twiml *t, struct buf *b)
{
	memset(t, 0, sizeof(*t));
	t->buf = b;
	buf_str(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	twiml_verb(t, "Response");
}

void
twiml_verb(struct twiml *t, const char *name)
{
	if (t->depth == COUNT(t->open)) {
		t->buf->bad = true;
		return;
	}
	close_head(t);
	buf_char(t->buf, '<');
	buf_str(t->buf, name);
	t->open[t->depth++] = name;
	t->head = 1;
}

void
twiml_attr(struct twiml *t, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (!t->head) {
		t->buf->bad = true;
		return;
	}
	buf_char(t->buf, ' ');
	buf_str(t->buf, name);
	buf_str(t->buf, "=\"");
	escaped(t->buf, value, true);
	buf_char(t->buf, '"');
}

void
twiml_text(struct twiml *t, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	close_head(t);
	escaped(t->buf, text, false);
}

void
twiml_end(struct twiml *t)
{
	if (t->depth == 0) {
		t->buf->bad = true;
		return;
	}
	t->depth--;
	if (t->head) {
		buf_str(t->buf, "/>");
		t->head = 0;
		return;
	}
	buf_str(t->buf, "</");
	buf_str(t->buf, t->open[t->depth]);
	buf_char(t->buf, '>');
}

void
twiml_finish(struct twiml *t)
{
	while (t->depth > 0)
		twiml_end(t);
}
