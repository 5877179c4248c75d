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
#include "onboard/brief.h"
#include "onboard/meter.h"
#include "onboard/session.h"

#define WAIT_MAX_MS  4200 /* the whole answer takes at most five seconds */
#define WAIT_MIN_MS  200  /* less is not worth asking */
#define QUEUE_MAX_MS 60000
#define FIRST_SHARE  60 /* percent of the time, if a second may follow */

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

/* One request on its way. */
struct suggest {
	struct req *r;
	bool may_wait;
	int64_t until_us; /* the model has answered by then, or not at all */
	struct brief brief;
	struct guesses guesses;
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

/* What is known; others may write meanwhile. */
static enum rc
brief_tx(struct suggest *s)
{
	if (req_begin(s->r, DB_READ) ||
	    brief_read(s->r, &s->brief, &s->guesses))
		return s->r->rc;
	return req_commit(s->r);
}

/* May anyone be asked? */
static enum rc
open_tx(struct suggest *s)
{
	struct ai_ask q;

	s->meter.kind = s->brief.whole ? "recommendations" : "industry";
	s->meter.key = brief_key(s->r->arena, &s->brief);
	if (s->meter.key == NULL ||
	    !advice_ask(s->r->arena, &s->brief, &s->question))
		return fail(s->r, E_INTERNAL, "out of memory");
	q = ask_of(s);
	if (req_begin(s->r, DB_WRITE) || meter_open(s->r, &s->meter, &q))
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

	for (int i = 0; i < s->guesses.count; i++)
		sum += s->guesses.list[i].score;
	jout_open(j, '{');
	jout_name(j, "industry");
	industry_tell(s, s->advice.industry, s->advice.sure);
	jout_name(j, "alternatives");
	jout_open(j, '[');
	for (int i = 0; i < s->guesses.count; i++)
		if (s->guesses.list[i].industry != s->advice.industry)
			industry_tell(s, s->guesses.list[i].industry,
			    s->guesses.list[i].score / sum);
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
	if (brief_tx(&s))
		return r->rc;
	if (s.may_wait && left_ms(&s) >= WAIT_MIN_MS)
		rc = answer_find(&s);
	else {
		s.meter.why = ai_configured() ? WHY_BUSY : WHY_NONE;
		rc = by_rules(&s);
	}
	if (rc == OK)
		tell(&s);
	return rc;
}

static const struct route routes[] = {
	{ "POST", "/onboarding/ai-suggestions", .pool = WAIT, .tx = TX_OWN,
	    .flags = LAX, .in = brief_fields, .out = suggest_out,
	    .run = suggest,
	    .about = "The industry of a business, and what it should do" },
	{ 0 },
};

const struct resource onboard_suggest = { "onboard_suggest",
	"Suggestions for a new business", routes };
