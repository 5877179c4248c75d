/*
 * suggest.c - suggestions for a new business: its industry and what to do.
 *
 * A model is asked if there is one, time, money and leave to ask it; if not,
 * or when its answer is of no use, the rules answer. The answer says which.
 * nginx sends the request again with NO_WAIT when the pool that may wait did
 * not answer in time: then nobody is asked and nothing is written.
 */
#include <string.h>

#include "base/conf.h"
#include "base/fold.h"
#include "base/plain.h"
#include "onboard/advice.h"
#include "onboard/meter.h"
#include "onboard/session.h"
#include "onboard/step.h"
#include "safe/token.h"

#define NAME_CHARS	  200
#define DESCRIPTION_CHARS 1000
#define WORD_CHARS	  100
#define WAIT_MAX_MS	  4200 /* the whole answer takes at most five seconds */
#define WAIT_MIN_MS	  200  /* less is not worth asking */
#define QUEUE_MAX_MS	  60000
#define GUESSES		  3
#define FIRST_SHARE	  60 /* percent of the time, if a second may follow */

static const struct field suggest_in[] = {
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
static const struct field industry_out[] = {
	{ "id", F_INT },
	{ "name", F_TEXT },
	{ "category", F_TEXT },
	{ "confidence", F_REAL },
	{ 0 },
};
static const struct field suggest_out[] = {
	{ "industry", F_OBJECT, .sub = industry_out },
	{ "alternatives", F_LIST },
	{ "industryInsights", F_LIST, .maybe = true },
	{ "suggestedOKRs", F_LIST, .maybe = true },
	{ "teamStructureAdvice", F_LIST, .maybe = true },
	{ "nextSteps", F_LIST, .maybe = true },
	{ "source", F_TEXT, .about = "ai, cache or rules" },
	{ "reason", F_TEXT, .about = "Why it is rules, in a word" },
	{ "message", F_TEXT, .about = "The same as a sentence" },
	{ 0 },
};

SQL locale_sql[] = "SELECT locale FROM my_profile WHERE user_id = :me";

/* One request on its way. */
struct suggest {
	struct req *r;
	bool may_wait;
	int64_t until_us; /* the model has answered by then, or not at all */
	struct brief brief;
	struct guess guess[GUESSES];
	int guesses;
	struct question question;
	struct meter meter;
	struct advice advice;
	const char *source;
};

/* --- what is asked
 * ------------------------------------------------------------ */

/* Milliseconds that the request has waited for a worker; nginx says when. */
static int64_t
waited_ms(const struct req *r)
{
	const char *at = req_env(r, "REQUEST_MSEC"); /* "1763700000.123" */
	int64_t s, ms, waited;
	char *whole;

	if (at == NULL)
		return 0;
	whole = arena_copy(r->arena, at, strcspn(at, "."));
	if (whole == NULL || !str_int(whole, 0, INT64_C(1) << 40, &s) ||
	    at[strlen(whole)] != '.' ||
	    !str_int(at + strlen(whole) + 1, 0, 999, &ms))
		return 0;
	waited = clock_now_ms() - s * 1000 - ms;
	return waited > 0 && waited < QUEUE_MAX_MS ? waited : 0;
}

static void
time_set(struct suggest *s)
{
	int64_t most = conf->ai_timeout_ms < WAIT_MAX_MS ? conf->ai_timeout_ms :
							   WAIT_MAX_MS;

	s->until_us = clock_tick_us() + (most - waited_ms(s->r)) * 1000;
}

static int64_t
left_ms(const struct suggest *s)
{
	return (s->until_us - clock_tick_us()) / 1000;
}

static const char *
plain_of(struct suggest *s, const char *text, size_t max)
{
	const char *p = plain(s->r->arena, text, max);

	return p != NULL ? p : "";
}

/* What the session says, with what the body says over it. */
static cJSON *
data_of(struct suggest *s)
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
industry_given(struct suggest *s, const cJSON *data)
{
	struct val v = req_get(s->r, "industryId");
	const cJSON *id = json_path(data, "company.industryId");
	int64_t n = v.type == VAL_INT ? v.i :
	    cJSON_IsNumber(id)	      ? id->valueint :
					0;

	if (n == 0)
		return OK;
	s->brief.given = industry_find(n);
	if (s->brief.given == NULL)
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
language_set(struct suggest *s)
{
	const char *asked = req_text(s->r, "language");
	struct row row;

	if (asked == NULL) {
		if (sql_find(s->r, locale_sql, &row))
			return s->r->rc;
		asked = row_text(&row, "locale");
	}
	s->brief.lang = phrase_lang(asked);
	return OK;
}

static void
guess_set(struct suggest *s)
{
	s->guesses = classify(s->r->arena, s->brief.name, s->brief.description,
	    s->guess, GUESSES);
	s->brief.guessed = s->guesses > 0 ? s->guess[0].industry :
					    industry_find(INDUSTRY_OTHER);
	s->brief.sure = classify_sure(s->guess, s->guesses);
}

static enum rc
brief_read(struct suggest *s)
{
	struct req *r = s->r;
	const cJSON *data = data_of(s), *n;
	struct brief *b = &s->brief;

	if (data == NULL)
		return r->rc != OK ? r->rc : fail(r, E_INTERNAL, "no memory");
	b->whole = !str_eq(req_text(r, "kind"), "industry");
	b->name = plain_of(s,
	    first_text(req_text(r, "companyName"),
		json_path_text(data, "company.name")),
	    NAME_CHARS);
	b->description = plain_of(s,
	    first_text(req_text(r, "description"),
		json_path_text(data, "company.description")),
	    DESCRIPTION_CHARS);
	b->size = plain_of(s, json_path_text(data, "company.size"), WORD_CHARS);
	b->role = plain_of(s, json_path_text(data, "welcome.role"), WORD_CHARS);
	n = json_path(data, "organization.teamSize");
	b->team_size = cJSON_IsNumber(n) ? n->valueint : 0;
	if (industry_given(s, data) || language_set(s))
		return r->rc;
	if (*b->name == '\0' && b->given == NULL)
		return fail_field(r, "companyName",
		    "is missing: say what the business is called, or name a "
		    "session whose company has a name");
	guess_set(s);
	return b->guessed != NULL ? OK : fail(r, E_INTERNAL, "no memory");
}

/* The same words in another case, or with other signs, are the same. */
static const char *
cache_key(struct suggest *s)
{
	const struct brief *b = &s->brief;
	struct arena *a = s->r->arena;
	const char *name = fold(a, b->name, strlen(b->name));
	const char *about = fold(a, b->description, strlen(b->description));

	return token_hash(a,
	    arena_printf(a, "%d|%d|%d|%s|%s|%s|%s|%lld|%s", b->whole, b->lang,
		b->given != NULL ? b->given->id : 0, name, about,
		fold(a, b->size, WORD_CHARS * 4),
		fold(a, b->role, WORD_CHARS * 4), (long long)b->team_size,
		conf->ai_model));
}

/* --- who answers
 * --------------------------------------------------------------- */

static struct ai_ask
ask_of(const struct suggest *s)
{
	const struct question *q = &s->question;

	return (struct ai_ask) { .rules = q->rules,
		.data = q->data,
		.name = q->name,
		.schema = q->schema,
		.max_tokens = q->max_tokens };
}

static enum why
why_of(enum ai_end end)
{
	return end == AI_LATE		       ? WHY_LATE :
	    end == AI_OK || end == AI_NONSENSE ? WHY_NONSENSE :
						 WHY_FAILED;
}

/* Ask the models in turn until one says something of use. */
static bool
models_ask(struct suggest *s)
{
	struct ai_ask q = ask_of(s);

	for (int i = 0; i < s->meter.attempts; i++) {
		struct attempt *a = &s->meter.attempt[i];
		bool last = i + 1 == s->meter.attempts;

		q.model = a->model;
		q.timeout_ms =
		    last ? left_ms(s) : left_ms(s) * FIRST_SHARE / 100;
		if (q.timeout_ms < WAIT_MIN_MS) {
			if (i == 0)
				s->meter.why = WHY_BUSY;
			break;
		}
		a->asked = true;
		ai_call(s->r->arena, &q, &a->reply);
		s->r->peer_us += a->reply.us;
		a->good = a->reply.end == AI_OK &&
		    advice_read(s->r->arena, &s->brief, &s->question,
			a->reply.json, &s->advice);
		s->meter.why = a->good ? WHY_NOTHING : why_of(a->reply.end);
		if (a->good)
			return true;
	}
	return false;
}

static enum rc
by_rules(struct suggest *s)
{
	s->source = "rules";
	if (!advice_by_rules(s->r->arena, &s->brief, &s->advice))
		return fail(s->r, E_INTERNAL, "out of memory");
	return OK;
}

/* Before: what is known, and may anyone be asked? */
static enum rc
open_tx(struct suggest *s)
{
	struct ai_ask q;

	if (req_begin(s->r, DB_WRITE) || brief_read(s))
		return s->r->rc;
	s->meter.kind = s->brief.whole ? "recommendations" : "industry";
	s->meter.key = cache_key(s);
	if (s->meter.key == NULL ||
	    !advice_ask(s->r->arena, &s->brief, &s->question))
		return fail(s->r, E_INTERNAL, "out of memory");
	q = ask_of(s);
	if (meter_open(s->r, &s->meter, &q))
		return s->r->rc;
	return req_commit(s->r);
}

/* After: what it cost, and what the session shall remember. */
static enum rc
close_tx(struct suggest *s)
{
	struct req *r = s->r;
	const char *answer = NULL;
	bool keep = req_text(r, "sessionId") != NULL && s->advice.json != NULL;

	if (str_eq(s->source, "ai") &&
	    (answer = advice_pack(r->arena, &s->advice)) == NULL)
		return fail(r, E_INTERNAL, "out of memory");
	if (s->meter.attempts == 0 && !keep)
		return OK;
	if (req_begin(r, DB_WRITE))
		return r->rc;
	if (s->meter.attempts > 0 && meter_close(r, &s->meter, answer))
		return r->rc;
	if (keep && session_advise(r, s->advice.json))
		return r->rc;
	return req_commit(r);
}

static enum rc
answer_find(struct suggest *s)
{
	if (open_tx(s))
		return s->r->rc;
	if (s->meter.cached != NULL &&
	    advice_unpack(s->r->arena, s->meter.cached, &s->advice)) {
		s->source = "cache";
		s->meter.why = WHY_NOTHING;
	} else if (models_ask(s))
		s->source = "ai";
	else if (by_rules(s))
		return s->r->rc;
	return close_tx(s);
}

/* --- the answer
 * ------------------------------------------------------------------ */

static void
industry_tell(struct suggest *s, const struct industry *i, double sure)
{
	struct jout *j = &s->r->json_out;

	jout_open(j, '{');
	jout_put_int(j, "id", i->id);
	jout_put_str(j, "name", i->name.in[s->brief.lang]);
	jout_put_str(j, "category", i->category->key);
	jout_name(j, "confidence");
	jout_real(j, (double)(int)(sure * 100 + 0.5) / 100);
	jout_close(j, '}');
}

/* The members of the recommendations, at the top of the answer. */
static void
recommendations_tell(struct suggest *s)
{
	const char *json = s->advice.json;
	size_t n = json != NULL ? strlen(json) : 0;

	if (n <= 2) /* "{}" */
		return;
	buf_char(s->r->json_out.buf, ',');
	buf_add(s->r->json_out.buf, json + 1, n - 2);
}

static void
tell(struct suggest *s)
{
	struct jout *j = &s->r->json_out;
	double sum = 0;

	for (int i = 0; i < s->guesses; i++)
		sum += s->guess[i].score;
	jout_open(j, '{');
	jout_name(j, "industry");
	industry_tell(s, s->advice.industry, s->advice.sure);
	jout_name(j, "alternatives");
	jout_open(j, '[');
	for (int i = 0; i < s->guesses; i++)
		if (s->guess[i].industry != s->advice.industry)
			industry_tell(s, s->guess[i].industry,
			    s->guess[i].score / sum);
	jout_close(j, ']');
	recommendations_tell(s);
	jout_put_str(j, "source", s->source);
	jout_put_str(j, "reason", why_word(s->meter.why));
	jout_put_str(j, "message", why_text(s->meter.why));
	jout_close(j, '}');
}

static enum rc
suggest(struct req *r)
{
	struct suggest s = { .r = r,
		.may_wait = req_env(r, "NO_WAIT") == NULL };
	enum rc rc;

	time_set(&s);
	if (!s.may_wait || left_ms(&s) < WAIT_MIN_MS) {
		s.meter.why = ai_configured() ? WHY_BUSY : WHY_NONE;
		if (req_begin(r, DB_READ) || brief_read(&s) || req_commit(r))
			return r->rc;
		rc = by_rules(&s);
	} else
		rc = answer_find(&s);
	if (rc == OK)
		tell(&s);
	return rc;
}

static const struct route routes[] = {
	{ "POST", "/onboarding/ai-suggestions", .pool = WAIT, .tx = TX_OWN,
	    .flags = LAX, .in = suggest_in, .out = suggest_out, .run = suggest,
	    .about = "The industry of a business, and what it should do" },
	{ 0 },
};

const struct resource onboard_suggest = { "onboard_suggest",
	"Suggestions for a new business", routes };
