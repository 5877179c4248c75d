/*
 * test_zone.c - civil time against facts known from elsewhere: the instants
 * at which zones changed, as the tz database and `zdump` tell them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/rc.h"
#include "base/zone.h"

#define MIN_MS 60000

static struct civil
civil(const char *text)
{
	struct civil c = { .weekday = -1 };

	assert_int_equal(sscanf(text, "%d-%d-%dT%d:%d", &c.year, &c.month,
			     &c.day, &c.hour, &c.minute),
	    5);
	return c;
}

static int64_t
instant(const char *text)
{
	int64_t t;

	assert_true(clock_parse(text, &t));
	return t;
}

static const char *
shown(const struct civil *c)
{
	static char text[80];

	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d", c->year,
	    c->month, c->day, c->hour, c->minute);
	return text;
}

static void
names(void **state)
{
	static const char *const good[] = { "UTC", "Europe/Paris",
		"America/New_York", "America/Argentina/Buenos_Aires",
		"Asia/Jerusalem", "Etc/GMT+5", "Australia/Lord_Howe",
		"America/Port-au-Prince", "EST5EDT" };
	static const char *const wrong[] = { "", "/", "Europe", "Europe/",
		"/Europe/Paris", "Europe//Paris", "../zoneinfo/UTC",
		"Europe/../UTC", "europe/paris ", "Europe/Paris\n",
		"Mars/Olympus", "UTC0", "CET-1CEST", "EST5EDT,M3.2.0,M11.1.0",
		":UTC", "zone.tab", "tzdata.zi", "right/UTC", "posix/UTC",
		"posixrules", "localtime", "Factory", "iso3166.tab",
		"../../../etc/passwd",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!zone_valid(good[i]))
			fail_msg("%s refused", good[i]);
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (zone_valid(wrong[i]))
			fail_msg("%s taken", wrong[i]);
	assert_false(zone_valid(NULL));
}

/* One instant, one civil time, both ways. */
static const struct {
	const char *zone, *utc, *civil;
	int weekday;
} facts[] = {
	{ "UTC", "1970-01-01T00:00:00Z", "1970-01-01T00:00", 3 },
	{ "UTC", "1969-12-31T23:59:00Z", "1969-12-31T23:59", 2 },
	{ "UTC", "2024-02-29T12:00:00Z", "2024-02-29T12:00", 3 },
	{ "Europe/Paris", "2026-02-11T20:10:00Z", "2026-02-11T21:10", 2 },
	{ "Europe/Paris", "2026-03-29T00:59:00Z", "2026-03-29T01:59", 6 },
	{ "Europe/Paris", "2026-03-29T01:00:00Z", "2026-03-29T03:00", 6 },
	{ "Europe/Paris", "2026-10-25T00:59:00Z", "2026-10-25T02:59", 6 },
	{ "Europe/Paris", "2026-10-25T02:00:00Z", "2026-10-25T03:00", 6 },
	{ "America/New_York", "2026-03-08T06:59:00Z", "2026-03-08T01:59", 6 },
	{ "America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00", 6 },
	{ "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T01:30", 6 },
	{ "America/New_York", "2026-11-01T07:00:00Z", "2026-11-01T02:00", 6 },
	{ "America/New_York", "2026-01-01T04:59:00Z", "2025-12-31T23:59", 2 },
	{ "Asia/Jerusalem", "2026-03-26T23:59:00Z", "2026-03-27T01:59", 4 },
	{ "Asia/Jerusalem", "2026-03-27T00:00:00Z", "2026-03-27T03:00", 4 },
	{ "Asia/Jerusalem", "2026-10-25T00:00:00Z", "2026-10-25T02:00", 6 },
	{ "Australia/Lord_Howe", "2026-10-03T15:29:00Z", "2026-10-04T01:59",
	    6 },
	{ "Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-04T02:30",
	    6 },
	{ "Australia/Lord_Howe", "2026-04-04T14:59:00Z", "2026-04-05T01:59",
	    6 },
	{ "Australia/Lord_Howe", "2026-04-04T15:30:00Z", "2026-04-05T02:00",
	    6 },
	{ "Asia/Kolkata", "2026-05-05T00:00:00Z", "2026-05-05T05:30", 1 },
	{ "Asia/Kathmandu", "2026-05-05T00:00:00Z", "2026-05-05T05:45", 1 },
	{ "Pacific/Apia", "2011-12-30T09:59:00Z", "2011-12-29T23:59", 3 },
	{ "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00", 5 },
	{ "Pacific/Kwajalein", "1993-08-21T12:00:00Z", "1993-08-22T00:00", 6 },
	{ "Pacific/Kiritimati", "2026-01-01T00:00:00Z", "2026-01-01T14:00", 3 },
	{ "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04T01:00", 6 },
	{ "Europe/London", "2040-07-01T12:00:00Z", "2040-07-01T13:00", 6 },
};

static void
known(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++) {
		int64_t t = instant(facts[i].utc);
		struct civil c = zone_civil(facts[i].zone, t);

		assert_string_equal(shown(&c), facts[i].civil);
		assert_int_equal(c.weekday, facts[i].weekday);
		c = civil(facts[i].civil);
		if (zone_instant(facts[i].zone, &c) != t)
			fail_msg("%s %s", facts[i].zone, facts[i].civil);
	}
}

/* Civil times that never were, and those that were twice. */
static const struct {
	const char *zone, *civil, *utc;
} odd[] = {
	{ "Europe/Paris", "2026-03-29T02:00", "2026-03-29T01:00:00Z" },
	{ "Europe/Paris", "2026-03-29T02:30", "2026-03-29T01:30:00Z" },
	{ "Europe/Paris", "2026-03-29T02:59", "2026-03-29T01:59:00Z" },
	{ "Europe/Paris", "2026-10-25T02:00", "2026-10-25T00:00:00Z" },
	{ "Europe/Paris", "2026-10-25T02:30", "2026-10-25T00:30:00Z" },
	{ "America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00Z" },
	{ "America/New_York", "2026-11-01T01:59", "2026-11-01T05:59:00Z" },
	{ "Asia/Jerusalem", "2026-03-27T02:15", "2026-03-27T00:15:00Z" },
	{ "Asia/Jerusalem", "2026-10-25T01:30", "2026-10-24T22:30:00Z" },
	{ "Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:40:00Z" },
	{ "Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z" },
	/* At midnight: the day began at one o'clock. */
	{ "America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00:00Z" },
	{ "America/Sao_Paulo", "2018-11-04T00:30", "2018-11-04T03:30:00Z" },
	{ "Africa/Cairo", "2024-04-26T00:20", "2024-04-25T22:20:00Z" },
	/* A day that was left out. */
	{ "Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00:00Z" },
	/* Past midnight, and dates that roll over. */
	{ "Europe/Paris", "2026-02-28T26:00", "2026-03-01T01:00:00Z" },
	{ "Europe/Paris", "2026-12-31T24:00", "2026-12-31T23:00:00Z" },
	{ "Europe/Paris", "2026-03-28T26:30", "2026-03-29T01:30:00Z" },
	{ "Europe/Paris", "2026-03-28T00:1620", "2026-03-29T01:00:00Z" },
	{ "Europe/Paris", "2026-10-24T00:2880", "2026-10-25T23:00:00Z" },
};

static void
gaps(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct civil c = civil(odd[i].civil);
		char got[CLOCK_TEXT];
		int64_t t = zone_instant(odd[i].zone, &c);

		clock_text(t, got);
		if (t != instant(odd[i].utc))
			fail_msg("%s %s: %s", odd[i].zone, odd[i].civil, got);
	}
}

/*
 * Each five minutes around a change: the civil time leads back to the same
 * instant, or, in the doubled hour, to the first of the two.
 */
static void
round_trips(void **state)
{
	static const struct {
		const char *zone, *around;
		int doubled_min;
	} days[] = {
		{ "Europe/Paris", "2026-03-29T01:00:00Z", 0 },
		{ "Europe/Paris", "2026-10-25T01:00:00Z", 60 },
		{ "America/New_York", "2026-03-08T07:00:00Z", 0 },
		{ "America/New_York", "2026-11-01T06:00:00Z", 60 },
		{ "Asia/Jerusalem", "2026-03-27T00:00:00Z", 0 },
		{ "Asia/Jerusalem", "2026-10-24T23:00:00Z", 60 },
		{ "Australia/Lord_Howe", "2026-10-03T15:30:00Z", 0 },
		{ "Australia/Lord_Howe", "2026-04-04T15:00:00Z", 30 },
		{ "Pacific/Apia", "2011-12-30T10:00:00Z", 0 },
		{ "Africa/Casablanca", "2026-02-15T02:00:00Z", 60 },
		{ "Asia/Pyongyang", "2015-08-14T15:00:00Z", 30 },
		{ "America/Caracas", "2016-05-01T07:00:00Z", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(days); i++) {
		int64_t mid = instant(days[i].around);
		int64_t twice = days[i].doubled_min * MIN_MS;

		for (int64_t t = mid - 2880 * MIN_MS; t < mid + 2880 * MIN_MS;
		     t += 5 * MIN_MS) {
			struct civil c = zone_civil(days[i].zone, t);
			bool again = t >= mid && t < mid + twice;
			int64_t back = zone_instant(days[i].zone, &c);

			if (back != t - (again ? twice : 0))
				fail_msg("%s %s", days[i].zone, shown(&c));
		}
	}
}

static void
switching(void **state)
{
	int64_t t = instant("2026-07-01T12:00:00Z");
	struct civil c;

	(void)state;
	for (int i = 0; i < 50; i++) {
		c = zone_civil("Europe/Paris", t);
		assert_int_equal(c.hour, 14);
		c = zone_civil("America/New_York", t);
		assert_int_equal(c.hour, 8);
		c = zone_civil("No/Where", t);
		assert_int_equal(c.hour, 12);
		c = zone_civil(NULL, t);
		assert_int_equal(c.hour, 12);
		c = zone_civil("CET-1CEST", t);
		assert_int_equal(c.hour, 12);
	}
	c = zone_civil("UTC", -1);
	assert_string_equal(shown(&c), "1969-12-31T23:59");
	c = zone_civil("UTC", -86400000);
	assert_string_equal(shown(&c), "1969-12-31T00:00");
	assert_int_equal(c.weekday, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(known),
		cmocka_unit_test(gaps),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(switching),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
