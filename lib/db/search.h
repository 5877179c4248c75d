/*
 * search.h - what a person typed as a query, and where it hits; for lib/db.
 */
#ifndef DB_SEARCH_H
#define DB_SEARCH_H

#include "db/engine.h"
#include "db/words.h"

#define SEARCH_SNIPPET 2  /* column */
#define QUERY_WORDS    16 /* that count of what was typed */
#define QUERY_BYTES    8192
#define SNIPPET_BYTES  300 /* of the text */
#define SNIPPET_LEAD   80  /* of it before the first hit */
#define SNIPPET_ROOM   1024

/* A word that must occur, or begin one that does. */
struct term {
	char text[WORD_BYTES];
	size_t len;
	bool digits;
	char number[NUMBER_MAX + 1]; /* what it may belong to; or "" */
};

struct query {
	struct term term[QUERY_WORDS];
	int count;
};

/* The search of one table on one connection. */
struct search {
	struct db *db;
	const char *table;
	char *sql;
	struct stmt *stmt; /* after the first run */
	struct query query;
	char match[QUERY_BYTES]; /* query as the engine wants it */
	struct val words, limit, terms;
	char snippet[SNIPPET_ROOM];
};

/* The words of a text; none when it is not UTF-8. False: out of memory. */
bool query_read(struct words *, const char *text, struct query *) MUST_CHECK;
/* In the engine's syntax; key: of the account. */
void query_write(const struct query *, const char *key,
    const struct query_form *, char out[QUERY_BYTES]);
/* Is the word one that was asked for? */
bool query_hits(const struct query *, const struct word *);

/* The part of a text with the first hit; s->query is what was asked. */
struct val search_snippet(struct search *, struct val text);
void search_free(struct search *);

#endif
