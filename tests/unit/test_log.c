/* test_log.c - one JSON object a line, or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/log.h"
#include "wire/json.h"

static char text[8192];

/* What a line with a text and a number prints, in text. */
static void
line(enum log_level level, const char *msg, const char *value)
{
	struct log_line l;
	int ends[2], err = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	log_begin(&l, level, msg);
	log_str(&l, "value", value);
	log_int(&l, "number", -7);
	log_end(&l);
	dup2(err, STDERR_FILENO);
	close(err);
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	assert_true(n >= 0);
	text[n] = '\0';
}

static void
object(void **state)
{
	struct arena *a = arena_new(1 << 20);
	const char *why = "";
	cJSON *o;

	(void)state;
	line(LOG_INFO, "a \"word\"", "tab\tend\n");
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	o = json_parse(a, text, strlen(text), &why);
	assert_non_null(o);
	assert_string_equal(json_path_text(o, "msg"), "a \"word\"");
	assert_string_equal(json_path_text(o, "value"), "tab\tend\n");
	assert_string_equal(json_path_text(o, "level"), "info");
	assert_true(json_get(o, "number")->valueint == -7);
	arena_free(a);
}

/* Too long a value is cut, and the line is whole. */
static void
cut(void **state)
{
	struct arena *a = arena_new(1 << 20);
	static char value[5000];
	const char *why = "";

	(void)state;
	memset(value, '"', sizeof(value) - 1);
	line(LOG_INFO, "long", value);
	assert_true(strlen(text) > 1000 && strlen(text) <= 2048);
	assert_non_null(json_parse(a, text, strlen(text), &why));
	arena_free(a);
}

/* Below the level nothing at all is written. */
static void
dropped(void **state)
{
	(void)state;
	log_level_set(LOG_WARN);
	line(LOG_INFO, "quiet", "x");
	log_level_set(LOG_INFO);
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(object),
		cmocka_unit_test(cut),
		cmocka_unit_test(dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
