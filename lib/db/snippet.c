/* snippet.c - the part of a text around the first hit, with hits marked. */
#include <string.h>

#include "base/str.h"
#include "db/search.h"

#define CUT "\xe2\x80\xa6" /* an ellipsis */

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

	for (; p->done < place; s += step, p->done += step) {
		step = str_step(s, p->n - p->done);
		step = step > 0 ? step : 1;
		p->cut = p->done + step > p->begin + SNIPPET_BYTES;
		if (p->cut)
			return;
		if (*s == *DB_HIT || *s == *DB_HIT_END)
			put(p, " ", 1);
		else
			put(p, s, step);
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
	if (!p.cut)
		text_put(&p, p.n);
	if (p.cut)
		put(&p, CUT, strlen(CUT));
	s->snippet[p.len] = '\0';
	return (struct val) { .type = VAL_TEXT, .s = s->snippet, .len = p.len };
}
