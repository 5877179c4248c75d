/* test_multipart.c - parts of forms, and all the ways to break one. */
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "base/str.h"
#include "wire/multipart.h"

#define TYPE "multipart/form-data; boundary=b"
#define HEAD "Content-Disposition: form-data; name=\"f\""

static struct parts parts;
static const char *why;

static bool
parse_n(const char *type, const char *body, size_t len)
{
	struct part whole = { .data = body, .len = len };

	why = NULL;
	return multipart_read(arena, type, &whole, &parts, &why);
}

static bool
parse(const char *body)
{
	return parse_n(TYPE, body, strlen(body));
}

static void
data_is(size_t i, const char *want)
{
	assert_true(i < parts.count);
	assert_int_equal(parts.list[i].len, strlen(want));
	assert_memory_equal(parts.list[i].data, want, strlen(want));
}

static void
one_file(void **state)
{
	(void)state;
	assert_true(
	    parse("--b\r\n" HEAD "; filename=\"a.txt\"\r\n"
		  "Content-Type: text/plain\r\n\r\nHello\r\n--b--\r\n"));
	assert_int_equal(parts.count, 1);
	assert_string_equal(parts.list[0].name, "f");
	assert_string_equal(parts.list[0].filename, "a.txt");
	assert_string_equal(parts.list[0].type, "text/plain");
	data_is(0, "Hello");
}

static void
several(void **state)
{
	(void)state;
	assert_true(parse("preamble\r\n--b \t\r\n" HEAD "\r\n\r\n\r\n--b\r\n"
			  "content-disposition: form-data;name=g;"
			  " filename=x.bin\r\n\r\nx--b\r\n-\r\n--b"
			  "--epilogue"));
	assert_int_equal(parts.count, 2);
	assert_null(parts.list[0].filename);
	assert_string_equal(parts.list[0].type, "");
	data_is(0, "");
	assert_string_equal(parts.list[1].name, "g");
	data_is(1, "x--b\r\n-");
}

static void
empty_ones(void **state)
{
	(void)state;
	assert_true(parse("--b--"));
	assert_int_equal(parts.count, 0);
	/* the empty line's CR LF is the boundary's as well */
	assert_true(parse("--b\r\n" HEAD "\r\n\r\n--b--"));
	assert_int_equal(parts.count, 1);
	data_is(0, "");
}

static void
any_bytes(void **state)
{
	static const char body[] = "--b\r\n" HEAD "\r\n\r\n\0\r\n-\r\n--a\0"
				   "\r\n--b--";

	(void)state;
	assert_true(parse_n(TYPE, body, sizeof(body) - 1));
	assert_int_equal(parts.list[0].len, 10);
	assert_memory_equal(parts.list[0].data, "\0\r\n-\r\n--a", 10);
}

static const char *
filename_of(const char *text)
{
	const char *body = arena_printf(arena,
	    "--b\r\n" HEAD "; filename=%s\r\n\r\nx\r\n--b--", text);

	return parse(body) ? parts.list[0].filename : NULL;
}

static void
names(void **state)
{
	(void)state;
	assert_string_equal(filename_of("\"\""), "");
	assert_string_equal(filename_of("\"a b;c=d.txt\""), "a b;c=d.txt");
	assert_string_equal(filename_of("\"C:\\\\x\\\\y.txt\""),
	    "C:\\x\\y.txt");
	assert_string_equal(filename_of("\"C:\\x\\y.txt\""), "C:\\x\\y.txt");
	assert_string_equal(filename_of("\"%22a%22 %41.txt\""),
	    "\"a\" %41.txt");
	assert_string_equal(filename_of("\"\\\"a\\\".txt\""), "\"a\".txt");
	assert_string_equal(filename_of("\"\xc3\xa9.txt\""), "\xc3\xa9.txt");
	assert_null(filename_of("\"\xe9.txt\""));
	assert_null(filename_of("\"a.txt"));
	assert_null(filename_of(""));
}

static void
boundaries(void **state)
{
	char type[200] = "multipart/form-data; boundary=";
	static const char body[] = "--a b\r\n" HEAD "\r\n\r\nx\r\n--a b--";

	(void)state;
	assert_true(parse_n("Multipart/Form-Data; charset=utf-8; "
			    "BOUNDARY=\"a b\"",
	    body, sizeof(body) - 1));
	assert_false(parse_n("multipart/form-data", body, sizeof(body) - 1));
	assert_false(parse_n("multipart/mixed; boundary=b", "--b--", 5));
	assert_false(parse_n("multipart/form-data; boundary=\"\"", "--", 2));
	assert_false(
	    parse_n("multipart/form-data; boundary=\"b \"", "--b --", 6));
	assert_false(
	    parse_n("multipart/form-data; boundary=\"\xc3\xa9\"", "--", 2));
	memset(type + strlen(type), 'x', 71);
	assert_false(parse_n(type, "", 0));
}

static void
broken(void **state)
{
	static const char *const bad[] = { "", "x", "--b", "--b\r\n", "--b\n",
		"--bx\r\n", "--b\r\n\r\nx\r\n--b--",
		"--b\r\n" HEAD "\r\nx\r\n--b--",
		"--b\r\n" HEAD "\r\n\r\nx\r\n--", "--b\r\n" HEAD "\r\n\r\nx",
		"--b\r\n" HEAD "\r\n\r\nx\r\n--b",
		"--b\r\n" HEAD "\r\n\r\nx\r\n--bb--",
		"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--",
		"--b\r\nContent-Disposition: attachment; name=f\r\n\r\n"
		"x\r\n--b--",
		"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (parse(bad[i]))
			fail_msg("it was taken: %s", bad[i]);
		assert_non_null(why);
		assert_true(strlen(why) > 10);
	}
}

static void
limits(void **state)
{
	char *body = arena_get(arena, 100000);
	size_t n = 0;

	(void)state;
	for (int i = 0; i <= MULTIPART_PARTS; i++)
		n += (size_t)sprintf(body + n, "--b\r\n" HEAD "\r\n\r\nx\r\n");
	strcpy(body + n, "--b--");
	assert_false(parse(body));
	assert_string_equal(why, "the body has too many parts");
	n = (size_t)sprintf(body, "--b\r\n" HEAD "\r\nX: ");
	memset(body + n, 'x', MULTIPART_HEADERS);
	strcpy(body + n + MULTIPART_HEADERS, "\r\n\r\nx\r\n--b--");
	assert_false(parse(body));
}

static void
cut_anywhere(void **state)
{
	static const char body[] = "--b\r\n" HEAD "; filename=\"a\"\r\n\r\n"
				   "one\r\n--b\r\n" HEAD "\r\n\r\ntwo\r\n--b--";

	(void)state;
	for (size_t n = 0; n < sizeof(body) - 1; n++)
		assert_false(parse_n(TYPE, arena_copy(arena, body, n), n));
	assert_true(parse_n(TYPE, body, sizeof(body) - 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_file),
		cmocka_unit_test(several),
		cmocka_unit_test(empty_ones),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(names),
		cmocka_unit_test(boundaries),
		cmocka_unit_test(broken),
		cmocka_unit_test(limits),
		cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
