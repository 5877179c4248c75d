/* csv.c - comma-separated values out, safe in spreadsheets. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "wire/csv.h"

void
csv_init(struct csv *c, struct buf *b)
{
	c->buf = b;
	c->inside = false;
}

static void
comma(struct csv *c)
{
	if (c->inside)
		buf_char(c->buf, ',');
	c->inside = true;
}

static void
text_put(struct csv *c, const char *s, size_t n)
{
	bool formula = n > 0 && strchr("=+-@\t\r\n", *s) != NULL;
	bool quote = formula;

	for (size_t i = 0; i < n && !quote; i++)
		quote = strchr("\",\r\n;\t", s[i]) != NULL;
	quote = quote || (n > 0 && (s[0] == ' ' || s[n - 1] == ' '));
	if (!quote) {
		buf_add(c->buf, s, n);
		return;
	}
	buf_char(c->buf, '"');
	if (formula)
		buf_char(c->buf, '\'');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '"')
			buf_char(c->buf, '"');
		buf_char(c->buf, s[i]);
	}
	buf_char(c->buf, '"');
}

void
csv_text(struct csv *c, const char *s)
{
	comma(c);
	if (s != NULL)
		text_put(c, s, strlen(s));
}

void
csv_int(struct csv *c, int64_t n)
{
	comma(c);
	buf_printf(c->buf, "%lld", (long long)n);
}

void
csv_real(struct csv *c, double d)
{
	char text[64];
	size_t n;

	comma(c);
	if (!isfinite(d) || fabs(d) > 1e15)
		return;
	snprintf(text, sizeof(text), "%.4f", d);
	n = strlen(text);
	while (text[n - 1] == '0')
		n--;
	if (text[n - 1] == '.')
		n--;
	buf_add(c->buf, text, n);
}

void
csv_end(struct csv *c)
{
	buf_str(c->buf, "\r\n");
	c->inside = false;
}

void
csv_line(struct csv *c, const char *names)
{
	while (*names != '\0') {
		size_t n = strcspn(names, "|");

		comma(c);
		text_put(c, names, n);
		names += n + (names[n] == '|');
	}
	csv_end(c);
}
