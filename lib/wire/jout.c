/* jout.c - JSON out, written straight into a buffer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "wire/jout.h"

#define EXACT	    9007199254740992.0 /* 2^53 */
#define REPLACEMENT "\xef\xbf\xbd"     /* U+FFFD */

void
jout_init(struct jout *j, struct buf *b)
{
	j->buf = b;
	j->comma = false;
}

/* Half of what is written are single characters: those go straight in. */
static inline void
put(struct buf *b, char c)
{
	if (b->len + 1 < b->cap && !b->bad) {
		b->data[b->len++] = c;
		b->data[b->len] = '\0';
	} else
		buf_char(b, c);
}

/* Every value starts here. */
static void
value(struct jout *j)
{
	if (j->comma)
		put(j->buf, ',');
	j->comma = true;
}

void
jout_open(struct jout *j, char bracket)
{
	value(j);
	put(j->buf, bracket);
	j->comma = false;
}

void
jout_close(struct jout *j, char bracket)
{
	put(j->buf, bracket);
	j->comma = true;
}

/* Bytes that stand for themselves in a JSON text. */
static const bool plain[256] = {
	[' ' ... '!'] = true,
	['#' ... '['] = true,
	[']' ... 0x7f] = true,
};

#define EIGHT(c) (UINT64_C(0x0101010101010101) * (c))

/*
 * Are eight bytes all plain? Taking n away from a byte below n sets its top
 * bit; a quote or a backslash is made zero first. A yes is always right.
 */
static bool
plain_eight(const char *s)
{
	uint64_t x, quote, slash;

	memcpy(&x, s, sizeof(x));
	quote = x ^ EIGHT('"');
	slash = x ^ EIGHT('\\');
	return (((x - EIGHT(' ')) | (quote - EIGHT(1)) | (slash - EIGHT(1)) |
		    x) &
		   EIGHT(0x80)) == 0;
}

static void
escape(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char u[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	switch (c) {
	case '"':
		buf_add(b, "\\\"", 2);
		return;
	case '\\':
		buf_add(b, "\\\\", 2);
		return;
	case '\n':
		buf_add(b, "\\n", 2);
		return;
	case '\r':
		buf_add(b, "\\r", 2);
		return;
	case '\t':
		buf_add(b, "\\t", 2);
		return;
	default:
		buf_add(b, u, sizeof(u));
	}
}

/* How many bytes from i on stand for themselves? */
static size_t
plain_run(const char *s, size_t i, size_t len)
{
	while (i + 8 <= len && plain_eight(s + i))
		i += 8;
	while (i < len && plain[(unsigned char)s[i]])
		i++;
	return i;
}

/* Copies runs of what needs no escape; looks closer only at the rest. */
static void
escaped(struct buf *b, const char *s, size_t len)
{
	size_t from = 0, i = 0, n;
	unsigned char c;

	put(b, '"');
	while ((i = plain_run(s, i, len)) < len) {
		c = (unsigned char)s[i];
		n = c >= 0x80 ? str_step(s + i, len - i) : 0;
		if (n > 0) {
			i += n;
			continue;
		}
		buf_add(b, s + from, i - from);
		if (c >= 0x80)
			buf_add(b, REPLACEMENT, 3);
		else
			escape(b, c);
		from = ++i;
	}
	buf_add(b, s + from, len - from);
	put(b, '"');
}

static void
quoted(struct buf *b, const char *s, size_t len)
{
	char *p;

	if (plain_run(s, 0, len) < len) {
		escaped(b, s, len);
		return;
	}
	p = buf_take(b, len + 2);
	if (p == NULL)
		return;
	p[0] = '"';
	memcpy(p + 1, s, len);
	p[len + 1] = '"';
}

void
jout_name(struct jout *j, const char *name)
{
	value(j);
	quoted(j->buf, name, strlen(name));
	put(j->buf, ':');
	j->comma = false;
}

void
jout_column(struct jout *j, const char *name, size_t len)
{
	size_t comma = j->comma ? 1 : 0;
	char *p = buf_take(j->buf, comma + len + 3);

	j->comma = false;
	if (p == NULL)
		return;
	*p = ',';
	p += comma;
	*p++ = '"';
	memcpy(p, name, len);
	p[len] = '"';
	p[len + 1] = ':';
}

void
jout_strn(struct jout *j, const char *s, size_t len)
{
	value(j);
	quoted(j->buf, s, len);
}

void
jout_str(struct jout *j, const char *s)
{
	if (s == NULL)
		jout_null(j);
	else
		jout_strn(j, s, strlen(s));
}

void
jout_int(struct jout *j, int64_t v)
{
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	char text[20], *p = text + sizeof(text);

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u > 0);
	if (v < 0)
		*--p = '-';
	value(j);
	buf_add(j->buf, p, (size_t)(text + sizeof(text) - p));
}

/*
 * The fewest digits, 15 to 17, that read back as v > 0; trailing zeros are
 * cut. Returns the exponent of the first digit. No decimal point is printed
 * or read, so that the locale cannot matter.
 */
static int
shortest(double v, char digits[18])
{
	char text[40], back[40];
	int power = 0;

	for (int n = 15; n <= 17; n++) {
		snprintf(text, sizeof(text), "%.*e", n - 1, v);
		power = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
		digits[0] = text[0];
		memcpy(digits + 1, strchr(text, 'e') - (n - 1), (size_t)n - 1);
		digits[n] = '\0';
		snprintf(back, sizeof(back), "%se%d", digits, power - (n - 1));
		if (strtod(back, NULL) == v)
			break;
	}
	for (size_t n = strlen(digits); n > 1 && digits[n - 1] == '0'; n--)
		digits[n - 1] = '\0';
	return power;
}

/* As JavaScript prints a number. */
static void
real(struct buf *b, double v)
{
	char digits[18];
	int power = shortest(v, digits), n = (int)strlen(digits);

	if (power > 20 || power < -6) {
		buf_char(b, digits[0]);
		if (n > 1)
			buf_printf(b, ".%s", digits + 1);
		buf_printf(b, "e%+d", power);
	} else if (power < 0) {
		buf_add(b, "0.00000", (size_t)(1 - power));
		buf_str(b, digits);
	} else if (power >= n - 1) {
		buf_str(b, digits);
		buf_add(b, "00000000000000000000", (size_t)(power - n + 1));
	} else {
		buf_add(b, digits, (size_t)power + 1);
		buf_char(b, '.');
		buf_str(b, digits + power + 1);
	}
}

void
jout_real(struct jout *j, double v)
{
	if (!isfinite(v)) {
		jout_null(j);
		return;
	}
	if (v > -EXACT && v < EXACT && floor(v) == v) {
		jout_int(j, (int64_t)v);
		return;
	}
	value(j);
	if (v < 0)
		buf_char(j->buf, '-');
	real(j->buf, fabs(v));
}

void
jout_bool(struct jout *j, bool v)
{
	jout_raw(j, v ? "true" : "false");
}

void
jout_null(struct jout *j)
{
	jout_raw(j, NULL);
}

void
jout_time(struct jout *j, int64_t t_ms)
{
	char text[CLOCK_TEXT];

	clock_text(t_ms, text);
	value(j);
	put(j->buf, '"');
	buf_str(j->buf, text);
	put(j->buf, '"');
}

void
jout_raw(struct jout *j, const char *s)
{
	value(j);
	buf_str(j->buf, s != NULL && *s != '\0' ? s : "null");
}

void
jout_put_str(struct jout *j, const char *name, const char *s)
{
	jout_name(j, name);
	jout_str(j, s);
}

void
jout_put_int(struct jout *j, const char *name, int64_t v)
{
	jout_name(j, name);
	jout_int(j, v);
}

void
jout_put_bool(struct jout *j, const char *name, bool v)
{
	jout_name(j, name);
	jout_bool(j, v);
}

void
jout_put_time(struct jout *j, const char *name, int64_t t_ms)
{
	jout_name(j, name);
	jout_time(j, t_ms);
}
