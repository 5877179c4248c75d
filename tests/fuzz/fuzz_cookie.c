/*
 * fuzz_cookie.c - values of cookies and bearer tokens keep to their alphabet.
 * The input is the name of a cookie, a line end, and a header.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/http.h"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_cookie(struct arena *a, const char *header, const char *name)
{
	char *v = http_cookie(a, header, name), *whole;
	size_t n;

	if (v == NULL)
		return;
	n = strlen(v);
	CHECK(strchr(v, ';') == NULL);
	CHECK(n == 0 || (v[n - 1] != ' ' && v[n - 1] != '\t'));
	whole = arena_printf(a, "%s=%s", name, v);
	CHECK(strstr(header, whole) != NULL);
	/* Put alone, or behind another, it is found again. */
	CHECK(strcmp(http_cookie(a, whole, name), v) == 0);
	whole = arena_printf(a, "; %s ;", whole);
	CHECK(strcmp(http_cookie(a, whole, name), v) == 0);
}

static void
check_bearer(const char *header)
{
	const char *token = http_bearer(header);

	if (token == NULL)
		return;
	CHECK(token > header && *token != '\0');
	CHECK(strpbrk(token, " \t,;\"\r\n") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(64 << 20);
	char *text = arena_copy(a, data, size);
	char *end = strchr(text, '\n');

	check_bearer(text);
	if (end != NULL) {
		*end = '\0';
		check_bearer(end + 1);
		if (*text != '\0' && strpbrk(text, "=; \t") == NULL)
			check_cookie(a, end + 1, text);
	}
	arena_free(a);
	return 0;
}
