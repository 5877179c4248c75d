/* clock.c - now, and times as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

int64_t
clock_now_ms(void)
{
	const char *fixed = getenv("FRONTDESK_CLOCK");
	struct timespec ts;

	if (fixed != NULL && *fixed != '\0')
		return strtoll(fixed, NULL, 10);
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_tick_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Both directions count from 0000-03-01, so that leap days end a year. */
int64_t
clock_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void
clock_date(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

/* value, from 0 to 99, as two digits. */
static char *
put_two(char *p, int value)
{
	p[0] = (char)('0' + value / 10);
	p[1] = (char)('0' + value % 10);
	return p + 2;
}

/* "2026-02-11T"; a list has many times of few days, so one is kept. */
static const char *
day_text(int64_t day)
{
	static char text[12];
	static int64_t kept = INT64_MIN;
	int y, m, d;
	char *p = text;

	if (day == kept)
		return text;
	clock_date(day, &y, &m, &d);
	p = put_two(p, y / 100 % 100);
	p = put_two(p, y % 100);
	*p++ = '-';
	p = put_two(p, m);
	*p++ = '-';
	p = put_two(p, d);
	*p = 'T';
	kept = day;
	return text;
}

void
clock_text(int64_t t_ms, char out[CLOCK_TEXT])
{
	int64_t day = t_ms / 86400000 - (t_ms % 86400000 < 0);
	int ms = (int)(t_ms - day * 86400000);
	char *p = out + 11;

	memcpy(out, day_text(day), 11);
	p = put_two(p, ms / 3600000);
	*p++ = ':';
	p = put_two(p, ms / 60000 % 60);
	*p++ = ':';
	p = put_two(p, ms / 1000 % 60);
	*p++ = '.';
	*p++ = (char)('0' + ms / 100 % 10);
	p = put_two(p, ms % 100);
	*p++ = 'Z';
	*p = '\0';
}

/* Read exactly n digits with a value between min and max. */
static bool
take(const char **s, int n, int min, int max, int *out)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		char c = (*s)[i];

		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	*s += n;
	*out = v;
	return v >= min && v <= max;
}

static bool
take_char(const char **s, const char *set)
{
	if (**s == '\0' || strchr(set, **s) == NULL)
		return false;
	(*s)++;
	return true;
}

static bool
take_date(const char **s, int64_t *days)
{
	static const int len[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int y, m, d;

	if (!take(s, 4, 0, 9999, &y) || !take_char(s, "-") ||
	    !take(s, 2, 1, 12, &m) || !take_char(s, "-") ||
	    !take(s, 2, 1, 31, &d) || d > len[m - 1])
		return false;
	if (m == 2 && d == 29 && (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0)))
		return false;
	*days = clock_days(y, m, d);
	return true;
}

/* [:SS[.fraction]] in milliseconds. */
static bool
take_seconds(const char **s, int64_t *ms)
{
	int sec, scale = 100;

	*ms = 0;
	if (**s != ':')
		return true;
	(*s)++;
	if (!take(s, 2, 0, 60, &sec))
		return false;
	*ms = (int64_t)sec * 1000;
	if (**s != '.')
		return true;
	(*s)++;
	if (**s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++, scale /= 10)
		*ms += (int64_t)(**s - '0') * scale;
	return true;
}

static bool
take_offset(const char **s, int64_t *ms)
{
	int sign, h, m;

	*ms = 0;
	if (take_char(s, "Zz"))
		return true;
	sign = **s == '-' ? -1 : 1;
	if (!take_char(s, "+-") || !take(s, 2, 0, 23, &h))
		return false;
	(void)take_char(s, ":");
	if (!take(s, 2, 0, 59, &m))
		return false;
	*ms = (int64_t)sign * (h * 60 + m) * 60000;
	return true;
}

bool
clock_parse(const char *s, int64_t *t_ms)
{
	int64_t days, sec_ms, off_ms;
	int h, m;

	if (!take_date(&s, &days) || !take_char(&s, "Tt ") ||
	    !take(&s, 2, 0, 23, &h) || !take_char(&s, ":") ||
	    !take(&s, 2, 0, 59, &m) || !take_seconds(&s, &sec_ms) ||
	    !take_offset(&s, &off_ms) || *s != '\0')
		return false;
	*t_ms =
	    days * 86400000 + (int64_t)(h * 60 + m) * 60000 + sec_ms - off_ms;
	return true;
}

bool
clock_day(const char *s, int64_t *days)
{
	return s != NULL && take_date(&s, days) && *s == '\0';
}
