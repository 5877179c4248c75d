/* multipart.c - bodies of multipart/form-data: uploaded files. */
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "wire/multipart.h"

#define BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */

struct scan {
	struct arena *arena;
	const char *at, *end;
	char mark[BOUNDARY_MAX + 5]; /* CR LF "--" boundary */
	size_t mark_len;
	const char *why;
};

/* --- headers -------------------------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Characters of a name or value that needs no quotes. */
static size_t
token_len(const char *s)
{
	return strspn(s,
	    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

/* %22, %0D and %0A, the only ones that browsers write. */
static char
unescape(const char *s)
{
	if (strncmp(s, "%22", 3) == 0)
		return '"';
	if (strncasecmp(s, "%0D", 3) == 0)
		return '\r';
	return strncasecmp(s, "%0A", 3) == 0 ? '\n' : '\0';
}

/*
 * The value behind "name=" at *s, which is moved behind it: a token or a
 * quoted string. A backslash escapes only a quote and itself, since old
 * browsers put whole Windows paths there.
 */
static const char *
value_read(struct arena *a, const char **s)
{
	const char *p = *s;
	size_t n = 0;
	char *out;

	if (*p != '"') {
		n = token_len(p);
		*s = p + n;
		return n > 0 ? arena_copy(a, p, n) : NULL;
	}
	out = arena_get(a, strlen(p));
	for (p++; out != NULL && *p != '"'; n++) {
		char c = *p == '%' ? unescape(p) : '\0';

		if (*p == '\0')
			return NULL;
		if (c != '\0')
			p += 2;
		else if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
			c = *++p;
		else
			c = *p;
		out[n] = c;
		p++;
	}
	if (out == NULL || !str_utf8(out, n))
		return NULL;
	out[n] = '\0';
	*s = p + 1;
	return out;
}

/*
 * The parameter of a header's value, such as boundary; *broken: the value is
 * not well-formed, as far as it was read.
 */
static const char *
parameter(struct arena *a, const char *s, const char *name, bool *broken)
{
	size_t want = strlen(name);

	s += strcspn(s, ";");
	while (*s == ';') {
		size_t n;
		bool found;
		const char *value;

		s++;
		s += strspn(s, " \t");
		n = token_len(s);
		found = n == want && strncasecmp(s, name, n) == 0;
		if (n == 0 || s[n] != '=')
			break;
		s += n + 1;
		value = value_read(a, &s);
		if (value == NULL)
			break;
		if (found)
			return value;
		s += strspn(s, " \t");
	}
	*broken = *s != '\0';
	return NULL;
}

/* The value of a header among lines that end with CR LF, or NULL. */
static const char *
header(struct arena *a, const char *lines, const char *name)
{
	size_t n = strlen(name);

	while (*lines != '\0') {
		size_t len = strcspn(lines, "\r");

		if (len > n && strncasecmp(lines, name, n) == 0 &&
		    lines[n] == ':') {
			const char *v =
			    arena_copy(a, lines + n + 1, len - n - 1);
			return v != NULL ? str_trim(a, v) : NULL;
		}
		lines += len + (lines[len] == '\r' ? 2 : 0);
	}
	return NULL;
}

/* --- parts ---------------------------------------------------------------- */

static bool
wrong(struct scan *s, const char *why)
{
	s->why = why;
	return false;
}

static bool
boundary_read(struct scan *s, const char *type)
{
	bool broken = false;
	const char *b = NULL;
	size_t n;

	if (strncasecmp(type, "multipart/form-data", 19) == 0)
		b = parameter(s->arena, type, "boundary", &broken);
	n = b != NULL ? strlen(b) : 0;
	if (n == 0 || n > BOUNDARY_MAX || b[n - 1] == ' ')
		return wrong(s, "the Content-Type has no usable boundary");
	for (const char *p = b; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			return wrong(s,
			    "the Content-Type has no usable boundary");
	memcpy(s->mark, "\r\n--", 4);
	memcpy(s->mark + 4, b, n);
	s->mark_len = n + 4;
	return true;
}

/*
 * Behind a boundary: *last when it was the closing one; else the rest of the
 * line, which may only be blank, is passed.
 */
static bool
boundary_end(struct scan *s, bool *last)
{
	*last = s->end - s->at >= 2 && s->at[0] == '-' && s->at[1] == '-';
	if (*last)
		return true;
	while (s->at < s->end && is_blank(*s->at))
		s->at++;
	if (s->end - s->at < 2 || s->at[0] != '\r' || s->at[1] != '\n')
		return wrong(s, "a boundary does not end its line");
	s->at += 2;
	return true;
}

/* The headers of a part as a text, up to the empty line, which is passed. */
static const char *
lines_read(struct scan *s)
{
	size_t left = (size_t)(s->end - s->at), n;
	const char *lines, *gap;

	if (left >= 2 && memcmp(s->at, "\r\n", 2) == 0)
		return NULL; /* a part must say what it is called */
	if (left > MULTIPART_HEADERS)
		left = MULTIPART_HEADERS;
	gap = memmem(s->at, left, "\r\n\r\n", 4);
	if (gap == NULL)
		return NULL;
	n = (size_t)(gap - s->at) + 2;
	if (memchr(s->at, '\0', n) != NULL)
		return NULL;
	lines = arena_copy(s->arena, s->at, n);
	s->at = gap + 4;
	return lines;
}

static bool
headers_read(struct scan *s, struct part *p)
{
	const char *lines = lines_read(s), *about;
	bool broken = false;

	about = lines != NULL ? header(s->arena, lines, "Content-Disposition") :
				NULL;
	if (about == NULL || strncasecmp(about, "form-data", 9) != 0)
		return wrong(s, "a part has no usable headers");
	p->name = parameter(s->arena, about, "name", &broken);
	p->filename = parameter(s->arena, about, "filename", &broken);
	if (broken || p->name == NULL)
		return wrong(s, "a part has no usable name");
	p->type = header(s->arena, lines, "Content-Type");
	if (p->type == NULL)
		p->type = "";
	return true;
}

/* One part and the boundary behind it. */
static bool
part_read(struct scan *s, struct part *p, bool *last)
{
	const char *next;

	memset(p, 0, sizeof(*p));
	if (!headers_read(s, p))
		return false;
	/* the empty line's own CR LF may begin the boundary */
	next = memmem(s->at - 2, (size_t)(s->end - s->at) + 2, s->mark,
	    s->mark_len);
	if (next == NULL)
		return wrong(s, "the body ends before its last boundary");
	p->data = s->at;
	p->len = next > s->at ? (size_t)(next - s->at) : 0;
	s->at = next + s->mark_len;
	return boundary_end(s, last);
}

/* The first boundary stands at the start, or behind a preamble. */
static bool
begin(struct scan *s, bool *last)
{
	size_t left = (size_t)(s->end - s->at), n = s->mark_len - 2;
	const char *mark;

	if (left >= n && memcmp(s->at, s->mark + 2, n) == 0)
		s->at += n;
	else {
		mark = memmem(s->at, left, s->mark, s->mark_len);
		if (mark == NULL)
			return wrong(s, "the body holds no boundary");
		s->at = mark + s->mark_len;
	}
	return boundary_end(s, last);
}

bool
multipart_read(struct arena *a, const char *type, const struct part *body,
    struct parts *out, const char **why)
{
	struct scan s = { .arena = a,
		.at = body->data,
		.end = body->data + body->len,
		.why = "out of memory" };
	bool last = false, good;

	memset(out, 0, sizeof(*out));
	out->list = arena_get(a, MULTIPART_PARTS * sizeof(struct part));
	good = out->list != NULL && boundary_read(&s, type) && begin(&s, &last);
	while (good && !last) {
		if (out->count == MULTIPART_PARTS)
			good = wrong(&s, "the body has too many parts");
		else
			good = part_read(&s, &out->list[out->count++], &last);
	}
	if (good && !arena_full(a))
		return true;
	*why = arena_full(a) ? "out of memory" : s.why;
	return false;
}
