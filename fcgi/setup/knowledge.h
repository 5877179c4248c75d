/*
 * knowledge.h - files that the assistants may look things up in.
 *
 * The bytes of a file lie in DATA/files/<account>/<id>, on disk before the
 * row that names them is committed; a file without a row is swept. The runner
 * hands each file to Vapi, then sends the account's assistants again, which
 * have a tool that searches them. Vapi's file carries our id in its name, by
 * which one that a lost answer has made is found again.
 */
#ifndef SETUP_KNOWLEDGE_H
#define SETUP_KNOWLEDGE_H

#include "req.h"

#define KNOWLEDGE_FILES	    20
#define KNOWLEDGE_BYTES	    ((size_t)5 << 20)	/* of one file */
#define KNOWLEDGE_TEXT	    ((size_t)256 << 10) /* that is kept to be shown */
#define KNOWLEDGE_TOOL	    "search-knowledge"
#define KNOWLEDGE_JOB	    "/job/setup/file"
#define KNOWLEDGE_SWEEP_JOB "/job/setup/knowledge"

/* --- what files there may be ------------------------------------------------
 */

struct kind {
	const char *ext;
	const char *type; /* media type */
	bool text;	  /* UTF-8, to be read as it is */
};

/* By the ending of a file's name; NULL: none that is taken. */
const struct kind *kind_find(const char *name);
/* Endings that are taken, for sentences. */
const char *kind_list(void);
/* Are the bytes what the ending says? NULL, or a sentence ("must …"). */
const char *kind_wrong(const struct kind *, const char *data, size_t len);

/* --- on disk
 * ------------------------------------------------------------------ */

/* Write it through to the disk; it is not there before all of it is. */
enum rc disk_put(struct req *, const char *id, const char *data,
    size_t len) MUST_CHECK;
/* Its bytes, in the arena. */
enum rc disk_get(struct req *, const char *id, const char **data,
    size_t *len) MUST_CHECK;
void disk_drop(struct req *, const char *id);
/* Call for each file of the account that is older than that. */
enum rc disk_each(struct req *, int64_t age_ms,
    enum rc (*each)(struct req *, const char *id)) MUST_CHECK;

/* --- for others
 * ---------------------------------------------------------------- */

/* Remove all of the account's files, here and at Vapi. */
enum rc knowledge_clear(struct req *) MUST_CHECK;
/* There is a key at Vapi now: files that wait for one go out. */
enum rc knowledge_send(struct req *) MUST_CHECK;
/* Rows with vapi_id of the files that assistants may search. */
enum rc knowledge_sent(struct req *, struct row **list) MUST_CHECK;

/* The jobs: one file is brought in step with Vapi; the folder is swept. */
enum rc knowledge_job(struct req *) MUST_CHECK;
enum rc knowledge_sweep_job(struct req *) MUST_CHECK;

#endif
