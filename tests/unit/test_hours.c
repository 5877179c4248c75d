/* test_hours.c - opening hours as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hours.h"
#include "base/rc.h"
#include "base/str.h"

/* Monday is 0; days with equal hours stand together. */
static const struct {
	const char *text, *rules;
} good[] = {
	{ "", "" },
	{ " \n ", "" },
	{ ";", "" },
	{ "Mon-Fri 9-18", "0-4 9:00-18:00" },
	{ "Mon,Wed 9:00-12:30, 14-18; Sat 10am-1pm",
	    "0 9:00-12:30 14:00-18:00 | 2 9:00-12:30 14:00-18:00 | "
	    "5 10:00-13:00" },
	{ "Lun-Ven 9h-18h", "0-4 9:00-18:00" },
	{ "daily 8-20", "0-6 8:00-20:00" },
	{ "8-20", "0-6 8:00-20:00" },
	{ "24/7", "0-6 0:00-24:00" },
	{ "Fri 18-02", "4 18:00-26:00" },
	{ "MON-FRI 09:00-18:00", "0-4 9:00-18:00" },
	{ "monday to friday 9am to 5pm", "0-4 9:00-17:00" },
	{ "Monday\xe2\x80\x93"
	  "Friday: 9\xe2\x80\xaf"
	  "AM \xe2\x80\x93 "
	  "5\xc2\xa0PM",
	    "0-4 9:00-17:00" },
	{ "Mon\xe2\x80\x94"
	  "Fri 9\xe2\x80\x94"
	  "18",
	    "0-4 9:00-18:00" },
	{ "Monday through Thursday from 8:30 a.m. until 4 p.m.",
	    "0-3 8:30-16:00" },
	{ "Mon. - Fri. 9.30-17.45", "0-4 9:30-17:45" },
	{ "Mondays and Wednesdays 9-12", "0 9:00-12:00 | 2 9:00-12:00" },
	{ "Mon Wed Fri 9-12", "0 9:00-12:00 | 2 9:00-12:00 | 4 9:00-12:00" },
	{ "Mon/Tue/Thu 13-17", "0-1 13:00-17:00 | 3 13:00-17:00" },
	{ "Mon-Wed, Fri 9-12", "0-2 9:00-12:00 | 4 9:00-12:00" },
	{ "Mon & Tue: 9-12 & 13-17", "0-1 9:00-12:00 13:00-17:00" },
	{ "Mo-Fr 08:00-12:00,13:00-17:30; Sa 09:00-12:00",
	    "0-4 8:00-12:00 13:00-17:30 | 5 9:00-12:00" },
	{ "Sat-Mon 10-14", "0 10:00-14:00 | 5-6 10:00-14:00" },
	{ "Sun-Thu 9-17", "0-3 9:00-17:00 | 6 9:00-17:00" },
	{ "Mon-Mon 9-17", "0 9:00-17:00" },
	{ "weekdays 9-18, weekends 10-14", "0-4 9:00-18:00 | 5-6 10:00-14:00" },
	{ "every day 10-22", "0-6 10:00-22:00" },
	{ "9-18; Sun closed", "0-5 9:00-18:00" },
	{ "Mon-Sun 9-18; closed on Sundays", "0-5 9:00-18:00" },
	{ "Mon-Fri 9-18 (Sat, Sun closed)", "0-4 9:00-18:00" },
	{ "Sun closed, 9-18", "0-5 9:00-18:00" },
	{ "Closed: Sat-Sun; daily 9-17", "0-4 9:00-17:00" },
	{ "daily 8-20; Sun 10-14", "0-5 8:00-20:00 | 6 10:00-14:00" },
	{ "Mon-Fri 24h/24", "0-4 0:00-24:00" },
	{ "24h/24 7j/7", "0-6 0:00-24:00" },
	{ "open 24 hours a day, 7 days a week", "0-6 0:00-24:00" },
	{ "Sat all day", "5 0:00-24:00" },
	{ "Mon 0-24", "0 0:00-24:00" },
	{ "Mon 00:00-00:00", "0 0:00-24:00" },
	{ "Fri 18-24:00", "4 18:00-24:00" },
	{ "Fri 6pm-2am", "4 18:00-26:00" },
	{ "Fri 6 PM - midnight", "4 18:00-24:00" },
	{ "Sat 20-2", "5 20:00-26:00" },
	{ "Mon noon-6pm", "0 12:00-18:00" },
	{ "Mon 12am-12pm", "0 0:00-12:00" },
	{ "Mon 12pm-11:30pm", "0 12:00-23:30" },
	{ "Mon 9-5pm", "0 9:00-17:00" },
	{ "Mon 1-5pm", "0 13:00-17:00" },
	{ "Mon 12-5pm", "0 12:00-17:00" },
	{ "Mon 9-11am", "0 9:00-11:00" },
	{ "Mon 10-2am", "0 22:00-26:00" },
	{ "Mon 9am-12", "0 9:00-12:00" },
	{ "Mon 0900-1730", "0 9:00-17:30" },
	{ "Mon 930-1730", "0 9:30-17:30" },
	{ "9-17 Mon-Fri, 10-14 Sat", "0-4 9:00-17:00 | 5 10:00-14:00" },
	{ "Mon 9-12 Tue 14-18", "0 9:00-12:00 | 1 14:00-18:00" },
	{ "Mon 9-12 14-18", "0 9:00-12:00 14:00-18:00" },
	{ "Mon 9-12; Mon 14-18", "0 9:00-12:00 14:00-18:00" },
	{ "Mon - 9:00-12:00", "0 9:00-12:00" },
	{ "Monday\n9:00 AM\xe2\x80\x93"
	  "5:00 PM\nTuesday\nClosed\nWednesday\n"
	  "10 AM\xe2\x80\x93"
	  "4 PM",
	    "0 9:00-17:00 | 2 10:00-16:00" },
	/* Overlaps and neighbours become one. */
	{ "Mon 9-13, 12-18", "0 9:00-18:00" },
	{ "Mon 9-12, 12-18", "0 9:00-18:00" },
	{ "Mon 14-18, 9-12", "0 9:00-12:00 14:00-18:00" },
	{ "Mon-Fri 9-13; Tue 12-15",
	    "0 9:00-13:00 | 1 9:00-15:00 | "
	    "2-4 9:00-13:00" },
	{ "Mon 18-02; Tue 0-10", "0 18:00-26:00 | 1 2:00-10:00" },
	{ "Mon 18-02; Tue 00:00-01:00", "0 18:00-26:00" },
	{ "Sun 22-03; Mon 00:00-06:00", "0 3:00-6:00 | 6 22:00-27:00" },
	/* French. */
	{ "Du lundi au vendredi de 9h \xc3\xa0 12h30 et de 14h \xc3\xa0 18h",
	    "0-4 9:00-12:30 14:00-18:00" },
	{ "LUN, MAR, JEU 9h30-18h; SAM 10h-13h; DIM FERM\xc3\x89",
	    "0-1 9:30-18:00 | 3 9:30-18:00 | 5 10:00-13:00" },
	{ "tous les jours 9 h 30 - 12 h, 14 h - 18 h 30",
	    "0-6 9:30-12:00 14:00-18:30" },
	{ "mercredi et samedi : 9h-midi", "2 9:00-12:00 | 5 9:00-12:00" },
	{ "lun-ven 9h-12h 14h-18h, ferm\xc3\xa9 le mercredi",
	    "0-1 9:00-12:00 14:00-18:00 | 3-4 9:00-12:00 14:00-18:00" },
	{ "le week-end 10 heures \xc3\xa0 14 heures", "5-6 10:00-14:00" },
	{ "mar-jeu 8h jusqu\xe2\x80\x99\xc3\xa0 16h", "1-3 8:00-16:00" },
	/* Hebrew. */
	{ "א-ה 9:00-18:00", "0-3 9:00-18:00 | 6 9:00-18:00" },
	{ "א׳-ה׳ 9:00-18:00, ו׳ 9:00-13:00, שבת סגור",
	    "0-3 9:00-18:00 | 4 9:00-13:00 | 6 9:00-18:00" },
	{ "א'־ה' 9:00־18:00", "0-3 9:00-18:00 | 6 9:00-18:00" },
	{ "ימים א-ה מ-9 עד 18; ו' ב-8:30-12",
	    "0-3 9:00-18:00 | "
	    "4 8:30-12:00 | 6 9:00-18:00" },
	{ "יום ראשון 9-13 ו-16-19", "6 9:00-13:00 16:00-19:00" },
	{ "שני, רביעי 9-12", "0 9:00-12:00 | 2 9:00-12:00" },
	{ "כל יום 8-20; ש׳ סגור", "0-4 8:00-20:00 | 6 8:00-20:00" },
	{ "\xe2\x80\x8fא-ד 9-17\xe2\x80\x8e",
	    "0-2 9:00-17:00 | "
	    "6 9:00-17:00" },
};

static const struct {
	const char *text, *why;
} wrong[] = {
	{ "Mnday 9-18", "\"Mnday\" is not understood" },
	{ "by appointment", "\"by\" is not understood" },
	{ "Mon-Fri 9-18 except holidays", "\"except\" is not understood" },
	{ "Mon-Fri", "\"Mon-Fri\" has no hours" },
	{ "Mon 9-12; Tue", "\"Tue\" has no hours" },
	{ "Mon-Wed-Fri 9-12", "\"Mon-Wed\" has no hours" },
	{ "Mon 9", "\"9\" needs a closing time" },
	{ "Mon 9-", "needs a closing time" },
	{ "Mon 9-12-18", "\"-\" is not expected there" },
	{ "-", "not expected" },
	{ ":", "not expected" },
	{ "9-5", "\"9-5\" can be read in two ways" },
	{ "Mon 9am-5", "two ways" },
	{ "Mon 6pm-2", "two ways" },
	{ "Mon 12-2", "two ways" },
	{ "Mon 8:30-4:30", "two ways" },
	{ "Mon 9-9", "same time" },
	{ "Mon 9am-9am", "same time" },
	{ "Mon 18-18", "same time" },
	{ "Mon 24-6", "at the end of a day" },
	{ "Mon 9-25", "\"25\" is not understood" },
	{ "Mon 9-24:30", "\"24:30\" is not understood" },
	{ "Mon 9:60-10", "\"9:60-10\" is not understood" },
	{ "Mon 9:5-10", "not understood" },
	{ "Mon 13pm-14pm", "\"13pm" },
	{ "Mon 0am-9am", "\"0am" },
	{ "Mon 12345-1", "\"12345-1\"" },
	{ "Mon-Fri 9-18; Wed 9-12", "\"Wed 9-12\" is at odds" },
	{ "Wed 9-12; Mon-Fri 9-18", "\"Mon-Fri 9-18\" is at odds" },
	{ "Mon 9-18, 10-12", "at odds" },
	{ "Mon-Fri 9-12; 14-18", "\"14-18\" needs its days" },
	{ "9-17 Mon-Fri, Sat 10-14", "\"10-14\" needs its days" },
	{ "closed", "no day open" },
	{ "Mon 9-12; Mon closed", "no day open" },
	{ "closed 12-14", "not understood" },
	{ "Mon closed 12-14", "not understood" },
	{ "Mon \xff 9-18", "not UTF-8" },
	{ "9\0", "closing time" },
};

static const char *
day_text(const struct hours *h, int n, int day)
{
	static char text[2][400];
	static int turn;
	char *s = text[turn ^= 1];
	size_t len = 0;

	s[0] = '\0';
	for (int i = 0; i < n; i++)
		if (h[i].weekday == day)
			len += (size_t)snprintf(s + len, 400 - len,
			    " %d:%02d-%d:%02d", h[i].from_min / 60,
			    h[i].from_min % 60, h[i].to_min / 60,
			    h[i].to_min % 60);
	return s;
}

static const char *
shown(const struct hours *h, int n)
{
	static char out[2000];
	size_t len = 0;
	int to;

	out[0] = '\0';
	for (int day = 0; day < 7; day = to + 1) {
		to = day;
		if (*day_text(h, n, day) == '\0')
			continue;
		while (to < 6 &&
		    strcmp(day_text(h, n, day), day_text(h, n, to + 1)) == 0)
			to++;
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%d",
		    len > 0 ? " | " : "", day);
		if (to > day)
			len += (size_t)snprintf(out + len, sizeof(out) - len,
			    "-%d", to);
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s",
		    day_text(h, n, day));
	}
	return out;
}

static void
understood(void **state)
{
	struct hours h[HOURS_MAX];
	char why[200];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		int n = hours_parse(good[i].text, h, why);

		if (n < 0)
			fail_msg("%s: %s", good[i].text, why);
		if (strcmp(shown(h, n), good[i].rules) != 0)
			fail_msg("%s: %s", good[i].text, shown(h, n));
	}
}

static void
refused(void **state)
{
	struct hours h[HOURS_MAX];
	char why[200];

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (hours_parse(wrong[i].text, h, why) >= 0)
			fail_msg("taken: %s", wrong[i].text);
		if (strstr(why, wrong[i].why) == NULL)
			fail_msg("%s: %s", wrong[i].text, why);
	}
}

/* Long texts are refused in a sentence of whole characters. */
static void
limits(void **state)
{
	static char text[20000];
	struct hours h[HOURS_MAX];
	char why[200];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 3000; i++)
		memcpy(text + 3 * i, "\xe2\x82\xac", 4);
	assert_int_equal(hours_parse(text, h, why), -1);
	assert_non_null(strstr(why, "longer than"));
	text[900] = '\0';
	assert_int_equal(hours_parse(text, h, why), -1);
	assert_true(str_utf8(why, strlen(why)));
	for (int i = 0; i < 12; i++)
		n += (size_t)sprintf(text + n, "%s%d:00-%d:30",
		    i > 0 ? ", " : "daily ", 2 * i, 2 * i + 1);
	assert_int_equal(hours_parse(text, h, why), -1);
	assert_non_null(strstr(why, "more than 64"));
	memset(text, ' ', 5000);
	strcpy(text + 5000, "Mon 9-18");
	assert_int_equal(hours_parse(text, h, why), 1);
	for (n = 0; n < 900; n += 6)
		memcpy(text + n, "9-10, ", 7);
	assert_int_equal(hours_parse(text, h, why), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(understood),
		cmocka_unit_test(refused),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
