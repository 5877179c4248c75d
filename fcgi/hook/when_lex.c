/* when_lex.c - words and numbers of a day and a time. */
#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/rc.h"
#include "hook/when_lex.h"

static const struct word {
	const char *text;
	enum when_kind kind;
	int value;
} words[] = {
#define W(text, kind, value) { text, kind, value },
#include "hook/when.def"
#undef W
};

static bool
is_digit(char c)
{
	return isdigit((unsigned char)c) != 0;
}

/* Does a word end here? Letters of other scripts are bytes over 127. */
static bool
is_end(const char *s)
{
	return !isalnum((unsigned char)*s) && !((unsigned char)*s & 0x80);
}

/* "ב-" and "ב" may stand before a number without a blank. */
static bool
fits(const char *s, const struct word *w)
{
	size_t n = strlen(w->text);

	if (strncmp(s, w->text, n) != 0)
		return false;
	if (is_end(s + n))
		return true;
	return w->text[n - 1] == '-' || (w->kind == WHEN_AT && is_digit(s[n]));
}

static const struct word *
word_at(const char *s)
{
	const struct word *best = NULL;

	for (size_t i = 0; i < COUNT(words); i++)
		if (fits(s, &words[i]) &&
		    (best == NULL ||
			strlen(words[i].text) > strlen(best->text)))
			best = &words[i];
	return best;
}

static int
take_int(const char **s, int max)
{
	int n = 0;

	for (int i = 0; i < max && is_digit(**s); i++, (*s)++)
		n = n * 10 + (**s - '0');
	return n;
}

/* "9:30", "9:30:00", "09:30:00.000": minutes; an odd one is -1. */
static int
take_colon(const char **s, int hour)
{
	int minute = take_int(s, 2);

	if (**s == ':') {
		(*s)++;
		if (!is_digit(**s) || take_int(s, 2) > 60)
			return -1;
		if (**s == '.' && is_digit((*s)[1]))
			for ((*s)++; is_digit(**s);)
				(*s)++;
	}
	return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

/* "9h", "14h30", "14 h 30", "9 heures", "9 heures 30"; -1: it is none. */
static int
take_french(const char **s, int hour)
{
	const char *p = *s;
	int minute = 0;

	while (*p == ' ')
		p++;
	if (strncmp(p, "heures", 6) == 0)
		p += 6;
	else if (strncmp(p, "heure", 5) == 0)
		p += 5;
	else if (*p == 'h')
		p++;
	else
		return -1;
	if (!is_digit(*p) && !is_end(p))
		return -1;
	*s = p;
	while (*p == ' ')
		p++;
	if (is_digit(p[0]) && is_digit(p[1]) && is_end(p + 2)) {
		minute = take_int(&p, 2);
		*s = p;
	}
	return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

/* "1st", "2nd", "3rd", "15th", "1er" */
static bool
take_ordinal(const char **s)
{
	static const char *const ends[] = { "st", "nd", "rd", "th", "er" };

	for (size_t i = 0; i < COUNT(ends); i++)
		if (strncmp(*s, ends[i], 2) == 0 && is_end(*s + 2)) {
			*s += 2;
			return true;
		}
	return false;
}

/* "/4", "/4/2026", ".4.", ".4.2026" behind a day. */
static bool
take_slashes(const char **s, int day, struct when_token *t)
{
	char sign = **s, text[16];
	int month, year;

	if (!is_digit((*s)[1]))
		return false;
	(*s)++;
	month = take_int(s, 2);
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	*t = (struct when_token) { WHEN_DAY_MONTH, 100 * month + day };
	if (**s != sign || !is_digit((*s)[1]))
		return true;
	(*s)++;
	year = take_int(s, 4);
	if (year < 1000)
		return false;
	text[0] = (char)('0' + year / 1000);
	text[1] = (char)('0' + year / 100 % 10);
	text[2] = (char)('0' + year / 10 % 10);
	text[3] = (char)('0' + year % 10);
	text[4] = text[7] = '-';
	text[5] = (char)('0' + month / 10);
	text[6] = (char)('0' + month % 10);
	text[8] = (char)('0' + day / 10);
	text[9] = (char)('0' + day % 10);
	text[10] = '\0';
	t->kind = WHEN_DATE;
	return clock_day(text, &t->value);
}

/* YYYY-MM-DD, perhaps with one digit for a month or a day. */
static bool
take_iso(const char **s, int year, struct when_token *t)
{
	int month, day, y, m, d;

	(*s)++;
	month = take_int(s, 2);
	if (month < 1 || month > 12 || **s != '-' || !is_digit((*s)[1]))
		return false;
	(*s)++;
	day = take_int(s, 2);
	t->kind = WHEN_DATE;
	t->value = clock_days(year, month, day);
	clock_date(t->value, &y, &m, &d);
	if (y != year || m != month || d != day || day < 1)
		return false;
	if (**s == 't' && is_digit((*s)[1]))
		(*s)++; /* a time follows */
	return true;
}

/* "9" or "09" of a clock, with what stands behind. */
static bool
take_time(const char **s, bool padded, int n, struct when_token *t)
{
	int minutes;

	if (**s == ':' && is_digit((*s)[1])) {
		(*s)++;
		minutes = take_colon(s, n);
		t->kind = padded || n == 0 || n > 12 ? WHEN_TIME : WHEN_CLOCK;
	} else {
		minutes = take_french(s, n);
		t->kind = WHEN_TIME;
		if (minutes < 0) {
			t->kind = take_ordinal(s) ? WHEN_ORDINAL : WHEN_NUMBER;
			t->value = n;
			return true;
		}
	}
	t->value = minutes;
	return minutes >= 0;
}

static bool
number_at(const char **s, bool day_first, struct when_token *t)
{
	bool padded = **s == '0';
	int n = take_int(s, 4);

	if (is_digit(**s))
		return false;
	if (n >= 1000 && **s == '-' && is_digit((*s)[1]))
		return take_iso(s, n, t);
	if ((**s == '/' || **s == '.') && is_digit((*s)[1]))
		return day_first && take_slashes(s, n, t);
	return take_time(s, padded, n, t);
}

int
when_lex(const char *s, bool day_first, struct when_token out[WHEN_TOKENS])
{
	int n = 0;

	for (;;) {
		const struct word *w;

		s += strspn(s, " ,");
		if (*s == '\0' || strcmp(s, ".") == 0)
			return n;
		if (n == WHEN_TOKENS)
			return -1;
		if (is_digit(*s)) {
			if (!number_at(&s, day_first, &out[n++]))
				return -1;
			continue;
		}
		w = word_at(s);
		if (w == NULL)
			return -1;
		s += strlen(w->text);
		out[n] = (struct when_token) { w->kind, w->value };
		n += w->kind != WHEN_SKIP;
	}
}
