/* test_plain.c - text of strangers made fit to be shown. */
#include <string.h>

#include "base/plain.h"
#include "base/rc.h"
#include "unit.h"

static const struct {
	const char *in, *out;
} cases[] = {
	{ "", "" },
	{ "  plain  text \n", "plain text" },
	{ "<b>Bold</b> and <i>so</i>", "Bold and so" },
	{ "a<br/>b", "a b" },
	{ "1 < 2 > 0", "1 2 0" },
	{ "<script", "" },
	{ "x <!-- y --> z", "x z" },
	{ "**strong** `code` # head", "strong code head" },
	{ "a\x01\x02\x7f"
	  "b\r\n\tc",
	    "ab c" },
	{ "\xe2\x80\xaeright\xe2\x80\x8bleft", "rightleft" },
	{ "tag\xf3\xa0\x81\xa1s", "tags" },
	{ "\xc2\x85x\xc2\xady\xc2\xa0z", "xy z" },
	{ "bad \xff\xc3 bytes", "bad bytes" },
	{ "caf\xc3\xa9 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
	    "caf\xc3\xa9 \xd7\xa9"
	    "\xd7\x9c\xd7\x95\xd7"
	    "\x9d" },
};

static void
made_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(plain(arena, cases[i].in, 100),
		    cases[i].out);
	assert_string_equal(plain(arena, NULL, 9), "");
}

static void
cut(void **state)
{
	(void)state;
	assert_string_equal(plain(arena, "abcdef", 6), "abcdef");
	assert_string_equal(plain(arena, "abcdef", 3), "abc\xe2\x80\xa6");
	assert_string_equal(plain(arena, "\xc3\xa9\xc3\xa9\xc3\xa9", 2),
	    "\xc3\xa9\xc3\xa9\xe2\x80\xa6");
	assert_string_equal(plain(arena, "a   b   c", 5), "a b c");
}

static void
suspects(void **state)
{
	static const char *const bad[] = { "see https://x", "WWW.x",
		"JavaScript:alert(1)", "<Script>", "[a](b)", "mailto:a@b" };
	static const char *const good[] = { "", "a script for calls",
		"9:30 or 10:00", "data: none", "(a) [b] (c)" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_true(plain_suspect(bad[i]));
	for (size_t i = 0; i < COUNT(good); i++)
		assert_false(plain_suspect(good[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_plain),
		cmocka_unit_test(cut),
		cmocka_unit_test(suspects),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
