/*
 * test_ics.c - iCalendar out and in: what is written is what libical reads;
 * what is read is bounded, whatever is in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libical/ical.h>

#include "unit.h"

#include "base/clock.h"
#include "base/rc.h"
#include "base/str.h"
#include "wire/ical.h"
#include "wire/ics.h"

/* --- out -------------------------------------------------------------------
 */

static void
lines(void **state)
{
	struct buf b;
	int64_t t;

	(void)state;
	buf_init(&b, arena);
	ics_line(&b, "BEGIN", "VEVENT");
	assert_true(clock_parse("2026-02-11T20:10:05.789Z", &t));
	ics_time(&b, "DTSTART", t);
	ics_text(&b, "SUMMARY", "a,b;c\\d\ne\r\x07\xff");
	ics_text(&b, "LOCATION", "");
	ics_text(&b, "LOCATION", NULL);
	assert_string_equal(buf_text(&b),
	    "BEGIN:VEVENT\r\nDTSTART:20260211T201005Z\r\n"
	    "SUMMARY:a\\,b\\;c\\\\d\\ne\r\n");
}

/* No line over 75 bytes, every part whole characters. */
static void
check_fold(const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\r");

		assert_true(n <= 75);
		assert_true(str_utf8(text, n));
		assert_memory_equal(text + n, "\r\n", 2);
		text += n + 2;
	}
}

static void
folding(void **state)
{
	static const char *const bits[] = { "a", "é", "ש", "€", "😀", ",", "\\",
		";", "\n", " " };

	(void)state;
	srand(11);
	for (int i = 0; i < 500; i++) {
		char text[900] = "x";
		icalcomponent *c;
		struct buf b;
		size_t n = 1;

		for (int k = rand() % 300; k > 0 && n < 890; k--)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
			    bits[(size_t)rand() % COUNT(bits)]);
		/* libical drops blanks at either end */
		snprintf(text + n, sizeof(text) - n, "x");
		buf_init(&b, arena);
		ics_line(&b, "BEGIN", "VEVENT");
		ics_text(&b, "SUMMARY", text);
		ics_line(&b, "END", "VEVENT");
		check_fold(buf_text(&b));
		c = icalparser_parse_string(buf_text(&b));
		assert_non_null(c);
		assert_string_equal(icalcomponent_get_summary(c), text);
		icalcomponent_free(c);
	}
	icalmemory_free_ring();
}

/* --- in --------------------------------------------------------------------
 */

static struct ical_list list;
static char why[200];

static int64_t
day(const char *text)
{
	int64_t d;

	assert_true(clock_day(text, &d));
	return d;
}

/* events: lines parted by '|'. */
static bool
read_in(const char *zone, const char *events)
{
	struct ical_window w = { zone, day("2026-01-01"), day("2027-12-31") };
	char *text = arena_printf(arena,
	    "BEGIN:VCALENDAR|VERSION:2.0|%s|END:VCALENDAR|", events);

	for (char *p = text; *p != '\0'; p++)
		if (*p == '|')
			*p = '\n';
	return ical_read(arena, text, &w, &list, why);
}

static void
expect(size_t i, const char *from, const char *to, int from_min, int to_min)
{
	assert_true(i < list.count);
	assert_int_equal(list.list[i].from_date, day(from));
	assert_int_equal(list.list[i].to_date, day(to));
	assert_int_equal(list.list[i].from_min, from_min);
	assert_int_equal(list.list[i].to_min, to_min);
}

#define EVENT(x) "BEGIN:VEVENT|UID:1|" x "|END:VEVENT"

static void
whole_days(void **state)
{
	(void)state;
	assert_true(read_in("Europe/Paris",
	    EVENT(
		"DTSTART;VALUE=DATE:20260501|DTEND;VALUE=DATE:20260502|"
		"SUMMARY:Fête du Travail\\, fermé") "|" EVENT("DTSTART;VALUE=DATE:20260803|DTEND;VALUE=DATE:20260815") "|" EVENT("DTSTART;VALUE=DATE:20261225") "|" EVENT("DTSTART;VALUE=DATE:20260714|STATUS:CANCELLED") "|" EVENT("DTSTART;VALUE=DATE:20200101")));
	assert_int_equal(list.count, 3);
	expect(0, "2026-05-01", "2026-05-01", -1, -1);
	assert_string_equal(list.list[0].summary, "Fête du Travail, fermé");
	expect(1, "2026-08-03", "2026-08-14", -1, -1);
	expect(2, "2026-12-25", "2026-12-25", -1, -1);
	assert_int_equal(list.skipped, 0);
}

static void
rules(void **state)
{
	(void)state;
	assert_true(read_in("UTC",
	    EVENT("DTSTART;VALUE=DATE:20101225|RRULE:FREQ=YEARLY")));
	assert_int_equal(list.count, 2);
	expect(0, "2026-12-25", "2026-12-25", -1, -1);
	expect(1, "2027-12-25", "2027-12-25", -1, -1);
	/* the fourth Thursday of November */
	assert_true(read_in("UTC",
	    EVENT("DTSTART;VALUE=DATE:20191128|"
		  "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH")));
	expect(0, "2026-11-26", "2026-11-26", -1, -1);
	expect(1, "2027-11-25", "2027-11-25", -1, -1);
	assert_true(read_in("UTC",
	    EVENT("DTSTART;VALUE=DATE:20260105|"
		  "RRULE:FREQ=WEEKLY;COUNT=4|"
		  "EXDATE;VALUE=DATE:20260119|RDATE;VALUE=DATE:20260601")));
	assert_int_equal(list.count, 4);
	expect(1, "2026-01-12", "2026-01-12", -1, -1);
	expect(2, "2026-01-26", "2026-01-26", -1, -1);
	expect(3, "2026-06-01", "2026-06-01", -1, -1);
}

/* Seven in the evening in New York is one in the morning in Paris. */
static void
times(void **state)
{
	(void)state;
	assert_true(read_in("Europe/Paris",
	    EVENT("DTSTART:20260610T120000Z|DTEND:20260610T133000Z") "|" EVENT(
		"DTSTART;TZID=America/New_York:20260610T190000|"
		"DTEND;TZID=America/New_York:20260610T210000") "|" EVENT("DTSTART:20260611T220000|DURATION:PT4H") "|" EVENT("DTSTART:20260620T180000|DTEND:20260624T090000")));
	assert_int_equal(list.count, 6);
	expect(0, "2026-06-10", "2026-06-10", 14 * 60, 15 * 60 + 30);
	expect(1, "2026-06-11", "2026-06-11", 60, 180);
	expect(2, "2026-06-11", "2026-06-11", 22 * 60, 26 * 60);
	expect(3, "2026-06-20", "2026-06-20", 18 * 60, 1440);
	expect(4, "2026-06-21", "2026-06-23", 0, 1440);
	expect(5, "2026-06-24", "2026-06-24", 0, 540);
}

/* Weekly at nine on the wall, over a change of the clocks. */
static void
times_repeat(void **state)
{
	(void)state;
	assert_true(read_in("Europe/Paris",
	    EVENT("DTSTART;TZID=Europe/Paris:20260318T090000|"
		  "DTEND;TZID=Europe/Paris:20260318T100000|"
		  "RRULE:FREQ=WEEKLY;COUNT=3")));
	assert_int_equal(list.count, 3);
	expect(0, "2026-03-18", "2026-03-18", 540, 600);
	expect(2, "2026-04-01", "2026-04-01", 540, 600);
}

/* A zone that only the file knows. */
static void
own_zone(void **state)
{
	(void)state;
	assert_true(read_in("UTC",
	    "BEGIN:VTIMEZONE|TZID:Office|BEGIN:STANDARD|"
	    "DTSTART:19700101T000000|TZOFFSETFROM:+0300|TZOFFSETTO:+0300|"
	    "END:STANDARD|END:VTIMEZONE|" EVENT(
		"DTSTART;TZID=Office:20260610T120000|DURATION:PT1H")));
	expect(0, "2026-06-10", "2026-06-10", 9 * 60, 10 * 60);
}

static void
not_one(void **state)
{
	static const char *const texts[] = { "", "hello", "BEGIN:VCALENDAR",
		"BEGIN:VEVENT\nEND:VEVENT", "\x01\xff\xfe", "{\"ics\":1}" };
	struct ical_window w = { "UTC", 20000, 20800 };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (ical_read(arena, texts[i], &w, &list, why))
			assert_int_equal(list.count, 0);
		else
			assert_true(strlen(why) > 10);
	assert_true(read_in("UTC",
	    EVENT("SUMMARY:no start") "|" EVENT("DTSTART:rubbish") "|" EVENT(
		"DTSTART:20260610T120000Z|DTEND:20260610T110000Z") "|" EVENT("DTSTART;VALUE=DATE:00010101|RRULE:FREQ=DAILY")));
	assert_int_equal(list.count, 0);
	assert_int_equal(list.skipped, 4);
}

static void
timed(const char *rule)
{
	int64_t start = clock_tick_us(), took;

	(void)read_in("UTC",
	    arena_printf(arena, EVENT("DTSTART;VALUE=DATE:19000101|RRULE:%s"),
		rule));
	took = clock_tick_us() - start;
	if (took > 1500000)
		fail_msg("%s took %d us", rule, (int)took);
}

/* Rules that repeat too often, never fit, or count to the end of time. */
static void
hostile_rules(void **state)
{
	static const char *const bad[] = { "FREQ=SECONDLY", "FREQ=MINUTELY",
		"FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,2,3",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6",
		"FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
		"FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
		"FREQ=DAILY;INTERVAL=32767;BYDAY=MO;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=YEARLY;BYDAY=53MO;BYMONTH=1",
		"FREQ=DAILY;COUNT=2000000000", "FREQ=DAILY;UNTIL=99991231",
		"FREQ=WEEKLY;BYSETPOS=-366;BYDAY=MO", "FREQ=SOMETIMES", "",
		"FREQ=YEARLY;BYMONTHDAY=1,2,3,4,5,6,7,8,9,10;BYMONTH=1,2,3,"
		"4,5,6,7,8,9,10,11,12;BYDAY=MO,TU,WE,TH,FR,SA,SU" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		timed(bad[i]);
}

/* Any rule is worked out or left alone, at once. */
static void
random_rules(void **state)
{
	static const char *const freq[] = { "DAILY", "WEEKLY", "MONTHLY",
		"YEARLY" };
	static const char *const parts[] = { "BYMONTH=2", "BYMONTH=2,4,6",
		"BYMONTHDAY=29", "BYMONTHDAY=30", "BYMONTHDAY=31",
		"BYMONTHDAY=-31", "BYMONTHDAY=13", "BYDAY=MO", "BYDAY=FR",
		"BYDAY=5MO", "BYDAY=-5MO", "BYDAY=53TU", "BYDAY=1SU,-1SU",
		"BYSETPOS=1", "BYSETPOS=-1", "BYSETPOS=7", "INTERVAL=7",
		"INTERVAL=2", "INTERVAL=12", "INTERVAL=400", "INTERVAL=0",
		"COUNT=5", "COUNT=99999", "UNTIL=20300101", "WKST=SU",
		"BYYEARDAY=366", "BYWEEKNO=53" };

	(void)state;
	srand(17);
	for (int i = 0; i < 500; i++) {
		const char *rule = arena_printf(arena, "FREQ=%s",
		    freq[(size_t)rand() % COUNT(freq)]);

		for (int k = rand() % 4; k > 0; k--)
			rule = arena_printf(arena, "%s;%s", rule,
			    parts[(size_t)rand() % COUNT(parts)]);
		timed(rule);
		arena_reset(arena);
	}
}

/* More than can be kept, and the same thousandfold. */
static void
too_much(void **state)
{
	struct buf b;
	int64_t start;

	(void)state;
	assert_false(read_in("UTC",
	    EVENT("DTSTART;VALUE=DATE:20260101|RRULE:FREQ=DAILY") "|" EVENT(
		"DTSTART;VALUE=DATE:20260101|RRULE:FREQ=DAILY") "|" EVENT("DTSTART;VALUE=DATE:20260101|RRULE:FREQ=DAILY")));
	assert_non_null(strstr(why, "more closed times"));
	buf_init(&b, arena);
	for (int i = 0; i < 4000; i++)
		buf_str(&b,
		    "BEGIN:VEVENT|DTSTART;VALUE=DATE:19000101|RRULE:"
		    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30|END:VEVENT|");
	start = clock_tick_us();
	(void)read_in("UTC", buf_text(&b));
	printf("# 4000 rules that never fit: %d ms, %s\n",
	    (int)(clock_tick_us() - start) / 1000, why);
	assert_true(clock_tick_us() - start < 5000000);
}

/* libical itself loses some bytes of what it cannot read. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libical";
}

/* Lines of real files in any order, cut anywhere. */
static void
noise(void **state)
{
	static const char *const bits[] = { "BEGIN:VEVENT", "END:VEVENT",
		"BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VTIMEZONE",
		"END:VTIMEZONE", "TZID:X", "BEGIN:STANDARD", "END:STANDARD",
		"TZOFFSETFROM:+0100", "TZOFFSETTO:-9999",
		"DTSTART;TZID=X:20260610T120000", "DTSTART:20260610",
		"DTSTART;VALUE=DATE:20260610", "DTEND:20270101T000000Z",
		"DURATION:P1D", "DURATION:-PT1H", "DURATION:P99999999W",
		"RRULE:FREQ=WEEKLY;BYDAY=MO", "RRULE:FREQ=YEARLY;COUNT=0",
		"EXDATE:20260610T120000Z",
		"RDATE;VALUE=PERIOD:"
		"20260610T120000Z/PT1H",
		"RDATE:", "STATUS:CONFIRMED", "SUMMARY;LANGUAGE=fr:a\\,b",
		"X:\"", " folded", ":", ";", "DTSTART;TZID=\"\":1",
		"RECURRENCE-ID:20260610" };

	(void)state;
	srand(13);
	for (int i = 0; i < 3000; i++) {
		struct buf b;
		struct ical_window w = { "Europe/Paris", 20400, 21000 };

		buf_init(&b, arena);
		buf_str(&b, "BEGIN:VCALENDAR\r\n");
		for (int k = rand() % 30; k > 0; k--)
			buf_printf(&b, "%s\r\n",
			    bits[(size_t)rand() % COUNT(bits)]);
		if (b.len > 20 && rand() % 3 == 0)
			b.data[20 + (size_t)rand() % (b.len - 20)] = '\0';
		(void)ical_read(arena, buf_text(&b), &w, &list, why);
		arena_reset(arena);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, unit_setup, unit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = { T(lines), T(folding), T(whole_days),
		T(rules), T(times), T(times_repeat), T(own_zone), T(not_one),
		T(hostile_rules), T(random_rules), T(too_much), T(noise) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
