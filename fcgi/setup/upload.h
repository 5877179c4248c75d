/*
 * upload.h - the files of one request, from its body to disk and database.
 */
#ifndef SETUP_UPLOAD_H
#define SETUP_UPLOAD_H

#include "setup/knowledge.h"

/* A file of this request. */
struct upload {
	const char *id;
	const char *name;
	const struct kind *kind;
	const char *data;
	size_t len;
	bool stored; /* on the disk, under id */
};

struct uploads {
	struct upload list[KNOWLEDGE_FILES];
	size_t count;
};

/* All files of the body; mistakes are told, then nothing may be stored. */
enum rc uploads_read(struct req *, struct uploads *) MUST_CHECK;
/* Write them to the disk, each under an id of its own. */
enum rc uploads_store(struct req *, struct uploads *) MUST_CHECK;
/*
 * Their rows, in the transaction that is open, and the jobs that send them;
 * one with the same bytes as a file that is there already is that file.
 */
enum rc uploads_add(struct req *, struct uploads *) MUST_CHECK;
/* It came to nothing: take from the disk what was stored. */
void uploads_undo(struct req *, const struct uploads *);

#endif
