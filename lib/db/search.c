/* search.c - rows found by what a person typed, best first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/search.h"

#define CUT "\xe2\x80\xa6" /* an ellipsis */

struct words *
db_words(struct db *db)
{
	if (db->words == NULL)
		db->words = words_new();
	return db->words;
}

/* --- snippets --------------------------------------------------------------
 */

struct snippet {
	struct search *s;
	const char *text;
	size_t n;
	size_t first;	    /* where the first hit is */
	size_t begin, done; /* where it begins, and what is written */
	size_t len;	    /* of s->snippet */
	bool hit, begun, cut;
};

static bool
on_first(void *ctx, const struct word *w)
{
	struct snippet *p = ctx;

	p->hit = query_hits(&p->s->query, w);
	p->first = p->hit ? w->from : 0;
	return !p->hit;
}

static void
put(struct snippet *p, const char *s, size_t n)
{
	if (p->len + n >= SNIPPET_ROOM)
		return;
	memcpy(p->s->snippet + p->len, s, n);
	p->len += n;
}

/* The text up to place, with nothing in it that looks like our marks. */
static void
text_put(struct snippet *p, size_t place)
{
	const char *s = p->text + p->done;
	size_t step;

	for (; p->done < place && !p->cut; s += step, p->done += step) {
		step = str_step(s, p->n - p->done);
		step = step > 0 ? step : 1;
		if (p->done + step > p->begin + SNIPPET_BYTES)
			p->cut = true;
		else if (*s == *DB_HIT || *s == *DB_HIT_END)
			put(p, " ", 1);
		else
			put(p, s, step);
		if (p->cut)
			break;
	}
}

static bool
on_word(void *ctx, const struct word *w)
{
	struct snippet *p = ctx;
	size_t lead = p->first > SNIPPET_LEAD ? p->first - SNIPPET_LEAD : 0;

	if (lead > 0 && w->from < lead)
		return true;
	if (lead > 0 && !p->begun) {
		p->begin = p->done = w->from;
		put(p, CUT, strlen(CUT));
	}
	/* only a word that is too long for any line is cut in itself */
	if (w->to > p->begin + SNIPPET_BYTES &&
	    w->to - w->from < SNIPPET_LEAD) {
		p->cut = true;
		return false;
	}
	p->begun = true;
	text_put(p, w->from);
	if (query_hits(&p->s->query, w) && !p->cut) {
		put(p, DB_HIT, 1);
		text_put(p, w->to);
		put(p, DB_HIT_END, 1);
	} else
		text_put(p, w->to);
	return !p->cut;
}

struct val
search_snippet(struct search *s, struct val text)
{
	struct snippet p = { .s = s, .text = text.s, .n = text.len };
	struct words *w = db_words(s->db);

	if (text.type != VAL_TEXT || w == NULL)
		return val_null();
	if (!words_each(w, text.s, text.len, on_first, &p) ||
	    !words_each(w, text.s, text.len, on_word, &p))
		return val_null();
	text_put(&p, p.n);
	if (p.cut)
		put(&p, CUT, strlen(CUT));
	s->snippet[p.len] = '\0';
	return (struct val) { .type = VAL_TEXT, .s = s->snippet, .len = p.len };
}

/* --- searching -------------------------------------------------------------
 */

static struct search *
search_make(struct db *db, const char *table)
{
	struct search *s = calloc(1, sizeof(*s));
	struct arena *a = arena_new(1 << 16);
	struct buf b;

	if (s != NULL && a != NULL) {
		buf_init(&b, a);
		db->engine->search(&b, table);
		s->sql = b.bad ? NULL : strdup(buf_text(&b));
		s->db = db;
		s->table = table;
	}
	arena_free(a);
	if (s != NULL && s->sql != NULL)
		return s;
	search_free(s);
	return NULL;
}

/* The search of a table, made when it is new. */
static enum rc
search_of(struct db *db, const char *table, struct search **out)
{
	size_t i = 0;

	*out = NULL;
	while (i < DB_SEARCHES && db->search[i] != NULL &&
	    !str_eq(db->search[i]->table, table))
		i++;
	if (i == DB_SEARCHES)
		return db_blame(db, E_INTERNAL, "more than %d searches",
		    DB_SEARCHES);
	if (db->search[i] == NULL)
		db->search[i] = search_make(db, table);
	*out = db->search[i];
	if (*out == NULL || db_words(db) == NULL)
		return db_blame(db, E_INTERNAL, "no memory, or no FTS5");
	return OK;
}

void
search_free(struct search *s)
{
	if (s != NULL)
		free(s->sql);
	free(s);
}

static const struct val *
lookup(void *ctx, const char *name)
{
	const struct search *s = ctx;

	if (str_eq(name, "limit"))
		return &s->limit;
	return str_eq(name, "count") ? &s->terms : &s->words;
}

enum rc
db_search(struct db *db, const char *table, const char *text, int64_t limit,
    struct stmt **out)
{
	char key[WORDS_KEY + 1];
	struct search *s;
	enum rc rc = search_of(db, table, &s);

	*out = NULL;
	if (rc != OK)
		return rc;
	if (s->stmt != NULL && s->stmt->busy)
		return db_blame(db, E_INTERNAL, "search runs already");
	if (db->account[0] == '\0')
		return db_blame(db, E_INTERNAL, "no account is set");
	if (!query_read(db->words, text, &s->query))
		return db_blame(db, E_INTERNAL, "out of memory");
	words_key(db->account, key);
	query_write(&s->query, key, &db->engine->form, s->match);
	s->words = val_text(s->match);
	s->terms = val_int(s->query.count);
	s->limit = val_int(limit);
	/* the text of the statement is ours, and it alone names the index */
	db->guard.search = true;
	rc = db_run(db, s->sql, lookup, s, out);
	db->guard.search = false;
	if (rc != OK)
		return rc;
	s->stmt = *out;
	s->stmt->search = s;
	return OK;
}
