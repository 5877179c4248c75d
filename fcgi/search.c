/* search.c - rows found by what a person typed, for handlers. */
#include <string.h>

#include "req.h"

/* A snippet as HTML: what is text stays text, whatever is in it. */
static const char *
snippet_html(struct req *r, const char *s)
{
	struct buf b;

	buf_init(&b, r->arena);
	for (; *s != '\0'; s++)
		if (*s == *DB_HIT)
			buf_str(&b, "<mark>");
		else if (*s == *DB_HIT_END)
			buf_str(&b, "</mark>");
		else if (*s == '&')
			buf_str(&b, "&amp;");
		else if (*s == '<')
			buf_str(&b, "&lt;");
		else if (*s == '>')
			buf_str(&b, "&gt;");
		else if (*s == '"')
			buf_str(&b, "&quot;");
		else if (*s == '\'')
			buf_str(&b, "&#39;");
		else
			buf_char(&b, *s);
	return b.bad ? NULL : buf_text(&b);
}

static struct found *
found_copy(struct req *r, const struct stmt *st)
{
	struct found *f = arena_zero(r->arena, sizeof(*f));
	struct val id = db_value(st, 0), snippet = db_value(st, 2);

	if (f == NULL || id.type != VAL_TEXT)
		return NULL;
	f->id = arena_copy(r->arena, id.s, id.len);
	f->rank = db_value(st, 1).d;
	f->snippet = snippet_html(r, snippet.type == VAL_TEXT ? snippet.s : "");
	return f->id != NULL && f->snippet != NULL ? f : NULL;
}

enum rc
sql_search(struct req *r, const char *table, const char *text, int64_t limit,
    struct found **list)
{
	struct found **tail = list;
	struct stmt *st;
	enum rc rc;

	*list = NULL;
	if (r->rc != OK)
		return r->rc;
	rc = db_search(r->db, table, text, limit, &st);
	if (rc != OK)
		return fail_db(r, rc);
	while (db_next(st)) {
		*tail = found_copy(r, st);
		if (*tail == NULL) {
			(void)fail(r, E_INTERNAL, "out of memory");
			break;
		}
		tail = &(*tail)->next;
	}
	rc = db_status(st);
	db_done(st);
	return rc == OK ? r->rc : fail_db(r, rc);
}
