/* json_scan.c - the strict look at JSON text before cJSON reads it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "wire/json.h"
#include "wire/json_scan.h"

/* What may come next. */
enum want {
	WANT_VALUE,
	WANT_FIRST_VALUE, /* or the end of the array */
	WANT_NAME,
	WANT_FIRST_NAME, /* or the end of the object */
	WANT_COLON,
	WANT_MORE /* a comma or the end of what is open */
};

struct scan {
	struct arena *arena;
	const char *text;
	const char *p;
	const char *end;
	const char *why;
	size_t nodes;
	unsigned depth;
	char open[JSON_DEPTH];
};

static bool
bad(struct scan *s, const char *what)
{
	s->why = arena_printf(s->arena, "%s at byte %zu", what,
	    (size_t)(s->p - s->text) + 1);
	if (s->why == NULL)
		s->why = what;
	return false;
}

static void
skip_blanks(struct scan *s)
{
	while (s->p < s->end &&
	    (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static bool
skip_digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > from;
}

static bool
at(const struct scan *s, const char *set)
{
	return s->p < s->end && *s->p != '\0' && strchr(set, *s->p) != NULL;
}

static bool
scan_number(struct scan *s)
{
	char copy[JSON_DIGITS + 1];
	const char *from = s->p;
	bool zero;

	s->p += *s->p == '-';
	zero = at(s, "0");
	if (!skip_digits(s) || (zero && s->p - from > 1 + (*from == '-')))
		return bad(s, "a number is malformed");
	if (at(s, ".")) {
		s->p++;
		if (!skip_digits(s))
			return bad(s, "a number is malformed");
	}
	if (at(s, "eE")) {
		s->p++;
		s->p += at(s, "+-");
		if (!skip_digits(s))
			return bad(s, "a number is malformed");
	}
	if (s->p - from > JSON_DIGITS)
		return bad(s, "a number is too long");
	memcpy(copy, from, (size_t)(s->p - from));
	copy[s->p - from] = '\0';
	if (!isfinite(strtod(copy, NULL)))
		return bad(s, "a number is out of range");
	return true;
}

/* Four hex digits at p; -1 when they are not there. */
static int
hex4(const struct scan *s, const char *p)
{
	int v = 0;

	if (s->end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			v = v * 16 + (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v * 16 + ((c | 32) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* p is at the backslash. */
static bool
scan_escape(struct scan *s)
{
	int unit;

	if (s->end - s->p < 2 || strchr("\"\\/bfnrtu", s->p[1]) == NULL ||
	    s->p[1] == '\0')
		return bad(s, "an escape is unknown");
	if (s->p[1] != 'u') {
		s->p += 2;
		return true;
	}
	unit = hex4(s, s->p + 2);
	if (unit < 0)
		return bad(s, "an escape is malformed");
	if (unit == 0)
		return bad(s, "the character NUL is not allowed, found");
	if (unit >= 0xd800 && unit <= 0xdfff) {
		int low =
		    s->end - s->p >= 12 && s->p[6] == '\\' && s->p[7] == 'u' ?
		    hex4(s, s->p + 8) :
		    -1;

		if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
			return bad(s, "half a surrogate pair stands alone");
		s->p += 6;
	}
	s->p += 6;
	return true;
}

/* p is at the opening quote. */
static bool
scan_string(struct scan *s)
{
	size_t n;

	for (s->p++; s->p < s->end;) {
		unsigned char c = (unsigned char)*s->p;

		if (c == '"') {
			s->p++;
			return true;
		}
		if (c == '\\') {
			if (!scan_escape(s))
				return false;
			continue;
		}
		if (c < ' ')
			return bad(s,
			    c == 0 ? "the character NUL is not allowed, found" :
				     "a control character is not escaped");
		n = str_step(s->p, (size_t)(s->end - s->p));
		if (n == 0)
			return bad(s, "the text is not UTF-8");
		s->p += n;
	}
	return bad(s, "a string does not end");
}

static bool
scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return bad(s, "something that is not JSON stands");
	s->p += n;
	return true;
}

static bool
push(struct scan *s, enum want *want)
{
	if (s->depth == JSON_DEPTH) {
		s->why = "nested deeper than 64 levels";
		return false;
	}
	s->open[s->depth++] = *s->p;
	*want = *s->p == '{' ? WANT_FIRST_NAME : WANT_FIRST_VALUE;
	s->p++;
	return true;
}

static bool
scan_value(struct scan *s, enum want *want)
{
	char c = *s->p;

	if (++s->nodes > JSON_NODES) {
		s->why = "more than 100000 values";
		return false;
	}
	if (c == '{' || c == '[')
		return push(s, want);
	*want = WANT_MORE;
	if (c == '"')
		return scan_string(s);
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(s);
	return scan_word(s, c == 't' ? "true" : c == 'f' ? "false" : "null");
}

/* Behind a value: a comma, or the end of what is open. */
static bool
scan_more(struct scan *s, enum want *want)
{
	bool object = s->open[s->depth - 1] == '{';

	if (*s->p == (object ? '}' : ']')) {
		s->p++;
		s->depth--;
		*want = WANT_MORE;
		return true;
	}
	if (*s->p != ',')
		return bad(s,
		    object ? "a comma or } is missing" :
			     "a comma or ] is missing");
	s->p++;
	*want = object ? WANT_NAME : WANT_VALUE;
	return true;
}

static bool
scan_name(struct scan *s, enum want *want)
{
	if (*s->p != '"')
		return bad(s, "a name in quotes is missing");
	*want = WANT_COLON;
	return scan_string(s);
}

/* One token; p is not at a blank nor at the end. */
static bool
scan_step(struct scan *s, enum want *want)
{
	switch (*want) {
	case WANT_FIRST_VALUE:
		if (*s->p == ']')
			return scan_more(s, want);
		return scan_value(s, want);
	case WANT_VALUE:
		return scan_value(s, want);
	case WANT_FIRST_NAME:
		if (*s->p == '}')
			return scan_more(s, want);
		return scan_name(s, want);
	case WANT_NAME:
		return scan_name(s, want);
	case WANT_COLON:
		if (*s->p != ':')
			return bad(s, "a colon is missing");
		s->p++;
		*want = WANT_VALUE;
		return true;
	default:
		return scan_more(s, want);
	}
}

static bool
scan_all(struct scan *s)
{
	enum want want = WANT_VALUE;

	if (s->end - s->p >= 3 && memcmp(s->p, "\xef\xbb\xbf", 3) == 0)
		return bad(s, "a byte order mark stands");
	for (;;) {
		skip_blanks(s);
		if (want == WANT_MORE && s->depth == 0)
			break;
		if (s->p == s->end)
			return bad(s,
			    s->nodes == 0 ? "there is no JSON, the text ends" :
					    "the JSON is cut off");
		if (!scan_step(s, &want))
			return false;
	}
	if (s->p < s->end)
		return bad(s, "something follows the JSON value");
	return true;
}

bool
json_scan(struct arena *a, const char *text, size_t len, const char **why)
{
	struct scan s = { .arena = a,
		.text = text,
		.p = text,
		.end = text + len };

	if (scan_all(&s))
		return true;
	*why = s.why;
	return false;
}
