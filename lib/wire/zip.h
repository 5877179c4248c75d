/*
 * zip.h - what a ZIP file says that it holds, without unpacking any of it.
 *
 * Source: PKWARE's APPNOTE, 4.3 (end and headers of the central directory).
 * ZIP64, several disks, encryption and overlapping members are refused: none
 * is needed by documents, and the last is how small bombs are built.
 */
#ifndef WIRE_ZIP_H
#define WIRE_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZIP_MEMBERS 4096

struct zip {
	/* given: called with each member's name, no NUL behind it; or NULL */
	void (*seen)(void *ctx, const char *name, size_t len);
	void *ctx;
	/* found */
	size_t members;
	uint64_t packed;   /* bytes of all members as they are */
	uint64_t unpacked; /* and as they claim to become */
	const char *why;   /* a sentence, static, when it is not usable */
};

/* Read the directory of len bytes; false: see why. */
bool zip_look(struct zip *, const char *data, size_t len);

#endif
