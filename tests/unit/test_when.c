/*
 * test_when.c - days and times as callers say them. It is Wednesday, March 4,
 * 2026, ten in the morning in Paris.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/clock.h"
#include "base/rc.h"
#include "hook/when.h"

#define NOW "2026-03-04T09:00:00Z"

static struct when_place place = { .zone = "Europe/Paris" };

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	place.lang = LANG_EN;
	return clock_parse(NOW, &place.now_ms) ? 0 : -1;
}

static struct wish
read_both(const char *date, const char *time)
{
	cJSON *args = cJSON_CreateObject();
	struct wish w;

	if (date != NULL)
		cJSON_AddStringToObject(args, "date", date);
	if (time != NULL)
		cJSON_AddStringToObject(args, "time", time);
	when_read(arena, &place, args, &when_usual, &w);
	cJSON_Delete(args);
	return w;
}

/* want: a date, or with a time on the wall; NULL: it is asked back. */
static void
said(const char *date, const char *time, const char *want)
{
	struct wish w = read_both(date, time);
	struct civil c;
	char *got;
	int y, m, d;

	if (want == NULL) {
		if (w.date_known || w.unclear)
			fail_msg("%s, %s: is understood", date, time);
		return;
	}
	if (!w.date_known)
		fail_msg("%s, %s: is not understood", date, time);
	clock_date(w.date, &y, &m, &d);
	got = arena_printf(arena, "%04d-%02d-%02d", y, m, d);
	if (w.time_known) {
		c = zone_civil(place.zone, w.at_ms);
		got = arena_printf(arena, "%04d-%02d-%02d %02d:%02d", c.year,
		    c.month, c.day, c.hour, c.minute);
	}
	if (strcmp(got, want) != 0)
		fail_msg("%s, %s: is %s, should be %s", date, time, got, want);
}

/* A day that can be two. */
static void
either(const char *date, const char *one, const char *other)
{
	struct wish w = read_both(date, NULL);
	int64_t a, b;

	assert_true(clock_day(one, &a) && clock_day(other, &b));
	if (!w.unclear || w.date_known || w.date != a || w.or_date != b)
		fail_msg("%s is not %s or %s", date, one, other);
}

struct saying {
	const char *date;
	const char *time;
	const char *want;
};

static void
all(const struct saying *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		said(list[i].date, list[i].time, list[i].want);
}

static void
english(void **state)
{
	static const struct saying list[] = {
		{ "today", NULL, "2026-03-04" },
		{ "tomorrow afternoon", NULL, "2026-03-05" },
		{ "the day after tomorrow", NULL, "2026-03-06" },
		{ "Friday", NULL, "2026-03-06" },
		{ "this Friday at 9", NULL, "2026-03-06 09:00" },
		{ "Tuesday at 9", NULL, "2026-03-10 09:00" },
		{ "next Tuesday at 9", NULL, "2026-03-10 09:00" },
		{ "next Wednesday", NULL, "2026-03-11" },
		{ "Friday next week, 3 pm", NULL, "2026-03-13 15:00" },
		{ "March 3rd", NULL, "2027-03-03" },
		{ "March 12", NULL, "2026-03-12" },
		{ "12 March 2026 at 14:30", NULL, "2026-03-12 14:30" },
		{ "the 15th", NULL, "2026-03-15" },
		{ "the 3rd at 10am", NULL, "2026-04-03 10:00" },
		{ "in 3 days", NULL, "2026-03-07" },
		{ "in two weeks", NULL, "2026-03-18" },
		{ "in a week", NULL, "2026-03-11" },
		{ "tomorrow at noon", NULL, "2026-03-05 12:00" },
		{ "tomorrow at 3 in the afternoon", NULL, "2026-03-05 15:00" },
		{ "tomorrow", "nine in the morning", "2026-03-05 09:00" },
		{ "Thursday", "half past", "2026-03-05" },
		{ "tomorrow afternoon", "3", "2026-03-05 15:00" },
		{ "tonight at 8", NULL, "2026-03-04 20:00" },
		{ "Thursday, March 5", NULL, "2026-03-05" },
		{ "2026-3-9", "9 o'clock", "2026-03-09 09:00" },
		{ NULL, "tomorrow at 4 pm", "2026-03-05 16:00" },
		{ "Monday, March 5", NULL, NULL },
		{ "February 30", NULL, NULL },
		{ "03/04/2026", NULL, NULL },
		{ "tomorrow tomorrow", NULL, NULL },
		{ "whenever", NULL, NULL },
		{ "in 3", NULL, NULL },
		{ "5", NULL, NULL },
		{ "next week", NULL, NULL },
		{ "31 June", NULL, NULL },
	};

	(void)state;
	all(list, COUNT(list));
	either("Wednesday", "2026-03-04", "2026-03-11");
	either("next Friday", "2026-03-06", "2026-03-13");
}

static void
french(void **state)
{
	static const struct saying list[] = {
		{ "aujourd'hui", NULL, "2026-03-04" },
		{ "demain après-midi", NULL, "2026-03-05" },
		{ "après-demain à 9h", NULL, "2026-03-06 09:00" },
		{ "mardi prochain à 14 h 30", NULL, "2026-03-10 14:30" },
		{ "mardi de la semaine prochaine", NULL, "2026-03-10" },
		{ "le 1er avril", NULL, "2026-04-01" },
		{ "le 12 mars à 9 heures", NULL, "2026-03-12 09:00" },
		{ "le 12/03", "9h30", "2026-03-12 09:30" },
		{ "12/03/2027", NULL, "2027-03-12" },
		{ "dans deux semaines", NULL, "2026-03-18" },
		{ "dans 3 jours", NULL, "2026-03-07" },
		{ "Jeudi", "trois heures de l'après-midi", "2026-03-05 15:00" },
		{ "jeudi", "3 heures de l'après-midi", "2026-03-05 15:00" },
		{ "demain", "midi", "2026-03-05 12:00" },
		{ "demain", "9 heures et demie", "2026-03-05 09:30" },
		{ "ce soir", NULL, "2026-03-04" },
		{ "la semaine prochaine", NULL, NULL },
		{ "un jour", NULL, NULL },
	};

	(void)state;
	place.lang = LANG_FR;
	all(list, COUNT(list));
	either("vendredi prochain", "2026-03-06", "2026-03-13");
}

static void
hebrew(void **state)
{
	static const struct saying list[] = {
		{ "היום", NULL, "2026-03-04" },
		{ "מחר בבוקר", NULL, "2026-03-05" },
		{ "מחרתיים בשעה 9", NULL, "2026-03-06 09:00" },
		{ "יום שלישי הבא בשעה 9", NULL, "2026-03-10 09:00" },
		{ "ביום חמישי ב-10:30", NULL, "2026-03-05 10:30" },
		{ "יום ראשון בשבוע הבא", NULL, "2026-03-08" },
		{ "12 במרץ", NULL, "2026-03-12" },
		{ "12.3", "9", "2026-03-12 09:00" },
		{ "בעוד שבועיים", NULL, "2026-03-18" },
		{ "בעוד 3 ימים", NULL, "2026-03-07" },
		{ "מחר אחר הצהריים", "3", "2026-03-05 15:00" },
		{ "מתישהו", NULL, NULL },
	};

	(void)state;
	place.lang = LANG_HE;
	all(list, COUNT(list));
	either("יום חמישי הבא", "2026-03-05", "2026-03-12");
}

static void
parts(void **state)
{
	struct wish w = read_both("tomorrow afternoon", NULL);

	(void)state;
	assert_int_equal(w.from_min, 720);
	assert_int_equal(w.to_min, 1080);
	w = read_both("tomorrow", "morning");
	assert_true(w.date_known && !w.time_known && w.time_text == NULL);
	assert_int_equal(w.to_min, 720);
	w = read_both("tomorrow", "tea time");
	assert_true(w.date_known && !w.time_known && w.time_text != NULL);
	w = read_both("as soon as possible", NULL);
	assert_true(w.date_known && w.soon);
	w = read_both("next week", NULL);
	assert_null(w.date_text);
}

/* Only what was said without "am" and "pm" may be the other half of the day. */
static void
loose(void **state)
{
	static const struct {
		const char *time;
		bool loose;
	} list[] = { { "3", true }, { "at 3", true }, { "3:30", true },
		{ "03:30", false }, { "3 pm", false }, { "15:30", false },
		{ "3 in the morning", false }, { "12", false },
		{ "3h", false } };
	struct wish w;

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		w = read_both("tomorrow", list[i].time);
		assert_true(w.time_known);
		assert_int_equal(w.loose, list[i].loose);
	}
	w = read_both("tomorrow", "3:30");
	when_later(&place, &w);
	assert_int_equal(zone_civil(place.zone, w.at_ms).hour, 15);
}

/* Paris: March 29 has no 2:30, October 25 has it twice. */
static void
clock_change(void **state)
{
	struct wish w = read_both("2026-03-29", "02:30");
	int64_t first;

	(void)state;
	assert_true(w.skipped);
	w = read_both("2026-03-29", "03:00");
	assert_false(w.skipped);
	w = read_both("2026-10-25", "02:30");
	assert_true(clock_parse("2026-10-25T00:30:00Z", &first));
	assert_false(w.skipped);
	assert_int_equal(w.at_ms, first);
}

/* No text may do harm. */
static void
noise(void **state)
{
	static const char *const bits[] = { "next", "tuesday", "9", "at", "in",
		"אחת", "/", "12/", "99", "2026-", "-", "h", ":", "week", "à",
		"0", "31", "february", "9999", "demain", ".", "\xd7", "pm" };
	char text[80];

	(void)state;
	srand(7);
	for (int i = 0; i < 20000; i++) {
		text[0] = '\0';
		for (int k = rand() % 7; k >= 0; k--) {
			size_t n = strlen(text);

			snprintf(text + n, sizeof(text) - n, "%s%s",
			    rand() % 3 ? " " : "",
			    bits[(size_t)rand() % COUNT(bits)]);
		}
		place.lang = (enum lang)(rand() % LANG_COUNT);
		(void)read_both(rand() % 4 ? text : NULL, text);
		arena_reset(arena);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, unit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = { T(english), T(french), T(hebrew),
		T(parts), T(loose), T(clock_change), T(noise) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
