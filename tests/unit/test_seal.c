/* test_seal.c - envelopes, and the key file they depend on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "safe/seal.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define KEY_B "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA"

/* "sk-secret" in place, sealed with KEY_A as seal.h describes it. */
#define KNOWN \
	"AQFkZWZnaGlqa2xtbm9wcXJzdHV2d3h5en" \
	"vJWTbNgnZuAxc3ArVBK5WLAzLBK49PGdcs"

static struct arena *arena;
static char folder[] = "/tmp/test_seal.XXXXXX";
static char path[64];
static char why[256];

static const struct seal_place place = { "acct-1", "vapi_setting", "row-1",
	"api_key" };

static void
file_put(const char *text, mode_t mode)
{
	FILE *f;

	(void)unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static const char *
file_text(void)
{
	char text[20000];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	return arena_copy(arena, text, n);
}

static unsigned
files(void)
{
	DIR *d = opendir(folder);
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

static int
fresh(void **state)
{
	(void)state;
	arena_reset(arena);
	file_put("1 " KEY_A "\n", 0600);
	return seal_load(path, why) == OK ? 0 : -1;
}

static void
there_and_back(void **state)
{
	const char *e = seal_close(arena, &place, "sk-secret");
	const char *again = seal_close(arena, &place, "sk-secret");

	(void)state;
	assert_string_equal(seal_open(arena, &place, e), "sk-secret");
	assert_string_not_equal(e, again);
	assert_null(strstr(e, "secret"));
	assert_int_equal(seal_key_id(e), 1);
	e = seal_close(arena, &place, "");
	assert_string_equal(seal_open(arena, &place, e), "");
	for (size_t n = 1; n < 200; n++) {
		char text[201];

		memset(text, 'x', n);
		text[n] = '\0';
		e = seal_close(arena, &place, text);
		assert_string_equal(seal_open(arena, &place, e), text);
	}
}

/* Sealed by another program. */
static void
known_envelope(void **state)
{
	(void)state;
	assert_string_equal(seal_open(arena, &place, KNOWN), "sk-secret");
}

static void
moved(void **state)
{
	static const struct seal_place others[] = {
		{ "acct-2", "vapi_setting", "row-1", "api_key" },
		{ "acct-1", "twilio_setting", "row-1", "api_key" },
		{ "acct-1", "vapi_setting", "row-2", "api_key" },
		{ "acct-1", "vapi_setting", "row-1", "secret" },
		{ "acct-1|vapi_setting", "row-1", "api_key", "" },
		{ "acct-1", "vapi_setting", "row-1|api_key", "" },
		{ "acct-1", "vapi_setting", "row-1", NULL },
	};
	const char *e = seal_close(arena, &place, "x");

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++)
		assert_null(seal_open(arena, &others[i], e));
	assert_null(seal_close(arena, &others[4], "x"));
	assert_null(seal_close(arena, &others[6], "x"));
}

static void
forged(void **state)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq"
				  "rstuvwxyz0123456789-_";
	char *e = seal_close(arena, &place, "secret");
	size_t n = strlen(e);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char was = e[i];

		e[i] = set[(strchr(set, was) - set + 1) % 64];
		assert_null(seal_open(arena, &place, e));
		e[i] = '=';
		assert_null(seal_open(arena, &place, e));
		e[i] = was;
	}
	assert_non_null(seal_open(arena, &place, e));
	for (size_t i = 0; i < n; i++)
		assert_null(seal_open(arena, &place, arena_copy(arena, e, i)));
	assert_null(seal_open(arena, &place, arena_printf(arena, "%sA", e)));
	assert_null(seal_open(arena, &place, arena_printf(arena, "%s\n", e)));
	assert_int_equal(seal_key_id(""), 0);
	assert_int_equal(seal_key_id("AQE"), 0);
	assert_int_equal(seal_key_id("no envelope, but as long as one could "
				     "be, and then some more"),
	    0);
}

/* The plain text is gone when the request is. */
static void
wiped(void **state)
{
	const char *e = seal_close(arena, &place, "sk-secret");
	const char *text = seal_open(arena, &place, e);

	(void)state;
	assert_string_equal(text, "sk-secret");
	arena_reset(arena);
	/* the first block stays with the arena: it may still be looked at */
	assert_int_equal(text[0], 0);
	assert_int_equal(text[8], 0);
}

static void
rotation(void **state)
{
	const char *old = seal_close(arena, &place, "old");
	int ids[SEAL_IDS], id;

	(void)state;
	assert_int_equal(seal_add_key(path, &id, why), OK);
	assert_int_equal(id, 2);
	assert_int_equal(seal_current(), 2);
	assert_int_equal(seal_keys(ids), 2);
	assert_int_equal(ids[0], 1);
	assert_int_equal(ids[1], 2);
	assert_int_equal(seal_key_id(seal_close(arena, &place, "new")), 2);
	assert_string_equal(seal_open(arena, &place, old), "old");
	assert_int_equal(strncmp(file_text(), "1 " KEY_A "\n2 ", 48), 0);
	assert_int_equal(files(), 1);
}

/* Another process rotates; we notice when we seal, or meet the new id. */
static void
rotation_elsewhere(void **state)
{
	unsigned char mine[32], theirs[32];
	const char *e;
	int id = 0, two = 2;

	(void)state;
	file_put("1 " KEY_A "\n2 " KEY_B "\n", 0600);
	assert_int_equal(seal_current(), 1);
	e = seal_close(arena, &place, "x");
	assert_int_equal(seal_key_id(e), 2);
	file_put("1 " KEY_A "\n", 0600);
	assert_int_equal(seal_load(path, why), OK);
	assert_null(seal_open(arena, &place, e));
	file_put("1 " KEY_A "\n2 " KEY_B "\n", 0600);
	assert_string_equal(seal_open(arena, &place, e), "x");
	file_put("1 " KEY_A "\n", 0600);
	assert_int_equal(seal_load(path, why), OK);
	assert_false(seal_derive("jwt", &two, theirs));
	file_put("1 " KEY_A "\n2 " KEY_B "\n", 0600);
	assert_true(seal_derive("jwt", &id, mine));
	assert_int_equal(id, 2);
	assert_true(seal_derive("jwt", &two, theirs));
	assert_memory_equal(mine, theirs, 32);
}

/* What is broken or gone later does not take the loaded keys away. */
static void
broken_later(void **state)
{
	const char *e = seal_close(arena, &place, "x");

	(void)state;
	file_put("rubbish\n", 0600);
	assert_int_equal(seal_key_id(seal_close(arena, &place, "y")), 1);
	assert_string_equal(seal_open(arena, &place, e), "x");
	unlink(path);
	assert_int_equal(seal_key_id(seal_close(arena, &place, "y")), 1);
	assert_string_equal(seal_open(arena, &place, e), "x");
}

static void
broken_files(void **state)
{
	static const char *const texts[] = { "", "\n", "1\n", "1 \n", "x\n",
		"1 " KEY_A "\n\n", "0 " KEY_A "\n", "01 " KEY_A "\n",
		"256 " KEY_A "\n", "-1 " KEY_A "\n", "+1 " KEY_A "\n",
		"1  " KEY_A "\n", "1 " KEY_A " \n", "1 " KEY_A "A\n",
		"1 " KEY_A "=\n", "1 AAEC\n", "1 " KEY_A "\r\n",
		"1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9\n",
		"1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+\n",
		"2 " KEY_A "\n1 " KEY_B "\n", "1 " KEY_A "\n1 " KEY_B "\n",
		"# keys\n1 " KEY_A "\n" };
	int id;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		file_put(texts[i], 0600);
		*why = '\0';
		assert_int_equal(seal_load(path, why), E_INPUT);
		assert_true(strlen(why) > 0);
		assert_null(strstr(why, KEY_A));
		assert_int_equal(seal_add_key(path, &id, why), E_INPUT);
		assert_string_equal(file_text(), texts[i]);
	}
	assert_int_equal(files(), 1);
	assert_int_equal(seal_current(), 1);
}

static void
good_files(void **state)
{
	char text[20000];
	int ids[SEAL_IDS], id;
	size_t n = 0;

	(void)state;
	file_put("7 " KEY_A, 0400);
	assert_int_equal(seal_load(path, why), OK);
	assert_int_equal(seal_current(), 7);
	for (id = 1; id <= SEAL_IDS; id++)
		n += (size_t)sprintf(text + n, "%d %s\n", id, KEY_A);
	file_put(text, 0600);
	assert_int_equal(seal_load(path, why), OK);
	assert_int_equal(seal_keys(ids), SEAL_IDS);
	assert_int_equal(seal_add_key(path, &id, why), E_LIMIT);
	assert_string_equal(file_text(), text);
	file_put(strcat(text, "1"), 0600);
	assert_int_equal(seal_load(path, why), E_INPUT);
}

static void
not_ours_alone(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0660, 0644, 0601 };
	int id;

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		file_put("1 " KEY_A "\n", modes[i]);
		assert_int_equal(seal_load(path, why), E_DENIED);
		assert_int_equal(seal_add_key(path, &id, why), E_DENIED);
	}
	assert_int_equal(seal_load(folder, why), E_INPUT);
}

static void
first_key(void **state)
{
	const char *none = arena_printf(arena, "%s/no/keys", folder);
	struct stat st;
	int id;

	(void)state;
	unlink(path);
	assert_int_equal(seal_load(path, why), E_MISSING);
	assert_int_equal(seal_add_key(path, &id, why), OK);
	assert_int_equal(id, 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 46);
	assert_int_equal(seal_load(path, why), OK);
	assert_int_equal(seal_load(none, why), E_MISSING);
	assert_int_equal(seal_add_key(none, &id, why), E_MISSING);
}

/* Eight processes add at once: eight keys, none lost. */
static void
adders_at_once(void **state)
{
	int ids[SEAL_IDS], id;

	(void)state;
	for (int i = 0; i < 8; i++)
		if (fork() == 0)
			_exit(seal_add_key(path, &id, why) == OK ? 0 : 1);
	for (int i = 0; i < 8; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(seal_load(path, why), OK);
	assert_int_equal(seal_keys(ids), 9);
	assert_int_equal(files(), 1);
}

static void
derived(void **state)
{
	unsigned char a[32], b[32], zero[32] = { 0 };
	int id = 0, none = 9;

	(void)state;
	assert_true(seal_derive("jwt", &id, a));
	assert_int_equal(id, 1);
	assert_true(seal_derive("jwt", &id, b));
	assert_memory_equal(a, b, 32);
	assert_true(seal_derive("cursor", &id, b));
	assert_memory_not_equal(a, b, 32);
	assert_false(seal_derive("jwt", &none, a));
	assert_memory_equal(a, zero, 32);
	none = -1;
	assert_false(seal_derive("jwt", &none, a));
	none = 256;
	assert_false(seal_derive("jwt", &none, a));
}

/* Whatever room is left: an answer or NULL, never half of one. */
static void
full(void **state)
{
	const char *e = seal_close(arena, &place, "x");
	struct arena *small = arena_new(1);
	const char *text;

	(void)state;
	assert_non_null(small);
	for (size_t left = 0; left < 2000; left += 16) {
		arena_reset(small);
		assert_non_null(arena_get(small, 32 * 1024 - left));
		text = seal_open(small, &place, e);
		if (text != NULL)
			assert_string_equal(text, "x");
		arena_reset(small);
		assert_non_null(arena_get(small, 32 * 1024 - left));
		text = seal_close(small, &place, "x");
		if (text != NULL)
			assert_string_equal(seal_open(arena, &place, text),
			    "x");
	}
	assert_non_null(text);
	arena_free(small);
}

/* Before anything is loaded; must be the first test. */
static void
nothing_loaded(void **state)
{
	int ids[SEAL_IDS], id = 0;
	unsigned char key[32];

	(void)state;
	assert_int_equal(seal_current(), 0);
	assert_int_equal(seal_keys(ids), 0);
	assert_null(seal_close(arena, &place, "x"));
	assert_null(seal_open(arena, &place, KNOWN));
	assert_int_equal(seal_key_id(KNOWN), 1);
	assert_false(seal_derive("jwt", &id, key));
}

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	if (arena == NULL || mkdtemp(folder) == NULL)
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
		cmocka_unit_test(nothing_loaded),
		cmocka_unit_test_setup(there_and_back, fresh),
		cmocka_unit_test_setup(known_envelope, fresh),
		cmocka_unit_test_setup(moved, fresh),
		cmocka_unit_test_setup(forged, fresh),
		cmocka_unit_test_setup(wiped, fresh),
		cmocka_unit_test_setup(rotation, fresh),
		cmocka_unit_test_setup(rotation_elsewhere, fresh),
		cmocka_unit_test_setup(broken_later, fresh),
		cmocka_unit_test_setup(broken_files, fresh),
		cmocka_unit_test_setup(good_files, fresh),
		cmocka_unit_test_setup(not_ours_alone, fresh),
		cmocka_unit_test_setup(first_key, fresh),
		cmocka_unit_test_setup(adders_at_once, fresh),
		cmocka_unit_test_setup(derived, fresh),
		cmocka_unit_test_setup(full, fresh),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
