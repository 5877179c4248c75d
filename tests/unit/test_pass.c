/* test_pass.c - passwords by Argon2id. */
#include <stdint.h>
#include <string.h>

#include "unit.h"

#include "base/clock.h"
#include "base/str.h"
#include "safe/pass.h"

static void
right_and_wrong(void **state)
{
	const char *hash = pass_hash(arena, "correct horse");
	const char *again = pass_hash(arena, "correct horse");

	(void)state;
	assert_true(str_starts(hash, "$argon2id$v=19$m=65536,t=2,p=1$"));
	assert_string_not_equal(hash, again);
	assert_true(pass_check(hash, "correct horse"));
	assert_true(pass_check(again, "correct horse"));
	assert_false(pass_check(hash, "correct horsf"));
	assert_false(pass_check(hash, "correct hors"));
	assert_false(pass_check(hash, ""));
}

static void
unusual(void **state)
{
	char text[2001];
	const char *hash;

	(void)state;
	memset(text, 'z', 2000);
	text[2000] = '\0';
	hash = pass_hash(arena, text);
	assert_true(pass_check(hash, text));
	text[1999] = 'y';
	assert_false(pass_check(hash, text));
	assert_true(pass_check(pass_hash(arena, "πάσς"), "πάσς"));
	assert_false(pass_check("", "x"));
	assert_false(pass_check("plain", "plain"));
	assert_false(
	    pass_check("$argon2id$v=19$m=65536,t=2,p=1$AAAA$AAAA", "x"));
}

/* An unknown account takes as long as a wrong password. */
static void
no_hash(void **state)
{
	const char *hash = pass_hash(arena, "something");
	int64_t start, known, unknown;

	(void)state;
	assert_false(pass_check(NULL, "nobody"));
	assert_false(pass_check(NULL, ""));
	start = clock_tick_us();
	(void)pass_check(hash, "wrong");
	(void)pass_check(hash, "wrong");
	known = clock_tick_us() - start;
	start = clock_tick_us();
	(void)pass_check(NULL, "wrong");
	(void)pass_check(NULL, "wrong");
	unknown = clock_tick_us() - start;
	assert_true(unknown > known / 4 && known > unknown / 4);
}

static void
stale(void **state)
{
	(void)state;
	assert_false(pass_stale(pass_hash(arena, "x")));
	assert_true(pass_stale("$argon2id$v=19$m=19456,t=2,p=1$"
			       "c2FsdHNhbHRzYWx0c2FsdA$"
			       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
	assert_true(pass_stale(""));
	assert_true(pass_stale("plain"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_and_wrong),
		cmocka_unit_test(unusual),
		cmocka_unit_test(no_hash),
		cmocka_unit_test(stale),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
