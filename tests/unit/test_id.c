/* test_id.c - UUID version 7 identifiers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/rc.h"

#define SOME "019c4d5e-6f70-7abc-8def-0123456789ab"

/* Milliseconds that an id carries. */
static int64_t
id_time(const char *id)
{
	char digits[13];

	memcpy(digits, id, 8);
	memcpy(digits + 8, id + 9, 4);
	digits[12] = '\0';
	return strtoll(digits, NULL, 16);
}

/* More than the 4096 that fit into one millisecond; first, see same_ms. */
static void
ascending(void **state)
{
	char last[ID_TEXT], id[ID_TEXT];
	int64_t before = clock_now_ms();

	(void)state;
	id_new(last);
	assert_true(id_time(last) >= before);
	assert_true(id_time(last) <= clock_now_ms());
	for (int i = 0; i < 20000; i++) {
		id_new(id);
		assert_true(id_valid(id));
		assert_int_equal(strlen(id), 36);
		assert_int_equal(id[14], '7');
		assert_non_null(strchr("89ab", id[19]));
		assert_true(strcmp(id, last) > 0);
		memcpy(last, id, sizeof(id));
	}
}

/* A clock that stands, or goes back: ids still ascend. */
static void
same_ms(void **state)
{
	char last[ID_TEXT], id[ID_TEXT];

	(void)state;
	setenv("FRONTDESK_CLOCK", "4000000000000", 1);
	id_new(last);
	assert_int_equal(id_time(last), INT64_C(4000000000000));
	for (int i = 0; i < 10000; i++) {
		if (i == 5000)
			setenv("FRONTDESK_CLOCK", "3999999999000", 1);
		id_new(id);
		assert_true(strcmp(id, last) > 0);
		memcpy(last, id, sizeof(id));
	}
	assert_true(id_time(last) < INT64_C(4000000000010));
	unsetenv("FRONTDESK_CLOCK");
}

static void
validity(void **state)
{
	static const char *const bad[] = { "", "x", "019c4d5e",
		"019c4d5e6f707abc8def0123456789ab",
		"019c4d5e-6f70-7abc-8def-0123456789a",
		"019c4d5e-6f70-7abc-8def-0123456789abc",
		"019C4D5E-6F70-7ABC-8DEF-0123456789AB",
		"019c4d5e-6f70-7abc-8def-0123456789ag",
		"019c4d5e-6f70-7abc-8def_0123456789ab",
		"{19c4d5e-6f70-7abc-8def-0123456789a}",
		"-19c4d5e-6f70-7abc-8def-0123456789ab",
		" 019c4d5e-6f70-7abc-8def-0123456789a",
		"019c4d5e-6f70-7abc-8def-0123456789a\n" };

	(void)state;
	assert_true(id_valid(SOME));
	assert_true(id_valid("00000000-0000-0000-0000-000000000000"));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(id_valid(bad[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ascending),
		cmocka_unit_test(validity),
		cmocka_unit_test(same_ms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
