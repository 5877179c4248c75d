/* test_clock.c - now, and times as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/rc.h"

static const char *
text(int64_t t_ms)
{
	static char out[CLOCK_TEXT];

	clock_text(t_ms, out);
	return out;
}

static void
prints(void **state)
{
	(void)state;
	assert_string_equal(text(0), "1970-01-01T00:00:00.000Z");
	assert_string_equal(text(INT64_C(1770840600000)),
	    "2026-02-11T20:10:00.000Z");
	assert_string_equal(text(INT64_C(951827696789)),
	    "2000-02-29T12:34:56.789Z");
	assert_string_equal(text(-1), "1969-12-31T23:59:59.999Z");
	assert_string_equal(text(-86400000), "1969-12-31T00:00:00.000Z");
	assert_string_equal(text(INT64_C(4102444799999)),
	    "2099-12-31T23:59:59.999Z");
}

static void
parses(void **state)
{
	static const struct {
		const char *text;
		int64_t t_ms;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-02-11T20:10:00.000Z", INT64_C(1770840600000) },
		{ "2026-02-11T20:10:00Z", INT64_C(1770840600000) },
		{ "2026-02-11 20:10Z", INT64_C(1770840600000) },
		{ "2026-02-11t20:10z", INT64_C(1770840600000) },
		{ "2026-02-11T21:10+01:00", INT64_C(1770840600000) },
		{ "2026-02-11T15:10:00-0500", INT64_C(1770840600000) },
		{ "2026-02-12T01:40:00.000+05:30", INT64_C(1770840600000) },
		{ "2026-02-11T20:10:00.5Z", INT64_C(1770840600500) },
		{ "2026-02-11T20:10:00.123456789Z", INT64_C(1770840600123) },
		{ "2000-02-29T00:00:00Z", INT64_C(951782400000) },
		{ "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
	};
	int64_t t_ms;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(clock_parse(good[i].text, &t_ms));
		assert_int_equal(t_ms, good[i].t_ms);
	}
}

static void
refuses(void **state)
{
	static const char *const bad[] = { "", "2026", "2026-02-11",
		"2026-02-11T20:10", "2026-02-11T20:10:00",
		"2026-2-11T20:10:00Z", "2026-02-30T20:10:00Z",
		"2025-02-29T20:10:00Z", "1900-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
		"2026-02-11T24:00:00Z", "2026-02-11T20:60:00Z",
		"2026-02-11T20:10:61Z", "2026-02-11T20:10:00.Z",
		"2026-02-11T20:10:00Zx", " 2026-02-11T20:10:00Z",
		"2026-02-11T20:10:00+24:00", "2026-02-11T20:10:00+01:60",
		"2026-02-11T20:10:00 01:00", "-026-02-11T20:10:00Z",
		"2026/02/11T20:10:00Z", "2026-02-11T20:10:00.12a4Z",
		"2026-02-11T2:10:00Z" };
	int64_t t_ms;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(clock_parse(bad[i], &t_ms));
}

/* Printed and read back, over times of two centuries. */
static void
round_trip(void **state)
{
	int64_t back;

	(void)state;
	for (int64_t t = INT64_C(-3000000000000); t < INT64_C(5000000000000);
	     t += INT64_C(86399999987)) {
		assert_true(clock_parse(text(t), &back));
		assert_int_equal(back, t);
	}
}

/* Every day from 1600 to 2400 against the C library. */
static void
days(void **state)
{
	int64_t first = clock_days(1600, 1, 1), last = clock_days(2400, 1, 1);
	int y, m, d;

	(void)state;
	assert_int_equal(clock_days(1970, 1, 1), 0);
	assert_int_equal(last - first, 292194);
	for (int64_t day = first; day < last; day++) {
		time_t t = (time_t)day * 86400;
		struct tm tm;

		gmtime_r(&t, &tm);
		clock_date(day, &y, &m, &d);
		assert_int_equal(y, tm.tm_year + 1900);
		assert_int_equal(m, tm.tm_mon + 1);
		assert_int_equal(d, tm.tm_mday);
		assert_int_equal(clock_days(y, m, d), day);
	}
	clock_date(clock_days(-1, 3, 1), &y, &m, &d);
	assert_int_equal(y, -1);
	assert_int_equal(m, 3);
}

static void
now(void **state)
{
	int64_t tick = clock_tick_us(), t;

	(void)state;
	unsetenv("FRONTDESK_CLOCK");
	t = clock_now_ms();
	assert_true(llabs(t / 1000 - time(NULL)) <= 1);
	assert_true(clock_tick_us() >= tick);
	setenv("FRONTDESK_CLOCK", "1770840600000", 1);
	assert_int_equal(clock_now_ms(), INT64_C(1770840600000));
	setenv("FRONTDESK_CLOCK", "", 1);
	assert_true(clock_now_ms() >= t);
	unsetenv("FRONTDESK_CLOCK");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints),
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(days),
		cmocka_unit_test(now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
