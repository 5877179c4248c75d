/* zip.c - what a ZIP file says that it holds, without unpacking any of it. */
#include <string.h>

#include "wire/zip.h"

#define END_BYTES      22
#define COMMENT_MAX    65535
#define HEADER_BYTES   46 /* of the central directory */
#define LOCAL_BYTES    30
#define FLAG_ENCRYPTED 1
#define UNKNOWN_32     UINT32_C(0xffffffff)
#define UNKNOWN_16     0xffff

struct look {
	const unsigned char *data;
	size_t len;
	size_t end;   /* where the end record stands */
	size_t at;    /* in the directory */
	size_t start; /* of the directory */
	struct zip *zip;
};

static uint32_t
get16(const unsigned char *p)
{
	return (uint32_t)(p[0] | p[1] << 8);
}

static uint32_t
get32(const unsigned char *p)
{
	return get16(p) | get16(p + 2) << 16;
}

static bool
wrong(struct look *l, const char *why)
{
	l->zip->why = why;
	return false;
}

/* The end record stands last but for a comment of known length. */
static bool
end_find(struct look *l)
{
	size_t most =
	    l->len < END_BYTES + COMMENT_MAX ? l->len : END_BYTES + COMMENT_MAX;

	for (size_t n = END_BYTES; n <= most; n++) {
		const unsigned char *p = l->data + l->len - n;

		if (memcmp(p, "PK\5\6", 4) != 0 ||
		    get16(p + 20) != n - END_BYTES)
			continue;
		l->end = l->len - n;
		return true;
	}
	return wrong(l, "it is not a complete ZIP file");
}

static bool
end_read(struct look *l)
{
	const unsigned char *p;
	uint32_t bytes;

	if (!end_find(l))
		return false;
	p = l->data + l->end;
	bytes = get32(p + 12);
	l->start = l->at = get32(p + 16);
	if (get16(p + 4) != 0 || get16(p + 6) != 0 ||
	    get16(p + 8) != get16(p + 10) || get16(p + 10) == UNKNOWN_16 ||
	    l->at > l->end || bytes != l->end - l->at)
		return wrong(l, "its directory is not where it should be");
	l->zip->members = get16(p + 10);
	if (l->zip->members > ZIP_MEMBERS)
		return wrong(l, "it has too many members");
	return true;
}

/* One member; where is the end of the one before it in the file. */
static bool
member_read(struct look *l)
{
	const unsigned char *p = l->data + l->at;
	uint32_t packed, unpacked, where;
	size_t name, rest;

	if (l->end - l->at < HEADER_BYTES || memcmp(p, "PK\1\2", 4) != 0)
		return wrong(l, "its directory is broken");
	packed = get32(p + 20);
	unpacked = get32(p + 24);
	name = get16(p + 28);
	rest = name + get16(p + 30) + get16(p + 32);
	where = get32(p + 42);
	if (l->end - l->at - HEADER_BYTES < rest || packed == UNKNOWN_32 ||
	    unpacked == UNKNOWN_32 || where > l->start ||
	    l->start - where < LOCAL_BYTES ||
	    packed > l->start - where - LOCAL_BYTES)
		return wrong(l, "its directory is broken");
	if ((get16(p + 8) & FLAG_ENCRYPTED) != 0)
		return wrong(l, "it is protected by a password");
	l->zip->packed += packed + LOCAL_BYTES;
	l->zip->unpacked += unpacked;
	if (l->zip->seen != NULL)
		l->zip->seen(l->zip->ctx, (const char *)p + HEADER_BYTES, name);
	l->at += HEADER_BYTES + rest;
	return true;
}

bool
zip_look(struct zip *z, const char *data, size_t len)
{
	struct look l = { .data = (const unsigned char *)data,
		.len = len,
		.zip = z };

	z->packed = z->unpacked = 0;
	z->why = NULL;
	if (!end_read(&l))
		return false;
	for (size_t i = 0; i < z->members; i++)
		if (!member_read(&l))
			return false;
	if (l.at != l.end)
		return wrong(&l, "its directory is broken");
	if (z->packed > l.start)
		return wrong(&l, "its members overlap");
	return true;
}
