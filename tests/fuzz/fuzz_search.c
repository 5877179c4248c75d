/*
 * fuzz_search.c - what is typed (the first line) is a query of words alone;
 * a snippet of the rest is the text but for its marks, which stand in pairs;
 * words of a text hit the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/search.h"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct words *words;
static struct search search;

struct words *
db_words(struct db *db)
{
	(void)db;
	return words;
}

/* Nothing but letters and digits between the signs of the form. */
static void
check_query(const struct query *q)
{
	static const struct query_form form = { "('", "|", "')", "&", false };
	static char out[QUERY_BYTES];
	size_t quotes = 0;

	query_write(q, "", &form, out);
	CHECK(str_utf8(out, strlen(out)));
	for (const char *p = out; *p != '\0'; p++) {
		CHECK((unsigned char)*p >= 0x80 ||
		    strchr("('|)&", *p) != NULL || (*p >= '0' && *p <= '9') ||
		    (*p >= 'a' && *p <= 'z'));
		quotes += *p == '\'';
	}
	CHECK(quotes == 2 * (size_t)q->count);
}

static bool
on_word(void *ctx, const struct word *w)
{
	size_t *last = ctx;

	CHECK(w->from >= *last && w->to >= w->from);
	CHECK(w->len > 0 && w->len == strlen(w->text));
	CHECK(str_utf8(w->text, w->len));
	*last = w->to;
	return true;
}

static void
check_snippet(const char *text, size_t n)
{
	struct val v = search_snippet(&search,
	    (struct val) { .type = VAL_TEXT, .s = text, .len = n });
	bool in = false;

	CHECK(v.type == VAL_TEXT && v.len == strlen(v.s));
	CHECK(v.len < SNIPPET_ROOM && str_utf8(v.s, v.len));
	for (const char *p = v.s; *p != '\0'; p++)
		if (*p == *DB_HIT || *p == *DB_HIT_END) {
			CHECK(in == (*p == *DB_HIT_END));
			in = !in;
		}
	CHECK(!in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *typed = malloc(size + 1), *text;
	size_t last = 0;

	if (words == NULL)
		words = words_new();
	memcpy(typed, data, size);
	typed[size] = '\0';
	text = strchr(typed, '\n');
	if (text != NULL) {
		*text++ = '\0';
		CHECK(query_read(words, typed, &search.query));
		check_query(&search.query);
		if (str_utf8(text, strlen(text))) {
			CHECK(words_each(words, text, strlen(text), on_word,
			    &last));
			check_snippet(text, strlen(text));
			CHECK(last <= strlen(text));
		}
		CHECK(query_read(words, text, &search.query));
		check_query(&search.query);
		if (search.query.count > 0) {
			struct val v = search_snippet(&search,
			    (struct val) { .type = VAL_TEXT,
				.s = text,
				.len = strlen(text) });

			CHECK(strchr(v.s, *DB_HIT) != NULL);
		}
	}
	free(typed);
	return 0;
}
