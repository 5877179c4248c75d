/*
 * words.h - how text is split into the words it is found by.
 *
 * Case and accents of Latin letters, Hebrew points and Arabic vowel signs do
 * not count; letters and digits make words, everything else parts them. The
 * splitter is FTS5's unicode61; app_fold of the PostgreSQL engine does the
 * same in SQL, and tests/db/test_search.c compares the two.
 *
 * What is indexed is a word behind the key of its account, so that looking
 * for it touches no entry of another account. A telephone number is indexed
 * by its endings as well, since people leave out what comes first.
 */
#ifndef DB_WORDS_H
#define DB_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_CHARS    64 /* of a word count */
#define WORD_BYTES    (WORD_CHARS * 4 + 1)
#define WORDS_KEY     8	     /* bytes of an account's key */
#define WORDS_CHARS   100000 /* of a row are indexed */
#define WORDS_MAX     20000  /* the same */
#define WORDS_NUMBERS 1000   /* among which endings of numbers are, too */
#define NUMBER_MIN    7	     /* digits of a telephone number */
#define NUMBER_MAX    15
#define ENDING_MIN    4 /* digits of an ending */

struct words;

struct word {
	char text[WORD_BYTES]; /* folded */
	size_t len;
	size_t from, to; /* where it stands in the text, in bytes */
};

/* NULL: out of memory, or an SQLite without FTS5. */
struct words *words_new(void);
void words_free(struct words *);

/*
 * Call each for every word of the text of n bytes, until it answers false.
 * False when there was no memory.
 */
bool words_each(struct words *, const char *text, size_t n,
    bool (*each)(void *ctx, const struct word *), void *ctx);

/* What an account's words are indexed under: hex digits, and as a number. */
int64_t words_key(const char *account, char key[WORDS_KEY + 1]);

/* Only ASCII digits, as many as a telephone number has? */
bool words_number(const char *text, size_t len);

#endif
