/* phrase.c - spoken sentences in English, French and Hebrew, on one line. */
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/phrase.h"
#include "base/str.h"

#define ARG_BYTES 200

static const char *const sentences[PHRASE_COUNT][LANG_COUNT] = {
#define P(id, en, fr, he) [PHRASE_##id] = { en, fr, he },
#include "base/phrase.def"
#undef P
};

/* From Monday, as in struct civil. */
static const char *const weekdays[LANG_COUNT][7] = {
	{ "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
	    "Sunday" },
	{ "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi",
	    "dimanche" },
	{ "יום שני", "יום שלישי", "יום רביעי", "יום חמישי", "יום שישי",
	    "יום שבת", "יום ראשון" },
};

static const char *const months[LANG_COUNT][12] = {
	{ "January", "February", "March", "April", "May", "June", "July",
	    "August", "September", "October", "November", "December" },
	{ "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
	    "août", "septembre", "octobre", "novembre", "décembre" },
	{ "ינואר", "פברואר", "מרץ", "אפריל", "מאי", "יוני", "יולי", "אוגוסט",
	    "ספטמבר", "אוקטובר", "נובמבר", "דצמבר" },
};

enum lang
phrase_lang(const char *locale)
{
	static const struct {
		char tag[3];
		enum lang lang;
	} known[] = {
		{ "fr", LANG_FR },
		{ "he", LANG_HE },
		{ "iw", LANG_HE },
	};

	for (size_t i = 0; locale != NULL && i < COUNT(known); i++)
		if (strncasecmp(locale, known[i].tag, 2) == 0 &&
		    strchr("-_.", locale[2]) != NULL)
			return known[i].lang;
	return LANG_EN;
}

char *
phrase_day(struct arena *a, enum lang lang, const struct civil *c)
{
	const char *weekday = weekdays[lang][c->weekday];
	const char *month = months[lang][c->month - 1];

	switch (lang) {
	case LANG_FR:
		return arena_printf(a, "%s %d%s %s", weekday, c->day,
		    c->day == 1 ? "er" : "", month);
	case LANG_HE:
		return arena_printf(a, "%s, %d ב%s", weekday, c->day, month);
	default:
		return arena_printf(a, "%s, %s %d", weekday, month, c->day);
	}
}

char *
phrase_time(struct arena *a, enum lang lang, const struct civil *c)
{
	int h = c->hour % 12;

	switch (lang) {
	case LANG_FR:
		if (c->minute == 0)
			return arena_printf(a, "%d h", c->hour);
		return arena_printf(a, "%d h %02d", c->hour, c->minute);
	case LANG_HE:
		return arena_printf(a, "%d:%02d", c->hour, c->minute);
	default:
		return arena_printf(a, "%d:%02d %s", h > 0 ? h : 12, c->minute,
		    c->hour < 12 ? "AM" : "PM");
	}
}

char *
phrase_when(struct arena *a, enum lang lang, const struct civil *c)
{
	static const char *const at[LANG_COUNT] = { ", at ", " à ", ", בשעה " };
	const char *day = phrase_day(a, lang, c);
	const char *time = phrase_time(a, lang, c);

	if (day == NULL || time == NULL)
		return NULL;
	return arena_printf(a, "%s%s%s", day, at[lang], time);
}

char *
phrase_or(struct arena *a, enum lang lang, const char *const *list, size_t n)
{
	static const char *const words[LANG_COUNT] = { " or ", " ou ", " או " };
	struct buf b;

	buf_init(&b, a);
	buf_add(&b, "", 0);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_str(&b, i + 1 < n ? ", " : words[lang]);
		buf_str(&b, list[i]);
	}
	return b.bad ? NULL : b.data;
}

/* A control character or a line end: C0, DEL, C1, U+2028, U+2029. */
static bool
breaks(const char *s, size_t n)
{
	unsigned char c = (unsigned char)s[0];

	if (n == 1)
		return c < ' ' || c == 0x7f;
	if (n == 2)
		return c == 0xc2 && (unsigned char)s[1] < 0xa0;
	return memcmp(s, "\xe2\x80\xa8", 3) == 0 ||
	    memcmp(s, "\xe2\x80\xa9", 3) == 0;
}

/* At most ARG_BYTES of whole characters; what is not UTF-8 is left out. */
static void
add_arg(struct buf *b, const char *s)
{
	size_t len = s != NULL ? strlen(s) : 0, used = 0, n;

	for (size_t i = 0; i<len; i += n> 0 ? n : 1) {
		n = str_step(s + i, len - i);
		if (used + n > ARG_BYTES)
			return;
		used += n;
		if (n == 0)
			continue;
		if (breaks(s + i, n))
			buf_char(b, ' ');
		else
			buf_add(b, s + i, n);
	}
}

char *
phrase(struct arena *a, enum lang lang, enum phrase id, ...)
{
	const char *s = sentences[id][lang], *arg;
	struct buf b;
	va_list ap;

	buf_init(&b, a);
	va_start(ap, id);
	while ((arg = strstr(s, "%s")) != NULL) {
		buf_add(&b, s, (size_t)(arg - s));
		add_arg(&b, va_arg(ap, const char *));
		s = arg + 2;
	}
	va_end(ap);
	buf_str(&b, s);
	return b.bad ? NULL : b.data;
}
