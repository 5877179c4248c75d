/*
 * zone.c - civil time in IANA zones, through the C library's TZ.
 *
 * The process is single-threaded and uses local time nowhere else, so TZ
 * simply stays at the zone asked for last.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/rc.h"
#include "base/zone.h"

#define NAME_BYTES 64
#define DAY_S	   86400

static bool
plain_name(const char *s)
{
	static const char *const no[] = { "right/", "posix/", "posixrules",
		"localtime", "Factory" };
	size_t n = strlen(s);

	if (n == 0 || n >= NAME_BYTES || s[0] == '/' || s[n - 1] == '/' ||
	    s[strspn(s,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789_+-/")] != '\0' ||
	    strstr(s, "//") != NULL)
		return false;
	for (size_t i = 0; i < COUNT(no); i++)
		if (strncmp(s, no[i], strlen(no[i])) == 0)
			return false;
	return true;
}

bool
zone_valid(const char *zone)
{
	const char *dir = getenv("TZDIR");
	char path[PATH_MAX], magic[4];
	bool good;
	FILE *f;
	int n;

	if (zone == NULL || !plain_name(zone))
		return false;
	if (dir == NULL || *dir == '\0')
		dir = "/usr/share/zoneinfo";
	n = snprintf(path, sizeof(path), "%s/%s", dir, zone);
	if (n < 0 || (size_t)n >= sizeof(path))
		return false;
	f = fopen(path, "rbe");
	if (f == NULL)
		return false;
	good = fread(magic, 1, 4, f) == 4 && memcmp(magic, "TZif", 4) == 0;
	fclose(f);
	return good;
}

/* Make zone the one of localtime_r. */
static void
use(const char *zone)
{
	static char current[NAME_BYTES];

	if (zone == NULL || strlen(zone) >= NAME_BYTES)
		zone = "UTC";
	if (strcmp(zone, current) == 0)
		return;
	setenv("TZ", zone_valid(zone) ? zone : "UTC0", 1);
	tzset();
	memcpy(current, zone, strlen(zone) + 1);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Seconds east of UTC at t_s in the zone in use. */
static int64_t
offset(int64_t t_s)
{
	time_t t = (time_t)t_s;
	struct tm tm;

	return localtime_r(&t, &tm) != NULL ? tm.tm_gmtoff : 0;
}

struct civil
zone_civil(const char *zone, int64_t t_ms)
{
	int64_t t_s = floor_div(t_ms, 1000), days, min;
	struct civil c;

	use(zone);
	t_s += offset(t_s);
	days = floor_div(t_s, DAY_S);
	min = (t_s - days * DAY_S) / 60;
	clock_date(days, &c.year, &c.month, &c.day);
	c.hour = (int)(min / 60);
	c.minute = (int)(min % 60);
	c.weekday = (int)((days % 7 + 10) % 7); /* day 0 was a Thursday */
	return c;
}

/*
 * The clock on the wall as if it were UTC, less the offset, is the instant;
 * which offset is in force shows only at the instant. The one a day before
 * and the one a day after are the candidates, since no zone is further from
 * UTC than a day and none changes twice in two days.
 */
int64_t
zone_instant(const char *zone, const struct civil *c)
{
	int64_t wall = clock_days(c->year, c->month, c->day) * DAY_S +
	    ((int64_t)c->hour * 60 + c->minute) * 60;
	int64_t before, after;

	use(zone);
	before = wall - offset(wall - DAY_S);
	after = wall - offset(wall + DAY_S);
	if (before == after)
		return before * 1000;
	if (before + offset(before) != wall && after + offset(after) == wall)
		return after * 1000;
	if (before + offset(before) == wall && after + offset(after) == wall)
		return (before < after ? before : after) * 1000;
	return before * 1000;
}
