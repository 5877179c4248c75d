/* test_zip.c - directories of ZIP files: whole, cut, lying. */
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "wire/zip.h"

#define MEMBERS 3

struct member {
	const char *name;
	uint32_t packed, unpacked, flags;
	uint32_t where; /* 0: where it really is */
};

static char file[20000];
static size_t file_len;
static struct zip zip;

static void
put(size_t at, int bytes, uint32_t n)
{
	for (int i = 0; i < bytes; i++)
		file[at + (size_t)i] = (char)(n >> (8 * i));
}

static size_t
entry_put(size_t at, const struct member *m, size_t where)
{
	size_t n = strlen(m->name);

	memset(file + at, 0, 46);
	memcpy(file + at, "PK\1\2", 4);
	put(at + 8, 2, m->flags);
	put(at + 20, 4, m->packed);
	put(at + 24, 4, m->unpacked);
	put(at + 28, 2, (uint32_t)n);
	put(at + 42, 4, m->where != 0 ? m->where : (uint32_t)where);
	memcpy(file + at + 46, m->name, n);
	return at + 46 + n;
}

/* The members' bytes do not matter, only their places. */
static void
make(const struct member *m, size_t count, size_t comment)
{
	size_t where[MEMBERS], at = 0, start;

	memset(file, 0, sizeof(file));
	for (size_t i = 0; i < count; i++) {
		where[i] = at;
		at += 30 + strlen(m[i].name) + m[i].packed;
	}
	start = at;
	for (size_t i = 0; i < count; i++)
		at = entry_put(at, &m[i], where[i]);
	memcpy(file + at, "PK\5\6", 4);
	put(at + 8, 2, (uint32_t)count);
	put(at + 10, 2, (uint32_t)count);
	put(at + 12, 4, (uint32_t)(at - start));
	put(at + 16, 4, (uint32_t)start);
	put(at + 20, 2, (uint32_t)comment);
	file_len = at + 22 + comment;
}

static bool
look(void)
{
	zip.seen = NULL;
	return zip_look(&zip, file, file_len);
}

static const struct member some[MEMBERS] = { { "a", 10, 20, 0, 0 },
	{ "dir/b", 0, 0, 0, 0 }, { "c", 100, 4000, 0, 0 } };

static void
whole(void **state)
{
	(void)state;
	make(some, MEMBERS, 0);
	assert_true(look());
	assert_int_equal(zip.members, 3);
	assert_int_equal(zip.unpacked, 4020);
	assert_int_equal(zip.packed, 110 + 3 * 30);
	make(some, MEMBERS, 500);
	assert_true(look());
	make(some, 0, 0);
	assert_true(look());
	assert_int_equal(zip.members, 0);
}

static void
name_seen(void *ctx, const char *name, size_t len)
{
	strncat(ctx, name, len);
	strcat(ctx, " ");
}

static void
names(void **state)
{
	char seen[100] = "";

	(void)state;
	make(some, MEMBERS, 0);
	zip.seen = name_seen;
	zip.ctx = seen;
	assert_true(zip_look(&zip, file, file_len));
	assert_string_equal(seen, "a dir/b c ");
}

/* Any cut, and each byte changed: refused or read, never past the end. */
static void
damaged(void **state)
{
	size_t len;

	(void)state;
	make(some, MEMBERS, 0);
	len = file_len;
	for (file_len = 0; file_len < len; file_len++)
		assert_false(look());
	for (size_t i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			file[i] = (char)(file[i] ^ 1 << bit);
			(void)look();
			file[i] = (char)(file[i] ^ 1 << bit);
		}
	assert_true(look());
}

static void
refused(void **state)
{
	struct member m[MEMBERS];

	(void)state;
	memcpy(m, some, sizeof(m));
	m[0].flags = 1;
	make(m, MEMBERS, 0);
	assert_false(look());
	assert_string_equal(zip.why, "it is protected by a password");
	memcpy(m, some, sizeof(m));
	m[1].unpacked = UINT32_MAX;
	make(m, MEMBERS, 0);
	assert_false(look());
	memcpy(m, some, sizeof(m));
	m[2].where = 15000;
	make(m, MEMBERS, 0);
	assert_false(look());
	make(some, MEMBERS, 0);
	put(file_len - 22 + 4, 2, 1); /* of several disks */
	assert_false(look());
}

static void
overlap(void **state)
{
	struct member m[2] = { { "a", 5000, 5000, 0, 0 }, { "b", 1, 1, 0, 0 } };

	(void)state;
	make(m, 2, 0);
	assert_true(look());
	/* the second says that it is the first again */
	m[1].packed = 4900;
	entry_put(5063 + 47, &m[1], 1);
	assert_false(look());
	assert_string_equal(zip.why, "its members overlap");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(names),
		cmocka_unit_test(damaged),
		cmocka_unit_test(refused),
		cmocka_unit_test(overlap),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}
