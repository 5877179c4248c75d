/* test_token.c - random tokens and their hashes. */
#include <stdint.h>
#include <string.h>

#include "unit.h"

#include "safe/token.h"

static void
fresh_tokens(void **state)
{
	const char *a = token_new(arena, "fd_"), *b = token_new(arena, "fd_");

	(void)state;
	assert_int_equal(strlen(a), 3 + 43);
	assert_int_equal(strlen(token_new(arena, "")), 43);
	assert_memory_equal(a, "fd_", 3);
	assert_string_not_equal(a, b);
	assert_int_equal(strspn(a + 3,
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
			     "mnopqrstuvwxyz0123456789-_"),
	    43);
}

/* BLAKE2b-256 of "" and "abc", as other programs compute it. */
static void
hashes(void **state)
{
	(void)state;
	assert_string_equal(token_hash(arena, ""),
	    "DldRwCblQ7Loqy6wYJnaodHl30d3j3eH-qtFzfEv46g");
	assert_string_equal(token_hash(arena, "abc"),
	    "vd2BPGNCOXIxce8_7phXm5SWTjuxyz5CcmLIwGjVIxk");
	assert_string_not_equal(token_hash(arena, "abd"),
	    token_hash(arena, "abc"));
}

static void
same(void **state)
{
	(void)state;
	assert_true(token_same("abc", "abc"));
	assert_true(token_same("", ""));
	assert_false(token_same("abc", "abd"));
	assert_false(token_same("abc", "ab"));
	assert_false(token_same("ab", "abc"));
	assert_false(token_same("", "a"));
	assert_false(token_same(NULL, "a"));
	assert_false(token_same("a", NULL));
	assert_false(token_same(NULL, NULL));
}

static void
full(void **state)
{
	struct arena *small = arena_new(1);

	(void)state;
	assert_non_null(small);
	while (arena_get(small, 64) != NULL)
		;
	assert_null(token_new(small, "fd_"));
	assert_null(token_hash(small, "x"));
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_tokens),
		cmocka_unit_test(hashes),
		cmocka_unit_test(same),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
