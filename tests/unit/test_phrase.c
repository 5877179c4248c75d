/* test_phrase.c - spoken dates and sentences in three languages. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/phrase.h"
#include "base/str.h"

static void
langs(void **state)
{
	(void)state;
	assert_int_equal(phrase_lang("fr-FR"), LANG_FR);
	assert_int_equal(phrase_lang("fr"), LANG_FR);
	assert_int_equal(phrase_lang("FR_ca"), LANG_FR);
	assert_int_equal(phrase_lang("he"), LANG_HE);
	assert_int_equal(phrase_lang("he-IL"), LANG_HE);
	assert_int_equal(phrase_lang("iw"), LANG_HE);
	assert_int_equal(phrase_lang("en-US"), LANG_EN);
	assert_int_equal(phrase_lang("fry"), LANG_EN);
	assert_int_equal(phrase_lang("f"), LANG_EN);
	assert_int_equal(phrase_lang(""), LANG_EN);
	assert_int_equal(phrase_lang(NULL), LANG_EN);
}

static void
dates(void **state)
{
	static const struct {
		struct civil c;
		const char *text[LANG_COUNT];
	} cases[] = {
		{ { 2026, 3, 3, 9, 30, 1 },
		    { "Tuesday, March 3, at 9:30 AM", "mardi 3 mars à 9 h 30",
			"יום שלישי, 3 במרץ, בשעה 9:30" } },
		{ { 2026, 8, 1, 0, 0, 5 },
		    { "Saturday, August 1, at 12:00 AM",
			"samedi 1er août à 0 h",
			"יום שבת, 1 באוגוסט, בשעה 0:00" } },
		{ { 2026, 2, 22, 12, 5, 6 },
		    { "Sunday, February 22, at 12:05 PM",
			"dimanche 22 février à 12 h 05",
			"יום ראשון, 22 בפברואר, בשעה 12:05" } },
		{ { 2026, 12, 28, 23, 59, 0 },
		    { "Monday, December 28, at 11:59 PM",
			"lundi 28 décembre à 23 h 59",
			"יום שני, 28 בדצמבר, בשעה 23:59" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (enum lang l = 0; l < LANG_COUNT; l++)
			assert_string_equal(phrase_when(arena, l, &cases[i].c),
			    cases[i].text[l]);
	assert_string_equal(phrase_day(arena, LANG_EN, &cases[0].c),
	    "Tuesday, March 3");
	assert_string_equal(phrase_time(arena, LANG_FR, &cases[2].c),
	    "12 h 05");
}

static void
lists(void **state)
{
	static const char *const items[] = { "a", "b", "c" };

	(void)state;
	assert_string_equal(phrase_or(arena, LANG_EN, items, 0), "");
	assert_string_equal(phrase_or(arena, LANG_EN, items, 1), "a");
	assert_string_equal(phrase_or(arena, LANG_EN, items, 2), "a or b");
	assert_string_equal(phrase_or(arena, LANG_EN, items, 3), "a, b or c");
	assert_string_equal(phrase_or(arena, LANG_FR, items, 3), "a, b ou c");
	assert_string_equal(phrase_or(arena, LANG_HE, items, 3), "a, b או c");
}

static void
filled(void **state)
{
	(void)state;
	assert_string_equal(phrase(arena, LANG_EN, PHRASE_SLOTS_FREE,
				"Tuesday, March 3", "9:30 AM or 10:00 AM"),
	    "On Tuesday, March 3, these times are free: 9:30 AM or 10:00 AM.");
	assert_string_equal(phrase(arena, LANG_FR, PHRASE_BOOKED, "Zoé",
				"mardi 3 mars à 9 h 30"),
	    "C'est réservé pour Zoé : mardi 3 mars à 9 h 30.");
	assert_string_equal(phrase(arena, LANG_HE, PHRASE_SLOT_YES,
				"יום שלישי, 3 במרץ, בשעה 9:30"),
	    "התור ביום שלישי, 3 במרץ, בשעה 9:30 פנוי.");
	assert_string_equal(phrase(arena, LANG_EN, PHRASE_PAST),
	    "That time has already passed.");
	assert_string_equal(phrase(arena, LANG_EN, PHRASE_BOOKED, NULL, "%s"),
	    "Booked for : %s.");
}

static void
arguments(void **state)
{
	char long_text[600];
	char *s;

	(void)state;
	assert_string_equal(phrase(arena, LANG_EN, PHRASE_BAD_DATE,
				"a\nb\r\tc\x7f\xc2\x85\xe2\x80\xa8"
				"d\xff\xe2\x82"),
	    "I did not understand the date a b  c   d. Please give it as "
	    "year, month and day.");
	for (size_t i = 0; i < sizeof(long_text) - 3; i += 3)
		memcpy(long_text + i, "\xe2\x82\xac", 4);
	s = phrase(arena, LANG_EN, PHRASE_SLOT_YES, long_text);
	assert_int_equal(strlen(s), 198 + strlen(" is free."));
	assert_true(str_utf8(s, strlen(s)));
}

/* In each language as many arguments as in English, and one line. */
static void
table(void **state)
{
	static const char *const texts[][LANG_COUNT] = {
#define P(id, en, fr, he) { en, fr, he },
#include "base/phrase.def"
#undef P
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		size_t want = 0;

		for (int l = 0; l < LANG_COUNT; l++) {
			const char *s = texts[i][l];
			size_t n = 0;

			assert_null(strchr(s, '\n'));
			assert_true(str_utf8(s, strlen(s)));
			for (; (s = strchr(s, '%')) != NULL; s++, n++)
				assert_int_equal(s[1], 's');
			want = l == 0 ? n : want;
			assert_int_equal(n, want);
		}
	}
	assert_int_equal(COUNT(texts), PHRASE_COUNT);
}

static void
full(void **state)
{
	struct arena *small = arena_new(40000);
	struct civil c = { 2026, 3, 3, 9, 30, 1 };

	(void)state;
	while (!arena_full(small))
		(void)phrase_when(small, LANG_HE, &c);
	assert_null(phrase(small, LANG_EN, PHRASE_TROUBLE));
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(langs),
		cmocka_unit_test(dates),
		cmocka_unit_test(lists),
		cmocka_unit_test(filled),
		cmocka_unit_test(arguments),
		cmocka_unit_test(table),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
