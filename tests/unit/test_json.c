/* test_json.c - which JSON is taken, which is not, and what is made of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unit.h"

#include "wire/json.h"

struct text {
	const char *s;
	size_t len;
	const char *out; /* printed again, or part of the sentence */
};

#define T(text, out) \
	{ \
		text, sizeof(text) - 1, out \
	}

static const struct text good[] = {
	T("{}", "{}"),
	T("[]", "[]"),
	T(" [ ] \r\n\t", "[]"),
	T("null", "null"),
	T("true", "true"),
	T("false", "false"),
	T("\"\"", "\"\""),
	T("0", "0"),
	T("-0", "0"),
	T("-1", "-1"),
	T("1.5e3", "1500"),
	T("1E+2", "100"),
	T("1e-2", "0.01"),
	T("0.0", "0"),
	T("1e-400", "0"),
	T("-0.5", "-0.5"),
	T("9007199254740991", "9007199254740991"),
	T("-9007199254740991", "-9007199254740991"),
	T("1770840600123", "1770840600123"),
	T("1.7976931348623157e308", "1.7976931348623157e+308"),
	T("{\"a\":1,\"A\":2}", "{\"a\":1,\"A\":2}"),
	T("{\"a\":{\"a\":[{\"a\":1}]}}", "{\"a\":{\"a\":[{\"a\":1}]}}"),
	T("{\"\":1}", "{\"\":1}"),
	T("\"\\u00e9\\/\\b\\f\\n\\r\\t\\\\\\\"\"",
	    "\"\xc3\xa9/\\u0008\\u000c\\n\\r\\t\\\\\\\"\""),
	T("\"\\ud83d\\uDE00\"", "\"\xf0\x9f\x98\x80\""),
	T("\"\\uFFFF\\u0001\"", "\"\xef\xbf\xbf\\u0001\""),
	T("\"\xd7\xa9\xd7\x9c\x7f\"", "\"\xd7\xa9\xd7\x9c\x7f\""),
	T("[1,[2,{\"x\":null}],\"y\"]", "[1,[2,{\"x\":null}],\"y\"]"),
};

static const struct text refused[] = {
	T("", "the text ends"),
	T("  ", "the text ends"),
	T("\xef\xbb\xbf{}", "byte order mark"),
	T("{", "cut off"),
	T("[1", "cut off"),
	T("[1,", "cut off"),
	T("{\"a\"", "cut off"),
	T("{\"a\":", "cut off"),
	T("\"abc", "does not end"),
	T("\"abc\\", "escape"),
	T("{} x", "follows the JSON value at byte 4"),
	T("1 2", "follows"),
	T("{}{}", "follows"),
	T("[1]\0", "follows"),
	T("[\0]", "not JSON"),
	T("{}]", "follows"),
	T("[1}", "comma or ]"),
	T("{\"a\":1]", "comma or }"),
	T("[1 2]", "comma or ]"),
	T("{\"a\" 1}", "colon"),
	T("[,]", "not JSON"),
	T("[1,]", "not JSON"),
	T("{\"a\":1,}", "name"),
	T("{a:1}", "name"),
	T("{'a':1}", "name"),
	T("{1:1}", "name"),
	T("01", "number"),
	T("-01", "number"),
	T("00", "number"),
	T("1.", "number"),
	T("[1.]", "number"),
	T(".5", "not JSON"),
	T("+1", "not JSON"),
	T("-", "number"),
	T("--1", "number"),
	T("1e", "number"),
	T("1e+", "number"),
	T("0x10", "follows"),
	T("1e400", "out of range"),
	T("-1e400", "out of range"),
	T("1000000000000000000000000000000000000000000000000000000000000",
	    "too long"),
	T("NaN", "not JSON"),
	T("Infinity", "not JSON"),
	T("-Infinity", "number"),
	T("nul", "not JSON"),
	T("nulll", "follows"),
	T("True", "not JSON"),
	T("// x\n1", "not JSON"),
	T("\f1", "not JSON"),
	T("\xc2\xa0"
	  "1",
	    "not JSON"),
	T("\"a\nb\"", "control character"),
	T("\"a\tb\"", "control character"),
	T("\"\x1f\"", "control character"),
	T("\"a\0b\"", "NUL"),
	T("\"\\u0000\"", "NUL"),
	T("{\"\\u0000\":1}", "NUL"),
	T("\"\\x41\"", "escape"),
	T("\"\\u12\"", "escape"),
	T("\"\\u12g4\"", "escape"),
	T("\"\\U0041\"", "escape"),
	T("\"\\ud800\"", "surrogate"),
	T("\"\\udc00\"", "surrogate"),
	T("\"\\ud800\\u0041\"", "surrogate"),
	T("\"\\ud800\\ud800\"", "surrogate"),
	T("\"\\ud800x\"", "surrogate"),
	T("\"\xff\"", "UTF-8"),
	T("\"\xc0\x80\"", "UTF-8"),
	T("\"\xed\xa0\x80\"", "UTF-8"),
	T("\"\xf4\x90\x80\x80\"", "UTF-8"),
	T("\"\xe2\x82\"", "UTF-8"),
	T("{\"a\":1,\"a\":2}", "the name \"a\" stands twice"),
	T("{\"a\":1,\"\\u0061\":2}", "the name \"a\" stands twice"),
	T("[{\"x\":{\"b\":1,\"c\":2,\"b\":1}}]", "the name \"b\" stands twice"),
	T("{\"1\":0,\"2\":0,\"3\":0,\"4\":0,\"5\":0,\"6\":0,\"7\":0,\"8\":0,"
	  "\"9\":0,\"3\":0}",
	    "the name \"3\" stands twice"),
};

static void
accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		const char *why = NULL;
		cJSON *tree = json_parse(arena, good[i].s, good[i].len, &why);

		if (tree == NULL)
			fail_msg("%s: %s", good[i].s, why);
		assert_string_equal(json_print(arena, tree), good[i].out);
	}
}

static void
refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		const char *why = NULL;
		/* A copy of the exact size, so that an overrun is seen. */
		char *copy = malloc(refused[i].len + 1);

		memcpy(copy, refused[i].s, refused[i].len);
		copy = realloc(copy, refused[i].len > 0 ? refused[i].len : 1);
		if (json_parse(arena, copy, refused[i].len, &why) != NULL)
			fail_msg("taken: %s", refused[i].s);
		if (strstr(why, refused[i].out) == NULL)
			fail_msg("%s: %s", refused[i].s, why);
		free(copy);
	}
}

static void
depth(void **state)
{
	char text[2 * (JSON_DEPTH + 1)];
	const char *why;

	(void)state;
	memset(text, '[', JSON_DEPTH + 1);
	memset(text + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
	assert_non_null(json_parse(arena, text + 1, 2 * JSON_DEPTH, &why));
	assert_null(json_parse(arena, text, sizeof(text), &why));
	assert_string_equal(why, "nested deeper than 64 levels");
}

static void
nodes(void **state)
{
	size_t n = JSON_NODES; /* the array counts as one */
	char *text = malloc(2 * n + 2);
	const char *why;

	(void)state;
	text[0] = '[';
	for (size_t i = 0; i < n; i++)
		memcpy(text + 1 + 2 * i, "0,", 2);
	text[2 * n] = ']';
	assert_null(json_parse(arena, text, 2 * n + 1, &why));
	assert_string_equal(why, "more than 100000 values");
	text[2 * n - 2] = ']';
	assert_non_null(json_parse(arena, text, 2 * n - 1, &why));
	free(text);
}

/* 40000 names in one object must not take time that grows by the square. */
static void
many_names(void **state)
{
	char *text = malloc(1 << 20);
	const char *why;
	size_t n = 0;
	clock_t from = clock();
	cJSON *tree;

	(void)state;
	text[n++] = '{';
	for (int i = 0; i < 40000; i++)
		n += (size_t)sprintf(text + n, "\"name%d\":%d,", i, i);
	text[n - 1] = '}';
	tree = json_parse(arena, text, n, &why);
	assert_non_null(tree);
	assert_int_equal(cJSON_GetArraySize(tree), 40000);
	memcpy(text + 1, "\"name9\"", 7);
	text[8] = ':';
	assert_null(json_parse(arena, text, n, &why));
	assert_true(clock() - from < 2 * CLOCKS_PER_SEC);
	free(text);
}

static void
lookups(void **state)
{
	static const char text[] = "{\"a\":{\"b\":{\"c\":\"x\",\"n\":1}},"
				   "\"ab\":\"y\",\"A\":\"z\",\"l\":[1]}";
	const char *why;
	cJSON *t = json_parse(arena, text, sizeof(text) - 1, &why);

	(void)state;
	assert_non_null(t);
	assert_string_equal(json_path_text(t, "a.b.c"), "x");
	assert_null(json_path_text(t, "a.b.n"));
	assert_non_null(json_path(t, "a.b.n"));
	assert_null(json_path(t, "a.b.c.d"));
	assert_null(json_path(t, "a.x"));
	assert_null(json_path(t, "a.B"));
	assert_string_equal(json_path_text(t, "ab"), "y");
	assert_string_equal(json_text(json_get(t, "A")), "z");
	assert_null(json_get(t, "aB"));
	assert_null(json_get(json_get(t, "l"), "0"));
	assert_null(json_get(NULL, "a"));
	assert_null(json_path(NULL, "a"));
	assert_null(json_text(NULL));
	assert_null(json_text(json_get(t, "a")));
}

/* The tree goes with its arena; what json_arena set stays. */
static void
arenas(void **state)
{
	struct arena *mine = arena_new(1 << 20);
	const char *why;
	cJSON *t;
	size_t used;

	(void)state;
	t = json_parse(mine, "{\"a\":[1,2]}", 11, &why);
	assert_non_null(t);
	json_arena(mine);
	used = arena_used(mine);
	t = cJSON_CreateObject();
	assert_non_null(cJSON_AddStringToObject(t, "k", "v"));
	assert_true(arena_used(mine) > used);
	assert_string_equal(json_print(mine, t), "{\"k\":\"v\"}");
	cJSON_Delete(t);
	json_arena(NULL);
	used = arena_used(mine);
	t = cJSON_CreateObject();
	assert_int_equal(arena_used(mine), used);
	cJSON_Delete(t);
	arena_free(mine);
}

static void
full(void **state)
{
	struct arena *small = arena_new(40000);
	char *text = malloc(20001);
	const char *why;

	(void)state;
	for (size_t i = 0; i < 20000; i += 2)
		memcpy(text + i, i == 0 ? "[0" : ",0", 2);
	text[20000] = ']';
	assert_null(json_parse(small, text, 20001, &why));
	assert_string_equal(why, "the JSON needs more memory than allowed");
	arena_free(small);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(refusals),
		cmocka_unit_test(depth),
		cmocka_unit_test(nodes),
		cmocka_unit_test(many_names),
		cmocka_unit_test(lookups),
		cmocka_unit_test(arenas),
		cmocka_unit_test(full),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
