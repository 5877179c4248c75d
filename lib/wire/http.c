/* http.c - the small grammars of HTTP: queries, forms, cookies, escapes. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/str.h"
#include "wire/http.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undo %XX, and '+' for a blank in forms; NULL when broken or full. */
static char *
decode(struct arena *a, const char *s, size_t len, bool form)
{
	char *out = arena_get(a, len + 1);
	size_t n = 0;

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c == '%') {
			if (len - i < 3 || hex(s[i + 1]) < 0 ||
			    hex(s[i + 2]) < 0)
				return NULL;
			c = (char)(hex(s[i + 1]) << 4 | hex(s[i + 2]));
			i += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		if (c == '\0')
			return NULL;
		out[n++] = c;
	}
	out[n] = '\0';
	return str_utf8(out, n) ? out : NULL;
}

static bool
decode_pair(struct arena *a, const char *s, size_t len, struct pair *out)
{
	const char *eq = memchr(s, '=', len);
	size_t n = eq != NULL ? (size_t)(eq - s) : len;
	size_t behind = eq != NULL ? n + 1 : len;

	out->name = decode(a, s, n, true);
	out->value = decode(a, s + behind, len - behind, true);
	return out->name != NULL && out->value != NULL;
}

/* Bytes up to the next '&' or the end. */
static size_t
span(const char *s, size_t left)
{
	const char *amp = left > 0 ? memchr(s, '&', left) : NULL;

	return amp != NULL ? (size_t)(amp - s) : left;
}

/* Pairs in the text; empty ones (as in "a=1&&b=2") do not count. */
static size_t
count(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += s[i] != '&' && (i == 0 || s[i - 1] == '&');
	return n;
}

bool
http_pairs(struct arena *a, const char *s, size_t len, struct pairs *out)
{
	size_t total = count(s, len), n;

	out->list = NULL;
	out->count = 0;
	if (total == 0)
		return true;
	if (total > HTTP_PAIRS)
		return false;
	out->list = arena_get(a, total * sizeof(*out->list));
	if (out->list == NULL)
		return false;
	for (size_t i = 0; i < len; i += n + 1) {
		n = span(s + i, len - i);
		if (n == 0)
			continue;
		if (!decode_pair(a, s + i, n, &out->list[out->count]))
			return false;
		out->count++;
	}
	return true;
}

const char *
http_pair(const struct pairs *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->list[i].name, name) == 0)
			return p->list[i].value;
	return NULL;
}

char *
http_unescape(struct arena *a, const char *s, size_t len)
{
	return decode(a, s, len, false);
}

char *
http_escape(struct arena *a, const char *s)
{
	static const char digits[] = "0123456789ABCDEF";
	struct buf b;

	buf_init(&b, a);
	buf_add(&b, "", 0);
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x80 && (isalnum(c) || strchr("-._~", c) != NULL)) {
			buf_char(&b, *s);
			continue;
		}
		buf_char(&b, '%');
		buf_char(&b, digits[c >> 4]);
		buf_char(&b, digits[c & 15]);
	}
	return b.bad ? NULL : b.data;
}

char *
http_cookie(struct arena *a, const char *header, const char *name)
{
	size_t len = strlen(name), n;

	while (header != NULL && *header != '\0') {
		header += strspn(header, " \t;");
		n = strcspn(header, ";");
		if (n > len && header[len] == '=' &&
		    strncmp(header, name, len) == 0) {
			while (header[n - 1] == ' ' || header[n - 1] == '\t')
				n--;
			return arena_copy(a, header + len + 1, n - len - 1);
		}
		header += n;
	}
	return NULL;
}

const char *
http_bearer(const char *header)
{
	size_t n;

	if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
		return NULL;
	header += 7 + strspn(header + 7, " ");
	n = strspn(header,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~+/");
	if (n == 0 || header[n + strspn(header + n, "=")] != '\0')
		return NULL;
	return header;
}
