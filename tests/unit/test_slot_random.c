/*
 * test_slot_random.c - the slot engine against a slow one that looks at every
 * minute: random rules, exceptions, buffers, zones, and weeks in which clocks
 * change. SLOT_SEED repeats a run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unit.h"

#include "base/clock.h"
#include "base/rc.h"
#include "book/slot.h"

#define WEEKS	160 /* each with a zone and a table of its minutes */
#define EACH	150 /* cases a week */

#define DAYS	11 /* of a table; windows lie in the middle */
#define MINUTES (DAYS * 1440)
#define SPANS	64
#define ROOM	4000

static const char *const zones[] = { "UTC", "Europe/Paris", "America/New_York",
	"Asia/Jerusalem", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut",
	"America/St_Johns", "Pacific/Chatham", "America/Santiago",
	"Asia/Kathmandu", "Pacific/Apia", "America/Havana", "Atlantic/Azores" };

/* --- the table ------------------------------------------------------------ */

static const char *zone;
static int64_t origin; /* minutes since 1970 of index 0 */
static int64_t first_date;
static int wall[MINUTES];	    /* minutes since first_date 00:00, or < 0 */
static int seen[(DAYS + 2) * 1440]; /* first index with that wall time */

static void
table_make(int64_t date)
{
	first_date = date - 5;
	origin = first_date * 1440;
	memset(seen, -1, sizeof(seen));
	setenv("TZ", zone, 1);
	tzset();
	for (int i = 0; i < MINUTES; i++) {
		time_t t = (time_t)(origin + i) * 60;
		struct tm tm;

		localtime_r(&t, &tm);
		wall[i] = (int)((clock_days(tm.tm_year + 1900, tm.tm_mon + 1,
				     tm.tm_mday) -
				    first_date) *
			1440 +
		    tm.tm_hour * 60 + tm.tm_min);
		if (wall[i] >= 0 && seen[wall[i]] < 0)
			seen[wall[i]] = i;
	}
}

/*
 * Index of a time on the wall; of one that was skipped, as far behind the
 * last one before.
 */
static int
index_of(int date, int minute)
{
	int at = date * 1440 + minute, back = 0;

	while (at - back > 0 && seen[at - back] < 0)
		back++;
	return seen[at - back] + back;
}

/* --- a case --------------------------------------------------------------- */

static struct hours rules[8];
static struct slot_except excepts[6];
static struct slot_busy busy[12];
static int64_t full[2];
static struct slot_plan plan;
static struct span window;

static unsigned seed;

static int
below(int n)
{
	return rand_r(&seed) % n;
}

static bool
chance(int percent)
{
	return below(100) < percent;
}

static int
some_minute(int max)
{
	static const int steps[] = { 1, 5, 15, 30, 60 };
	int step = steps[below((int)COUNT(steps))];

	return below(max / step + 1) * step;
}

static int64_t
instant_ms(int index)
{
	return (origin + index) * MINUTE_MS;
}

static void
make_rules(void)
{
	plan.rules = rules;
	plan.rule_count = below((int)COUNT(rules) + 1);
	for (int i = 0; i < plan.rule_count; i++) {
		rules[i].weekday = below(7);
		rules[i].from_min = some_minute(1439);
		rules[i].to_min = rules[i].from_min + 1 +
		    some_minute(chance(20) ? 1440 : 400);
		if (rules[i].to_min > 2880)
			rules[i].to_min = 2880;
	}
}

static void
make_excepts(void)
{
	plan.excepts = excepts;
	plan.except_count = below((int)COUNT(excepts) + 1);
	for (int i = 0; i < plan.except_count; i++) {
		struct slot_except *e = &excepts[i];

		e->from_date = first_date + 2 + below(6);
		e->to_date = e->from_date + (chance(30) ? below(3) : 0);
		e->open = chance(50);
		e->own = chance(50);
		e->from_min = -1;
		e->to_min = -1;
		e->ref = "e";
		if (!e->open && chance(50))
			continue;
		e->from_min = some_minute(1439);
		e->to_min = e->from_min + 1 + some_minute(500);
		if (e->to_min > 2880)
			e->to_min = 2880;
	}
}

static int
busy_order(const void *a, const void *b)
{
	const struct slot_busy *x = a, *y = b;

	return (x->span.from_ms > y->span.from_ms) -
	    (x->span.from_ms < y->span.from_ms);
}

static void
make_busy(int from, int to)
{
	size_t n = (size_t)below((int)COUNT(busy) + 1);

	for (size_t i = 0; i < n; i++) {
		int at = from - 200 + below(to - from + 400);
		int before = chance(30) ? below(30) : 0;
		int after = chance(30) ? below(30) : 0;
		int len = 5 + some_minute(90);

		busy[i].core =
		    (struct span) { instant_ms(at), instant_ms(at + len) };
		busy[i].span = (struct span) { instant_ms(at - before),
			instant_ms(at + len + after) };
		busy[i].held = chance(15);
		busy[i].ref = "b";
	}
	qsort(busy, n, sizeof(*busy), busy_order);
	plan.busy = busy;
	plan.busy_count = n;
}

static void
make_case(void)
{
	int from = index_of(4 + below(2), chance(50) ? 0 : below(1440));
	int to = from + (chance(30) ? below(3000) : 1440);

	memset(&plan, 0, sizeof(plan));
	plan.zone = zone;
	make_rules();
	make_excepts();
	make_busy(from, to);
	plan.step_ms = (1 + some_minute(60)) * MINUTE_MS;
	if (chance(70))
		plan.step_ms = (5 + 5 * below(12)) * MINUTE_MS;
	plan.length_ms = (5 + some_minute(120)) * MINUTE_MS;
	plan.before_ms = chance(40) ? below(40) * MINUTE_MS : 0;
	plan.after_ms = chance(40) ? below(40) * MINUTE_MS : 0;
	plan.now_ms = instant_ms(from - 300 + below(600));
	plan.first_ms = chance(50) ? plan.now_ms + below(900) * MINUTE_MS : 0;
	plan.last_ms = chance(30) ? instant_ms(to - below(900)) : 0;
	plan.full = full;
	plan.full_count = chance(20) ? 1 + below(2) : 0;
	for (int i = 0; i < 2; i++)
		full[i] = first_date + 4 + below(4);
	window = (struct span) { instant_ms(from), instant_ms(to) };
}

/* --- the slow way --------------------------------------------------------- */

struct piece {
	int from, to; /* indices */
	bool gone;
};

static struct piece pieces[SPANS * 4], shut[SPANS];
static int piece_count, shut_count;

static bool
whole_day_closed(int64_t date, bool own)
{
	for (int i = 0; i < plan.except_count; i++) {
		const struct slot_except *e = &excepts[i];

		if (!e->open && e->from_min < 0 && date >= e->from_date &&
		    date <= e->to_date && (!own || e->own))
			return true;
	}
	return false;
}

static void
add_piece(struct piece *list, int *n, struct piece p)
{
	if (p.from < p.to)
		list[(*n)++] = p;
}

static int
piece_order(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return x->from != y->from ? x->from - y->from : x->to - y->to;
}

static void
slow_lay(void)
{
	piece_count = shut_count = 0;
	for (int day = 1; day < DAYS - 2; day++) {
		int64_t date = first_date + day;

		for (int i = 0; i < plan.rule_count; i++)
			if (rules[i].weekday == (int)((date + 3) % 7))
				add_piece(pieces, &piece_count,
				    (struct piece) {
					index_of(day, rules[i].from_min),
					index_of(day, rules[i].to_min),
					whole_day_closed(date, false) });
		for (int i = 0; i < plan.except_count; i++) {
			const struct slot_except *e = &excepts[i];
			struct piece p;

			if (date < e->from_date || date > e->to_date ||
			    e->from_min < 0)
				continue;
			p = (struct piece) { index_of(day, e->from_min),
				index_of(day, e->to_min),
				!e->own && whole_day_closed(date, true) };
			if (e->open)
				add_piece(pieces, &piece_count, p);
			else
				add_piece(shut, &shut_count, p);
		}
	}
	qsort(pieces, (size_t)piece_count, sizeof(*pieces), piece_order);
}

/* Is the minute in one of the pieces that are, or are not, gone? */
static const struct piece *
piece_at(int minute, bool gone)
{
	for (int i = 0; i < piece_count; i++)
		if (pieces[i].gone == gone && pieces[i].from <= minute &&
		    minute < pieces[i].to)
			return &pieces[i];
	return NULL;
}

static bool
shut_at(int minute)
{
	for (int i = 0; i < shut_count; i++)
		if (shut[i].from <= minute && minute < shut[i].to)
			return true;
	return false;
}

static bool
meets(struct span s, int64_t from_ms, int64_t to_ms)
{
	for (int64_t t = from_ms; t < to_ms; t += MINUTE_MS)
		if (t >= s.from_ms && t < s.to_ms)
			return true;
	return false;
}

/* Of a time on which an appointment of that many minutes would begin. */
static enum slot_why
slow_judge(int at, int minutes)
{
	int64_t t = instant_ms(at), end = t + minutes * MINUTE_MS;
	bool gone = piece_at(at, false) == NULL && piece_at(at, true) != NULL;

	if (t <= plan.now_ms)
		return SLOT_PAST;
	if (t < plan.first_ms)
		return SLOT_SOON;
	if (plan.last_ms != 0 && t >= plan.last_ms)
		return SLOT_FAR;
	for (int m = at; m < at + minutes; m++)
		if (shut_at(m))
			return SLOT_CLOSED;
	for (int m = at; m < at + minutes; m++)
		if (piece_at(m, false) == NULL)
			return gone ? SLOT_CLOSED : SLOT_HOURS;
	for (int i = 0; i < plan.full_count; i++)
		if (full[i] == first_date + wall[at] / 1440)
			return SLOT_FULL;
	for (size_t i = 0; i < plan.busy_count; i++)
		if (meets(busy[i].span, t - plan.before_ms,
			end + plan.after_ms))
			return busy[i].held		? SLOT_HELD :
			    meets(busy[i].core, t, end) ? SLOT_TAKEN :
							  SLOT_BUFFER;
	return SLOT_FREE;
}

/* All starts of the window and what becomes of them. */
static int
slow_all(struct slot *out)
{
	int n = 0;

	for (int64_t t = window.from_ms; t < window.to_ms; t += MINUTE_MS) {
		int at = (int)(t / MINUTE_MS - origin);
		const struct piece *p = piece_at(at, false);
		bool gone = p == NULL;

		if (gone)
			p = piece_at(at, true);
		if (p == NULL ||
		    (at - p->from) % (plan.step_ms / MINUTE_MS) != 0)
			continue;
		out[n].start_ms = t;
		out[n++].why = gone ?
		    SLOT_CLOSED :
		    slow_judge(at, (int)(plan.length_ms / MINUTE_MS));
	}
	return n;
}

/* --- comparing ------------------------------------------------------------ */

static struct slot want[ROOM], got[ROOM];
static int count[SLOT_WHY_COUNT]; /* how often each came up */

static void
differ(int run, const char *what, int64_t t, int a, int b)
{
	char text[CLOCK_TEXT], from[CLOCK_TEXT];

	clock_text(t, text);
	clock_text(window.from_ms, from);
	fail_msg("case %d, %s, window from %s: %s at %s: %d, should be %d", run,
	    zone, from, what, text, a, b);
}

static void
compare(int run, bool all)
{
	struct slot_list list = { got, 0, ROOM, all };
	int n = slow_all(want), k = 0;

	slot_free(arena, &plan, window, &list);
	for (int i = 0; i < n; i++) {
		count[want[i].why]++;
		if (!all && want[i].why != SLOT_FREE)
			continue;
		if (k >= list.count || got[k].start_ms != want[i].start_ms)
			differ(run, "missing", want[i].start_ms, k,
			    want[i].why);
		if (got[k].why != want[i].why)
			differ(run, "why", want[i].start_ms, got[k].why,
			    want[i].why);
		k++;
	}
	if (k != list.count)
		differ(run, "too much", got[k].start_ms, got[k].why, 0);
}

/* A time off the grid, of another length. */
static void
compare_judge(int run)
{
	int at = (int)(window.from_ms / MINUTE_MS - origin) + below(1440);
	int minutes = 1 + below(180);
	struct span s = { instant_ms(at), instant_ms(at + minutes) };
	enum slot_why good = slow_judge(at, minutes);
	struct slot one = slot_judge(arena, &plan, s);

	if (one.why != good)
		differ(run, "judged", s.from_ms, one.why, good);
}

static void
random_cases(void **state)
{
	const char *text = getenv("SLOT_SEED");
	int run = 0;

	(void)state;
	seed = text != NULL ? (unsigned)strtoul(text, NULL, 10) :
			      (unsigned)time(NULL);
	printf("# SLOT_SEED=%u, %d cases\n", seed, WEEKS * EACH);
	for (int w = 0; w < WEEKS; w++) {
		static const int months[] = { 3, 4, 9, 10, 11 };
		int year = 2023 + below(6);
		int month = chance(70) ? months[below(5)] : 1 + below(12);

		zone = zones[below((int)COUNT(zones))];
		table_make(clock_days(year, month, 1) + below(31));
		for (int i = 0; i < EACH; i++, run++) {
			make_case();
			slow_lay();
			if (chance(30))
				plan.calendar =
				    slot_calendar(arena, zone, window);
			compare(run, chance(50));
			compare_judge(run);
			arena_reset(arena);
		}
	}
	for (int i = 0; i < SLOT_WHY_COUNT; i++) {
		printf("# %d of kind %d\n", count[i], i);
		assert_true(count[i] > 100);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_cases) };

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
