/* test_arena.c - memory with one lifetime. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/arena.h"

#define CAP UNIT_ARENA_BYTES

static char order[16];

static void
gets(void **state)
{
	size_t align = _Alignof(max_align_t);

	(void)state;
	assert_int_equal(arena_used(arena), 0);
	for (size_t n = 1; n < 3000; n += 7) {
		unsigned char *p = arena_get(arena, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % align, 0);
		memset(p, 0xee, n);
		p = arena_zero(arena, n);
		assert_non_null(p);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		if (n % 500 == 0)
			arena_reset(arena);
	}
	assert_true(arena_used(arena) > 0);
	assert_non_null(arena_get(arena, 0));
}

static void
texts(void **state)
{
	(void)state;
	assert_string_equal(arena_str(arena, "abc"), "abc");
	assert_null(arena_str(arena, NULL));
	assert_false(arena_full(arena));
	assert_string_equal(arena_copy(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	assert_memory_equal(arena_copy(arena, "a\0b", 3), "a\0b", 4);
	assert_string_equal(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
	assert_string_equal(arena_printf(arena, "%s", ""), "");
	assert_int_equal(strlen(arena_printf(arena, "%0100000d", 1)), 100000);
}

/* What was written survives growth, in place and by a move. */
static void
grows(void **state)
{
	size_t size = 1;
	unsigned char *p = arena_get(arena, size), *q;

	(void)state;
	p[0] = 0;
	while (size < 200000) {
		size_t more = size + size / 2 + 1;

		q = arena_grow(arena, p, size, more);
		assert_non_null(q);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(q[i], i & 255);
		for (size_t i = size; i < more; i++)
			q[i] = (unsigned char)i;
		if (size % 3 == 0)
			assert_non_null(arena_get(arena, 10));
		p = q;
		size = more;
	}
	q = arena_grow(arena, p, size, 4);
	assert_non_null(q);
	assert_int_equal(q[3], 3);
	assert_non_null(arena_grow(arena, NULL, 0, 10));
}

static void
note(void *arg)
{
	strcat(order, arg);
}

static void
defers(void **state)
{
	struct arena *a = arena_new(CAP);

	(void)state;
	assert_non_null(a);
	*order = '\0';
	assert_true(arena_defer(a, note, "1"));
	assert_true(arena_defer(a, note, "2"));
	assert_true(arena_defer(a, note, "3"));
	assert_string_equal(order, "");
	arena_reset(a);
	assert_string_equal(order, "321");
	arena_reset(a);
	assert_string_equal(order, "321");
	assert_true(arena_defer(a, note, "4"));
	arena_free(a);
	assert_string_equal(order, "3214");
	arena_free(NULL);
}

/* Full is said once and for all, until the reset. */
static void
caps(void **state)
{
	size_t got = 0;
	char *p, *kept;

	(void)state;
	kept = arena_str(arena, "kept");
	while (arena_get(arena, 1000) != NULL)
		got += 1000;
	assert_true(arena_full(arena));
	assert_in_range(got, CAP / 2, CAP + 64 * 1024);
	assert_null(arena_get(arena, 1000));
	while (arena_get(arena, 1) != NULL)
		;
	assert_false(arena_defer(arena, note, "x"));
	assert_null(arena_printf(arena, "%d", 1));
	assert_null(arena_zero(arena, 1));
	assert_string_equal(kept, "kept");
	arena_reset(arena);
	assert_false(arena_full(arena));
	assert_int_equal(arena_used(arena), 0);
	p = arena_get(arena, CAP / 2);
	assert_non_null(p);
	assert_null(arena_get(arena, CAP));
	assert_true(arena_full(arena));
	assert_null(arena_grow(arena, p, CAP / 2, CAP));
}

static void
absurd(void **state)
{
	volatile size_t most = SIZE_MAX; /* unseen by the compiler */

	(void)state;
	assert_null(arena_get(arena, most));
	assert_true(arena_full(arena));
	assert_null(arena_get(arena, most - 8));
	assert_null(arena_get(arena, most / 2));
	assert_null(arena_copy(arena, "", most));
	assert_null(arena_copy(arena, "", most - 1));
	assert_null(arena_grow(arena, NULL, 0, most));
	assert_non_null(arena_get(arena, 1));
}

static int
fresh(void **state)
{
	(void)state;
	arena_reset(arena);
	memset(order, 0, sizeof(order));
	memset(order, 'x', sizeof(order) - 1);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(gets, fresh),
		cmocka_unit_test_setup(texts, fresh),
		cmocka_unit_test_setup(grows, fresh),
		cmocka_unit_test_setup(defers, fresh),
		cmocka_unit_test_setup(caps, fresh),
		cmocka_unit_test_setup(absurd, fresh),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
