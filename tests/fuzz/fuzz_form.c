/*
 * fuzz_form.c - decoded pairs are UTF-8 without NUL, and what is escaped and
 * put together again is decoded to the same pairs.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "wire/http.h"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(struct arena *a, const char *s)
{
	char *e = http_escape(a, s), *back;

	CHECK(str_utf8(s, strlen(s)));
	CHECK(e != NULL);
	back = http_unescape(a, e, strlen(e));
	CHECK(back != NULL && strcmp(back, s) == 0);
}

static void
check_again(struct arena *a, const struct pairs *p)
{
	struct pairs again;
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < p->count; i++) {
		buf_str(&b, http_escape(a, p->list[i].name));
		buf_char(&b, '=');
		buf_str(&b, http_escape(a, p->list[i].value));
		buf_char(&b, '&');
	}
	CHECK(!b.bad);
	CHECK(http_pairs(a, buf_text(&b), b.len, &again));
	CHECK(again.count == p->count);
	for (size_t i = 0; i < p->count; i++) {
		CHECK(strcmp(p->list[i].name, again.list[i].name) == 0);
		CHECK(strcmp(p->list[i].value, again.list[i].value) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(64 << 20);
	const char *text = (const char *)data;
	struct pairs p;
	char *s;

	if (http_pairs(a, text, size, &p)) {
		CHECK(p.count <= HTTP_PAIRS);
		for (size_t i = 0; i < p.count; i++) {
			check_text(a, p.list[i].name);
			check_text(a, p.list[i].value);
			CHECK(http_pair(&p, p.list[i].name) != NULL);
		}
		check_again(a, &p);
	}
	s = http_unescape(a, text, size);
	if (s != NULL)
		check_text(a, s);
	arena_free(a);
	return 0;
}
