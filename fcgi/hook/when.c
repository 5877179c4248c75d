/* when.c - the day and the time that a caller wishes. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/zone.h"
#include "book/slot.h"
#include "hook/envelope.h"
#include "hook/when.h"
#include "hook/when_lex.h"

#define TEXT_CHARS 80
#define NOON	   720
#define YEAR_DAYS  INT64_C(366)

const struct when_names when_usual = { "date", "time",
	{ "start", "datetime" } };

/* What the tokens of a text add up to; -1: not said. */
struct sum {
	int64_t date;
	int64_t plus; /* days from today */
	int64_t weekday, month, day, year;
	int64_t number; /* not yet known of what */
	int64_t clock;	/* minutes */
	int64_t half, more;
	char part;
	bool next, this, next_week, this_week, in, at, soon;
	bool loose; /* on a clock of twelve hours */
	bool bad;   /* said twice, or in two ways */
};

static void
once(struct sum *s, int64_t *place, int64_t value)
{
	if (*place >= 0)
		s->bad = true;
	*place = value;
}

static void
flag(struct sum *s, bool *place)
{
	s->bad = s->bad || *place;
	*place = true;
}

static void
set_clock(struct sum *s, int64_t minutes, bool loose)
{
	once(s, &s->clock, minutes);
	s->loose = loose;
	s->at = false;
}

/* A bare number: an hour, a count, a day or a year. */
static void
add_number(struct sum *s, int64_t n)
{
	if (s->at && n < 24)
		set_clock(s, n * 60, n >= 1 && n < 12);
	else if (n >= 1000)
		once(s, &s->year, n);
	else if (!s->in && s->month >= 0 && s->day < 0)
		s->day = n;
	else
		once(s, &s->number, n);
}

static void
add_month(struct sum *s, int64_t month)
{
	once(s, &s->month, month);
	if (s->day < 0 && s->number >= 0) {
		s->day = s->number;
		s->number = -1;
	}
}

/* The number before is an hour. */
static void
add_hours(struct sum *s)
{
	if (s->clock < 0 && s->number >= 0 && s->number < 24) {
		set_clock(s, s->number * 60, false);
		s->number = -1;
	}
}

/* "in" and "a" stand before other words too, as in "in a week". */
static void
add_unit(struct sum *s, int64_t days)
{
	if (!s->in)
		s->bad = true;
	once(s, &s->plus, (s->number >= 0 ? s->number : 1) * days);
	s->number = -1;
}

static void
add_day(struct sum *s, const struct when_token *t)
{
	switch (t->kind) {
	case WHEN_WEEKDAY:
		once(s, &s->weekday, t->value);
		break;
	case WHEN_PLUS:
		once(s, &s->plus, t->value);
		break;
	case WHEN_MONTH:
		add_month(s, t->value);
		break;
	case WHEN_UNIT:
		add_unit(s, t->value);
		break;
	case WHEN_ORDINAL:
		once(s, &s->day, t->value);
		break;
	case WHEN_DATE:
		once(s, &s->date, t->value);
		break;
	case WHEN_DAY_MONTH:
		once(s, &s->month, t->value / 100);
		once(s, &s->day, t->value % 100);
		break;
	default:
		break;
	}
}

static void
add_flag(struct sum *s, const struct when_token *t)
{
	switch (t->kind) {
	case WHEN_NEXT:
		flag(s, &s->next);
		break;
	case WHEN_THIS:
		flag(s, &s->this);
		break;
	case WHEN_NEXT_WEEK:
		flag(s, &s->next_week);
		break;
	case WHEN_THIS_WEEK:
		flag(s, &s->this_week);
		break;
	case WHEN_IN:
		flag(s, &s->in);
		break;
	case WHEN_AT:
		s->at = true;
		break;
	case WHEN_SOON:
		flag(s, &s->soon);
		break;
	default:
		add_day(s, t);
	}
}

static void
add(struct sum *s, const struct when_token *t)
{
	switch (t->kind) {
	case WHEN_TIME:
		set_clock(s, t->value, false);
		break;
	case WHEN_CLOCK:
		set_clock(s, t->value, t->value < NOON);
		break;
	case WHEN_HOURS:
		add_hours(s);
		break;
	case WHEN_HALF:
		add_hours(s);
		once(s, &s->half, t->value);
		break;
	case WHEN_MORE:
		once(s, &s->more, t->value);
		break;
	case WHEN_PART:
		s->bad = s->bad || s->part != 0;
		s->part = (char)t->value;
		break;
	case WHEN_TONIGHT:
		once(s, &s->plus, 0);
		s->part = 'e';
		break;
	case WHEN_NUMBER:
		add_number(s, t->value);
		break;
	default:
		add_flag(s, t);
	}
}

/* A number that is left is an hour when there is a day or a part of one. */
static void
settle(struct sum *s)
{
	if (s->number >= 0 && s->clock < 0 && s->number < 24 &&
	    (s->weekday >= 0 || s->plus >= 0 || s->day >= 0 || s->date >= 0 ||
		s->part != 0 || s->more >= 0)) {
		set_clock(s, s->number * 60, s->number >= 1 && s->number < 12);
		s->number = -1;
	}
	s->bad = s->bad || s->number >= 0;
}

/* False when the text is not understood. as_time: a bare number is an hour. */
static bool
sum_up(struct arena *a, const char *text, const struct when_place *at,
    bool as_time, struct sum *s)
{
	struct when_token tokens[WHEN_TOKENS];
	const char *low = str_lower(a, text);
	int n = low != NULL ? when_lex(low, at->lang != LANG_EN, tokens) : -1;

	memset(s, 0, sizeof(*s));
	s->date = s->plus = s->weekday = s->month = s->day = s->year = -1;
	s->number = s->clock = s->half = s->more = -1;
	s->at = as_time;
	for (int i = 0; i < n; i++)
		add(s, &tokens[i]);
	settle(s);
	return n > 0 && !s->bad;
}

/* --- the day -------------------------------------------------------------- */

static bool
is_date(int64_t date, int64_t month, int64_t day)
{
	int y, m, d;

	clock_date(date, &y, &m, &d);
	return m == month && d == day;
}

/* The next date of that day, of that month (-1: any), from today on. */
static bool
next_date(int64_t today, int64_t month, int64_t day, int64_t *date)
{
	int y, m, d;

	for (*date = today; *date < today + 4 * YEAR_DAYS; (*date)++) {
		clock_date(*date, &y, &m, &d);
		if (d == day && (month < 0 || m == month))
			return true;
	}
	return false;
}

static bool
calendar_day(const struct sum *s, int64_t today, struct wish *w)
{
	if (s->year < 0)
		return next_date(today, s->month, s->day, &w->date);
	if (s->month < 0 || s->year > 9000)
		return false;
	w->date = clock_days((int)s->year, (int)s->month, (int)s->day);
	return is_date(w->date, s->month, s->day);
}

/* 0 Monday .. 6 Sunday; day 0 was a Thursday. */
static int64_t
weekday_of(int64_t date)
{
	return (date % 7 + 10) % 7;
}

/*
 * A day of the week. "Tuesday" is the next one, and on a Tuesday it may be
 * today; "next Tuesday" is next week's, unless this week's is still to come:
 * people mean either. Weeks begin on Monday, in Hebrew on Sunday.
 */
static bool
day_of_week(const struct sum *s, int64_t today, enum lang lang, struct wish *w)
{
	int64_t shift = lang == LANG_HE ? 1 : 0;
	int64_t now = (weekday_of(today) + shift) % 7;
	int64_t then = (s->weekday + shift) % 7;
	int64_t days = (then - now + 7) % 7;

	w->date = today + days;
	if (s->next_week || s->this_week) {
		w->date = today - now + then + (s->next_week ? 7 : 0);
		return true;
	}
	w->or_date = w->date + 7;
	if (s->next && days == 0)
		w->date = w->or_date;
	else if (s->next)
		w->unclear = then > now;
	else
		w->unclear = days == 0 && !s->this;
	return true;
}

/* False when the days that were said do not go together. */
static bool
day_of(const struct sum *s, const struct when_place *at, struct wish *w)
{
	int64_t today = slot_date(at->zone, at->now_ms);
	bool good = true;

	w->soon = s->soon;
	if (s->date >= 0)
		w->date = s->date;
	else if (s->plus >= 0 && s->plus <= 2 * YEAR_DAYS)
		w->date = today + s->plus;
	else if (s->day >= 0)
		good = calendar_day(s, today, w);
	else if (s->weekday >= 0)
		good = day_of_week(s, today, at->lang, w);
	else {
		w->date = today;
		w->date_known = s->soon;
		return s->soon || s->month < 0;
	}
	if (good && s->weekday >= 0 && weekday_of(w->date) != s->weekday)
		return false;
	w->date_known = good && !w->unclear;
	return good;
}

/* --- the time of day ------------------------------------------------------ */

static void
set_time(struct wish *w, const char *zone, int minute)
{
	struct civil c = { .minute = minute }, back;

	w->time_known = true;
	w->from_min = minute; /* for when the day is known */
	if (!w->date_known)
		return;
	clock_date(w->date, &c.year, &c.month, &c.day);
	w->at_ms = zone_instant(zone, &c);
	back = zone_civil(zone, w->at_ms);
	w->skipped = back.hour * 60 + back.minute != minute;
}

void
when_later(const struct when_place *at, struct wish *w)
{
	set_time(w, at->zone, w->from_min + NOON);
	w->loose = false;
}

/* Minutes after midnight; -1 when no clock says that. */
static int
minute_of(const struct sum *s)
{
	int64_t m = s->clock, hour = m / 60;

	if (s->more >= 0 && (m % 60 != 0 || s->clock < 0))
		return -1;
	if (s->half >= 0 && (hour < 1 || hour > 12))
		return -1;
	if (s->half >= 0)
		m = m % 60 + (hour % 12 + (s->half == 2 ? 12 : 0)) * 60;
	else if ((s->part == 'a' || s->part == 'e') && hour >= 1 && hour < 12)
		m += NOON;
	if (s->more >= 0)
		m += s->more;
	return (int)m;
}

static bool
time_of(const struct sum *s, const char *zone, struct wish *w)
{
	int minute;

	if (s->clock < 0) {
		w->from_min = s->part == 'a' ? NOON :
		    s->part == 'e'	     ? 17 * 60 :
					       0;
		w->to_min = s->part == 'm' ? NOON :
		    s->part == 'a'	   ? 18 * 60 :
					     1440;
		return s->half < 0 && s->more < 0;
	}
	minute = minute_of(s);
	if (minute < 0 || minute >= 1440)
		return false;
	w->loose = s->loose && s->half < 0 && s->part == 0;
	set_time(w, zone, minute);
	return true;
}

/* --- the arguments -------------------------------------------------------- */

/*
 * "2026-03-03T00:00:00Z" beside a time of its own: only the date counts, as
 * models like to write midnight there, in whatever zone.
 */
static const char *
date_alone(struct arena *a, const char *s)
{
	char *day = strlen(s) > 10 ? arena_copy(a, s, 10) : NULL;
	int64_t date;

	if (day != NULL && clock_day(day, &date) &&
	    strchr("Tt ", s[10]) != NULL)
		return day;
	return s;
}

/* An instant, when the text alone is one. */
static bool
instant_read(const char *s, const char *zone, struct wish *w)
{
	if (!clock_parse(s, &w->at_ms))
		return false;
	w->date = slot_date(zone, w->at_ms);
	w->date_known = w->time_known = true;
	return true;
}

static void
date_read(struct arena *a, const struct when_place *at, struct wish *w)
{
	bool alone = w->time_text == NULL || w->time_text == w->date_text;
	const char *text = alone ? w->date_text : date_alone(a, w->date_text);
	struct sum s;

	if (alone && instant_read(text, at->zone, w))
		return;
	if (!sum_up(a, text, at, false, &s) || !day_of(&s, at, w)) {
		w->date_known = w->unclear = false;
		return;
	}
	if (!w->date_known && !w->unclear && alone)
		w->date_text = NULL; /* a time, or "next week": which day? */
	w->part = s.part;
	if (alone && !time_of(&s, at->zone, w))
		w->date_known = false;
}

static void
time_read(struct arena *a, const struct when_place *at, struct wish *w)
{
	struct sum s;

	if (w->date_text == NULL && instant_read(w->time_text, at->zone, w))
		return;
	if (!sum_up(a, w->time_text, at, true, &s))
		return;
	if (w->date_text == NULL && !day_of(&s, at, w))
		return;
	if (s.part == 0)
		s.part = w->part;
	if (time_of(&s, at->zone, w) && !w->time_known)
		w->time_text = NULL; /* only a part of the day */
}

void
when_read(struct arena *a, const struct when_place *at, const cJSON *args,
    const struct when_names *names, struct wish *w)
{
	const char *both = NULL;

	memset(w, 0, sizeof(*w));
	w->to_min = 1440;
	for (int i = 0; i < 2 && both == NULL && names->both[i] != NULL; i++)
		both = args_text(a, args, names->both[i], TEXT_CHARS);
	w->date_text = args_text(a, args, names->date, TEXT_CHARS);
	w->time_text = args_text(a, args, names->time, TEXT_CHARS);
	if (w->date_text == NULL)
		w->date_text = both;
	if (w->date_text != NULL)
		date_read(a, at, w);
	if (w->time_text != NULL && !w->time_known)
		time_read(a, at, w);
}
