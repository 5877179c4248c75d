/*
 * sqlite_search.c - the index of words on SQLite, which triggers keep in step
 * with table x, and what they call.
 *
 * find_x has a number for each row of x; find_x_word leads from the key of an
 * account and a word to these numbers. They are plain tables: where the schema
 * is not trusted a trigger may not write to FTS5's (SQLite 3.40), and FTS5
 * leaves what was deleted in its segments for long. Of FTS5 there is the
 * splitter, see words.h.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/search.h"
#include "db/sqlite_int.h"

#define WEIGHT \
	1000 /* of a word that is there once, in a text of this many: \
	      */
#define USUAL 20

/* --- functions that the triggers call ---------------------------------------
 */

/* The words of the row that is being indexed. */
struct document {
	char *text; /* one behind the other, each with a NUL */
	size_t len, room;
	int words; /* without the endings of numbers */
	int count; /* with them */
	struct item {
		const char *word;
		int times;
	} * item; /* by bytes, none twice */
	int items;
	bool bad;
};

static void
document_add(struct document *d, const char *s, size_t len)
{
	if (d->len + len + 1 > d->room) {
		size_t room = (d->room + len + 64) * 2;
		char *more = d->bad ? NULL : realloc(d->text, room);

		d->bad = more == NULL;
		if (d->bad)
			return;
		d->text = more;
		d->room = room;
	}
	memcpy(d->text + d->len, s, len + 1);
	d->len += len + 1;
	d->count++;
}

static bool
on_word(void *ctx, const struct word *w)
{
	struct document *d = ctx;
	bool number = words_number(w->text, w->len);

	document_add(d, w->text, w->len);
	for (size_t i = 1;
	     number && d->words < WORDS_NUMBERS && i + ENDING_MIN <= w->len;
	     i++)
		document_add(d, w->text + i, w->len - i);
	return ++d->words < WORDS_MAX && !d->bad;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->word,
	    ((const struct item *)b)->word);
}

/* Each word once, with how often it is there. */
static void
document_sort(struct document *d)
{
	const char *p = d->text;
	int n = 0;

	d->item = calloc((size_t)d->count + 1, sizeof(*d->item));
	if (d->item == NULL || d->bad) {
		d->bad = true;
		return;
	}
	for (int i = 0; i < d->count; i++, p += strlen(p) + 1)
		d->item[i] = (struct item) { p, 1 };
	qsort(d->item, (size_t)d->count, sizeof(*d->item), by_bytes);
	for (int i = 0; i < d->count; i++)
		if (n > 0 && str_eq(d->item[n - 1].word, d->item[i].word))
			d->item[n - 1].times++;
		else
			d->item[n++] = d->item[i];
	d->items = n;
}

static void
document_clear(struct document *d)
{
	free(d->text);
	free(d->item);
	memset(d, 0, sizeof(*d));
}

struct index {
	struct db *db;
	struct document doc;
};

static void
index_free(void *index)
{
	document_clear(&((struct index *)index)->doc);
	free(index);
}

/* The texts of a row, as far as they are indexed; NULL: none. */
static char *
columns_join(int argc, sqlite3_value **argv)
{
	sqlite3_str *all = sqlite3_str_new(NULL);
	char *text, *end;
	int chars = 0;

	for (int i = 0; i < argc; i++) {
		const char *s = (const char *)sqlite3_value_text(argv[i]);

		if (s != NULL)
			sqlite3_str_appendf(all, "%s ", s);
	}
	text = sqlite3_str_finish(all);
	for (end = text; end != NULL && *end != '\0'; end++)
		if (((unsigned char)*end & 0xc0) != 0x80 &&
		    ++chars > WORDS_CHARS) {
			*end = '\0';
			break;
		}
	return text;
}

/* app_words(column...): how many there are; app_word and app_weight follow. */
static void
fn_words(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct index *x = sqlite3_user_data(ctx);
	struct words *w = db_words(x->db);
	char *text = columns_join(argc, argv);
	struct document *d = &x->doc;

	document_clear(d);
	d->bad = w == NULL ||
	    (text != NULL && !words_each(w, text, strlen(text), on_word, d)) ||
	    d->bad;
	sqlite3_free(text);
	document_sort(d);
	if (d->bad)
		sqlite3_result_error_nomem(ctx);
	else
		sqlite3_result_int(ctx, d->items);
}

static const struct item *
item_of(sqlite3_context *ctx, sqlite3_value *number)
{
	const struct index *x = sqlite3_user_data(ctx);
	int i = sqlite3_value_int(number);

	return i >= 0 && i < x->doc.items ? &x->doc.item[i] : NULL;
}

/* app_word(i): the i-th, from 0. */
static void
fn_word(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const struct item *it = item_of(ctx, argv[0]);

	(void)argc;
	if (it != NULL)
		sqlite3_result_text(ctx, it->word, -1, SQLITE_TRANSIENT);
}

/* app_weight(i): more of a word in less text weighs more, as in BM25. */
static void
fn_weight(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const struct index *x = sqlite3_user_data(ctx);
	const struct item *it = item_of(ctx, argv[0]);
	double times = it != NULL ? it->times : 0;
	double length = 0.25 + 0.75 * x->doc.words / USUAL;

	(void)argc;
	sqlite3_result_int(ctx,
	    (int)(WEIGHT * 2.2 * times / (times + 1.2 * length)) + 1);
}

/* app_key(account): what its words are found by. */
static void
fn_key(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const char *account = (const char *)sqlite3_value_text(argv[0]);
	char hex[WORDS_KEY + 1];

	(void)argc;
	if (account != NULL)
		sqlite3_result_int64(ctx, words_key(account, hex));
}

bool
sqlite_search_functions(struct sqlite *q)
{
	static const int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS;
	struct index *x = calloc(1, sizeof(*x));
	sqlite3 *h = q->handle;

	if (x == NULL)
		return false;
	x->db = &q->db;
	return sqlite3_create_function_v2(h, "app_words", -1, flags, x,
		   fn_words, NULL, NULL, index_free) == SQLITE_OK &&
	    sqlite3_create_function_v2(h, "app_word", 1, flags, x, fn_word,
		NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_create_function_v2(h, "app_weight", 1, flags, x, fn_weight,
		NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_create_function_v2(h, "app_key", 1,
		flags | SQLITE_DETERMINISTIC, NULL, fn_key, NULL, NULL,
		NULL) == SQLITE_OK;
}

/* --- texts -----------------------------------------------------------------
 */

static void
columns(struct buf *b, const char *before, char *const *column)
{
	for (int i = 0; column[i] != NULL; i++)
		buf_printf(b, "%s%s%s", i > 0 ? ", " : "", before, column[i]);
}

static void
tables(struct buf *b, const char *x, char *const *column)
{
	buf_printf(b,
	    "CREATE TABLE find_%s (row INTEGER PRIMARY KEY, account_id TEXT"
	    " NOT NULL, id TEXT NOT NULL, UNIQUE (account_id, id));\n"
	    "CREATE TABLE find_%s_word (key BIGINT NOT NULL, word TEXT NOT"
	    " NULL, row INTEGER NOT NULL, weight INTEGER NOT NULL,"
	    " PRIMARY KEY (key, word, row)) WITHOUT ROWID;\n"
	    "CREATE INDEX find_%s_row ON find_%s_word (row);\n"
	    "CREATE VIEW find_%s_text AS SELECT id, rtrim(''",
	    x, x, x, x, x);
	for (int i = 0; column[i] != NULL; i++)
		buf_printf(b, " || coalesce(nullif(%s, '') || ' · ', '')",
		    column[i]);
	buf_printf(b, ", ' ·') AS text FROM my_%s;\n", x);
}

/*
 * What goes into find_x and out of it, takes its words along. The authorizer
 * hears the name of the WITH, which is why it has the prefix of a guard.
 */
static void
word_triggers(struct buf *b, const char *x, char *const *column)
{
	buf_printf(b,
	    "CREATE TRIGGER guard_%s_find_words AFTER INSERT ON find_%s BEGIN"
	    " INSERT INTO find_%s_word (key, word, row, weight) SELECT"
	    " app_key(NEW.account_id), app_word(i), NEW.row, app_weight(i)"
	    " FROM (WITH RECURSIVE guard_n (i, count) AS (SELECT 0, app_words(",
	    x, x, x);
	columns(b, "", column);
	buf_printf(b,
	    ") FROM %s WHERE account_id = NEW.account_id AND id = NEW.id"
	    " UNION ALL SELECT i + 1, count FROM guard_n WHERE i + 1 < count)"
	    " SELECT i FROM guard_n WHERE count > 0); END;\n"
	    "CREATE TRIGGER guard_%s_find_clear AFTER DELETE ON find_%s BEGIN"
	    " DELETE FROM find_%s_word WHERE row = OLD.row; END;\n",
	    x, x, x, x);
}

static void
row_triggers(struct buf *b, const char *x, char *const *column)
{
	static const char add[] =
	    " INSERT INTO find_%s (account_id, id) VALUES (NEW.account_id,"
	    " NEW.id);";
	static const char drop[] =
	    " DELETE FROM find_%s WHERE account_id = OLD.account_id"
	    " AND id = OLD.id;";

	buf_printf(b,
	    "CREATE TRIGGER guard_%s_find_add AFTER INSERT ON %s BEGIN", x, x);
	buf_printf(b, add, x);
	buf_printf(b,
	    " END;\n"
	    "CREATE TRIGGER guard_%s_find_drop AFTER DELETE ON %s BEGIN",
	    x, x);
	buf_printf(b, drop, x);
	buf_printf(b,
	    " END;\n"
	    "CREATE TRIGGER guard_%s_find_change AFTER UPDATE ON %s"
	    " WHEN (OLD.account_id, OLD.id, ",
	    x, x);
	columns(b, "OLD.", column);
	buf_str(b, ") IS NOT (NEW.account_id, NEW.id, ");
	columns(b, "NEW.", column);
	buf_str(b, ") BEGIN");
	buf_printf(b, drop, x);
	buf_printf(b, add, x);
	buf_str(b, " END;\n");
}

/* And what is there already. */
void
sqlite_index(struct buf *b, const char *x, char *const *column)
{
	tables(b, x, column);
	word_triggers(b, x, column);
	row_triggers(b, x, column);
	buf_printf(b,
	    "INSERT INTO find_%s (account_id, id) SELECT account_id, id"
	    " FROM %s ORDER BY account_id, id;\n",
	    x, x);
}

void
sqlite_index_drop(struct buf *b, const char *x)
{
	buf_printf(b,
	    "DROP TRIGGER IF EXISTS guard_%s_find_add;"
	    " DROP TRIGGER IF EXISTS guard_%s_find_change;"
	    " DROP TRIGGER IF EXISTS guard_%s_find_drop;"
	    " DROP VIEW IF EXISTS find_%s_text;"
	    " DROP TABLE IF EXISTS find_%s_word;"
	    " DROP TABLE IF EXISTS find_%s;\n",
	    x, x, x, x, x, x);
}

/*
 * Each row by the best of what each word may be: the word itself counts for
 * more than one that it begins. Only the best rows are read.
 */
void
sqlite_search(struct buf *b, const char *x)
{
	buf_printf(b,
	    "WITH hit AS (SELECT g.key AS n, w.row AS row,"
	    " max(CASE WHEN w.word = r.atom THEN 2 ELSE 1 END * w.weight)"
	    " AS best"
	    " FROM json_each('[' || :words || ']') g"
	    " CROSS JOIN json_each(g.value) r CROSS JOIN find_%s_word w"
	    " WHERE w.key = app_key(app_account()) AND w.word >= r.atom"
	    " AND w.word <= r.atom || char(1114111) GROUP BY 1, 2),"
	    " best AS (SELECT row, sum(best) / %d.0 AS rank FROM hit"
	    " GROUP BY row HAVING count(*) = :count"
	    " ORDER BY 2 DESC, 1 LIMIT :limit)"
	    " SELECT f.id, b.rank AS \"rank:real\", t.text AS snippet"
	    " FROM best b CROSS JOIN find_%s f ON f.row = b.row"
	    " CROSS JOIN find_%s_text t ON t.id = f.id"
	    " WHERE f.account_id = app_account() ORDER BY 2 DESC, 1",
	    x, WEIGHT, x, x);
}
