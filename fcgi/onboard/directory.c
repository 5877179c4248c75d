/* directory.c - the industries, as a list to choose from. */
#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "onboard/classify.h"
#include "req.h"

#define LIST_MAX (INDUSTRY_ID_MAX + 1)
#define BEST_MAX 5 /* suggested for a company */

static const struct field list_query[] = {
	{ "lang", F_ENUM, .set = "en|fr|he", .about = "English by default" },
	{ "q", F_TEXT, .max = 100,
	    .about = "Beginnings of words, any language" },
	{ "category", F_TEXT, .max = 50, .about = "health, home, …" },
	{ "company", F_TEXT, .max = 200,
	    .about = "Only those that fit this name, the likeliest first" },
	{ "description", F_TEXT, .max = 2000, .about = "Of that company" },
	{ "context", F_BOOL,
	    .about = "With questions, goals, services, notes" },
	{ 0 },
};
static const struct field industry_out[] = {
	{ "id", F_INT },
	{ "name", F_TEXT },
	{ "category", F_TEXT },
	{ "categoryName", F_TEXT },
	{ "description", F_TEXT },
	{ "aiContext", F_OBJECT, .maybe = true },
	{ 0 },
};
static const struct field list_out[] = {
	{ "data", F_LIST, .sub = industry_out },
	{ "next_cursor", F_TEXT },
	{ 0 },
};

/* An industry and what it is sorted by. */
struct entry {
	const struct industry *industry;
	const char *key;
};

struct list {
	enum lang lang;
	bool context;
	struct entry entry[LIST_MAX];
	int count;
};

static void
put(struct req *r, const struct list *l, const struct industry *i)
{
	struct jout *j = &r->json_out;

	jout_open(j, '{');
	jout_put_int(j, "id", i->id);
	jout_put_str(j, "name", i->name.in[l->lang]);
	jout_put_str(j, "category", i->category->key);
	jout_put_str(j, "categoryName", i->category->name.in[l->lang]);
	jout_put_str(j, "description", i->about.in[l->lang]);
	if (l->context) {
		jout_name(j, "aiContext");
		industry_context(j, i, l->lang);
	}
	jout_close(j, '}');
}

static int
by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	bool x_other = x->industry->id == INDUSTRY_OTHER;
	bool y_other = y->industry->id == INDUSTRY_OTHER;

	if (x_other != y_other)
		return x_other ? 1 : -1;
	return strcmp(x->key, y->key);
}

static bool
add(struct req *r, struct list *l, const struct industry *i)
{
	const char *category = req_text(r, "category");
	struct entry *e = &l->entry[l->count];

	if (category != NULL && !str_eq(category, i->category->key))
		return true;
	e->industry = i;
	e->key = fold(r->arena, i->name.in[l->lang], 200);
	l->count++;
	return e->key != NULL;
}

/* Those that fit what was typed, or all; sorted by their names. */
static bool
choose(struct req *r, struct list *l)
{
	const struct industry *found[LIST_MAX];
	const char *q = req_text(r, "q");
	int n;

	if (q == NULL) {
		for (const struct industry *i = industry_all(); i != NULL;
		     i = i->next)
			if (!add(r, l, i))
				return false;
	} else {
		n = classify_search(r->arena, q, found, LIST_MAX);
		for (int i = 0; i < n; i++)
			if (!add(r, l, found[i]))
				return false;
	}
	qsort(l->entry, (size_t)l->count, sizeof(l->entry[0]), by_key);
	return true;
}

/* The best guesses for a company, the likeliest first. */
static bool
suggest(struct req *r, struct list *l, const char *company)
{
	struct guess g[BEST_MAX];
	int n = classify(r->arena, company, req_text(r, "description"), g,
	    BEST_MAX);

	for (int i = 0; i < n; i++)
		if (!add(r, l, g[i].industry))
			return false;
	return n > 0 || add(r, l, industry_find(INDUSTRY_OTHER));
}

static enum rc
list(struct req *r)
{
	const char *company = req_text(r, "company");
	struct list *l = arena_zero(r->arena, sizeof(*l));
	struct val context = req_get(r, "context");

	if (l == NULL || industry_all() == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	l->lang = phrase_lang(req_text(r, "lang"));
	l->context = context.type == VAL_INT && context.i != 0;
	if (!(company != NULL ? suggest(r, l, company) : choose(r, l)))
		return fail(r, E_INTERNAL, "out of memory");
	jout_open(&r->json_out, '{');
	jout_name(&r->json_out, "data");
	jout_open(&r->json_out, '[');
	for (int i = 0; i < l->count; i++)
		put(r, l, l->entry[i].industry);
	jout_close(&r->json_out, ']');
	jout_name(&r->json_out, "next_cursor");
	jout_null(&r->json_out);
	jout_close(&r->json_out, '}');
	return OK;
}

static const struct route routes[] = {
	{ "GET", "/onboarding/industries", .query = list_query, .out = list_out,
	    .run = list, .about = "Kinds of businesses, by name" },
	{ 0 },
};

const struct resource onboard_directory = { "onboard_directory",
	"The kinds of businesses we know", routes };
