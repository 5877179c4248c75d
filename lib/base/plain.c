/* plain.c - text of strangers made fit to be shown or sent. */
#include <string.h>

#include "base/buf.h"
#include "base/plain.h"
#include "base/str.h"

#define CUT "…"

/* Bytes of a sequence that is invisible or turns the direction of writing. */
static bool
hidden(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	if (n == 1)
		return p[0] < ' ' || p[0] == 0x7f;
	if (n == 2) /* C1 controls, soft hyphen, U+061C */
		return (p[0] == 0xc2 && (p[1] < 0xa0 || p[1] == 0xad)) ||
		    (p[0] == 0xd8 && p[1] == 0x9c);
	if (n == 4) /* tag characters carry hidden text */
		return p[0] == 0xf3 && p[1] == 0xa0;
	if (p[0] == 0xe2 && p[1] == 0x80) /* U+200B..F, U+2028..E */
		return (p[2] >= 0x8b && p[2] <= 0x8f) ||
		    (p[2] >= 0xa8 && p[2] <= 0xae);
	return (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xaf) ||
	    (p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf);
}

/* Length of the tag at s, "<b class=x>" or "<!-- -->"; 0: it is none. */
static size_t
tag_len(const char *s)
{
	const char *end;

	if (*s != '<' ||
	    !((s[1] >= 'a' && s[1] <= 'z') || (s[1] >= 'A' && s[1] <= 'Z') ||
		s[1] == '/' || s[1] == '!' || s[1] == '?'))
		return 0;
	end = strchr(s, '>');
	return end != NULL ? (size_t)(end - s) + 1 : strlen(s);
}

/* A blank, unless there is one; how many were put. */
static size_t
space_put(struct buf *b)
{
	if (b->len == 0 || b->data[b->len - 1] == ' ')
		return 0;
	buf_char(b, ' ');
	return 1;
}

char *
plain(struct arena *a, const char *s, size_t max)
{
	size_t left = s != NULL ? strlen(s) : 0, n, chars = 0, skip;
	struct buf b;

	buf_init(&b, a);
	for (; left > 0 && chars <= max; s += n, left -= n) {
		n = str_step(s, left);
		if (n == 0) { /* not UTF-8 */
			n = 1;
			continue;
		}
		if ((skip = tag_len(s)) > 0)
			n = skip;
		if (skip > 0 || *s == '\n' || *s == '\t' || *s == ' ' ||
		    (n == 2 && memcmp(s, "\xc2\xa0", 2) == 0)) {
			chars += space_put(&b);
			continue;
		}
		if (hidden(s, n) || (n == 1 && strchr("<>`*#", *s) != NULL))
			continue;
		if (++chars <= max)
			buf_add(&b, s, n);
	}
	while (b.len > 0 && b.data[b.len - 1] == ' ')
		b.data[--b.len] = '\0';
	if (chars > max)
		buf_str(&b, CUT);
	return b.bad ? NULL : arena_str(a, buf_text(&b));
}

bool
plain_suspect(const char *s)
{
	static const char *const signs[] = { "://", "www.",
		"javascript:", "data:text", "mailto:", "<script", "<iframe",
		"<style", "<object", "<svg", "](" };

	for (size_t i = 0; i < COUNT(signs); i++)
		if (strcasestr(s, signs[i]) != NULL)
			return true;
	return false;
}
