/* classify.c - which industry a business is of, by its name. */
#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "base/str.h"
#include "onboard/classify.h"

#define TERMS_BYTES  ((size_t)2 << 20)
#define TERMS_MAX    6000
#define TOKENS_MAX   120
#define NAME_BYTES   400
#define ABOUT_BYTES  2000
#define INDUSTRIES   (INDUSTRY_ID_MAX + 1)
#define STRONG	     3.0
#define WEAK	     1.0
#define IN_ABOUT     0.5 /* what a word of the description counts */
#define PHRASE_BONUS 1.6 /* a phrase says more than a word */

struct term {
	const char *key;     /* folded, as a whole */
	const char *word[4]; /* the same in parts; several are a phrase */
	int words;
	bool prefix;
	double weight;
	const struct industry *industry;
};

static struct {
	struct arena *arena;
	struct term *term;
	int count;
} table;

/* Words of a folded text; they are cut apart in place. */
struct tokens {
	const char *word[TOKENS_MAX];
	int count;
};

static void
tokens_cut(struct tokens *t, char *text)
{
	for (char *s = text;
	     s != NULL && *s != '\0' && t->count < TOKENS_MAX;) {
		size_t n = strcspn(s, " ");
		bool last = s[n] == '\0';

		s[n] = '\0';
		if (n > 0)
			t->word[t->count++] = s;
		s += n + (last ? 0 : 1);
	}
}

/* "~smile*", "real_estate" */
static bool
term_read(struct term *t, const char *text, size_t n)
{
	bool weak = *text == '~';
	char *copy = arena_copy(table.arena, text + weak, n - weak);
	struct tokens words = { .count = 0 };

	if (copy == NULL)
		return false;
	t->prefix = n > 1 && text[n - 1] == '*';
	for (char *p = copy; *p != '\0'; p++)
		if (*p == '_')
			*p = ' ';
	t->key = fold(table.arena, copy, n);
	tokens_cut(&words, arena_str(table.arena, t->key));
	t->weight = weak ? WEAK : STRONG;
	for (int i = 0; i < words.count && i < (int)COUNT(t->word); i++)
		t->word[t->words++] = words.word[i];
	if (t->words > 1)
		t->weight *= PHRASE_BONUS;
	return t->words > 0;
}

static void
industry_terms(const struct industry *i)
{
	const char *s = i->words;

	while (*s != '\0' && table.count < TERMS_MAX) {
		size_t n = strcspn(s, " ");
		struct term *t = &table.term[table.count];

		memset(t, 0, sizeof(*t));
		t->industry = i;
		if (n > 0 && term_read(t, s, n))
			table.count++;
		s += n + (s[n] == ' ');
	}
}

static int
by_key(const void *a, const void *b)
{
	const struct term *x = a, *y = b;

	return strcmp(x->key, y->key);
}

/* Divide the weight of a term by the number of those that claim it. */
static void
weights_share(void)
{
	qsort(table.term, (size_t)table.count, sizeof(table.term[0]), by_key);
	for (int i = 0, n; i < table.count; i += n) {
		for (n = 1; i + n < table.count; n++)
			if (by_key(&table.term[i], &table.term[i + n]) != 0)
				break;
		for (int k = 0; k < n; k++)
			table.term[i + k].weight /= n;
	}
}

static bool
table_make(void)
{
	if (table.term != NULL)
		return true;
	if (table.arena == NULL)
		table.arena = arena_new(TERMS_BYTES);
	if (table.arena != NULL)
		table.term =
		    arena_get(table.arena, TERMS_MAX * sizeof(struct term));
	if (table.term == NULL)
		return false;
	for (const struct industry *i = industry_all(); i != NULL; i = i->next)
		industry_terms(i);
	weights_share();
	return true;
}

/* The Hebrew word without "the", "in", "to", "from", "and", "that", "as". */
static const char *
without_article(const char *s)
{
	static const char *const letters[] = { "ה", "ו", "ב", "ל", "מ", "ש",
		"כ" };

	for (size_t i = 0; i < COUNT(letters) && strlen(s) >= 8; i++)
		if (str_starts(s, letters[i]))
			return s + strlen(letters[i]);
	return NULL;
}

static bool
word_fits(const char *term, const char *word, bool prefix)
{
	size_t n = strlen(term);

	if (strncmp(word, term, n) != 0)
		return false;
	/* a plural is the same word */
	return prefix || word[n] == '\0' ||
	    (n >= 3 && (word[n] == 's' || word[n] == 'x') &&
		word[n + 1] == '\0');
}

static bool
token_fits(const char *term, const char *word, bool prefix)
{
	const char *bare;

	if (word_fits(term, word, prefix))
		return true;
	bare = without_article(word);
	return bare != NULL && word_fits(term, bare, prefix);
}

/* Does the term stand in the words, at one place or another? */
static bool
term_in(const struct term *t, const struct tokens *w)
{
	for (int at = 0; at + t->words <= w->count; at++) {
		int i = 0;

		while (i < t->words &&
		    token_fits(t->word[i], w->word[at + i],
			t->prefix && i == t->words - 1))
			i++;
		if (i == t->words)
			return true;
	}
	return false;
}

static void
guess_put(struct guess *out, int max, int *n, struct guess g)
{
	int at = *n;

	while (at > 0 && out[at - 1].score < g.score)
		at--;
	if (at >= max)
		return;
	if (*n < max)
		(*n)++;
	memmove(out + at + 1, out + at,
	    (size_t)(*n - 1 - at) * sizeof(struct guess));
	out[at] = g;
}

int
classify(struct arena *a, const char *name, const char *description,
    struct guess *out, int max)
{
	struct tokens in_name = { .count = 0 }, in_about = { .count = 0 };
	double score[INDUSTRIES] = { 0 };
	int n = 0;

	if (!table_make())
		return 0;
	tokens_cut(&in_name, fold(a, name, NAME_BYTES));
	if (description != NULL)
		tokens_cut(&in_about, fold(a, description, ABOUT_BYTES));
	for (int i = 0; i < table.count; i++) {
		const struct term *t = &table.term[i];

		if (term_in(t, &in_name))
			score[t->industry->id] += t->weight;
		else if (term_in(t, &in_about))
			score[t->industry->id] += t->weight * IN_ABOUT;
	}
	for (const struct industry *i = industry_all(); i != NULL; i = i->next)
		if (score[i->id] > 0)
			guess_put(out, max, &n,
			    (struct guess) { i, score[i->id] });
	return n;
}

double
classify_sure(const struct guess *g, int n)
{
	double first, second;

	if (n == 0)
		return 0;
	first = g[0].score;
	second = n > 1 ? g[1].score : 0;
	return first / (first + second) *
	    (first >= STRONG ? 1 : first / STRONG);
}

/* Does a word of the names, or a term, begin so? */
static bool
word_known(struct arena *a, const struct industry *i, const char *typed)
{
	for (int lang = 0; lang < LANG_COUNT; lang++) {
		struct tokens name = { .count = 0 };

		tokens_cut(&name, fold(a, i->name.in[lang], NAME_BYTES));
		for (int k = 0; k < name.count; k++)
			if (str_starts(name.word[k], typed))
				return true;
	}
	for (int k = 0; k < table.count; k++)
		if (table.term[k].industry == i &&
		    (str_starts(table.term[k].word[0], typed) ||
			token_fits(table.term[k].word[0], typed,
			    table.term[k].prefix)))
			return true;
	return false;
}

int
classify_search(struct arena *a, const char *typed, const struct industry **out,
    int max)
{
	struct tokens words = { .count = 0 };
	int n = 0;

	if (!table_make())
		return 0;
	tokens_cut(&words, fold(a, typed, NAME_BYTES));
	for (const struct industry *i = industry_all();
	     i != NULL && n < max && words.count > 0; i = i->next) {
		int k = 0;

		while (k < words.count && word_known(a, i, words.word[k]))
			k++;
		if (k == words.count)
			out[n++] = i;
	}
	return n;
}
