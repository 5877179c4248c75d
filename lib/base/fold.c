/* fold.c - names and words made alike. */
#include <string.h>

#include "base/buf.h"
#include "base/fold.h"
#include "base/str.h"

/* U+00C0..U+017F without their marks; '*' stands for two letters, see pair. */
static const char plain[] =
    "aaaaaa*ceeeeiiiidnooooo ouuuuy**aaaaaa*ceeeeiiiidnooooo ouuuuy*y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii**jjkkklllllll"
    "lllnnnnnnnnnoooooo**rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static const char *
pair(uint32_t c)
{
	switch (c) {
	case 0xc6:
	case 0xe6:
		return "ae";
	case 0xde:
	case 0xfe:
		return "th";
	case 0xdf:
		return "ss";
	case 0x132:
	case 0x133:
		return "ij";
	default:
		return "oe";
	}
}

static uint32_t
decode(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	switch (n) {
	case 1:
		return p[0];
	case 2:
		return (uint32_t)(p[0] & 31) << 6 | (p[1] & 63);
	case 3:
		return (uint32_t)(p[0] & 15) << 12 |
		    (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
	default:
		return 0x10000;
	}
}

static bool
hebrew(uint32_t c)
{
	return c >= 0x5d0 && c <= 0x5ea;
}

/* Marks that leave no trace: accents of their own, vowel points, joiners. */
static bool
vanishes(uint32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x591 && c <= 0x5c7) ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x2069) || c == 0xfeff || c == 0xad;
}

static bool
blank(uint32_t c)
{
	return (c < 0x80 && !(c >= '0' && c <= '9') &&
		   !((c | 32) >= 'a' && (c | 32) <= 'z')) ||
	    (c >= 0x80 && c < 0xc0) || c == 0xd7 || c == 0xf7 ||
	    (c >= 0x2000 && c <= 0x2bff) || (c >= 0x3000 && c <= 0x303f) ||
	    c == 0x5f3 || c == 0x5f4;
}

static bool
quote(uint32_t c)
{
	return c == '\'' || c == '"' || c == 0x2019 || c == 0x201d ||
	    c == 0x5f3 || c == 0x5f4;
}

static void
put(struct buf *b, const char *s, size_t n, uint32_t c)
{
	if (c < 0x80)
		buf_char(b, (char)(c >= 'A' && c <= 'Z' ? c | 32 : c));
	else if (c >= 0xc0 && c < 0x180) {
		char p = plain[c - 0xc0];

		if (p == '*')
			buf_str(b, pair(c));
		else
			buf_char(b, p);
	} else
		buf_add(b, s, n);
}

char *
fold(struct arena *a, const char *s, size_t max)
{
	size_t left = strnlen(s, max), n;
	uint32_t c, last = ' ';
	int lower = 0; /* small letters in a row */
	struct buf b;

	buf_init(&b, a);
	for (; (n = str_step(s, left)) > 0; s += n, left -= n) {
		c = decode(s, n);
		if (vanishes(c) || (quote(c) && hebrew(last)))
			continue;
		if (blank(c) || (lower >= 3 && c >= 'A' && c <= 'Z')) {
			if (b.len > 0 && b.data[b.len - 1] != ' ')
				buf_char(&b, ' ');
			lower = 0;
		}
		if (!blank(c))
			put(&b, s, n, c);
		lower = c >= 'a' && c <= 'z' ? lower + 1 : 0;
		last = c;
	}
	while (b.len > 0 && b.data[b.len - 1] == ' ')
		b.data[--b.len] = '\0';
	return b.bad ? NULL : arena_str(a, buf_text(&b));
}
