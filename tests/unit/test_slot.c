/*
 * test_slot.c - free times: the days on which clocks change, nights, and
 * openings that touch. Expected instants come from the tables of IANA.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/clock.h"
#include "base/rc.h"
#include "book/slot.h"

#define HALF_HOUR (INT64_C(30) * 60000)
#define ROOM	  400

static struct slot starts[ROOM];
static struct slot_list found;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	found = (struct slot_list) { starts, 0, ROOM, false };
	return 0;
}

static int64_t
at(const char *text)
{
	int64_t t;

	assert_true(clock_parse(text, &t));
	return t;
}

static struct slot_plan
plan(const char *zone, const struct hours *rules, int count)
{
	return (struct slot_plan) { .zone = zone,
		.rules = rules,
		.rule_count = count,
		.step_ms = HALF_HOUR,
		.length_ms = HALF_HOUR };
}

/* Free times of a date in the zone. */
static void
look(const struct slot_plan *p, int month, int day)
{
	slot_free(arena, p, slot_day(p->zone, clock_days(2026, month, day)),
	    &found);
}

static void
test_day(void **state)
{
	const struct hours rules[] = { { 1, 540, 600 }, { 1, 840, 885 } };
	struct slot_plan p = plan("Europe/Paris", rules, 2);

	(void)state;
	look(&p, 2, 10); /* a Tuesday */
	assert_int_equal(found.count, 3);
	assert_int_equal(starts[0].start_ms, at("2026-02-10T09:00:00+01:00"));
	assert_int_equal(starts[1].start_ms, at("2026-02-10T09:30:00+01:00"));
	assert_int_equal(starts[2].start_ms, at("2026-02-10T14:00:00+01:00"));
	look(&p, 2, 11);
	assert_int_equal(found.count, 0);
}

static void
test_busy(void **state)
{
	const struct hours rules[] = { { 1, 540, 720 } };
	struct slot_plan p = plan("UTC", rules, 1);
	struct slot_busy busy[] = { { .span = { at("2026-02-10T09:15:00Z"),
					  at("2026-02-10T09:45:00Z") } },
		{ .span = { at("2026-02-10T10:30:00Z"),
		      at("2026-02-10T11:30:00Z") } } };

	(void)state;
	p.busy = busy;
	p.busy_count = 2;
	look(&p, 2, 10);
	assert_int_equal(found.count, 2);
	assert_int_equal(starts[0].start_ms, at("2026-02-10T10:00:00Z"));
	assert_int_equal(starts[1].start_ms, at("2026-02-10T11:30:00Z"));
}

/* New York: 2026-03-08 has no 2:00 to 3:00, 2026-11-01 has 1:00 twice. */
static void
test_clock_change(void **state)
{
	const struct hours rules[] = { { 6, 0, 240 } };
	struct slot_plan p = plan("America/New_York", rules, 1);
	struct span day;

	(void)state;
	look(&p, 3, 8);
	assert_int_equal(found.count, 6);
	assert_int_equal(starts[3].start_ms, at("2026-03-08T01:30:00-05:00"));
	assert_int_equal(starts[4].start_ms, at("2026-03-08T03:00:00-04:00"));
	day = slot_day(p.zone, clock_days(2026, 3, 8));
	assert_int_equal(day.to_ms - day.from_ms, 23 * 3600000);
	look(&p, 11, 1);
	assert_int_equal(found.count, 10);
	assert_int_equal(starts[4].start_ms, at("2026-11-01T01:00:00-05:00"));
	day = slot_day(p.zone, clock_days(2026, 11, 1));
	assert_int_equal(day.to_ms - day.from_ms, 25 * 3600000);
}

/* 9 o'clock on the wall, whatever the clocks did in the night. */
static void
test_after_change(void **state)
{
	const struct hours rules[] = { { 6, 540, 570 } };
	struct slot_plan p = plan("Europe/Paris", rules, 1);

	(void)state;
	look(&p, 3, 29);
	assert_int_equal(found.count, 1);
	assert_int_equal(starts[0].start_ms, at("2026-03-29T09:00:00+02:00"));
	look(&p, 10, 25);
	assert_int_equal(starts[0].start_ms, at("2026-10-25T09:00:00+01:00"));
}

/* Friday 22:00 to 2:00: Saturday has the end of it, and only that. */
static void
test_night(void **state)
{
	const struct hours rules[] = { { 4, 1320, 1560 } };
	struct slot_plan p = plan("Asia/Jerusalem", rules, 1);

	(void)state;
	look(&p, 2, 13);
	assert_int_equal(found.count, 4);
	assert_int_equal(starts[3].start_ms, at("2026-02-13T23:30:00+02:00"));
	look(&p, 2, 14);
	assert_int_equal(found.count, 4);
	assert_int_equal(starts[0].start_ms, at("2026-02-14T00:00:00+02:00"));
	assert_int_equal(starts[3].start_ms, at("2026-02-14T01:30:00+02:00"));
}

static void
test_touching(void **state)
{
	const struct hours rules[] = { { 1, 540, 600 }, { 1, 600, 660 },
		{ 1, 1410, 1440 }, { 2, 0, 30 } };
	struct slot_plan p = plan("UTC", rules, 4);
	struct span across = { at("2026-02-10T09:30:00Z"),
		at("2026-02-10T10:30:00Z") };
	struct span midnight = { at("2026-02-10T23:30:00Z"),
		at("2026-02-11T00:30:00Z") };

	(void)state;
	assert_true(slot_open(arena, &p, across));
	assert_true(slot_open(arena, &p, midnight));
	across.to_ms = at("2026-02-10T11:00:01Z");
	assert_false(slot_open(arena, &p, across));
	midnight.to_ms++;
	assert_false(slot_open(arena, &p, midnight));
	p.length_ms = 2 * HALF_HOUR;
	look(&p, 2, 10);
	assert_int_equal(found.count, 4);
	assert_int_equal(starts[3].start_ms, at("2026-02-10T23:30:00Z"));
}

static void
test_opens(void **state)
{
	const struct hours rules[] = { { 1, 540, 600 } };
	struct slot_plan p = plan("UTC", rules, 1);

	(void)state;
	assert_true(
	    slot_opens(arena, &p, slot_day("UTC", clock_days(2026, 2, 10))));
	assert_false(
	    slot_opens(arena, &p, slot_day("UTC", clock_days(2026, 2, 11))));
	p.rule_count = 0;
	assert_false(
	    slot_opens(arena, &p, slot_day("UTC", clock_days(2026, 2, 10))));
}

static void
test_limits(void **state)
{
	struct hours rules[7];
	struct slot_plan p = plan("UTC", rules, 7);
	struct span window = { at("2026-02-10T09:10:00Z"),
		at("2030-02-10T00:00:00Z") };

	(void)state;
	for (int i = 0; i < 7; i++)
		rules[i] = (struct hours) { i, 0, 1440 };
	found.max = 3;
	slot_free(arena, &p, window, &found);
	assert_int_equal(found.count, 3);
	assert_int_equal(starts[0].start_ms, at("2026-02-10T09:30:00Z"));
	found.max = ROOM;
	window.to_ms = window.from_ms;
	slot_free(arena, &p, window, &found);
	assert_int_equal(found.count, 0);
	window.from_ms = at("2026-02-10T23:59:00Z");
	window.to_ms = at("2026-02-11T00:01:00Z");
	slot_free(arena, &p, window, &found);
	assert_int_equal(found.count, 1);
	assert_int_equal(starts[0].start_ms, at("2026-02-11T00:00:00Z"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, unit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = { T(test_day), T(test_busy),
		T(test_clock_change), T(test_after_change), T(test_night),
		T(test_touching), T(test_opens), T(test_limits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
