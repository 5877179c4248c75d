/* mime.c - a letter in the form that SMTP carries. */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "wire/mime.h"

#define WORD_MAX 39 /* bytes of text in one encoded word: 52 of base64 */
#define LINE_MAX 57 /* bytes of text in one line: 76 of base64 */

static void
base64_add(struct buf *b, const char *s, size_t n)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)s;

	for (; n > 0; p += 3) {
		unsigned v = (unsigned)p[0] << 16;

		if (n > 1)
			v |= (unsigned)p[1] << 8;
		if (n > 2)
			v |= p[2];
		buf_char(b, set[v >> 18]);
		buf_char(b, set[v >> 12 & 63]);
		buf_char(b, n > 1 ? set[v >> 6 & 63] : '=');
		buf_char(b, n > 2 ? set[v & 63] : '=');
		n -= n > 3 ? 3 : n;
	}
}

/* The text on one line; what is not UTF-8 becomes U+FFFD. */
static char *
one_line(struct arena *a, const char *s)
{
	size_t left = strlen(s), n;
	struct buf b;

	buf_init(&b, a);
	for (; left > 0; s += n, left -= n) {
		n = str_step(s, left);
		if (n == 0) {
			buf_str(&b, "\xef\xbf\xbd");
			n = 1;
		} else if (n == 1 && ((unsigned char)*s < ' ' || *s == 0x7f))
			buf_char(&b, ' ');
		else
			buf_add(&b, s, n);
	}
	return b.bad ? NULL : arena_str(a, buf_text(&b));
}

/* May it stand as it is? Short, printable, and no encoded word. */
static bool
is_plain(const char *s)
{
	for (const char *p = s; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return false;
	return strlen(s) <= 60 && strstr(s, "=?") == NULL;
}

/* Text as encoded words, each of whole characters. */
static char *
words(struct arena *a, const char *s)
{
	struct buf b;

	buf_init(&b, a);
	while (*s != '\0') {
		size_t n = 0, step;

		while (s[n] != '\0') {
			step = str_step(s + n, strlen(s + n));
			if (n + step > WORD_MAX)
				break;
			n += step;
		}
		if (b.len > 0)
			buf_str(&b, "\r\n ");
		buf_str(&b, "=?UTF-8?B?");
		base64_add(&b, s, n);
		buf_str(&b, "?=");
		s += n;
	}
	return b.bad ? NULL : arena_str(a, buf_text(&b));
}

char *
mime_field(struct arena *a, const char *text)
{
	char *s = one_line(a, text);

	return s == NULL || is_plain(s) ? s : words(a, s);
}

static void
date_add(struct buf *b, int64_t t_ms)
{
	static const char days[] = "MonTueWedThuFriSatSun";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t s = t_ms / 1000, day = s / 86400;
	int year, month, date;
	size_t weekday = (size_t)((day + 3) % 7);

	clock_date(day, &year, &month, &date);
	s %= 86400;
	buf_printf(b, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0000\r\n",
	    days + 3 * weekday, date, months + 3 * (size_t)(month - 1), year,
	    (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
}

/* Lines end with CRLF inside of the base64 as well. */
static void
text_add(struct arena *a, struct buf *out, const char *text)
{
	const char *s;
	struct buf b;

	buf_init(&b, a);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\r')
			continue;
		if (*p == '\n')
			buf_char(&b, '\r');
		buf_char(&b, *p);
	}
	if (b.bad)
		out->bad = true;
	s = buf_text(&b);
	for (size_t left = b.len; left > 0;) {
		size_t n = left < LINE_MAX ? left : LINE_MAX;

		base64_add(out, s, n);
		buf_str(out, "\r\n");
		s += n;
		left -= n;
	}
}

bool
mime_address(const char *s)
{
	if (s == NULL || !str_email(s))
		return false;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s > '~')
			return false;
	return true;
}

static bool
id_fits(const char *id)
{
	size_t n = strspn(id,
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	return n > 0 && n <= 100 && id[n] == '\0';
}

char *
mime_print(struct arena *a, const struct mime_letter *l)
{
	struct buf b;

	if (!mime_address(l->from) || !mime_address(l->to) || !id_fits(l->id))
		return NULL;
	buf_init(&b, a);
	date_add(&b, l->date_ms);
	buf_str(&b, "From: ");
	if (l->name != NULL && *l->name != '\0') {
		/* encoded even when it is plain: it may hold any sign */
		const char *name = one_line(a, l->name);

		buf_str(&b, name != NULL ? words(a, name) : NULL);
		buf_char(&b, ' ');
	}
	buf_printf(&b, "<%s>\r\nTo: <%s>\r\nSubject: ", l->from, l->to);
	buf_str(&b, mime_field(a, l->subject));
	buf_printf(&b, "\r\nMessage-ID: <%s@%s>\r\n", l->id,
	    strrchr(l->from, '@') + 1);
	buf_str(&b,
	    "MIME-Version: 1.0\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n");
	text_add(a, &b, l->text);
	return b.bad ? NULL : arena_str(a, buf_text(&b));
}
