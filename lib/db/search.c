/* search.c - rows found by what a person typed, best first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/search.h"

struct words *
db_words(struct db *db)
{
	if (db->words == NULL)
		db->words = words_new();
	return db->words;
}

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
