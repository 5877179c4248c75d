/* hours_lex.c - the words and numbers of a text of opening hours. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hours_int.h"
#include "base/rc.h"
#include "base/str.h"

/* The text in lower case with plain blanks, dashes and apostrophes. */
struct plain {
	char text[HOURS_BYTES + 8];
	unsigned at[HOURS_BYTES + 8]; /* where each byte was */
	size_t len;
};

static const struct word {
	const char *text;
	enum hours_kind kind;
	int value;
} words[] = {
#define W(text, kind, value) { text, kind, value },
#include "base/hours.def"
#undef W
};

/* Characters that are written in many ways; 0: no character at all. */
static const struct {
	unsigned lo, hi;
	char to;
} same[] = {
	{ '\t', '\t', ' ' },
	{ '\v', '\r', ' ' },
	{ '(', ')', ' ' },
	{ '[', '[', ' ' },
	{ ']', ']', ' ' },
	{ '"', '"', ' ' },
	{ 0xa0, 0xa0, ' ' },
	{ 0x5be, 0x5be, '-' },
	{ 0x5f3, 0x5f3, '\'' },
	{ 0x2000, 0x200a, ' ' },
	{ 0x200b, 0x200f, 0 },
	{ 0x2010, 0x2015, '-' },
	{ 0x2018, 0x2019, '\'' },
	{ 0x202a, 0x202e, 0 },
	{ 0x202f, 0x202f, ' ' },
	{ 0x2066, 0x2069, 0 },
	{ 0x2212, 0x2212, '-' },
	{ 0xfeff, 0xfeff, 0 },
};

static unsigned
code_point(const char *s, size_t n)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned c = (unsigned char)s[0] & mask[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

static void
plain_char(struct plain *p, const char *s, size_t n, unsigned at)
{
	unsigned c = code_point(s, n);
	char copy[4];

	memcpy(copy, s, n);
	for (size_t i = 0; i < COUNT(same); i++) {
		if (c < same[i].lo || c > same[i].hi)
			continue;
		if (same[i].to == 0)
			return;
		copy[0] = same[i].to;
		n = 1;
	}
	if (copy[0] == ' ' && (p->len == 0 || p->text[p->len - 1] == ' '))
		return;
	if (c >= 'A' && c <= 'Z')
		copy[0] = (char)(copy[0] + 'a' - 'A');
	if (c >= 0xc0 && c <= 0xde)
		copy[1] = (char)(copy[1] + 0x20);
	for (size_t i = 0; i < n; i++) {
		p->text[p->len] = copy[i];
		p->at[p->len++] = at;
	}
}

static bool
plain_text(struct plain *p, const char *s, char why[200])
{
	size_t len = strlen(s), n;

	p->len = 0;
	for (size_t i = 0; i < len; i += n) {
		n = str_step(s + i, len - i);
		if (n == 0 || p->len + n > HOURS_BYTES) {
			snprintf(why, 200,
			    n == 0 ? "the text is not UTF-8" :
				     "the text is longer than %d bytes",
			    HOURS_BYTES);
			return false;
		}
		plain_char(p, s + i, n, (unsigned)i);
	}
	p->text[p->len] = '\0';
	p->at[p->len] = (unsigned)len;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Length of the word of the table at s, if it ends there; else 0. */
static size_t
word_fits(const struct word *w, const char *s)
{
	size_t n = strlen(w->text);
	char last = w->text[n - 1];

	if (strncmp(s, w->text, n) != 0)
		return 0;
	if (w->kind == H_DAY && n > 4 && s[n] == 's')
		n++; /* Mondays, lundis */
	if (is_letter(last) && is_letter(s[n]))
		return 0;
	if (is_digit(last) && (is_digit(s[n]) || is_letter(s[n])))
		return 0;
	/* "at 9", "and 14-18" in Hebrew; with a letter behind it is a day. */
	if (last == '-' && n > 1 && !is_digit(s[n]))
		return 0;
	if (w->kind == H_DAY) /* Mon. and the geresh of letters */
		n += s[n] == '.' || s[n] == '\'';
	return n;
}

/* The longest word at s; 0 when there is none. */
static size_t
take_word(const char *s, struct hours_token *t)
{
	size_t best = 0;

	for (size_t i = 0; i < COUNT(words); i++) {
		size_t n = word_fits(&words[i], s);

		if (n <= best)
			continue;
		best = n;
		t->kind = words[i].kind;
		t->value = words[i].value;
		t->form = t->kind == H_TIME ? H_24 : 0;
	}
	return best;
}

/* "h" or "heures" behind an hour, perhaps behind a blank: its length or 0. */
static size_t
hour_sign(const char *s)
{
	static const char *const signs[] = { "heures", "heure", "h" };
	size_t blank = *s == ' ', n;

	for (size_t i = 0; i < COUNT(signs); i++) {
		n = strlen(signs[i]);
		if (strncmp(s + blank, signs[i], n) == 0 &&
		    !is_letter(s[blank + n]))
			return blank + n;
	}
	return 0;
}

/* Minutes behind the hour, as in ":30" ".30" "h30" " h 30"; -1: broken. */
static int
take_minutes(const char **s, unsigned *form)
{
	const char *p = *s;
	size_t sign = hour_sign(p);

	if (sign > 0) {
		*form |= H_24;
		*s = p + sign;
		/* "9 h 30", but not "9h-12h 14h-18h". */
		p += sign + (*p == ' ' && p[sign] == ' ');
	} else if (*p == ':' || *p == '.') {
		p++;
	} else {
		return 0;
	}
	if (!is_digit(p[0]) || !is_digit(p[1]) || is_digit(p[2]))
		return sign > 0 || p[-1] == '.' ? 0 : -1;
	*s = p + 2;
	if (sign == 0 && **s == 'h' && !is_letter((*s)[1])) {
		*form |= H_24;
		(*s)++;
	}
	return (p[0] - '0') * 10 + p[1] - '0';
}

static void
take_half(const char **s, unsigned *form)
{
	static const struct {
		char text[5];
		unsigned form;
	} halves[] = {
		{ "a.m.", H_AM },
		{ "p.m.", H_PM },
		{ "a.m", H_AM },
		{ "p.m", H_PM },
		{ "am", H_AM },
		{ "pm", H_PM },
	};
	const char *p = *s + (**s == ' ');

	for (size_t i = 0; i < COUNT(halves); i++) {
		size_t n = strlen(halves[i].text);

		if (strncmp(p, halves[i].text, n) == 0 && !is_letter(p[n])) {
			*form |= halves[i].form;
			*s = p + n;
			return;
		}
	}
}

/* A time of day; 0 when it is none. */
static size_t
take_time(const char *s, struct hours_token *t)
{
	const char *p = s;
	int h = 0, m;

	for (; is_digit(*p) && p - s < 5; p++)
		h = h * 10 + (*p - '0');
	if (p - s > 4)
		return 0;
	t->kind = H_TIME;
	t->form = *s == '0' ? H_24 : 0;
	if (p - s > 2) {
		m = h % 100;
		h /= 100;
	} else {
		m = take_minutes(&p, &t->form);
	}
	take_half(&p, &t->form);
	if (m < 0 || m > 59 || h > 24 || (h == 24 && m > 0))
		return 0;
	if (t->form & (H_AM | H_PM)) {
		if (h < 1 || h > 12)
			return 0;
		h = h % 12 + (t->form & H_PM ? 12 : 0);
	}
	t->value = h * 60 + m;
	return (size_t)(p - s);
}

static size_t
bad_length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0' && s[n] != ' ' && s[n] != '\n' &&
	    strchr(",;", s[n]) == NULL)
		n++;
	return n > 0 ? n : 1;
}

int
hours_cut(const char *s, unsigned len)
{
	if (len > 60)
		for (len = 60; ((unsigned char)s[len] & 0xc0) == 0x80;)
			len--;
	return (int)len;
}

static int
not_known(const char *text, const struct hours_token *t, char why[200])
{
	const char *quote = text + t->from;

	snprintf(why, 200,
	    "\"%.*s\" is not understood; write for example "
	    "\"Mon-Fri 9-12, 14-18; Sat 10-13; Sun closed\"",
	    hours_cut(quote, t->to - t->from), quote);
	return -1;
}

int
hours_lex(const char *text, struct hours_token out[HOURS_BYTES + 1],
    char why[200])
{
	struct plain p;
	size_t i = 0, n;
	int count = 0;

	if (!plain_text(&p, text, why))
		return -1;
	while (i < p.len) {
		struct hours_token *t = &out[count];

		if (p.text[i] == ' ') {
			i++;
			continue;
		}
		n = take_word(p.text + i, t);
		if (n == 0 && is_digit(p.text[i]))
			n = take_time(p.text + i, t);
		t->from = p.at[i];
		t->to = p.at[i + (n > 0 ? n : bad_length(p.text + i))];
		if (n == 0)
			return not_known(text, t, why);
		count += t->kind != H_SKIP;
		i += n;
	}
	out[count] = (struct hours_token) { .kind = H_END,
		.from = p.at[p.len],
		.to = p.at[p.len] };
	return count;
}
