/* when.c - the day and the time that a caller wishes. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/zone.h"
#include "book/slot.h"
#include "hook/envelope.h"
#include "hook/when.h"

#define TEXT_CHARS 60

/* One or two digits, more up to max; -1 when there are none. */
static int
take_int(const char **s, int max)
{
	int n = 0, digits = 0;

	for (; isdigit((unsigned char)**s) && digits < max; (*s)++, digits++)
		n = n * 10 + (**s - '0');
	return digits > 0 ? n : -1;
}

static void
skip_blanks(const char **s)
{
	while (**s == ' ')
		(*s)++;
}

/* YYYY-MM-DD, a date that exists; *rest is what follows. */
static bool
take_date(const char *s, int64_t *date, const char **rest)
{
	int y = take_int(&s, 4), m, d, yy, mm, dd;

	if (y < 1000 || *s++ != '-')
		return false;
	m = take_int(&s, 2);
	if (m < 1 || m > 12 || *s++ != '-')
		return false;
	d = take_int(&s, 2);
	if (d < 1)
		return false;
	*date = clock_days(y, m, d);
	clock_date(*date, &yy, &mm, &dd);
	*rest = s;
	return yy == y && mm == m && dd == d;
}

/* am, PM, a.m.: 12 hours; -1 when it is neither, 0 when nothing is left. */
static int
take_half(const char **s)
{
	static const struct {
		const char *text;
		int half;
	} words[] = { { "a.m.", 1 }, { "p.m.", 2 }, { "am", 1 }, { "pm", 2 } };

	skip_blanks(s);
	if (**s == '\0')
		return 0;
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcasecmp(*s, words[i].text) == 0) {
			*s += strlen(words[i].text);
			return words[i].half;
		}
	return -1;
}

/* ":30", "h30", " h 30", "h", ":30:00"; the minutes, -1 when odd. */
static int
take_minutes(const char **s)
{
	bool french;
	int m;

	skip_blanks(s);
	french = **s == 'h' || **s == 'H';
	if (!french && **s != ':')
		return 0;
	(*s)++;
	skip_blanks(s);
	if (french && **s == '\0')
		return 0;
	m = take_int(s, 2);
	if (**s == ':') {
		(*s)++;
		if (take_int(s, 2) < 0)
			return -1;
	}
	return m;
}

/* Minutes after midnight of a time of day. */
static bool
time_read(const char *s, int *minute)
{
	int h, m, half;

	if (strcasecmp(s, "noon") == 0 || strcasecmp(s, "midi") == 0) {
		*minute = 12 * 60;
		return true;
	}
	h = take_int(&s, 2);
	m = take_minutes(&s);
	half = take_half(&s);
	if (h < 0 || h > 23 || m < 0 || m > 59 || half < 0 || *s != '\0')
		return false;
	if (half > 0 && (h < 1 || h > 12))
		return false;
	if (half > 0)
		h = h % 12 + (half == 2 ? 12 : 0);
	*minute = h * 60 + m;
	return true;
}

static bool
day_word(const char *s, int64_t *plus)
{
	static const char *const words[] = { "today", "aujourd'hui", "היום",
		"tomorrow", "demain", "מחר" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcasecmp(s, words[i]) == 0) {
			*plus = i >= COUNT(words) / 2;
			return true;
		}
	return false;
}

static void
set_time(struct wish *w, const char *zone, int minute)
{
	struct civil c = { .minute = minute };

	w->time_known = true;
	if (!w->date_known)
		return;
	clock_date(w->date, &c.year, &c.month, &c.day);
	w->at_ms = zone_instant(zone, &c);
}

/*
 * A date, perhaps with a time behind it, or an instant. Of one that comes
 * beside a time of its own only the date counts: models like to write
 * midnight there, in whatever zone.
 */
static void
moment_read(const char *s, const char *zone, int64_t now_ms, struct wish *w)
{
	bool alone = w->time_text == NULL || w->time_text == s;
	const char *rest;
	int64_t plus;
	int minute;

	if (day_word(s, &plus)) {
		w->date = slot_date(zone, now_ms) + plus;
		w->date_known = true;
	} else if (alone && clock_parse(s, &w->at_ms)) {
		w->date = slot_date(zone, w->at_ms);
		w->date_known = w->time_known = true;
	} else if (take_date(s, &w->date, &rest) &&
	    (*rest == '\0' || *rest == 'T' || *rest == ' ')) {
		w->date_known =
		    !alone || *rest == '\0' || time_read(rest + 1, &minute);
		if (alone && w->date_known && *rest != '\0')
			set_time(w, zone, minute);
	}
}

/* "10:00:00.000" of an ISO text without an offset: the fraction goes. */
static const char *
without_fraction(struct arena *a, const char *s)
{
	const char *dot = strrchr(s, '.');

	if (dot == NULL || strchr(s, ':') == NULL || dot[1] == '\0' ||
	    dot[1 + strspn(dot + 1, "0123456789")] != '\0')
		return s;
	return arena_copy(a, s, (size_t)(dot - s));
}

static const char *
text_of(struct arena *a, const cJSON *args, const char *name)
{
	const char *s = args_text(a, args, name, TEXT_CHARS);

	return s != NULL ? without_fraction(a, s) : NULL;
}

void
when_read(struct arena *a, const char *zone, int64_t now_ms, const cJSON *args,
    struct wish *w)
{
	const char *both = text_of(a, args, "start");
	int minute;

	memset(w, 0, sizeof(*w));
	if (both == NULL)
		both = text_of(a, args, "datetime");
	w->date_text = text_of(a, args, "date");
	w->time_text = text_of(a, args, "time");
	if (w->date_text == NULL)
		w->date_text = both;
	if (w->date_text != NULL)
		moment_read(w->date_text, zone, now_ms, w);
	if (w->time_text == NULL || w->time_known)
		return;
	if (time_read(w->time_text, &minute))
		set_time(w, zone, minute);
	else if (w->date_text == NULL && strchr(w->time_text, 'T') != NULL)
		moment_read(w->time_text, zone, now_ms, w);
}
