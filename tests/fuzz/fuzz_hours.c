/*
 * fuzz_hours.c - rules of opening hours are sorted, in range and apart; and
 * written out in full they are read as the same rules.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hours.h"
#include "base/str.h"

#define CHECK(x) ((x) ? (void)0 : abort())
#define DAY_MIN	 1440

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_rules(const struct hours *h, int n)
{
	for (int i = 0; i < n; i++) {
		const struct hours *r = &h[i], *next = &h[(i + 1) % n];
		int gap = next->weekday - r->weekday + (i + 1 == n ? 7 : 0);

		CHECK(r->weekday >= 0 && r->weekday <= 6);
		CHECK(r->from_min >= 0 && r->from_min < DAY_MIN);
		CHECK(r->to_min > r->from_min && r->to_min <= 2 * DAY_MIN);
		CHECK(gap >= 0);
		CHECK(r->to_min <= next->from_min + gap * DAY_MIN);
	}
}

static void
check_again(const struct hours *h, int n)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	struct hours again[HOURS_MAX];
	char text[HOURS_MAX * 20 + 1], why[200];
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		const struct hours *r = &h[i];
		int to = r->to_min > DAY_MIN ? r->to_min - DAY_MIN : r->to_min;

		if (r->to_min > DAY_MIN && to >= r->from_min)
			return; /* more than a day long */
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s %02d:%02d-%02d:%02d; ", days[r->weekday],
		    r->from_min / 60, r->from_min % 60, to / 60, to % 60);
	}
	if (n == 0 || len > 1000)
		return;
	CHECK(hours_parse(text, again, why) == n);
	CHECK(memcmp(h, again, (size_t)n * sizeof(*h)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hours h[HOURS_MAX];
	char *text = malloc(size + 1), why[200];
	int n;

	memcpy(text, data, size);
	text[size] = '\0';
	n = hours_parse(text, h, why);
	CHECK(n >= -1 && n <= HOURS_MAX);
	if (n < 0) {
		CHECK(why[0] != '\0' && str_utf8(why, strlen(why)));
	} else {
		check_rules(h, n);
		check_again(h, n);
	}
	free(text);
	return 0;
}
