/* test_jwt.c - access tokens, and everything that must not pass for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "safe/jwt.h"
#include "safe/seal.h"

#define ISSUER "https://desk.example"
#define NOW_S  INT64_C(1760000000)
#define NOW_MS (NOW_S * 1000)
#define HEAD   "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"1\"}"
#define CLAIMS \
	"{\"iss\":\"" ISSUER "\",\"sub\":\"u\",\"sid\":\"s\"," \
	"\"iat\":1760000000,\"exp\":1760003600}"
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

static struct arena *arena;
static char folder[] = "/tmp/test_jwt.XXXXXX";
static char path[64];
static char why[256];

static const struct jwt ours = { ISSUER, "user-1", "session-1", NOW_S,
	NOW_S + 3600 };

static bool
reads(const char *token)
{
	struct jwt j;

	return jwt_read(arena, token, ISSUER, NOW_MS, &j);
}

static char *
b64(const void *data, size_t len)
{
	size_t n = sodium_base64_ENCODED_LEN(len, VARIANT);

	return sodium_bin2base64(arena_get(arena, n), n, data, len, VARIANT);
}

/* A token of any header and claims, signed with the right key. */
static char *
forge(const char *head, const char *claims)
{
	unsigned char key[32], mac[32];
	crypto_auth_hmacsha256_state st;
	char *text = arena_printf(arena, "%s.%s", b64(head, strlen(head)),
	    b64(claims, strlen(claims)));
	int id = 1;

	assert_true(seal_derive("jwt", &id, key));
	crypto_auth_hmacsha256_init(&st, key, sizeof(key));
	crypto_auth_hmacsha256_update(&st, (unsigned char *)text, strlen(text));
	crypto_auth_hmacsha256_final(&st, mac);
	return arena_printf(arena, "%s.%s", text, b64(mac, sizeof(mac)));
}

static void
there_and_back(void **state)
{
	char *token = jwt_make(arena, &ours);
	struct jwt j;

	(void)state;
	assert_non_null(token);
	assert_true(jwt_read(arena, token, ISSUER, NOW_MS, &j));
	assert_string_equal(j.issuer, ISSUER);
	assert_string_equal(j.user, "user-1");
	assert_string_equal(j.session, "session-1");
	assert_int_equal(j.issued_s, NOW_S);
	assert_int_equal(j.expires_s, NOW_S + 3600);
	assert_true(reads(forge(HEAD, CLAIMS)));
}

static void
times_and_issuer(void **state)
{
	char *token = jwt_make(arena, &ours);
	struct jwt j;

	(void)state;
	assert_true(jwt_read(arena, token, ISSUER, NOW_MS + 3659000, &j));
	assert_false(jwt_read(arena, token, ISSUER, NOW_MS + 3660000, &j));
	assert_true(jwt_read(arena, token, ISSUER, NOW_MS - 60000, &j));
	assert_false(jwt_read(arena, token, ISSUER, NOW_MS - 61000, &j));
	assert_false(jwt_read(arena, token, "https://desk.exampl", NOW_MS, &j));
	assert_false(jwt_read(arena, token, "", NOW_MS, &j));
}

static void
bits(void **state)
{
	char *token = jwt_make(arena, &ours);
	size_t n = strlen(token);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (int bit = 0; bit < 8; bit++) {
			token[i] = (char)(token[i] ^ (1 << bit));
			assert_false(reads(token));
			token[i] = (char)(token[i] ^ (1 << bit));
		}
	for (size_t i = 0; i < n; i++)
		assert_false(reads(arena_copy(arena, token, i)));
	assert_true(reads(token));
}

/* Other spellings of the same bytes: no token of ours is written so. */
static void
spellings(void **state)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq"
				  "rstuvwxyz0123456789-_";
	char *token = jwt_make(arena, &ours);
	char *last = token + strlen(token) - 1, was = *last;

	(void)state;
	assert_false(reads(arena_printf(arena, "%s=", token)));
	assert_false(reads(arena_printf(arena, "%s.", token)));
	assert_false(reads(arena_printf(arena, ".%s", token)));
	assert_false(reads(arena_printf(arena, " %s", token)));
	assert_false(reads(arena_printf(arena, "%s\n", token)));
	for (int i = 0; i < 64; i++) {
		*last = set[i];
		assert_int_equal(reads(token), set[i] == was);
	}
}

static void
headers(void **state)
{
	static const char *const bad[] = {
		"{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"1\"}",
		"{\"alg\":\"None\",\"typ\":\"JWT\",\"kid\":\"1\"}",
		"{\"alg\":\"hs256\",\"typ\":\"JWT\",\"kid\":\"1\"}",
		"{\"alg\":\"HS512\",\"typ\":\"JWT\",\"kid\":\"1\"}",
		"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"1\"}",
		"{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"1\"}",
		"{\"alg\":\"\",\"typ\":\"JWT\",\"kid\":\"1\"}",
		"{\"alg\":1,\"typ\":\"JWT\",\"kid\":\"1\"}",
		"{\"alg\":[\"HS256\"],\"typ\":\"JWT\",\"kid\":\"1\"}",
		"{\"typ\":\"JWT\",\"kid\":\"1\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
		"{\"alg\":\"HS256\",\"kid\":\"1\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWE\",\"kid\":\"1\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"2\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"0\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"256\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":1}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"1\","
		"\"crit\":[\"exp\"]}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"1\","
		"\"jku\":\"https://e\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"1\","
		"\"x5u\":\"https://e\"}",
		"{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"1\","
		"\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}",
		"{\"alg\":\"none\",\"alg\":\"HS256\",\"typ\":\"JWT\","
		"\"kid\":\"1\"}",
		"[]", "\"HS256\"", "null", "", "{", "{}"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(reads(forge(bad[i], CLAIMS)));
}

static void
no_signature(void **state)
{
	static const char none[] = "{\"alg\":\"none\"}";
	char *head = b64(none, strlen(none));
	char *claims = b64(CLAIMS, strlen(CLAIMS));

	(void)state;
	assert_false(reads(arena_printf(arena, "%s.%s.", head, claims)));
	assert_false(reads(arena_printf(arena, "%s.%s", head, claims)));
	head = b64(HEAD, strlen(HEAD));
	assert_false(reads(arena_printf(arena, "%s.%s.", head, claims)));
	assert_false(reads(arena_printf(arena, "%s.%s.AAAA", head, claims)));
	assert_false(reads(""));
	assert_false(reads("."));
	assert_false(reads(".."));
	assert_false(reads("..."));
	assert_false(reads(NULL));
}

static void
claims(void **state)
{
	static const char *const bad[] = {
		"{\"iss\":\"" ISSUER "\",\"sub\":1,\"sid\":\"s\","
		"\"iat\":1760000000,\"exp\":1760003600}",
		"{\"iss\":\"" ISSUER "\",\"sub\":\"u\",\"sid\":null,"
		"\"iat\":1760000000,\"exp\":1760003600}",
		"{\"iss\":\"" ISSUER "\",\"sub\":\"u\","
		"\"iat\":1760000000,\"exp\":1760003600}",
		"{\"iss\":\"" ISSUER "\",\"sub\":\"u\",\"sid\":\"s\","
		"\"exp\":1760003600}",
		"{\"iss\":\"" ISSUER "\",\"sub\":\"u\",\"sid\":\"s\","
		"\"iat\":1760000000}",
		"{\"iss\":\"" ISSUER "\",\"sub\":\"u\",\"sid\":\"s\","
		"\"iat\":1760000000,\"exp\":\"1760003600\"}",
		"{\"iss\":\"" ISSUER "\",\"sub\":\"u\",\"sid\":\"s\","
		"\"iat\":1760000000,\"exp\":1760003600.5}",
		"{\"iss\":[\"" ISSUER "\"],\"sub\":\"u\",\"sid\":\"s\","
		"\"iat\":1760000000,\"exp\":1760003600}",
		"{\"sub\":\"u\",\"sid\":\"s\","
		"\"iat\":1760000000,\"exp\":1760003600}",
		"{\"iss\":\"" ISSUER "\",\"sub\":\"u\",\"sub\":\"v\","
		"\"sid\":\"s\",\"iat\":1760000000,\"exp\":1760003600}",
		"{\"iss\":\"" ISSUER "\",\"sub\":\"u\\u0000\",\"sid\":\"s\","
		"\"iat\":1760000000,\"exp\":1760003600}",
		"[]", "{}", "null", "", "x"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(reads(forge(HEAD, bad[i])));
}

static void
size(void **state)
{
	char text[9001];
	struct jwt j = ours;

	(void)state;
	memset(text, 'a', 9000);
	text[9000] = '\0';
	assert_false(reads(text));
	text[20] = text[4000] = '.';
	assert_false(reads(text));
	text[20] = text[4000] = 'a';
	j.user = text;
	assert_null(jwt_make(arena, &j));
	text[5500] = '\0';
	assert_true(reads(jwt_make(arena, &j)));
	j.user = "\xff";
	assert_null(jwt_make(arena, &j));
}

/* Tokens of the former key live on; those of a dropped one do not. */
static void
rotation(void **state)
{
	char *old = jwt_make(arena, &ours), *now;
	int id;
	FILE *f;

	(void)state;
	assert_int_equal(seal_add_key(path, &id, why), OK);
	now = jwt_make(arena, &ours);
	assert_true(reads(old));
	assert_true(reads(now));
	assert_string_not_equal(old, now);
	unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
	fputs("9 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n", f);
	fclose(f);
	assert_int_equal(seal_load(path, why), OK);
	assert_false(reads(old));
	assert_false(reads(now));
	assert_true(reads(jwt_make(arena, &ours)));
}

/* Rubbish in every part: nothing crashes, nothing passes. */
static void
noise(void **state)
{
	char text[200];

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		size_t n = randombytes_uniform(sizeof(text) - 1);
		char *s;

		randombytes_buf(text, n);
		s = b64(text, n);
		for (size_t j = 0; j + 1 < n; j++)
			if (randombytes_uniform(20) == 0)
				s[j] = '.';
		assert_false(reads(s));
		assert_false(reads(forge(HEAD, arena_copy(arena, text, n))));
		assert_false(reads(forge(arena_copy(arena, text, n), CLAIMS)));
		if (i % 64 == 0)
			arena_reset(arena);
	}
}

static void
without_key(void **state)
{
	(void)state;
	assert_null(jwt_make(arena, &ours));
	assert_false(reads("e30.e30.AAAA"));
}

static int
fresh(void **state)
{
	int id;

	(void)state;
	arena_reset(arena);
	(void)unlink(path);
	return seal_add_key(path, &id, why) == OK ? 0 : -1;
}

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(32 << 20);
	if (arena == NULL || sodium_init() < 0 || mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/keys", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	(void)unlink(path);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_key),
		cmocka_unit_test_setup(there_and_back, fresh),
		cmocka_unit_test_setup(times_and_issuer, fresh),
		cmocka_unit_test_setup(bits, fresh),
		cmocka_unit_test_setup(spellings, fresh),
		cmocka_unit_test_setup(headers, fresh),
		cmocka_unit_test_setup(no_signature, fresh),
		cmocka_unit_test_setup(claims, fresh),
		cmocka_unit_test_setup(size, fresh),
		cmocka_unit_test_setup(noise, fresh),
		cmocka_unit_test_setup(rotation, fresh),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
