/*
 * zone.h - civil time in IANA zones, from the system's tzdata by the C
 * library.
 *
 * Sets the environment variable TZ and leaves it so; for one thread only.
 * Tzdata is read again when the zone differs from that of the last call.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

struct civil {
	int year, month, day; /* 2026, 1..12, 1..31 */
	int hour, minute;     /* 0..23, 0..59 */
	int weekday;	      /* 0 Monday .. 6 Sunday */
};

/*
 * Does tzdata know this zone? Only names such as Europe/Paris or UTC; never a
 * path, a POSIX rule, or the variants with leap seconds. NULL: no.
 */
bool zone_valid(const char *zone);
/* Civil time of an instant; an unknown zone, or NULL, counts as UTC. */
struct civil zone_civil(const char *zone, int64_t t_ms);
/*
 * Instant of a civil time of the years 0 to 9999. The weekday is not read;
 * minute may be up to 2 days past the hour, for hours past midnight. In the
 * hour that a change to summer time skips: the instant as far behind the gap
 * (02:30 is 03:30 of summer time); in the doubled hour: the first.
 */
int64_t zone_instant(const char *zone, const struct civil *);

#endif
