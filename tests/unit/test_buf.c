/* test_buf.c - a byte buffer that grows inside an arena. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "base/buf.h"

static void
adds(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, arena);
	assert_string_equal(buf_text(&b), "");
	assert_int_equal(arena_used(arena), 0);
	buf_str(&b, "ab");
	buf_char(&b, 'c');
	buf_add(&b, "d\0e", 3);
	buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.data, "abcd\0e", 7);
	buf_clear(&b);
	assert_int_equal(b.len, 0);
	assert_string_equal(buf_text(&b), "");
	buf_printf(&b, "%d|%s", 12, "x");
	assert_string_equal(buf_text(&b), "12|x");
	assert_false(b.bad);
}

static void
grows(void **state)
{
	struct buf b;
	size_t len = 0;

	(void)state;
	buf_init(&b, arena);
	for (int i = 0; i < 20000; i++) {
		char text[16];

		if (i % 100 == 0)
			assert_non_null(arena_get(arena, 8));
		len += (size_t)snprintf(text, sizeof(text), "%d,", i);
		if (i % 2 == 0)
			buf_str(&b, text);
		else
			buf_printf(&b, "%d,", i);
		assert_int_equal(b.data[b.len], 0);
	}
	assert_false(b.bad);
	assert_int_equal(b.len, len);
	assert_memory_equal(b.data, "0,1,2,", 6);
	assert_string_equal(b.data + len - 12, "19998,19999,");
}

/* Each printf at each fill level around the first size of the buffer. */
static void
prints_at_the_edge(void **state)
{
	(void)state;
	for (int fill = 500; fill < 530; fill++) {
		struct buf b;

		buf_init(&b, arena);
		for (int i = 0; i < fill; i++)
			buf_char(&b, '.');
		buf_printf(&b, "%s", "0123456789");
		assert_int_equal(b.len, fill + 10);
		assert_string_equal(b.data + fill, "0123456789");
	}
}

static void
full(void **state)
{
	struct arena *small = arena_new(100 * 1024);
	struct buf b;
	size_t len;

	(void)state;
	assert_non_null(small);
	buf_init(&b, small);
	while (!b.bad)
		buf_str(&b, "0123456789");
	len = b.len;
	assert_true(len > 0 && len % 10 == 0);
	assert_int_equal(strlen(b.data), len);
	buf_char(&b, 'x');
	buf_printf(&b, "%d", 1);
	assert_int_equal(b.len, len);
	assert_true(b.bad);
	buf_clear(&b);
	buf_str(&b, "again");
	assert_false(b.bad);
	assert_string_equal(buf_text(&b), "again");
	arena_free(small);
}

static int
fresh(void **state)
{
	(void)state;
	arena_reset(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(adds, fresh),
		cmocka_unit_test_setup(grows, fresh),
		cmocka_unit_test_setup(prints_at_the_edge, fresh),
		cmocka_unit_test_setup(full, fresh),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
