/*
 * hours_read.c - the grammar of opening hours.
 *
 *	text   = [ group { (";" | "." | line end | ",") group } ]
 *	group  = days [":"] ("closed" | ranges) | ranges [days]
 *	       | "closed" [days]
 *	days   = day ["-" day] { [","] day ["-" day] }
 *	ranges = range { [","] range }
 *	range  = time "-" time | "24/7"
 */
#include <stdio.h>

#include "base/hours_int.h"
#include "base/rc.h"

#define EVERY 127u
#define LIST  (HOURS_RAW / 7) /* ranges in one group */

struct parse {
	const char *text;
	const struct hours_token *t; /* the next one */
	struct hours_raw *raw;
	char *why;
};

/* A sentence that begins with the text from one token to another. */
static bool
say(struct parse *p, const struct hours_token *from,
    const struct hours_token *to, const char *what)
{
	const char *quote = p->text + from->from;

	snprintf(p->why, 200, "\"%.*s\" %s",
	    hours_cut(quote, to->to - from->from), quote, what);
	return false;
}

static bool
is_days(const struct hours_token *t)
{
	return t->kind == H_DAY || t->kind == H_DAYS;
}

static bool
is_range(const struct hours_token *t)
{
	return t->kind == H_TIME || t->kind == H_ALLDAY;
}

/* A day, a set of days, or all days from one to another, around the week. */
static unsigned
take_day(struct parse *p)
{
	const struct hours_token *t = p->t++;
	int day = t->value, last = day;
	unsigned mask;

	if (t->kind == H_DAYS)
		return (unsigned)day;
	if (t[1].kind == H_DASH && t[2].kind == H_DAY) {
		last = t[2].value;
		p->t += 2;
	}
	for (mask = 1u << day; day != last; mask |= 1u << day)
		day = (day + 1) % 7;
	return mask;
}

static unsigned
take_days(struct parse *p)
{
	unsigned mask = 0;

	while (is_days(p->t)) {
		mask |= take_day(p);
		if (p->t[0].kind == H_COMMA && is_days(&p->t[1]))
			p->t++;
	}
	return mask;
}

/* "9-5pm": the half of the day that makes the shorter opening. */
static int
guess_half(int from, const struct hours_token *to)
{
	int base = from % 720;
	int half = to->form & H_PM ? 720 : 0;

	return base + half < to->value ? base + half : base + 720 - half;
}

static bool
resolve(struct parse *p, const struct hours_token *a,
    const struct hours_token *b, struct hours *out)
{
	const unsigned halves = H_AM | H_PM;
	int from = a->value, to = b->value;

	if ((b->form & halves) && !(a->form & (halves | H_24)) && from < 780)
		from = guess_half(from, b);
	if (from == DAY_MIN)
		return say(p, a, b, "opens at the end of a day");
	if (from == to && from > 0)
		return say(p, a, b, "opens and closes at the same time");
	if (to <= from && !(b->form & (halves | H_24)) &&
	    (from < 780 || (a->form & halves)))
		return say(p, a, b,
		    "can be read in two ways; write am or pm "
		    "behind both, or use a clock of 24 hours");
	out->from_min = from;
	out->to_min = to <= from ? to + DAY_MIN : to;
	return true;
}

static bool
take_range(struct parse *p, struct hours *out)
{
	const struct hours_token *t = p->t;

	if (t->kind == H_ALLDAY) {
		p->t++;
		out->from_min = 0;
		out->to_min = DAY_MIN;
		return true;
	}
	if (t[1].kind != H_DASH || t[2].kind != H_TIME)
		return say(p, t, t, "needs a closing time, as in \"9-18\"");
	p->t += 3;
	return resolve(p, t, t + 2, out);
}

static bool
inside(const struct hours *a, const struct hours *b)
{
	return a->weekday == b->weekday && a->from_min >= b->from_min &&
	    a->to_min <= b->to_min;
}

/*
 * "Mon-Fri 9-18; Wed 9-12" would change nothing if it were a sum, and surely
 * means something else; "Mon-Fri 9-12; Wed 14-18" is a sum.
 */
static bool
agrees(struct parse *p, const struct hours_rule *new,
    const struct hours_token *from)
{
	for (size_t i = 0; i < p->raw->count; i++) {
		const struct hours_rule *old = &p->raw->list[i];

		if (old->general == new->general &&
		    (inside(&old->when, &new->when) ||
			inside(&new->when, &old->when)))
			return say(p, from, p->t - 1,
			    "is at odds with other hours of the same day");
	}
	return true;
}

static bool
add_range(struct parse *p, const struct hours *range, unsigned mask,
    const struct hours_token *from)
{
	struct hours_rule new = { .when = *range, .general = mask == EVERY };

	for (int day = 0; day < 7; day++) {
		if (!(mask & 1u << day))
			continue;
		new.when.weekday = day;
		if (!agrees(p, &new, from))
			return false;
		if (p->raw->count == HOURS_RAW)
			return say(p, from, from, "is more than can be read");
		p->raw->list[p->raw->count++] = new;
	}
	return true;
}

/* Behind the days of a group: nothing but hours may come. */
static void
skip_joints(struct parse *p)
{
	while (p->t->kind == H_COLON || p->t->kind == H_COMMA ||
	    p->t->kind == H_DASH || p->t->kind == H_LINE)
		p->t++;
}

static bool
take_closed(struct parse *p, unsigned mask)
{
	const struct hours_token *t = p->t++;

	if (mask == 0) {
		p->t += p->t->kind == H_COLON;
		mask = take_days(p);
	}
	p->raw->closed |= mask > 0 ? mask : EVERY;
	if (p->t->kind == H_COLON || p->t->kind == H_DASH || is_range(p->t))
		return say(p, t, p->t,
		    "is not understood; write the hours "
		    "that are open");
	return true;
}

/* All ranges of a group, then perhaps its days; mask: those before it. */
static bool
take_ranges(struct parse *p, unsigned mask, const struct hours_token *from)
{
	struct hours list[LIST];
	size_t n = 0;

	do {
		p->t += n > 0 && p->t->kind == H_COMMA;
		if (n == LIST)
			return say(p, p->t, p->t, "is more than can be read");
		if (!take_range(p, &list[n++]))
			return false;
	} while (
	    is_range(p->t) || (p->t[0].kind == H_COMMA && is_range(&p->t[1])));
	if (mask == 0)
		mask = take_days(p);
	if (mask == 0 && p->raw->named != 0)
		return say(p, from, p->t - 1, "needs its days before it");
	if (mask == 0)
		mask = EVERY;
	if (mask != EVERY)
		p->raw->named |= mask;
	for (size_t i = 0; i < n; i++)
		if (!add_range(p, &list[i], mask, from))
			return false;
	return true;
}

static bool
take_group(struct parse *p)
{
	const struct hours_token *from = p->t;
	unsigned mask = take_days(p);

	if (mask > 0) {
		const struct hours_token *last = p->t - 1;

		skip_joints(p);
		if (!is_range(p->t) && p->t->kind != H_CLOSED)
			return say(p, from, last, "has no hours");
	}
	if (p->t->kind == H_CLOSED)
		return take_closed(p, mask);
	if (!is_range(p->t))
		return say(p, p->t, p->t, "is not expected there");
	return take_ranges(p, mask, from);
}

static bool
take_all(struct parse *p)
{
	for (;;) {
		while (p->t->kind == H_SEP || p->t->kind == H_LINE ||
		    p->t->kind == H_COMMA)
			p->t++;
		if (p->t->kind == H_END)
			return true;
		if (!take_group(p))
			return false;
	}
}

bool
hours_read(const char *text, struct hours_raw *raw, char why[200])
{
	struct hours_token tokens[HOURS_BYTES + 1];
	struct parse p = { .text = text, .t = tokens, .raw = raw, .why = why };

	raw->count = 0;
	raw->named = raw->closed = 0;
	return hours_lex(text, tokens, why) >= 0 && take_all(&p);
}
