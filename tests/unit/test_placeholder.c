/* test_placeholder.c - `:name` becomes `$n`, and nothing else changes. */
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "base/str.h"
#include "db/placeholder.h"

static void
becomes(const char *sql, const char *text, const char *names)
{
	struct placeholders p;
	char all[256] = "";
	size_t n = 0;

	assert_true(placeholders_number(&p, sql));
	assert_string_equal(p.text, text);
	for (int i = 0; i < p.count; i++)
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s ",
		    p.name[i]);
	assert_string_equal(all, names);
	placeholders_free(&p);
	assert_null(p.text);
}

static void
numbers(void **state)
{
	(void)state;
	becomes("SELECT 1", "SELECT 1", "");
	becomes("", "", "");
	becomes(":a", "$1", "a ");
	becomes("SELECT :a, :b_2,:a", "SELECT $1, $2,$1", "a b_2 ");
	becomes("a = :a OR b=:ab", "a = $1 OR b=$2", "a ab ");
	becomes("VALUES(:new_id)", "VALUES($1)", "new_id ");
}

static void
left_alone(void **state)
{
	(void)state;
	becomes("SELECT ':a', a AS \"n:int\"", "SELECT ':a', a AS \"n:int\"",
	    "");
	becomes("SELECT 'it''s :a', :b", "SELECT 'it''s :a', $1", "b ");
	becomes("SELECT a::text, :b", "SELECT a::text, $1", "b ");
	becomes("SELECT a : b", "SELECT a : b", "");
	becomes("SELECT ':a", "SELECT ':a", "");
	becomes("SELECT \"x:y", "SELECT \"x:y", "");
	becomes(":", ":", "");
}

/* A name in the first place that is met a thousand times, and many names. */
static void
many(void **state)
{
	struct placeholders p;
	char *sql = arena_get(arena, 100000);
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 1200; i++)
		n += (size_t)snprintf(sql + n, 20, ":c%d,:a,", i);
	assert_true(placeholders_number(&p, sql));
	assert_int_equal(p.count, 1201);
	assert_true(str_starts(p.text, "$1,$2,$3,$2,$4,$2,"));
	assert_string_equal(p.name[1200], "c1199");
	assert_non_null(strstr(p.text, "$1201,$2,"));
	placeholders_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(left_alone),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
