/* test_sign.c - signatures of webhooks, against vectors made elsewhere. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "safe/sign.h"
#include "safe/sign_url.h"

#define T1   "12345"
#define T2   "0123456789abcdef0123456789abcdef"
#define HOST "https://api.example.com"
#define HOOK HOST "/webhooks/twilio"

/* ---- Twilio ---- */

struct vector {
	const char *token;
	const char *url;
	const char *signature;
	struct pair pairs[14];
};

#define P3 \
	{ \
		{ "To", "+15551239999" }, \
		    { "AccountSid", "AC00000000000000000000000000000001" }, \
		    { "ApiVersion", "2010-04-01" }, \
		    { "CallSid", "CA00000000000000000000000000000001" }, \
		    { "CallStatus", "ringing" }, { "Called", "+15551239999" }, \
		    { "Caller", "+15551230001" }, { "Direction", "inbound" }, \
		    { "From", "+15551230001" }, \
		    { "FromCity", "SAN FRANCISCO" }, { "FromState", "CA" }, \
		    { "FromZip", "" }, \
		{ \
			"ForwardedFrom", "+15551237777" \
		} \
	}
#define P6 \
	{ \
		{ "CallSid", "CA1" }, { "CallStatus", "completed" }, \
		{ \
			"CallDuration", "17" \
		} \
	}

/* Made with the npm package twilio 6.2.0. */
static const struct vector vectors[] = {
	{ T1, "https://mycompany.com/myapp.php?foo=1&bar=2",
	    "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
	    { { "CallSid", "CA1234567890ABCDE" }, { "Caller", "+14158675309" },
		{ "Digits", "1234" }, { "From", "+14158675309" },
		{ "To", "+18005551212" } } },
	{ T1, "https://mycompany.com/myapp.php?foo=1&bar=2",
	    "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
	    { { "CallSid", "CA1234567890ABCDE" }, { "Caller", "+12349013030" },
		{ "Digits", "1234" }, { "From", "+12349013030" },
		{ "To", "+18005551212" } } },
	{ T2,
	    HOST "/twilio/voice?orgId=42&CallSid="
		 "CA00000000000000000000000000000001&From=%2B15551230001",
	    "81L8uu6Ckmi4prwv47Ku/rDLiGY=", { { 0 } } },
	{ T2, HOOK "/voice", "59lRyFH6DkUsaVyZLLkYg/Njxa0=", P3 },
	{ T2, "http://api.example.com/webhooks/twilio/voice",
	    "/TfaeyESiTv1wOAF+4MYARH5kOc=", P3 },
	{ T2, HOOK "/voice/", "SpjlJy0AXnov/jzowiL19EEUvc8=", P3 },
	{ T2, HOOK "/sms", "dR6Xqi0WqyzW9PjFi6Ni3ZgxX6g=",
	    { { "Body", "Café ☎ 100% & a=b?" }, { "From", "+15551230001" },
		{ "MessageSid", "SM00000000000000000000000000000001" },
		{ "NumMedia", "0" }, { "To", "+15551239999" } } },
	{ T2, HOST ":8443/webhooks/twilio/status",
	    "pXWbTeouu8lMPokyTeJuxundQfs=", P6 },
	{ T2, HOOK "/status", "KyhGX5uX6mjPKjmzQGNkMosVA1Q=", P6 },
	{ T2, HOST ":443/webhooks/twilio/status",
	    "Fm2ECToNvju9hHQKC3GXlw1PBog=", P6 },
	{ T2, HOST "/x?name=O'Brien&q=a%20b",
	    "5agb6u/69A571XjdyRP0zgxB4Cc=", { { "CallSid", "CA1" } } },
	{ T2, HOOK "/voice?orgId=42&agent=a%2Fb",
	    "LR/wc6bEuLguT2EBgWSFKxx2JYo=",
	    { { "CallSid", "CA1" }, { "From", "+1" }, { "To", "+2" } } },
	{ T2, HOOK "/sms",
	    "DVGLLmnE6rDXWQExKbHKHm2bKtU=", { { "Body", "x" } } },
};

static bool
check(const struct vector *v, const char *token, const char *url,
    const char *signature)
{
	struct pairs p = { (struct pair *)v->pairs, 0 };

	while (p.count < COUNT(v->pairs) && p.list[p.count].name != NULL)
		p.count++;
	return sign_twilio(arena, token, url, p.count > 0 ? &p : NULL,
	    signature);
}

static void
twilio_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct vector other = *v;
		char *s = arena_str(arena, v->signature);

		assert_true(check(v, v->token, v->url, s));
		assert_false(
		    check(v, v->token, arena_printf(arena, "%sx", v->url), s));
		assert_false(check(v, "12346", v->url, s));
		other.pairs[13] = (struct pair) { NULL, NULL };
		for (size_t j = 0; j < COUNT(other.pairs); j++)
			if (other.pairs[j].name == NULL) {
				other.pairs[j].name = "Extra";
				other.pairs[j].value = "1";
				break;
			}
		assert_false(check(&other, v->token, v->url, s));
		assert_true(check(v, v->token,
		    arena_printf(arena, "%s#rc=2", v->url), s));
		s[5] = s[5] == 'a' ? 'b' : 'a';
		assert_false(check(v, v->token, v->url, s));
	}
}

static void
twilio_form_of_signature(void **state)
{
	const struct vector *v = &vectors[12];
	const char *s = v->signature;

	(void)state;
	assert_false(check(v, v->token, v->url, NULL));
	assert_false(check(v, v->token, v->url, ""));
	assert_false(check(v, v->token, v->url, arena_copy(arena, s, 27)));
	assert_false(check(v, v->token, v->url, arena_printf(arena, " %s", s)));
	assert_false(check(v, v->token, v->url, arena_printf(arena, "%s ", s)));
	assert_false(check(v, "", v->url, s));
	assert_false(check(v, NULL, v->url, s));
	assert_false(check(v, v->token, "", s));
	assert_false(check(v, v->token, "/webhooks/twilio/sms", s));
	assert_false(check(v, v->token, "https://", s));
}

/* Names repeated, with values repeated: sorted, without doubles. */
static void
twilio_repeated(void **state)
{
	struct pair list[] = { { "B", "2" }, { "a", "9" }, { "B", "10" },
		{ "B", "2" }, { "Z", "" }, { "_", "u" } };
	struct pairs p = { list, COUNT(list) };
	const char text[] = HOST "/xB10B2Z_ua9";

	(void)state;
	assert_true(sign_twilio(arena, T2, HOST "/x", &p,
	    sign_base64(arena, SIGN_SHA1, T2, text, strlen(text))));
	assert_string_equal(list[1].name, "a");
}

/* U+1F600 is D83D in UTF-16, so it stands before U+E000. */
static void
twilio_order(void **state)
{
	struct pair list[] = { { "\xee\x80\x80", "1" },
		{ "\xf0\x9f\x98\x80", "2" }, { "\xed\x9f\xbf", "3" } };
	struct pairs p = { list, COUNT(list) };
	const char text[] = HOST "/x"
				 "\xed\x9f\xbf"
				 "3"
				 "\xf0\x9f\x98\x80"
				 "2"
				 "\xee\x80\x80"
				 "1";

	(void)state;
	assert_true(sign_twilio(arena, T2, HOST "/x", &p,
	    sign_base64(arena, SIGN_SHA1, T2, text, strlen(text))));
}

/* Signed for one URL, checked against another: what Twilio's SDK says. */
static void
twilio_spellings(void **state)
{
	static const struct {
		const char *made, *checked;
		bool good;
	} cases[] = {
		{ "https://e.com/x", "https://e.com:443/x", true },
		{ "https://e.com/x", "https://e.com:8443/x", true },
		{ "https://e.com:443/x", "https://e.com/x", true },
		{ "https://e.com:8443/x", "https://e.com/x", false },
		{ "http://e.com:80/x", "http://e.com/x", true },
		{ "http://e.com:443/x", "http://e.com/x", false },
		{ "https://e.com/x", "https://E.com/x", true },
		{ "https://E.com/x", "https://e.com/x", false },
		{ "http://e.com/x", "https://e.com/x", false },
		{ "https://e.com/x", "https://e.com/X", false },
		{ "https://e.com/x", "https://e.com/x/", false },
		{ "https://e.com/", "https://e.com", true },
		{ "https://e.com", "https://e.com/", false },
		{ "https://e.com/x?a=1%202", "https://e.com/x?a=1+2", true },
		{ "https://e.com/x?a=1+2", "https://e.com/x?a=1%202", false },
		{ "https://e.com/x?a=%27", "https://e.com/x?a='", true },
		{ "https://e.com/x?a='", "https://e.com/x?a=%27", true },
		{ "https://e.com/x?2=b&z=1&z=2", "https://e.com/x?z=1&2=b&z=2",
		    true },
		{ "https://e.com/b?c", "https://e.com/a/.././%2e/b?c", true },
		{ "https://e.com/%C3%A9", "https://e.com/é", true },
		{ "https://u:p@e.com/x", "https://u:p@e.com:443/x", true },
		{ "https://e.com/x", "https://u:p@e.com/x", false },
		{ "https://[::1]/x", "https://[::1]:8443/x", true },
		{ "https://[::1]:443/x", "https://[::1]/x", true },
		{ "https://e.com/x", "https://e.com:99999/x", true },
		{ "https://É.com/x", "https://É.com/x", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(sign_twilio(arena, T1, cases[i].checked, NULL,
				     sign_base64(arena, SIGN_SHA1, T1,
					 cases[i].made, strlen(cases[i].made))),
		    cases[i].good);
}

static void
twilio_body(void **state)
{
	static const char url[] =
	    HOOK "/json?bodySHA256=0a1ff7634d9ab3b95db5c"
		 "9a2dfe9416e41502b283a80c7cf19632632f96e6620";
	static const char body[] = "{\"property\": \"value\", \"boolean\": "
				   "true}";
	static const char s[] = "gmumBL8WoaKfP7t3DpdDtZann2s=";
	const char *bare = HOOK "/json";
	size_t n = strlen(body);

	(void)state;
	assert_true(sign_twilio_body(arena, T2, url, body, n, s));
	assert_false(sign_twilio_body(arena, T2, url, body, n - 1, s));
	assert_false(sign_twilio_body(arena, T2, url,
	    arena_printf(arena, "%s ", body), n + 1, s));
	assert_false(sign_twilio_body(arena, T2,
	    arena_printf(arena, "%s&x", url), body, n, s));
	assert_false(sign_twilio_body(arena, T1, url, body, n, s));
	assert_false(sign_twilio_body(arena, T2, bare, "", 0,
	    sign_base64(arena, SIGN_SHA1, T2, bare, strlen(bare))));
	bare = HOST "/j?a=1&bodySHA256=e3b0c44298fc1c149afbf4c8996fb92427ae41"
		    "e4649b934ca495991b7852b855&b=2";
	assert_true(sign_twilio_body(arena, T2, bare, NULL, 0,
	    sign_base64(arena, SIGN_SHA1, T2, bare, strlen(bare))));
}

static void
full(void **state)
{
	const struct vector *v = &vectors[3];
	struct pairs p = { (struct pair *)v->pairs, 13 };
	struct arena *small = arena_new(1);
	bool good = false;

	(void)state;
	assert_non_null(small);
	for (size_t left = 0; left < 8000; left += 16) {
		arena_reset(small);
		assert_non_null(arena_get(small, 32 * 1024 - left));
		good = sign_twilio(small, v->token, v->url, &p, v->signature);
		assert_false(sign_twilio(small, T1, v->url, &p, v->signature));
	}
	assert_true(good);
	arena_free(small);
}

/* ---- Vapi ---- */

#define SECRET "whsec_test"
#define NOW    INT64_C(1750000000000)

static const char body[] = "{\"message\":{\"type\":\"status-update\",\"status"
			   "\":\"ended\",\"call\":{\"id\":\"c1\"}}}";

static bool
vapi(struct sign_vapi v, int64_t now_ms)
{
	return sign_vapi(arena, &v, SECRET, body, strlen(body), now_ms);
}

static void
vapi_secrets(void **state)
{
	struct sign_vapi v = { .secret = SECRET };

	(void)state;
	assert_true(vapi(v, NOW));
	assert_false(sign_vapi(arena, &v, "", body, 1, NOW));
	assert_false(sign_vapi(arena, &v, NULL, body, 1, NOW));
	v.secret = "";
	assert_false(sign_vapi(arena, &v, "", body, 1, NOW));
	assert_false(vapi((struct sign_vapi) { 0 }, NOW));
	assert_false(vapi((struct sign_vapi) { .secret = "whsec_tesT" }, NOW));
	assert_false(vapi((struct sign_vapi) { .secret = SECRET "x" }, NOW));
	assert_true(vapi((struct sign_vapi) { .authorization = SECRET }, NOW));
	assert_true(
	    vapi((struct sign_vapi) { .authorization = "Bearer " SECRET },
		NOW));
	assert_true(
	    vapi((struct sign_vapi) { .authorization = "bearer " SECRET },
		NOW));
	assert_false(
	    vapi((struct sign_vapi) { .authorization = "Bearer" SECRET }, NOW));
	assert_false(
	    vapi((struct sign_vapi) { .authorization = "Basic " SECRET }, NOW));
	assert_false(
	    vapi((struct sign_vapi) { .authorization = "Bearer " }, NOW));
	assert_false(vapi((struct sign_vapi) { .signature = SECRET }, NOW));
	assert_false(
	    vapi((struct sign_vapi) { .vapi_signature = SECRET }, NOW));
}

#define S256 \
	"edcd906b82b65cf9d8831934c2f19562a942e103a0c48ab3b5567d926f11" \
	"ae21"
#define B256 \
	"e0b03b7cc15650424cfc22f55a5c4d209fa06ceed0863beb117753124d2e" \
	"ca82"

static void
vapi_stamped(void **state)
{
	static const char *const good[] = {
		S256, "sha256=" S256,
		"7c2Qa4K2XPnYgxk0wvGVYqlC4QOgxIqztVZ9km8RriE=",
		"sha256=7c2Qa4K2XPnYgxk0wvGVYqlC4QOgxIqztVZ9km8RriE=",
		"EDCD906B82B65CF9D8831934C2F19562A942E103A0C48AB3B5567D926F11AE21",
		"fac603707f7333ef1fd1d8752ead12e4f38069b7",
		"+sYDcH9zM+8f0dh1Lq0S5POAabc=",
		"sha512="
		"09aa105ac5e2b60e4186323c3727cf657f608c5d48dd19ce5871b0deef5b1c73"
		"fa112a63e46a3df6782b39350aafd6ce0b64a49b2ff15ab95774743316058ef2"
	};
	struct sign_vapi v = { .timestamp = "1750000000000" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		v.signature = good[i];
		assert_true(vapi(v, NOW));
		assert_true(vapi(v, NOW + 300000));
		assert_true(vapi(v, NOW - 300000));
		assert_false(vapi(v, NOW + 300001));
		assert_false(vapi(v, NOW - 300001));
		v.signature = arena_copy(arena, good[i], strlen(good[i]) - 1);
		assert_false(vapi(v, NOW));
	}
	v.signature = B256; /* of the body alone, though a time came */
	assert_false(vapi(v, NOW));
	v.signature = NULL;
	v.vapi_signature = S256;
	assert_true(vapi(v, NOW));
}

static void
vapi_stamps(void **state)
{
	static const struct {
		const char *stamp;
		bool good;
	} cases[] = { { "1750000000", true }, { "1750000299", true },
		{ "1750000301", false }, { "1750000000000", true },
		{ "1750000000.5", false }, { "", false }, { "now", false },
		{ "-1", false }, { "0", false }, { "1750000000 ", false },
		{ "99999999999999999999", false } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text =
		    arena_printf(arena, "%s.%s", cases[i].stamp, body);

		assert_int_equal(
		    vapi((struct sign_vapi) { .timestamp = cases[i].stamp,
			     .signature = sign_hex(arena, SIGN_SHA256, SECRET,
				 text, strlen(text)) },
			NOW),
		    cases[i].good);
	}
}

static void
vapi_bare(void **state)
{
	struct sign_vapi v = { .vapi_signature = "sha256=" B256 };

	(void)state;
	assert_true(vapi(v, NOW));
	assert_false(sign_vapi(arena, &v, "other", body, strlen(body), NOW));
	assert_false(sign_vapi(arena, &v, SECRET, body, strlen(body) - 1, NOW));
	v.timestamp = "1"; /* this header covers the body only */
	assert_true(vapi(v, NOW));
	v = (struct sign_vapi) { .signature = B256 };
	assert_true(vapi(v, NOW));
	v.signature = "4LA7fMFWUEJM/CL1WlxNIJ+gbO7QhjvrEXdTEk0uyoI=";
	assert_true(vapi(v, NOW));
	v.signature = "jMsQsUinRVa9sXJyyOooDw37oa8=";
	assert_true(vapi(v, NOW));
	v.signature = "sha1=" B256;
	assert_false(vapi(v, NOW));
	v.signature = "";
	assert_false(vapi(v, NOW));
	v.signature = "sha256=";
	assert_false(vapi(v, NOW));
}

static void
plain(void **state)
{
	(void)state;
	assert_string_equal(sign_sha256_hex(arena, "", 0),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(sign_sha256_hex(arena, NULL, 0),
	    sign_sha256_hex(arena, "", 0));
	assert_string_equal(sign_hex(arena, SIGN_SHA1, "", "", 0),
	    "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
	assert_string_equal(sign_hex(arena, SIGN_SHA256, SECRET, body,
				strlen(body)),
	    B256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twilio_vectors),
		cmocka_unit_test(twilio_form_of_signature),
		cmocka_unit_test(twilio_repeated),
		cmocka_unit_test(twilio_order),
		cmocka_unit_test(twilio_spellings),
		cmocka_unit_test(twilio_body),
		cmocka_unit_test(full),
		cmocka_unit_test(vapi_secrets),
		cmocka_unit_test(vapi_stamped),
		cmocka_unit_test(vapi_stamps),
		cmocka_unit_test(vapi_bare),
		cmocka_unit_test(plain),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
