/* brief.c - what is known of a business, from a request and its session. */
#include <string.h>

#include "base/conf.h"
#include "base/fold.h"
#include "base/plain.h"
#include "onboard/brief.h"
#include "onboard/session.h"
#include "onboard/step.h"
#include "safe/token.h"

#define NAME_CHARS	  200
#define DESCRIPTION_CHARS 1000
#define WORD_CHARS	  100
#define FOLD_BYTES	  8000 /* more than any of them has */

const struct field brief_fields[] = {
	{ "kind", F_ENUM, .set = "recommendations|industry",
	    .about = "Only the industry, or all of it (default)" },
	{ "sessionId", F_ID, .about = "Takes what it says, keeps the answer" },
	{ "stepData", F_OBJECT, .sub = step_fields, .open = true },
	{ "companyName", F_TEXT, .max = NAME_CHARS },
	{ "description", F_TEXT, .max = 2000 },
	{ "industryId", F_INT, .min = 1, .max = INDUSTRY_ID_MAX },
	{ "language", F_ENUM, .set = "en|fr|he",
	    .about = "That of the user by default" },
	{ 0 },
};
SQL locale_sql[] = "SELECT locale FROM my_profile WHERE user_id = :me";

/* While it is read. */
struct reading {
	struct req *r;
	struct brief *brief;
	struct guesses *guesses;
};

static const char *
plain_of(struct reading *s, const char *text, size_t max)
{
	const char *p = plain(s->r->arena, text, max);

	return p != NULL ? p : "";
}

/* What the session says, with what the body says over it. */
static cJSON *
data_of(struct reading *s)
{
	struct req *r = s->r;
	const cJSON *given = json_get(r->json, "stepData");
	const char *data = "{}", *why;
	struct row row;

	if (req_text(r, "sessionId") != NULL) {
		if (session_find(r, &row))
			return NULL;
		data = row_text(&row, "step_data");
	}
	if (cJSON_IsObject(given))
		data = step_merge(r, data, given);
	return data != NULL ? json_parse(r->arena, data, strlen(data), &why) :
			      NULL;
}

static enum rc
industry_given(struct reading *s, const cJSON *data)
{
	struct val v = req_get(s->r, "industryId");
	const cJSON *id = json_path(data, "company.industryId");
	int64_t n = v.type == VAL_INT ? v.i :
	    cJSON_IsNumber(id)	      ? id->valueint :
					0;

	if (n == 0)
		return OK;
	s->brief->given = industry_find(n);
	if (s->brief->given == NULL)
		return fail_field(s->r, "industryId",
		    "must be the id of an industry of GET "
		    "/api/onboarding/industries");
	return OK;
}

static const char *
first_text(const char *a, const char *b)
{
	return a != NULL && *a != '\0' ? a : b;
}

static enum rc
language_set(struct reading *s, const cJSON *data)
{
	const char *asked = first_text(req_text(s->r, "language"),
	    json_path_text(data, "welcome.language"));
	struct row row;

	if (asked == NULL || *asked == '\0') {
		if (sql_find(s->r, locale_sql, &row))
			return s->r->rc;
		asked = row_text(&row, "locale");
	}
	s->brief->lang = phrase_lang(asked);
	return OK;
}

static enum rc
guess_set(struct reading *s)
{
	struct brief *b = s->brief;
	struct guesses *g = s->guesses;

	g->count = classify(s->r->arena, b->name, b->description, g->list,
	    BRIEF_GUESSES);
	b->sure = classify_sure(g->list, g->count);
	b->guessed =
	    g->count > 0 ? g->list[0].industry : industry_find(INDUSTRY_OTHER);
	return b->guessed != NULL ? OK :
				    fail(s->r, E_INTERNAL, "out of memory");
}

static void
texts_read(struct reading *s, const cJSON *data)
{
	const cJSON *n = json_path(data, "organization.teamSize");
	struct brief *b = s->brief;

	b->name = plain_of(s,
	    first_text(req_text(s->r, "companyName"),
		json_path_text(data, "company.name")),
	    NAME_CHARS);
	b->description = plain_of(s,
	    first_text(req_text(s->r, "description"),
		json_path_text(data, "company.description")),
	    DESCRIPTION_CHARS);
	b->size = plain_of(s, json_path_text(data, "company.size"), WORD_CHARS);
	b->role = plain_of(s, json_path_text(data, "welcome.role"), WORD_CHARS);
	b->team_size = cJSON_IsNumber(n) ? n->valueint : 0;
}

enum rc
brief_read(struct req *r, struct brief *b, struct guesses *g)
{
	struct reading s = { .r = r, .brief = b, .guesses = g };
	const cJSON *data = data_of(&s);

	if (data == NULL)
		return r->rc != OK ? r->rc :
				     fail(r, E_INTERNAL, "out of memory");
	b->whole = !str_eq(req_text(r, "kind"), "industry");
	texts_read(&s, data);
	if (industry_given(&s, data) || language_set(&s, data))
		return r->rc;
	if (*b->name == '\0' && b->given == NULL)
		return fail_field(r, "companyName",
		    "is missing: say what the business is called, or name a "
		    "session whose company has a name");
	return guess_set(&s);
}

const char *
brief_key(struct arena *a, const struct brief *b)
{
	const char *name = fold(a, b->name, FOLD_BYTES);
	const char *about = fold(a, b->description, FOLD_BYTES);
	const char *size = fold(a, b->size, FOLD_BYTES);
	const char *role = fold(a, b->role, FOLD_BYTES);
	int given = b->given != NULL ? b->given->id : 0;

	if (name == NULL || about == NULL || size == NULL || role == NULL)
		return NULL;
	return token_hash(a,
	    arena_printf(a, "%d|%d|%d|%s|%s|%s|%s|%lld|%s", b->whole,
		(int)b->lang, given, name, about, size, role,
		(long long)b->team_size, conf->ai_model));
}
