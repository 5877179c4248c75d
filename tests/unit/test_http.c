/* test_http.c - queries, forms, escapes, cookies and bearer tokens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "wire/http.h"

/* The pairs as "name=value|name=value|". */
static const char *
shown(const struct pairs *p)
{
	const char *s = "";

	for (size_t i = 0; i < p->count; i++)
		s = arena_printf(arena, "%s%s=%s|", s, p->list[i].name,
		    p->list[i].value);
	return s;
}

static void
pairs_read(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "&", "" },
		{ "&&&", "" },
		{ "a=1&b=2", "a=1|b=2|" },
		{ "a=1&&b=2&", "a=1|b=2|" },
		{ "a", "a=|" },
		{ "a=", "a=|" },
		{ "=v", "=v|" },
		{ "=", "=|" },
		{ "a=b=c", "a=b=c|" },
		{ "a=1&a=2&a=1", "a=1|a=2|a=1|" },
		{ "a+b=c+d%20e%2B", "a b=c d e+|" },
		{ "To=%2B15551230001&From=", "To=+15551230001|From=|" },
		{ "x=%C3%A9%d7%a9", "x=\xc3\xa9\xd7\xa9|" },
		{ "x=%0a%26%3d", "x=\n&=|" },
		{ "a;b=c", "a;b=c|" },
	};
	static const char *const wrong[] = { "a=%", "a=%2", "a=%zz", "%=1",
		"a=%00", "%00", "a=%ff", "a=\xff", "a=%c0%80",
		"a=1&b=%ed%a0%80" };
	struct pairs p;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(
		    http_pairs(arena, cases[i].in, strlen(cases[i].in), &p));
		assert_string_equal(shown(&p), cases[i].out);
	}
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(http_pairs(arena, wrong[i], strlen(wrong[i]), &p));
	assert_false(http_pairs(arena, "a=\0", 3, &p));
}

static void
pair_first(void **state)
{
	static const char text[] = "a=1&b=2&a=3&e";
	struct pairs p;

	(void)state;
	assert_true(http_pairs(arena, text, strlen(text), &p));
	assert_string_equal(http_pair(&p, "a"), "1");
	assert_string_equal(http_pair(&p, "e"), "");
	assert_null(http_pair(&p, "A"));
	assert_true(http_pairs(arena, NULL, 0, &p));
	assert_null(http_pair(&p, "a"));
}

static void
pairs_limit(void **state)
{
	char *text = malloc(2 * HTTP_PAIRS + 2);
	struct pairs p;

	(void)state;
	for (size_t i = 0; i <= HTTP_PAIRS; i++)
		memcpy(text + 2 * i, "a&", 2);
	assert_false(http_pairs(arena, text, 2 * HTTP_PAIRS + 2, &p));
	assert_true(http_pairs(arena, text, 2 * HTTP_PAIRS, &p));
	assert_int_equal(p.count, HTTP_PAIRS);
	free(text);
}

static void
escapes(void **state)
{
	static const char all[] = " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}~-._az09AZ"
				  "\xc3\xa9\x01\x7f";
	char *e = http_escape(arena, all);

	(void)state;
	assert_string_equal(e,
	    "%20%21%22%23%24%25%26%27%28%29%2A%2B%2C%2F%3A"
	    "%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%7D~-._az09AZ%C3%A9%01"
	    "%7F");
	assert_string_equal(http_unescape(arena, e, strlen(e)), all);
	assert_string_equal(http_escape(arena, ""), "");
	assert_string_equal(http_unescape(arena, "a+b%2fc", 7), "a+b/c");
	assert_string_equal(http_unescape(arena, "", 0), "");
	assert_null(http_unescape(arena, "%4", 2));
	assert_null(http_unescape(arena, "%4g", 3));
	assert_null(http_unescape(arena, "%00", 3));
	assert_null(http_unescape(arena, "%80", 3));
	assert_null(http_unescape(arena, "a\0b", 3));
}

static void
cookies(void **state)
{
	static const struct {
		const char *header, *name, *value;
	} cases[] = {
		{ "a=1", "a", "1" },
		{ "a=1; b=2", "b", "2" },
		{ "a=1;b=2", "b", "2" },
		{ "a=1;  b=2 ; c=3", "b", "2" },
		{ "a=", "a", "" },
		{ "a= ; b=2", "a", "" },
		{ "a=b=c", "a", "b=c" },
		{ "a=1; a=2", "a", "1" },
		{ "xa=1; a=2", "a", "2" },
		{ "ab=1; a=2", "a", "2" },
		{ ";;a=1;", "a", "1" },
		{ "a", "a", NULL },
		{ "a; a=1", "a", "1" },
		{ "A=1", "a", NULL },
		{ "", "a", NULL },
		{ NULL, "a", NULL },
		{ ";", "a", NULL },
		{ "__Host-fd_session=x.y-z_w; fd_refresh=q",
		    "__Host-fd_session", "x.y-z_w" },
		{ "q=\"a=1\"; a=2", "a", "2" },
		{ "a=\"v\"", "a", "\"v\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *v =
		    http_cookie(arena, cases[i].header, cases[i].name);

		if (cases[i].value == NULL)
			assert_null(v);
		else
			assert_string_equal(v, cases[i].value);
	}
}

static void
bearers(void **state)
{
	(void)state;
	assert_string_equal(http_bearer("Bearer abc.D-_~+/9=="),
	    "abc.D-_~+/9==");
	assert_string_equal(http_bearer("bEARER  x"), "x");
	assert_null(http_bearer(NULL));
	assert_null(http_bearer(""));
	assert_null(http_bearer("Bearer"));
	assert_null(http_bearer("Bearer "));
	assert_null(http_bearer("Bearerx"));
	assert_null(http_bearer("Basic abc"));
	assert_null(http_bearer("Bearer a b"));
	assert_null(http_bearer("Bearer a,b"));
	assert_null(http_bearer("Bearer ="));
	assert_null(http_bearer("Bearer a=b"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_read),
		cmocka_unit_test(pair_first),
		cmocka_unit_test(pairs_limit),
		cmocka_unit_test(escapes),
		cmocka_unit_test(cookies),
		cmocka_unit_test(bearers),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
