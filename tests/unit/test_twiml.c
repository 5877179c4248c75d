/*
 * test_twiml.c - TwiML byte by byte; the expected texts were printed by
 * Twilio's Node library, version 6.2.0.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "wire/twiml.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"

static struct buf buf;
static struct twiml t;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	buf_init(&buf, arena);
	twiml_begin(&t, &buf);
	return 0;
}

static void
expect(const char *text)
{
	twiml_finish(&t);
	assert_false(buf.bad);
	assert_string_equal(buf_text(&buf), text);
}

static void
empty(void **state)
{
	(void)state;
	expect(HEAD "<Response/>");
}

static void
say(void **state)
{
	(void)state;
	twiml_verb(&t, "Say");
	twiml_attr(&t, "language", "en-US");
	twiml_attr(&t, "voice", "Polly.Joanna");
	twiml_attr(&t, "loop", NULL);
	twiml_text(&t, "Hello <Bob> & \"Co\"");
	expect(HEAD "<Response><Say language=\"en-US\" voice=\"Polly.Joanna\">"
		    "Hello &lt;Bob&gt; &amp; \"Co\"</Say></Response>");
}

static void
dial(void **state)
{
	(void)state;
	twiml_verb(&t, "Dial");
	twiml_attr(&t, "callerId", "+15551239999");
	twiml_attr(&t, "timeout", "20");
	twiml_attr(&t, "action", "/dial-done?x=1&y=2");
	twiml_attr(&t, "answerOnBridge", "true");
	twiml_verb(&t, "Number");
	twiml_attr(&t, "statusCallback", "https://x/y");
	twiml_attr(&t, "statusCallbackEvent",
	    "initiated ringing answered completed");
	twiml_text(&t, "+15551230000");
	twiml_end(&t);
	twiml_end(&t);
	expect(HEAD
	    "<Response><Dial callerId=\"+15551239999\" timeout=\"20\" "
	    "action=\"/dial-done?x=1&amp;y=2\" answerOnBridge=\"true\">"
	    "<Number statusCallback=\"https://x/y\" statusCallbackEvent="
	    "\"initiated ringing answered completed\">+15551230000</Number>"
	    "</Dial></Response>");
}

static void
sip(void **state)
{
	(void)state;
	twiml_verb(&t, "Dial");
	twiml_verb(&t, "Sip");
	twiml_text(&t, "sip:my_agent@sip.vapi.ai?X-Org=42&X-b=1");
	expect(HEAD "<Response><Dial><Sip>sip:my_agent@sip.vapi.ai?X-Org=42"
		    "&amp;X-b=1</Sip></Dial></Response>");
}

static void
connect_stream(void **state)
{
	(void)state;
	twiml_verb(&t, "Connect");
	twiml_verb(&t, "Stream");
	twiml_attr(&t, "url", "wss://x/ws");
	twiml_verb(&t, "Parameter");
	twiml_attr(&t, "name", "orgId");
	twiml_attr(&t, "value", "42");
	expect(
	    HEAD "<Response><Connect><Stream url=\"wss://x/ws\">"
		 "<Parameter name=\"orgId\" value=\"42\"/></Stream></Connect>"
		 "</Response>");
}

static void
siblings(void **state)
{
	(void)state;
	twiml_verb(&t, "Say");
	twiml_text(&t, "");
	twiml_end(&t);
	twiml_verb(&t, "Record");
	twiml_attr(&t, "maxLength", "120");
	twiml_attr(&t, "playBeep", "true");
	twiml_end(&t);
	twiml_verb(&t, "Redirect");
	twiml_attr(&t, "method", "POST");
	twiml_text(&t, "https://x/next");
	twiml_end(&t);
	twiml_verb(&t, "Hangup");
	twiml_end(&t);
	expect(
	    HEAD "<Response><Say/><Record maxLength=\"120\" "
		 "playBeep=\"true\"/><Redirect method=\"POST\">https://x/next"
		 "</Redirect><Hangup/></Response>");
}

static void
characters(void **state)
{
	(void)state;
	twiml_verb(&t, "Say");
	twiml_attr(&t, "voice", "a&<>\"'\t\n\rb\xc3\xa9");
	twiml_text(&t, "x&<>\"'\t\n\ry\xc3\xa9]]>\x7f\xf0\x9f\x98\x80");
	twiml_end(&t);
	twiml_verb(&t, "Say");
	twiml_text(&t,
	    "a\x01\x1f\xff\xef\xbf\xbf"
	    "b");
	expect(HEAD
	    "<Response><Say voice=\"a&amp;&lt;>&quot;'&#x9;&#xA;&#xD;b"
	    "\xc3\xa9\">x&amp;&lt;&gt;\"'\t\n&#xD;y\xc3\xa9]]&gt;\x7f"
	    "\xf0\x9f\x98\x80</Say><Say>a  \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
	    "\xef\xbf\xbd"
	    "b</Say></Response>");
}

static void
misuse(void **state)
{
	(void)state;
	twiml_verb(&t, "Say");
	twiml_text(&t, "x");
	twiml_attr(&t, "late", "1");
	assert_true(buf.bad);
	buf_clear(&buf);
	twiml_begin(&t, &buf);
	for (int i = 0; i < 7; i++)
		twiml_verb(&t, "V");
	assert_false(buf.bad);
	twiml_verb(&t, "V");
	assert_true(buf.bad);
	buf_clear(&buf);
	twiml_begin(&t, &buf);
	twiml_finish(&t);
	twiml_end(&t);
	assert_true(buf.bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty, setup, unit_teardown),
		cmocka_unit_test_setup_teardown(say, setup, unit_teardown),
		cmocka_unit_test_setup_teardown(dial, setup, unit_teardown),
		cmocka_unit_test_setup_teardown(sip, setup, unit_teardown),
		cmocka_unit_test_setup_teardown(connect_stream, setup,
		    unit_teardown),
		cmocka_unit_test_setup_teardown(siblings, setup, unit_teardown),
		cmocka_unit_test_setup_teardown(characters, setup,
		    unit_teardown),
		cmocka_unit_test_setup_teardown(misuse, setup, unit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
