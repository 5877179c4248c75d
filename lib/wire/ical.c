/* ical.c - closed days and hours out of an iCalendar file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libical/ical.h>

#include "base/clock.h"
#include "base/rc.h"
#include "base/zone.h"
#include "wire/ical.h"
#include "wire/ical_rule.h"

#define EVENTS	  5000	  /* that are looked at */
#define TIMES	  40000	  /* occurrences of one event, from its first */
#define BUDGET_US 1000000 /* for all of it */
#define SUMMARY	  200	  /* bytes that are kept */
#define DEPTH	  8	  /* of components in each other */
#define DAY_MIN	  1440
#define YEAR_MIN  1900
#define YEAR_MAX  2200

struct reading {
	struct arena *arena;
	const struct ical_window *window;
	struct ical_list *out;
	size_t room;
	int64_t until_us; /* when to give up */
	const char *why;  /* why not; NULL: going well */
};

/* --- times ---------------------------------------------------------------- */

/* Minutes since 1970 on the clock on the wall. */
static int64_t
wall_of(const struct icaltimetype *t)
{
	return clock_days(t->year, t->month, t->day) * DAY_MIN +
	    (int64_t)t->hour * 60 + t->minute;
}

/* The same on the wall of the business, for a time in the event's zone. */
static int64_t
wall_here(const struct reading *g, const struct icaltimetype *t,
    const char *tzid)
{
	struct civil c = { t->year, t->month, t->day, t->hour, t->minute, 0 };
	int64_t ms;

	if (icaltime_is_utc(*t))
		ms = zone_instant("UTC", &c);
	else if (zone_valid(tzid))
		ms = zone_instant(tzid, &c);
	else if (t->zone != NULL)
		ms = (int64_t)icaltime_as_timet_with_zone(*t, t->zone) * 1000;
	else
		return wall_of(t); /* floating: the clock where one is */
	c = zone_civil(g->window->zone, ms);
	return clock_days(c.year, c.month, c.day) * DAY_MIN +
	    (int64_t)c.hour * 60 + c.minute;
}

static bool
is_usable(const struct icaltimetype *t)
{
	return !icaltime_is_null_time(*t) && icaltime_is_valid_time(*t) &&
	    t->year >= YEAR_MIN && t->year <= YEAR_MAX;
}

/* --- what is closed --------------------------------------------------------
 */

static void
put(struct reading *g, struct ical_closed c)
{
	struct ical_list *l = g->out;
	size_t size = g->room * sizeof(c);

	if (c.to_date < g->window->from_date ||
	    c.from_date > g->window->to_date)
		return;
	if (l->count == ICAL_MOST) {
		g->why = "it holds more closed times than can be kept";
		return;
	}
	if (l->count == g->room) {
		g->room = g->room > 0 ? 2 * g->room : 32;
		l->list =
		    arena_grow(g->arena, l->list, size, g->room * sizeof(c));
	}
	if (l->list == NULL) {
		g->why = "it takes more memory than there is";
		return;
	}
	l->list[l->count++] = c;
}

/* From one time on the wall to another: a day, or parts of several. */
static void
put_times(struct reading *g, int64_t from, int64_t to, const char *summary)
{
	struct ical_closed c = { from / DAY_MIN, from / DAY_MIN,
		(int)(from % DAY_MIN), 0, summary };

	if (to <= from)
		return;
	if (to - c.from_date * DAY_MIN <= 2 * (int64_t)DAY_MIN) {
		c.to_min = (int)(to - c.from_date * DAY_MIN);
		put(g, c);
		return;
	}
	c.to_min = DAY_MIN;
	put(g, c);
	c.from_date++;
	c.to_date = to / DAY_MIN - 1;
	c.from_min = 0;
	put(g, c);
	c.from_date = c.to_date = to / DAY_MIN;
	c.to_min = (int)(to % DAY_MIN);
	if (c.to_min > 0)
		put(g, c);
}

/* --- events -----------------------------------------------------------------
 */

struct event {
	icalcomponent *c;
	struct icaltimetype start;
	int64_t minutes; /* how long, on the wall */
	const char *tzid;
	const char *summary;
};

static const char *
tzid_of(icalcomponent *c)
{
	icalproperty *p =
	    icalcomponent_get_first_property(c, ICAL_DTSTART_PROPERTY);
	icalparameter *z = p != NULL ?
	    icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER) :
	    NULL;

	return z != NULL ? icalparameter_get_tzid(z) : NULL;
}

/* Is it one of those that are left out? */
static bool
is_excluded(icalcomponent *c, const struct icaltimetype *t)
{
	icalproperty *p =
	    icalcomponent_get_first_property(c, ICAL_EXDATE_PROPERTY);

	for (; p != NULL;
	     p = icalcomponent_get_next_property(c, ICAL_EXDATE_PROPERTY)) {
		struct icaltimetype x = icalproperty_get_exdate(p);

		if (x.is_date ? icaltime_compare_date_only(x, *t) == 0 :
				wall_of(&x) == wall_of(t))
			return true;
	}
	return false;
}

static void
occur(struct reading *g, const struct event *e, struct icaltimetype t)
{
	int64_t from;

	if (!is_usable(&t) || is_excluded(e->c, &t))
		return;
	if (e->start.is_date) {
		from = wall_of(&t) / DAY_MIN;
		put(g,
		    (struct ical_closed) { from,
			from + e->minutes / DAY_MIN - 1, -1, -1, e->summary });
		return;
	}
	t.zone = e->start.zone;
	from = wall_here(g, &t, e->tzid);
	put_times(g, from, from + e->minutes, e->summary);
}

/* Old events begin a year before the window, where that changes nothing. */
static void
skip_years(const struct reading *g, const struct event *e,
    const struct icalrecurrencetype *rule, icalrecur_iterator *it)
{
	struct icaltimetype near = e->start;

	clock_date(g->window->from_date - 366, &near.year, &near.month,
	    &near.day);
	if (rule->count == 0 && rule->interval == 1 &&
	    icaltime_compare(e->start, near) < 0 &&
	    icaltime_compare(near, rule->until) < 0)
		(void)icalrecur_iterator_set_start(it, near);
}

/* A rule ends with the window, if not before. */
static bool
repeat(struct reading *g, const struct event *e, icalproperty *p)
{
	struct icalrecurrencetype rule = icalproperty_get_rrule(p);
	struct icaltimetype t, end = e->start;
	icalrecur_iterator *it;
	int n = 0;

	clock_date(g->window->to_date + 2, &end.year, &end.month, &end.day);
	if (!ical_rule_usable(&rule))
		return false;
	if (icaltime_is_null_time(rule.until) ||
	    icaltime_compare(rule.until, end) > 0)
		if (rule.count == 0)
			rule.until = end;
	it = icalrecur_iterator_new(rule, e->start);
	if (it == NULL)
		return false;
	skip_years(g, e, &rule, it);
	for (t = icalrecur_iterator_next(it); !icaltime_is_null_time(t) &&
	     n < TIMES && g->why == NULL && icaltime_compare(t, end) <= 0;
	     t = icalrecur_iterator_next(it), n++) {
		if (icaltime_compare(t, e->start) != 0)
			occur(g, e, t);
		if (n % 256 == 0 && clock_tick_us() > g->until_us)
			g->why = "its rules take too long to work out";
	}
	icalrecur_iterator_free(it);
	return true;
}

static bool
event_start(struct event *e, icalcomponent *c)
{
	struct icaltimetype end;

	e->c = c;
	e->start = icalcomponent_get_dtstart(c);
	if (!is_usable(&e->start))
		return false;
	end = icalcomponent_get_dtend(c);
	if (icaltime_is_null_time(end) && e->start.is_date)
		e->minutes = DAY_MIN;
	else if (!is_usable(&end))
		return false;
	else
		e->minutes = wall_of(&end) - wall_of(&e->start);
	if (e->start.is_date && e->minutes < DAY_MIN)
		e->minutes = DAY_MIN;
	e->tzid = tzid_of(c);
	return e->minutes > 0;
}

/* Whole characters, at most SUMMARY bytes. */
static const char *
summary_of(struct arena *a, icalcomponent *c)
{
	const char *s = icalcomponent_get_summary(c);
	size_t n = s != NULL ? strlen(s) : 0;

	if (n > SUMMARY)
		for (n = SUMMARY; n > 0 && (s[n] & 0xc0) == 0x80;)
			n--;
	return n > 0 ? arena_copy(a, s, n) : "";
}

static void
event_read(struct reading *g, icalcomponent *c)
{
	struct event e = { .c = c };
	icalproperty *p;
	bool good = true;

	if (icalcomponent_get_status(c) == ICAL_STATUS_CANCELLED)
		return;
	if (!event_start(&e, c)) {
		g->out->skipped++;
		return;
	}
	e.summary = summary_of(g->arena, c);
	occur(g, &e, e.start);
	p = icalcomponent_get_first_property(c, ICAL_RRULE_PROPERTY);
	if (p != NULL)
		good = repeat(g, &e, p);
	p = icalcomponent_get_first_property(c, ICAL_RDATE_PROPERTY);
	for (; p != NULL && g->why == NULL;
	     p = icalcomponent_get_next_property(c, ICAL_RDATE_PROPERTY))
		occur(g, &e, icalproperty_get_rdate(p).time);
	g->out->skipped += !good;
}

static void
events_read(struct reading *g, icalcomponent *root)
{
	icalcomponent *c =
	    icalcomponent_get_first_component(root, ICAL_VEVENT_COMPONENT);
	int n = 0;

	for (; c != NULL && g->why == NULL;
	     c = icalcomponent_get_next_component(root, ICAL_VEVENT_COMPONENT))
		if (n++ == EVENTS || clock_tick_us() > g->until_us)
			g->why = "it holds more events than can be read";
		else
			event_read(g, c);
}

/* Calendars may stand one after the other, which libical wraps into one. */
static bool
calendar_read(struct reading *g, icalcomponent *root)
{
	icalcomponent *c;
	bool some = false;

	if (icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT) {
		events_read(g, root);
		return true;
	}
	c = icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT);
	for (; c != NULL; c = icalcomponent_get_next_component(root,
			      ICAL_VCALENDAR_COMPONENT)) {
		events_read(g, c);
		some = true;
	}
	return some;
}

/*
 * Components that begin and end in turn, not too deep. libical would take
 * others too, and say so on stderr for each.
 */
static bool
is_nested(const char *s)
{
	int depth = 0;

	while (*s != '\0' && depth >= 0 && depth <= DEPTH) {
		depth += strncasecmp(s, "BEGIN:", 6) == 0;
		depth -= strncasecmp(s, "END:", 4) == 0;
		s += strcspn(s, "\r\n");
		s += strspn(s, "\r\n");
	}
	return depth == 0;
}

bool
ical_read(struct arena *a, const char *text, const struct ical_window *w,
    struct ical_list *out, char why[200])
{
	struct reading g = { .arena = a, .window = w, .out = out };
	icalcomponent *root = NULL;

	memset(out, 0, sizeof(*out));
	why[0] = '\0';
	g.until_us = clock_tick_us() + BUDGET_US;
	icalerror_set_errors_are_fatal(0);
	if (strlen(text) > ICAL_BYTES)
		g.why = "it is larger than can be read";
	else if (strstr(text, "BEGIN:VCALENDAR") != NULL && is_nested(text))
		root = icalparser_parse_string(text);
	if (g.why == NULL && (root == NULL || !calendar_read(&g, root)))
		g.why = "there is no calendar in it";
	if (root != NULL)
		icalcomponent_free(root);
	icalmemory_free_ring();
	if (g.why != NULL)
		snprintf(why, 200, "%s", g.why);
	return g.why == NULL && !arena_full(a);
}
