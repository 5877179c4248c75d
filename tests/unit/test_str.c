/* test_str.c - small helpers on C strings. */
#include <stdint.h>
#include <string.h>

#include "unit.h"

#include "base/str.h"

static void
comparing(void **state)
{
	(void)state;
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", "b"));
	assert_false(str_eq("a", NULL));
	assert_false(str_eq(NULL, "a"));
	assert_true(str_eq(NULL, NULL));
	assert_true(str_starts("abc", "ab"));
	assert_true(str_starts("abc", ""));
	assert_false(str_starts("ab", "abc"));
	assert_true(str_in("red|green|blue", "red"));
	assert_true(str_in("red|green|blue", "green"));
	assert_true(str_in("red|green|blue", "blue"));
	assert_false(str_in("red|green|blue", "re"));
	assert_false(str_in("red|green|blue", "redd"));
	assert_false(str_in("red|green|blue", "red|green"));
	assert_false(str_in("red|green|blue", ""));
	assert_false(str_in("", "red"));
	assert_false(str_in("", ""));
}

static void
copies(void **state)
{
	(void)state;
	assert_string_equal(str_lower(arena, "AbZ-É09"), "abz-É09");
	assert_string_equal(str_trim(arena, " \t a b \r\n"), "a b");
	assert_string_equal(str_trim(arena, "  "), "");
	assert_string_equal(str_trim(arena, ""), "");
}

static void
numbers(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "1x",
		"0x10", "1.0", "1e3", "99999999999999999999",
		"-99999999999999999999", "--1" };
	int64_t v = 7;

	(void)state;
	assert_true(str_int("0", 0, 9, &v));
	assert_int_equal(v, 0);
	assert_true(str_int("-12", -12, 9, &v));
	assert_int_equal(v, -12);
	assert_true(str_int("9223372036854775807", 0, INT64_MAX, &v));
	assert_int_equal(v, INT64_MAX);
	assert_true(str_int("-9223372036854775808", INT64_MIN, 0, &v));
	assert_int_equal(v, INT64_MIN);
	v = 7;
	assert_false(str_int("10", 0, 9, &v));
	assert_false(str_int("-1", 0, 9, &v));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(str_int(bad[i], INT64_MIN, INT64_MAX, &v));
	assert_int_equal(v, 7);
}

static void
hex(void **state)
{
	char out[9];

	(void)state;
	str_hex("\x00\x1f\xa0\xff", 4, out);
	assert_string_equal(out, "001fa0ff");
	str_hex("", 0, out);
	assert_string_equal(out, "");
}

static void
utf8(void **state)
{
	static const char *const good[] = { "", "a", "\x7f", "é", "\xc2\x80",
		"\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
		"aé☎😀" };
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe0\xa0",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x90\x80",
		"\xf0\x90\x41\x80", "\xff", "a\xfe" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(str_utf8(good[i], strlen(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(str_utf8(bad[i], strlen(bad[i])));
	assert_true(str_utf8("a\0b", 3));
	assert_false(str_utf8("é", 1));
	assert_int_equal(str_chars(""), 0);
	assert_int_equal(str_chars("aé☎😀"), 4);
}

static void
phones(void **state)
{
	static const char *const bad[] = { "", "+", "15551230001",
		"+0555123000", "+123456", "+1234567890123456", "+1555123000x",
		"+1 555 123", "+1555-1230", "++15551230001", "+15551230001 " };

	(void)state;
	assert_true(str_phone("+15551230001"));
	assert_true(str_phone("+1234567"));
	assert_true(str_phone("+123456789012345"));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(str_phone(bad[i]));
}

static void
emails(void **state)
{
	static const char *const bad[] = { "", "a", "@b.c", "a@", "a@b", "a@b.",
		"a@.c", "a@@b.c", "a@b@c.d", "a b@c.d", "a@b c.d", "a@b..c",
		"a\n@b.c", "<a@b.c>", "a,b@c.d", "a@b.c,d@e.f", "\"a\"@b.c",
		"a@b.c\x7f", "a@b-.c", "a;b@c.d", "a@[1.2.3.4]" };
	char text[300];

	(void)state;
	assert_true(str_email("a@b.c"));
	assert_true(str_email("first.last+tag@mail.example.com"));
	assert_true(str_email("o'brien@example.com"));
	assert_true(str_email("é@exämple.com"));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(str_email(bad[i]));
	memset(text, 'a', sizeof(text));
	memcpy(text + 65, "@b.c", 5);
	assert_false(str_email(text));
	assert_true(str_email(text + 1));
	memset(text, 'a', sizeof(text));
	text[1] = '@';
	memcpy(text + 253, ".c", 3);
	assert_false(str_email(text));
	memmove(text + 100, text + 101, 155);
	assert_true(str_email(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparing),
		cmocka_unit_test(copies),
		cmocka_unit_test(numbers),
		cmocka_unit_test(hex),
		cmocka_unit_test(utf8),
		cmocka_unit_test(phones),
		cmocka_unit_test(emails),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
