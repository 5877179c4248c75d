/* words.c - how text is split into the words it is found by. */
#include <sodium.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/words.h"

struct words {
	sqlite3 *memory; /* a database of nothing, which has the tokenizer */
	fts5_tokenizer methods;
	Fts5Tokenizer *splitter;
	char *plain; /* a text without marks */
	size_t room;
	/* of the run */
	const char *text;
	size_t n;
	size_t at, at_plain; /* the same place in both */
	bool (*each)(void *ctx, const struct word *);
	void *ctx;
};

struct span {
	unsigned from, to;
};

/* Hebrew points and accents, Arabic vowel signs. */
static const struct span marks[] = { { 0x591, 0x5bd }, { 0x5bf, 0x5bf },
	{ 0x5c1, 0x5c2 }, { 0x5c4, 0x5c5 }, { 0x5c7, 0x5c7 }, { 0x610, 0x61a },
	{ 0x64b, 0x65f }, { 0x670, 0x670 }, { 0x6d6, 0x6dc }, { 0x6df, 0x6e4 },
	{ 0x6e7, 0x6e8 }, { 0x6ea, 0x6ed } };

/* Letters whose plain form unicode61 does not know, two bytes each. */
static const struct {
	const char *letter;
	const char *plain;
} letters[] = { { "œ", "oe" }, { "æ", "ae" }, { "ß", "ss" }, { "ø", "o" },
	{ "ł", "l" }, { "đ", "d" }, { "ı", "i" }, { "آ", "ا" }, { "أ", "ا" },
	{ "إ", "ا" }, { "ؤ", "و" }, { "ئ", "ي" }, { "ۀ", "ە" }, { "ۂ", "ہ" },
	{ "ۓ", "ے" } };

/* --- the splitter ---------------------------------------------------------
 */

static fts5_api *
api_of(sqlite3 *h)
{
	fts5_api *api = NULL;
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(h, "SELECT fts5(?1)", -1, &st, NULL) !=
	    SQLITE_OK)
		return NULL;
	sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL);
	(void)sqlite3_step(st);
	sqlite3_finalize(st);
	return api;
}

struct words *
words_new(void)
{
	static const char *args[] = { "remove_diacritics", "2", "categories",
		"L* Nd" };
	struct words *w = calloc(1, sizeof(*w));
	fts5_api *api = NULL;
	void *ctx;

	if (w == NULL)
		return NULL;
	if (sqlite3_open_v2(":memory:", &w->memory,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL) == SQLITE_OK)
		api = api_of(w->memory);
	if (api != NULL &&
	    api->xFindTokenizer(api, "unicode61", &ctx, &w->methods) ==
		SQLITE_OK &&
	    w->methods.xCreate(ctx, args, COUNT(args), &w->splitter) ==
		SQLITE_OK)
		return w;
	words_free(w);
	return NULL;
}

void
words_free(struct words *w)
{
	if (w == NULL)
		return;
	if (w->splitter != NULL)
		w->methods.xDelete(w->splitter);
	sqlite3_close(w->memory);
	free(w->plain);
	free(w);
}

/* --- marks -----------------------------------------------------------------
 */

/* Bytes of the mark at p that does not count, behind the byte before; 0. */
static size_t
mark_len(const char *p, size_t left, char before)
{
	unsigned char a = (unsigned char)p[0];
	unsigned c;

	if (left < 2 || a < 0xcc || a > 0xdb)
		return 0;
	c = (a & 0x1fu) << 6 | ((unsigned char)p[1] & 0x3fu);
	if (c >= 0x300 && c <= 0x36f)
		return (before >= 'a' && before <= 'z') ||
			(before >= 'A' && before <= 'Z') ?
		    2 :
		    0;
	for (size_t i = 0; i < COUNT(marks); i++)
		if (c >= marks[i].from && c <= marks[i].to)
			return 2;
	return 0;
}

/* The text without marks goes to w->plain; its length, or -1. */
static int
plain_make(struct words *w)
{
	size_t out = 0, skip;

	if (w->n >= INT32_MAX)
		return -1;
	if (w->room < w->n + 1) {
		char *more = realloc(w->plain, w->n + 1);

		if (more == NULL)
			return -1;
		w->plain = more;
		w->room = w->n + 1;
	}
	for (size_t i = 0; i < w->n; i += skip) {
		skip = mark_len(w->text + i, w->n - i,
		    out > 0 ? w->plain[out - 1] : ' ');
		if (skip == 0) {
			w->plain[out++] = w->text[i];
			skip = 1;
		}
	}
	return (int)out;
}

/* Where place of the plain text is in the text itself, behind its marks. */
static size_t
place_of(struct words *w, size_t place)
{
	size_t skip;

	for (;;) {
		skip = mark_len(w->text + w->at, w->n - w->at,
		    w->at_plain > 0 ? w->plain[w->at_plain - 1] : ' ');
		if (skip == 0 && w->at_plain >= place)
			return w->at;
		w->at += skip > 0 ? skip : 1;
		w->at_plain += skip == 0;
	}
}

/* --- words -----------------------------------------------------------------
 */

/* The plain form of the letter of n bytes at s. */
static const char *
letter_plain(const char *s, size_t n)
{
	for (size_t i = 0; n == 2 && i < COUNT(letters); i++)
		if (memcmp(letters[i].letter, s, 2) == 0)
			return letters[i].plain;
	return NULL;
}

/* Copy the folded word, its first characters. */
static void
word_copy(struct word *word, const char *s, size_t len)
{
	int chars = 0;

	word->len = 0;
	while (len > 0 && chars < WORD_CHARS) {
		size_t n = str_step(s, len), m;
		const char *as = letter_plain(s, n);

		if (n == 0)
			break;
		m = as != NULL ? strlen(as) : n;
		for (size_t i = 0; i < m && chars < WORD_CHARS; i++) {
			word->text[word->len++] = as != NULL ? as[i] : s[i];
			chars += as != NULL;
		}
		chars += as == NULL;
		s += n;
		len -= n;
	}
	word->text[word->len] = '\0';
}

static int
on_token(void *ctx, int flags, const char *s, int len, int from, int to)
{
	struct words *w = ctx;
	struct word word;

	(void)flags;
	word_copy(&word, s, (size_t)len);
	word.from = place_of(w, (size_t)from);
	word.to = place_of(w, (size_t)to);
	if (word.len == 0)
		return SQLITE_OK;
	return w->each(w->ctx, &word) ? SQLITE_OK : SQLITE_DONE;
}

bool
words_each(struct words *w, const char *text, size_t n,
    bool (*each)(void *ctx, const struct word *), void *ctx)
{
	int plain, rc;

	w->text = text;
	w->n = n;
	w->at = w->at_plain = 0;
	w->each = each;
	w->ctx = ctx;
	plain = plain_make(w);
	if (plain < 0)
		return false;
	rc = w->methods.xTokenize(w->splitter, w, FTS5_TOKENIZE_DOCUMENT,
	    w->plain, plain, on_token);
	return rc == SQLITE_OK || rc == SQLITE_DONE;
}

/* --- what is indexed ---------------------------------------------------------
 */

int64_t
words_key(const char *account, char key[WORDS_KEY + 1])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	int64_t number;

	crypto_hash_sha256(hash, (const unsigned char *)account,
	    strlen(account));
	str_hex(hash, WORDS_KEY / 2, key);
	memcpy(&number, hash, sizeof(number));
	return number;
}

bool
words_number(const char *text, size_t len)
{
	return len >= NUMBER_MIN && len <= NUMBER_MAX &&
	    strspn(text, "0123456789") == len;
}
