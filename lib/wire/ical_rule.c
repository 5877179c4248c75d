/* ical_rule.c - which repeating rules are worked out. */
#include <stdlib.h>

#include "wire/ical_rule.h"

#define FAR	 400 /* longest interval */
#define NTH	 5   /* of a weekday in a month */
#define DAYS_MAX 64  /* of one part */

static bool
is_set(const short *part)
{
	return part[0] != ICAL_RECURRENCE_ARRAY_MAX;
}

/* Is there a month of the rule in which one of its days exists each year? */
static bool
days_exist(const struct icalrecurrencetype *r)
{
	static const int last[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool all = !is_set(r->by_month);

	for (int m = 1; m <= 12; m++) {
		bool mine = all;

		for (int i = 0; i < 12 && !mine &&
		     r->by_month[i] != ICAL_RECURRENCE_ARRAY_MAX;
		     i++)
			mine = r->by_month[i] == m;
		for (int i = 0; i < DAYS_MAX && mine &&
		     r->by_month_day[i] != ICAL_RECURRENCE_ARRAY_MAX;
		     i++)
			if (r->by_month_day[i] != 0 &&
			    abs(r->by_month_day[i]) <= last[m - 1])
				return true;
		if (mine && !is_set(r->by_month_day))
			return true;
	}
	return false;
}

/* The third Friday and the last Monday exist, the sixth Tuesday does not. */
static bool
weekdays_exist(const struct icalrecurrencetype *r)
{
	for (int i = 0;
	     i < DAYS_MAX && r->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
		int nth = abs(icalrecurrencetype_day_position(r->by_day[i]));

		if (nth > NTH || (nth != 0 && is_set(r->by_month_day)))
			return false;
	}
	return true;
}

/* Only the first or the last of a set is sure to be there. */
static bool
place_exists(const struct icalrecurrencetype *r)
{
	return !is_set(r->by_set_pos) ||
	    ((r->by_set_pos[0] == 1 || r->by_set_pos[0] == -1) &&
		r->by_set_pos[1] == ICAL_RECURRENCE_ARRAY_MAX);
}

/* With an interval the dates may pass by what the other parts want. */
static bool
interval_fits(const struct icalrecurrencetype *r)
{
	bool parts = is_set(r->by_month) || is_set(r->by_month_day) ||
	    is_set(r->by_set_pos);

	if (r->interval <= 1)
		return r->interval == 1;
	if (r->interval > FAR)
		return false;
	switch (r->freq) {
	case ICAL_DAILY_RECURRENCE:
		return !parts && !is_set(r->by_day);
	case ICAL_WEEKLY_RECURRENCE:
		return !parts;
	case ICAL_MONTHLY_RECURRENCE:
		return !is_set(r->by_month);
	default:
		return true;
	}
}

bool
ical_rule_usable(const struct icalrecurrencetype *r)
{
	if (r->freq < ICAL_DAILY_RECURRENCE || r->freq > ICAL_YEARLY_RECURRENCE)
		return false;
	if (is_set(r->by_hour) || is_set(r->by_minute) ||
	    is_set(r->by_second) || is_set(r->by_year_day) ||
	    is_set(r->by_week_no) || r->rscale != NULL)
		return false;
	if (r->freq == ICAL_WEEKLY_RECURRENCE && is_set(r->by_month_day))
		return false;
	return days_exist(r) && weekdays_exist(r) && place_exists(r) &&
	    interval_fits(r);
}
