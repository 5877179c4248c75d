/* test_csv.c - values, quotes, and what a spreadsheet must not run. */
#include <math.h>
#include <string.h>

#include "unit.h"

#include "wire/csv.h"

static struct buf out;
static struct csv csv;

static const char *
text(const char *s)
{
	buf_init(&out, arena);
	csv_init(&csv, &out);
	csv_text(&csv, s);
	return buf_text(&out);
}

static const char *
real(double d)
{
	buf_init(&out, arena);
	csv_init(&csv, &out);
	csv_real(&csv, d);
	return buf_text(&out);
}

static void
texts(void **state)
{
	(void)state;
	assert_string_equal(text("plain"), "plain");
	assert_string_equal(text(NULL), "");
	assert_string_equal(text(""), "");
	assert_string_equal(text("a,b"), "\"a,b\"");
	assert_string_equal(text("a;b"), "\"a;b\"");
	assert_string_equal(text("a\"b"), "\"a\"\"b\"");
	assert_string_equal(text("a\r\nb"), "\"a\r\nb\"");
	assert_string_equal(text(" a"), "\" a\"");
	assert_string_equal(text("a "), "\"a \"");
	assert_string_equal(text("h\xc3\xa9"), "h\xc3\xa9");
}

static void
formulas(void **state)
{
	static const char *const bad[] = { "=1+1", "+1", "-1", "@SUM(A1)",
		"\t=1", "\r=1", "\n=1" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		const char *got = text(bad[i]);

		assert_memory_equal(got, "\"'", 2);
		assert_memory_equal(got + 2, bad[i], strlen(bad[i]));
	}
	assert_string_equal(text("=\"x\""), "\"'=\"\"x\"\"\"");
	assert_string_equal(text("a=1"), "a=1");
}

static void
numbers(void **state)
{
	(void)state;
	assert_string_equal(real(0), "0");
	assert_string_equal(real(0.25), "0.25");
	assert_string_equal(real(-1.5), "-1.5");
	assert_string_equal(real(1000000), "1000000");
	assert_string_equal(real(0.00004), "0");
	assert_string_equal(real(INFINITY), "");
	assert_string_equal(real(NAN), "");
	assert_string_equal(real(1e300), "");
}

static void
lines(void **state)
{
	(void)state;
	buf_init(&out, arena);
	csv_init(&csv, &out);
	csv_line(&csv, "a|b|c");
	csv_text(&csv, "x");
	csv_text(&csv, NULL);
	csv_int(&csv, -7);
	csv_end(&csv);
	assert_string_equal(buf_text(&out), "a,b,c\r\nx,,-7\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(formulas),
		cmocka_unit_test(numbers),
		cmocka_unit_test(lines),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
