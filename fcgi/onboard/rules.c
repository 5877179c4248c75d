/* rules.c - advice without a model: from what the list knows of an industry. */
#include <string.h>

#include "onboard/advice.h"

enum word {
#define A(id, en, fr, he) WORD_##id,
#include "onboard/advice.def"
#undef A
	WORD_COUNT
};

static const char *const words[WORD_COUNT][LANG_COUNT] = {
#define A(id, en, fr, he) [WORD_##id] = { en, fr, he },
#include "onboard/advice.def"
#undef A
};

#define SMALL_TEAM 2
#define LARGE_TEAM 25

/* What is being written, and about what. */
struct writing {
	struct arena *arena;
	const struct brief *brief;
	const struct industry *industry;
	struct jout j;
};

/* The words of an id with its one %s, if it has one, filled in. */
static const char *
text_of(const struct writing *w, enum word id, const char *arg)
{
	const char *s = words[id][w->brief->lang], *at = strstr(s, "%s");
	struct buf b;

	if (at == NULL)
		return s;
	buf_init(&b, w->arena);
	buf_add(&b, s, (size_t)(at - s));
	buf_str(&b, arg);
	buf_str(&b, at + 2);
	return b.bad ? NULL : arena_str(w->arena, buf_text(&b));
}

static void
put(struct writing *w, enum word id, const char *arg)
{
	jout_str(&w->j, text_of(w, id, arg));
}

static const struct say *
first_of(const struct says *own, const struct says *shared)
{
	return own->count > 0 ? &own->list[0] : &shared->list[0];
}

/* "Check-up (30 min), Filling (45 min)" */
static const char *
services(const struct writing *w)
{
	const struct industry *i = w->industry;
	struct buf b;

	buf_init(&b, w->arena);
	for (int k = 0; k < i->service_count; k++)
		buf_printf(&b, "%s%s (%d min)", k > 0 ? ", " : "",
		    i->service[k].name.in[w->brief->lang],
		    i->service[k].minutes);
	return b.bad ? "" : buf_text(&b);
}

static void
insights(struct writing *w)
{
	const struct context *own = &w->industry->context;
	const struct context *shared = &w->industry->category->context;
	enum lang lang = w->brief->lang;

	jout_name(&w->j, "industryInsights");
	jout_open(&w->j, '[');
	for (int i = 0; i < shared->insight.count; i++)
		jout_str(&w->j, shared->insight.list[i].in[lang]);
	put(w, WORD_SERVICES, services(w));
	put(w, WORD_QUESTIONS, first_of(&own->ask, &shared->ask)->in[lang]);
	put(w, WORD_NOTE, first_of(&own->note, &shared->note)->in[lang]);
	jout_close(&w->j, ']');
}

static void
okr(struct writing *w, const char *objective, const enum word *results, int n)
{
	jout_open(&w->j, '{');
	jout_put_str(&w->j, "objective", objective);
	jout_name(&w->j, "keyResults");
	jout_open(&w->j, '[');
	for (int i = 0; i < n; i++)
		put(w, results[i], "");
	jout_close(&w->j, ']');
	jout_close(&w->j, '}');
}

static void
okrs(struct writing *w)
{
	static const enum word calls[] = { WORD_KR_ANSWERED, WORD_KR_RETURNED,
		WORD_KR_BOOKED };
	static const enum word goal[] = { WORD_KR_GOAL_MEASURED,
		WORD_KR_GOAL_GROWN };
	static const enum word shows[] = { WORD_KR_REMINDED, WORD_KR_MISSED };
	const struct say *aim = first_of(&w->industry->context.goal,
	    &w->industry->category->context.goal);

	jout_name(&w->j, "suggestedOKRs");
	jout_open(&w->j, '[');
	okr(w, text_of(w, WORD_OKR_CALLS, ""), calls, COUNT(calls));
	okr(w, text_of(w, WORD_OKR_GOAL, aim->in[w->brief->lang]), goal,
	    COUNT(goal));
	okr(w, text_of(w, WORD_OKR_SHOWS, ""), shows, COUNT(shows));
	jout_close(&w->j, ']');
}

/* "11-50" says at least 11. */
static int64_t
people(const struct brief *b)
{
	const char *s = b->size + strcspn(b->size, "0123456789");
	int64_t n = 0;

	if (b->team_size > 0)
		return b->team_size;
	for (; *s >= '0' && *s <= '9' && n < 1000000; s++)
		n = n * 10 + (*s - '0');
	return n;
}

static void
team(struct writing *w)
{
	int64_t n = people(w->brief);

	jout_name(&w->j, "teamStructureAdvice");
	jout_open(&w->j, '[');
	put(w,
	    n >= LARGE_TEAM		? WORD_TEAM_LARGE :
		n > 0 && n < SMALL_TEAM ? WORD_TEAM_ONE :
					  WORD_TEAM_SMALL,
	    "");
	put(w, WORD_TEAM_HANDOFF, "");
	put(w, WORD_TEAM_REVIEW, "");
	jout_close(&w->j, ']');
}

static void
step(struct writing *w, enum word title, enum word why, const char *arg)
{
	jout_open(&w->j, '{');
	jout_put_str(&w->j, "title", text_of(w, title, ""));
	jout_put_str(&w->j, "description", text_of(w, why, arg));
	jout_close(&w->j, '}');
}

static void
steps(struct writing *w)
{
	const struct say *ask = first_of(&w->industry->context.ask,
	    &w->industry->category->context.ask);

	jout_name(&w->j, "nextSteps");
	jout_open(&w->j, '[');
	step(w, WORD_STEP_HOURS, WORD_STEP_HOURS_WHY, "");
	step(w, WORD_STEP_SERVICE, WORD_STEP_SERVICE_WHY, services(w));
	step(w, WORD_STEP_GREETING, WORD_STEP_GREETING_WHY,
	    ask->in[w->brief->lang]);
	step(w, WORD_STEP_NUMBER, WORD_STEP_NUMBER_WHY, "");
	step(w, WORD_STEP_TEST, WORD_STEP_TEST_WHY, "");
	jout_close(&w->j, ']');
}

bool
advice_by_rules(struct arena *a, const struct brief *b, struct advice *out)
{
	struct writing w = { .arena = a, .brief = b };
	struct buf text;

	out->industry = b->given != NULL ? b->given : b->guessed;
	out->sure = b->given != NULL ? 1 : b->sure;
	out->json = NULL;
	if (!b->whole)
		return true;
	w.industry = out->industry;
	buf_init(&text, a);
	jout_init(&w.j, &text);
	jout_open(&w.j, '{');
	insights(&w);
	okrs(&w);
	team(&w);
	steps(&w);
	jout_close(&w.j, '}');
	out->json = text.bad ? NULL : arena_str(a, buf_text(&text));
	return out->json != NULL;
}
