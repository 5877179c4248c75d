/* test_jout.c - what the JSON writer puts out, byte by byte. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "wire/jout.h"

static struct buf buf;
static struct jout jout;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	buf_init(&buf, arena);
	jout_init(&jout, &buf);
	return 0;
}

static void
fresh(void)
{
	buf_clear(&buf);
	jout_init(&jout, &buf);
}

static void
commas(void **state)
{
	(void)state;
	jout_open(&jout, '{');
	jout_put_str(&jout, "a", "x");
	jout_put_int(&jout, "b", -1);
	jout_name(&jout, "c");
	jout_open(&jout, '[');
	jout_null(&jout);
	jout_bool(&jout, true);
	jout_open(&jout, '[');
	jout_close(&jout, ']');
	jout_open(&jout, '{');
	jout_close(&jout, '}');
	jout_raw(&jout, "{\"raw\":1}");
	jout_raw(&jout, "");
	jout_close(&jout, ']');
	jout_put_bool(&jout, "d", false);
	jout_put_time(&jout, "e", 1770840600123);
	jout_put_str(&jout, "f", NULL);
	jout_close(&jout, '}');
	assert_string_equal(buf_text(&buf),
	    "{\"a\":\"x\",\"b\":-1,\"c\":"
	    "[null,true,[],{},{\"raw\":1},null],\"d\":false,"
	    "\"e\":\"2026-02-11T20:10:00.123Z\",\"f\":null}");
}

static void
strings(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "\"\\/", "\"\\\"\\\\/\"" },
		{ "\b\f\n\r\t\x1f\x7f",
		    "\"\\u0008\\u000c\\n\\r\\t\\u001f"
		    "\x7f\"" },
		{ "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		    "\"h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "\xff", "\"\xef\xbf\xbd\"" },
		{ "a\xc3", "\"a\xef\xbf\xbd\"" },
		{ "\xc0\x80z", "\"\xef\xbf\xbd\xef\xbf\xbdz\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xe2\x82\"", "\"\xef\xbf\xbd\xef\xbf\xbd\\\"\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		fresh();
		jout_str(&jout, cases[i].in);
		assert_string_equal(buf_text(&buf), cases[i].out);
	}
	fresh();
	jout_strn(&jout, "a\0b", 3);
	assert_string_equal(buf_text(&buf), "\"a\\u0000b\"");
}

static void
integers(void **state)
{
	(void)state;
	jout_open(&jout, '[');
	jout_int(&jout, 0);
	jout_int(&jout, INT64_MAX);
	jout_int(&jout, INT64_MIN);
	jout_int(&jout, 1000);
	jout_close(&jout, ']');
	assert_string_equal(buf_text(&buf),
	    "[0,9223372036854775807,-9223372036854775808,1000]");
}

static void
reals(void **state)
{
	static const struct {
		double in;
		const char *out;
	} cases[] = {
		{ 0, "0" },
		{ -0.0, "0" },
		{ 1, "1" },
		{ -2.5, "-2.5" },
		{ 0.7, "0.7" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 1e15, "1000000000000000" },
		{ 9007199254740991, "9007199254740991" },
		{ 1e20, "100000000000000000000" },
		{ 1e21, "1e+21" },
		{ 123456789012345680000.0, "123456789012345680000" },
		{ 1.5e300, "1.5e+300" },
		{ 0.000001, "0.000001" },
		{ 0.0000001, "1e-7" },
		{ 1.25e-7, "1.25e-7" },
		{ 0.1, "0.1" },
		{ 123.456, "123.456" },
		{ DBL_MAX, "1.7976931348623157e+308" },
		{ 1770840600.123, "1770840600.123" },
		{ NAN, "null" },
		{ INFINITY, "null" },
		{ -INFINITY, "null" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		fresh();
		jout_real(&jout, cases[i].in);
		assert_string_equal(buf_text(&buf), cases[i].out);
	}
}

/* Any double but a NaN comes back as it was. */
static void
reals_return(void **state)
{
	uint64_t bits = 88172645463325252u;
	double v;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&v, &bits, sizeof(v));
		if (!isfinite(v))
			continue;
		fresh();
		jout_real(&jout, v);
		assert_true(strtod(buf_text(&buf), NULL) == v);
	}
}

static void
locales(void **state)
{
	static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8",
		"de_DE", "C.UTF-8" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		(void)setlocale(LC_ALL, names[i]);
		fresh();
		jout_real(&jout, 0.5);
		assert_string_equal(buf_text(&buf), "0.5");
	}
	setlocale(LC_ALL, "C");
}

static void
full(void **state)
{
	struct arena *small = arena_new(1024);
	struct buf b;
	struct jout j;

	(void)state;
	buf_init(&b, small);
	jout_init(&j, &b);
	for (int i = 0; i < 10000; i++)
		jout_str(&j, "0123456789");
	assert_true(b.bad);
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(commas, setup, unit_teardown),
		cmocka_unit_test_setup_teardown(strings, setup, unit_teardown),
		cmocka_unit_test_setup_teardown(integers, setup, unit_teardown),
		cmocka_unit_test_setup_teardown(reals, setup, unit_teardown),
		cmocka_unit_test_setup_teardown(reals_return, setup,
		    unit_teardown),
		cmocka_unit_test_setup_teardown(locales, setup, unit_teardown),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
