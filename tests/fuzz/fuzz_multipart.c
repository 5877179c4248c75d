/*
 * fuzz_multipart.c - parts of any body lie inside it, one behind the other,
 * and parts that are put together again are cut the same. The first byte is
 * the length of the boundary, which comes next. What is left is also looked
 * at as a ZIP file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "wire/multipart.h"
#include "wire/zip.h"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Only then is the boundary that is read the one that was given. */
static bool
is_token(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(s);
}

static const char *
type_of(struct arena *a, const uint8_t *mark, size_t n)
{
	return arena_printf(a, "multipart/form-data; boundary=%.*s", (int)n,
	    (const char *)mark);
}

static bool
read_body(struct arena *a, const char *type, const char *s, size_t n,
    struct parts *out)
{
	struct part whole = { .data = s, .len = n };
	const char *why = NULL;
	bool good = multipart_read(a, type, &whole, out, &why);

	CHECK(good || (why != NULL && *why != '\0'));
	return good;
}

static void
check_places(const struct parts *p, const char *s, size_t n)
{
	const char *at = s;

	CHECK(p->count <= MULTIPART_PARTS);
	for (size_t i = 0; i < p->count; i++) {
		const struct part *x = &p->list[i];

		CHECK(x->data >= at && x->len <= n - (size_t)(x->data - s));
		at = x->data + x->len;
		CHECK(str_utf8(x->name, strlen(x->name)));
		if (x->filename != NULL)
			CHECK(str_utf8(x->filename, strlen(x->filename)));
	}
}

static void
check_again(struct arena *a, const struct parts *p, const char *type,
    const char *mark)
{
	struct parts again;
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < p->count; i++) {
		buf_printf(&b,
		    "--%s\r\nContent-Disposition: form-data; name=\"p\"\r\n\r\n",
		    mark);
		buf_add(&b, p->list[i].data, p->list[i].len);
		buf_str(&b, "\r\n");
	}
	buf_printf(&b, "--%s--\r\n", mark);
	CHECK(read_body(a, type, buf_text(&b), b.len, &again));
	CHECK(again.count == p->count);
	for (size_t i = 0; i < p->count; i++)
		CHECK(again.list[i].len == p->list[i].len &&
		    memcmp(again.list[i].data, p->list[i].data,
			p->list[i].len) == 0);
}

static void
name_seen(void *ctx, const char *name, size_t len)
{
	size_t *sum = ctx;

	for (size_t i = 0; i < len; i++)
		*sum += (unsigned char)name[i];
}

static void
check_zip(const uint8_t *data, size_t size)
{
	char *copy = malloc(size > 0 ? size : 1);
	size_t sum = 0;
	struct zip z = { .seen = name_seen, .ctx = &sum };

	CHECK(copy != NULL);
	memcpy(copy, data, size);
	if (zip_look(&z, copy, size))
		CHECK(z.packed <= size && z.members <= ZIP_MEMBERS);
	else
		CHECK(z.why != NULL);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(64 << 20);
	size_t n = size > 0 ? data[0] % 16 : 0;
	const char *type, *mark, *body;
	struct parts p;

	if (size > n + 1 && memchr(data + 1, '\0', n) == NULL) {
		type = type_of(a, data + 1, n);
		mark = arena_copy(a, data + 1, n);
		size -= n + 1;
		body = arena_copy(a, data + n + 1, size);
		if (read_body(a, type, body, size, &p)) {
			check_places(&p, body, size);
			if (is_token(mark))
				check_again(a, &p, type, mark);
		}
		check_zip(data + n + 1, size);
	}
	arena_free(a);
	return 0;
}
