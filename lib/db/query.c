/* query.c - what a person typed, as a query that nothing typed can break. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "db/search.h"

static bool
term_add(void *ctx, const struct word *w)
{
	struct query *q = ctx;
	struct term *t = &q->term[q->count++];

	memcpy(t->text, w->text, w->len + 1);
	t->len = w->len;
	t->digits = strspn(w->text, "0123456789") == w->len;
	t->number[0] = '\0';
	return q->count < QUERY_WORDS;
}

/*
 * A run of digits may be a telephone number, with blanks in it or as one dials
 * it at home: 04 15 55 01 11 for +33415550111. Answers the end of the run.
 */
static int
number_find(struct query *q, int first)
{
	char all[QUERY_WORDS * WORD_CHARS + 1] = "";
	size_t n = 0, zeros;
	int end = first;

	for (; end < q->count && q->term[end].digits; end++) {
		memcpy(all + n, q->term[end].text, q->term[end].len + 1);
		n += q->term[end].len;
	}
	zeros = strspn(all, "0");
	n -= zeros;
	if ((zeros > 0 || end > first + 1) && n >= ENDING_MIN &&
	    n <= NUMBER_MAX)
		for (int i = first; i < end; i++)
			memcpy(q->term[i].number, all + zeros, n + 1);
	return end;
}

bool
query_read(struct words *w, const char *text, struct query *q)
{
	size_t n = strlen(text);

	q->count = 0;
	if (!str_utf8(text, n))
		return true;
	if (!words_each(w, text, n, term_add, q))
		return false;
	for (int i = 0; i < q->count; i++)
		if (q->term[i].digits)
			i = number_find(q, i);
	return true;
}

/* --- in an engine's syntax -------------------------------------------------
 */

static void
put(char out[QUERY_BYTES], size_t *len, const char *s)
{
	size_t n = strlen(s);

	if (*len + n < QUERY_BYTES) {
		memcpy(out + *len, s, n + 1);
		*len += n;
	}
}

/* Words are letters and digits alone, so that no quote can be among them. */
void
query_write(const struct query *q, const char *key,
    const struct query_form *form, char out[QUERY_BYTES])
{
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; i < q->count; i++) {
		const struct term *t = &q->term[i];

		put(out, &len, i > 0 ? form->and : "");
		put(out, &len, form->open);
		put(out, &len, form->keyed ? key : "");
		put(out, &len, t->text);
		if (*t->number != '\0') {
			put(out, &len, form->or);
			put(out, &len, form->keyed ? key : "");
			put(out, &len, t->number);
		}
		put(out, &len, form->close);
	}
}

/* --- hits ------------------------------------------------------------------
 */

/* Does the word, or the ending of a number, begin with text? */
static bool
begins(const struct word *w, const char *text, bool number)
{
	if (str_starts(w->text, text))
		return true;
	for (size_t i = 1; number && i + ENDING_MIN <= w->len; i++)
		if (str_starts(w->text + i, text))
			return true;
	return false;
}

bool
query_hits(const struct query *q, const struct word *w)
{
	bool number = words_number(w->text, w->len);

	for (int i = 0; i < q->count; i++) {
		const struct term *t = &q->term[i];

		if (begins(w, t->text, number && t->digits))
			return true;
		if (*t->number != '\0' && begins(w, t->number, number))
			return true;
	}
	return false;
}
