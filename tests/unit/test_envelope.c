/*
 * test_envelope.c - messages of Vapi in all their shapes, and days and times
 * as models write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* before cmocka.h, which makes a macro of fail */
#include "base/clock.h"
#include "base/rc.h"
#include "hook/envelope.h"
#include "hook/tool.h"
#include "hook/when.h"

#include <cmocka.h>

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	json_arena(arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	json_arena(NULL);
	arena_free(arena);
	return 0;
}

static cJSON *
parse(const char *text)
{
	const char *why = "";
	cJSON *root = json_parse(arena, text, strlen(text), &why);

	if (root == NULL)
		fail_msg("%s: %s", text, why);
	return root;
}

static struct envelope
read_message(const char *members)
{
	struct envelope e;
	char *text = arena_printf(arena, "{\"message\":{%s}}", members);

	assert_true(envelope_read(arena, parse(text), &e));
	return e;
}

/* Each is one call: id x, name n, date d. */
static const char *const shapes[] = {
	"{\"id\":\"x\",\"function\":{\"name\":\"n\",\"arguments\":"
	"{\"date\":\"d\"}}}",
	"{\"id\":\"x\",\"function\":{\"name\":\"n\",\"arguments\":"
	"\"{\\\"date\\\":\\\"d\\\"}\"}}",
	"{\"id\":\"x\",\"function\":{\"name\":\"n\",\"parameters\":"
	"{\"date\":\"d\"}}}",
	"{\"toolCallId\":\"x\",\"name\":\"n\",\"arguments\":"
	"{\"date\":\"d\"}}",
	"{\"id\":\"x\",\"name\":\"n\",\"parameters\":{\"date\":\"d\"}}",
	"{\"id\":\"x\",\"name\":\"n\",\"function\":{},\"arguments\":"
	"\"{\\\"date\\\":\\\"d\\\"}\"}",
	"{\"id\":\"x\",\"function\":{\"name\":\"n\",\"arguments\":null,"
	"\"parameters\":{\"date\":\"d\"}}}",
};

static void
test_shapes(void **state)
{
	static const char *const lists[] = { "\"toolCallList\":[%s]",
		"\"toolCalls\":[%s]", "\"toolCallList\":[],\"toolCalls\":[%s]",
		"\"toolWithToolCallList\":[{\"toolCall\":%s}]" };

	(void)state;
	for (size_t i = 0; i < COUNT(shapes) * COUNT(lists); i++) {
		const char *shape = shapes[i / COUNT(lists)];
		const char *list = lists[i % COUNT(lists)];
		const char *end = strstr(list, "%s") + 2;
		struct envelope e = read_message(arena_printf(arena, "%.*s%s%s",
		    (int)(end - 2 - list), list, shape, end));

		assert_int_equal(e.count, 1);
		assert_string_equal(e.calls[0].id, "x");
		assert_string_equal(e.calls[0].name, "n");
		assert_string_equal(args_text(arena, e.calls[0].args, "date",
					9),
		    "d");
		assert_false(e.legacy);
	}
}

static void
test_no_arguments(void **state)
{
	static const char *const odd[] = { "\"\"", "null", "[]", "7", "\"{\"",
		"\"[1]\"", "\"null\"" };

	(void)state;
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct envelope e = read_message(arena_printf(arena,
		    "\"toolCalls\":[{\"function\":{\"arguments\":%s}}]",
		    odd[i]));

		assert_int_equal(e.count, 1);
		assert_string_equal(e.calls[0].id, "");
		assert_null(e.calls[0].name);
		assert_true(cJSON_IsObject(e.calls[0].args));
	}
}

static void
test_legacy(void **state)
{
	struct envelope e =
	    read_message("\"type\":\"function-call\","
			 "\"functionCall\":{\"name\":\"n\",\"parameters\":"
			 "{\"date\":\"d\"}}");

	(void)state;
	assert_true(e.legacy);
	assert_int_equal(e.count, 1);
	assert_string_equal(args_text(arena, e.calls[0].args, "date", 9), "d");
	e = read_message("\"type\":7,\"toolCalls\":\"x\"");
	assert_string_equal(e.type, "");
	assert_int_equal(e.count, 0);
}

static void
test_no_message(void **state)
{
	struct envelope e;

	(void)state;
	assert_false(envelope_read(arena, parse("[]"), &e));
	assert_false(envelope_read(arena, parse("{\"message\":[]}"), &e));
	assert_true(envelope_read(arena, parse("{\"message\":{}}"), &e));
	assert_null(e.link.vapi_id);
	assert_null(e.link.caller);
}

static void
test_link(void **state)
{
	struct envelope e = read_message(
	    "\"call\":{\"id\":\"c\","
	    "\"assistantId\":\"a\",\"phoneCallProviderId\":\"CA1\","
	    "\"customer\":{\"number\":\"+14155550111\"},\"monitor\":"
	    "{\"controlUrl\":\"https://x.vapi.ai/1\"},"
	    "\"assistantOverrides\":{\"variableValues\":"
	    "{\"x-frontdesk-call\":\"r\"}}},"
	    "\"phoneNumber\":{\"number\":\"+14155550100\"}");

	(void)state;
	assert_string_equal(e.link.vapi_id, "c");
	assert_string_equal(e.link.assistant, "a");
	assert_string_equal(e.link.caller, "+14155550111");
	assert_string_equal(e.link.called, "+14155550100");
	assert_string_equal(e.link.sid, "CA1");
	assert_string_equal(e.link.row, "r");
	assert_string_equal(e.control_url, "https://x.vapi.ai/1");
	e = read_message(
	    "\"call\":{\"customer\":{\"number\":\"anonymous\"}},"
	    "\"customer\":{\"sipUri\":\"sip:+14155550112@example.com\"}");
	assert_string_equal(e.link.caller, "+14155550112");
	e = read_message("\"call\":{\"id\":7,\"assistantId\":{}}");
	assert_null(e.link.vapi_id);
	assert_null(e.link.assistant);
}

/* What is longer than any real id is none; long texts are cut. */
static void
test_long(void **state)
{
	char id[300];
	struct envelope e;
	const cJSON *text;

	(void)state;
	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	e = read_message(arena_printf(arena,
	    "\"call\":{\"id\":\"%s\",\"phoneCallProviderId\":\"%s\"}", id, id));
	assert_null(e.link.vapi_id);
	assert_null(e.link.sid);
	id[200] = '\0';
	e = read_message(arena_printf(arena, "\"call\":{\"id\":\"%s\"}", id));
	assert_string_equal(e.link.vapi_id, id);
	text = json_get(parse("{\"a\":\" h\u00e9h\u00e9 \"}"), "a");
	assert_string_equal(envelope_text(arena, text, 2), "h\xc3\xa9");
	assert_null(envelope_text(arena, NULL, 2));
}

static void
test_text(void **state)
{
	const cJSON *args = parse("{\"a\":\"  x y \",\"b\":\"   \",\"c\":12,"
				  "\"d\":[],\"e\":\"éèà\",\"f\":1.5}");

	(void)state;
	assert_string_equal(args_text(arena, args, "a", 9), "x y");
	assert_null(args_text(arena, args, "b", 9));
	assert_string_equal(args_text(arena, args, "c", 9), "12");
	assert_null(args_text(arena, args, "d", 9));
	assert_string_equal(args_text(arena, args, "e", 2), "éè");
	assert_null(args_text(arena, args, "f", 9));
	assert_null(args_text(arena, args, "g", 9));
}

static void
test_tool_names(void **state)
{
	static const char *const good[] = { "book-appointment",
		"bookAppointment", "book_appointment", "BookAppointment" };
	static const char *const bad[] = { "", "book", "bookappointments",
		"xbook-appointment", "book appointment" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_string_equal(tool_find(good[i])->name, good[0]);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(tool_find(bad[i]));
	assert_null(tool_find(NULL));
	for (const struct tool *t = tools; t->name != NULL; t++)
		assert_true(cJSON_IsObject(parse(t->parameters)));
}

/* --- days and times ------------------------------------------------------ */

#define ZONE "America/New_York"

static struct wish
wish(const char *members)
{
	struct when_place at = { .zone = ZONE };
	struct wish w;

	assert_true(clock_parse("2026-02-11T03:00:00Z", &at.now_ms));
	when_read(arena, &at, parse(arena_printf(arena, "{%s}", members)),
	    &when_usual, &w);
	return w;
}

/* The instant that members stand for is text; NULL: they are no instant. */
static void
expect(const char *members, const char *text)
{
	struct wish w = wish(members);
	int64_t t;

	if (text == NULL) {
		if (w.date_known && w.time_known)
			fail_msg("%s is understood", members);
		return;
	}
	assert_true(clock_parse(text, &t));
	if (!w.date_known || !w.time_known || w.at_ms != t)
		fail_msg("%s is not %s", members, text);
}

static void
test_times(void **state)
{
	static const char *const nine[] = { "9:30 AM", "09:30", "9:30",
		"9:30am", "9h30", "9 h 30", "09:30:00", "9:30 a.m.",
		"9:30:59" };
	static const char *const two[] = { "2 PM", "2pm", "14:00", "14h",
		"14 h", "14", "2:00 p.m.", "14:00:00.000" };
	static const char *const bad[] = { "25:00", "9:60", "13 PM", "0 am",
		"noon-ish", "9:3x", "half past nine", "-1", "9:", "9.30", ":30",
		"24:00", "9 30" };

	(void)state;
	for (size_t i = 0; i < COUNT(nine); i++)
		expect(arena_printf(arena,
			   "\"date\":\"2026-03-10\","
			   "\"time\":\"%s\"",
			   nine[i]),
		    "2026-03-10T13:30:00Z");
	for (size_t i = 0; i < COUNT(two); i++)
		expect(arena_printf(arena,
			   "\"date\":\"2026-03-10\","
			   "\"time\":\"%s\"",
			   two[i]),
		    "2026-03-10T18:00:00Z");
	for (size_t i = 0; i < COUNT(bad); i++)
		expect(arena_printf(arena,
			   "\"date\":\"2026-03-10\","
			   "\"time\":\"%s\"",
			   bad[i]),
		    NULL);
	expect("\"date\":\"2026-03-10\",\"time\":\"12 am\"",
	    "2026-03-10T04:00:00Z");
	expect("\"date\":\"2026-03-10\",\"time\":\"12:15 pm\"",
	    "2026-03-10T16:15:00Z");
	expect("\"date\":\"2026-03-10\",\"time\":14", "2026-03-10T18:00:00Z");
}

static void
test_moments(void **state)
{
	(void)state;
	expect("\"start\":\"2026-03-10T14:00:00Z\"", "2026-03-10T14:00:00Z");
	expect("\"datetime\":\"2026-03-10T14:00:00-05:00\"",
	    "2026-03-10T19:00:00Z");
	expect("\"start\":\"2026-03-10T10:00:00\"", "2026-03-10T14:00:00Z");
	expect("\"start\":\"2026-03-10T10:00:00.000\"", "2026-03-10T14:00:00Z");
	expect("\"date\":\"2026-03-10 10:00\"", "2026-03-10T14:00:00Z");
	expect("\"time\":\"2026-03-10T10:00\"", "2026-03-10T14:00:00Z");
	/* midnight in some zone beside a time is only a date */
	expect("\"date\":\"2026-03-10T00:00:00Z\",\"time\":\"10:00\"",
	    "2026-03-10T14:00:00Z");
	expect("\"date\":\"2026-03-10x\",\"time\":\"10:00\"", NULL);
	expect("\"start\":\"2026-03-10T99:00\"", NULL);
	expect("\"start\":{}", NULL);
}

static void
test_dates(void **state)
{
	static const char *const bad[] = { "2026-13-45", "2026-02-29",
		"10/03/2026", "some week", "26-03-10", "2026-03",
		"2026-00-10" };
	struct wish w = wish("\"date\":\"today\"");

	(void)state;
	/* 3:00 UTC is still the evening before in New York */
	assert_int_equal(w.date, clock_days(2026, 2, 10));
	assert_false(w.time_known);
	w = wish("\"date\":\"Demain\",\"time\":\"9h\"");
	assert_int_equal(w.date, clock_days(2026, 2, 11));
	assert_true(w.time_known);
	w = wish("\"date\":\"2026-3-5\"");
	assert_int_equal(w.date, clock_days(2026, 3, 5));
	for (size_t i = 0; i < COUNT(bad); i++) {
		w = wish(arena_printf(arena, "\"date\":\"%s\"", bad[i]));
		assert_false(w.date_known);
		assert_string_equal(w.date_text, bad[i]);
	}
	w = wish("\"date\":null,\"time\":\"\"");
	assert_null(w.date_text);
	assert_null(w.time_text);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = { T(test_shapes),
		T(test_no_arguments), T(test_legacy), T(test_no_message),
		T(test_link), T(test_long), T(test_text), T(test_tool_names),
		T(test_times), T(test_moments), T(test_dates) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
