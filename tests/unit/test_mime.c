/* test_mime.c - letters: nothing given can begin a field of its own. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "wire/mime.h"

static const struct mime_letter usual = { .from = "desk@example.com",
	.name = "Desk",
	.to = "staff@example.com",
	.subject = "Hello",
	.text = "One\nTwo\n",
	.id = "0001-a",
	.date_ms = INT64_C(1771000000123) };

static void
whole(void **state)
{
	(void)state;
	assert_string_equal(mime_print(arena, &usual),
	    "Date: Fri, 13 Feb 2026 16:26:40 +0000\r\n"
	    "From: =?UTF-8?B?RGVzaw==?= <desk@example.com>\r\n"
	    "To: <staff@example.com>\r\n"
	    "Subject: Hello\r\n"
	    "Message-ID: <0001-a@example.com>\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "\r\n"
	    "T25lDQpUd28NCg==\r\n");
}

static void
fields(void **state)
{
	static const char *const pairs[][2] = {
		{ "Plain words", "Plain words" },
		{ "", "" },
		{ "a\r\nBcc: x@example.com", "a  Bcc: x@example.com" },
		{ "=?UTF-8?B?eA==?=", "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=" },
		{ "Caf\xc3\xa9", "=?UTF-8?B?Q2Fmw6k=?=" },
		{ "\xff", "=?UTF-8?B?77+9?=" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		assert_string_equal(mime_field(arena, pairs[i][0]),
		    pairs[i][1]);
}

/* Long text is folded into words of whole characters, 76 in a line at most. */
static void
folded(void **state)
{
	char text[601];
	const char *out, *line;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		memcpy(text + 2 * i, "\xd7\xa9", 3);
	out = mime_field(arena, text);
	for (line = out; line != NULL;) {
		const char *end = strstr(line, "\r\n");
		size_t n = end != NULL ? (size_t)(end - line) : strlen(line);

		assert_true(n <= 67); /* behind "Subject: " */
		assert_true(
		    strncmp(line + (line != out), "=?UTF-8?B?", 10) == 0);
		line = end != NULL ? end + 2 : NULL;
		if (line != NULL)
			assert_int_equal(*line, ' ');
	}
}

static void
refused(void **state)
{
	static const char *const bad[] = { NULL, "", "a", "a@b",
		"a@example.com\r\nBcc: b@example.com", "a b@example.com",
		"<a@example.com>", "a@example.com>", "\xc3\xa9@example.com",
		"a@b@example.com", "a@example.com,b@example.com" };
	struct mime_letter l;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(mime_address(bad[i]));
		l = usual;
		l.to = bad[i];
		assert_null(mime_print(arena, &l));
		l = usual;
		l.from = bad[i];
		assert_null(mime_print(arena, &l));
	}
	l = usual;
	l.id = "a@b";
	assert_null(mime_print(arena, &l));
	l.id = "";
	assert_null(mime_print(arena, &l));
}

static void
long_text(void **state)
{
	char text[3000];
	struct mime_letter l = usual;
	const char *out;

	(void)state;
	memset(text, '.', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	l.text = text;
	out = strstr(mime_print(arena, &l), "\r\n\r\n") + 4;
	while (*out != '\0') {
		const char *end = strstr(out, "\r\n");

		assert_non_null(end);
		assert_true(end - out <= 76);
		out = end + 2;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(fields),
		cmocka_unit_test(folded),
		cmocka_unit_test(refused),
		cmocka_unit_test(long_text),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
