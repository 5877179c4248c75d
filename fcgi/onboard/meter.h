/*
 * meter.h - who may ask the AI, how often, and for how much money.
 *
 * meter_open and meter_close are each one transaction; the model is asked
 * between them, with none open. What it may cost at most is reserved before
 * and settled after; what is never settled counts as spent. Money is in
 * millionths of a US dollar.
 */
#ifndef ONBOARD_METER_H
#define ONBOARD_METER_H

#include "peer/ai.h"
#include "req.h"

#define METER_MODELS  2	     /* the first, and the one to fall back on */
#define METER_LOST_MS 120000 /* by then every request has ended */

/* Why there is no answer of a model; the order of the words in meter.c. */
enum why {
	WHY_NOTHING, /* there is one */
	WHY_NONE,    /* not configured */
	WHY_BUDGET,
	WHY_BREAKER, /* it failed again and again just now */
	WHY_BUSY,    /* no time left, or no place */
	WHY_LATE,
	WHY_FAILED,
	WHY_NONSENSE
};

/* A short word and a sentence for people. */
const char *why_word(enum why);
const char *why_text(enum why);

/* A model that may be asked, and what came of it. */
struct attempt {
	const char *model;
	int64_t reserved;
	bool asked;
	struct ai_reply reply;
	bool good; /* the answer was of use */
};

struct meter {
	const char *kind;   /* "industry", "recommendations" */
	const char *key;    /* of the cache */
	const char *id;	    /* of the row in ai_usage */
	const char *cached; /* answer found; then no model is asked */
	struct attempt attempt[METER_MODELS];
	int attempts; /* that may be made; 0: see why */
	enum why why;
	int64_t start_us;
};

/*
 * May the question be asked? Counts the request (E_LIMIT when there were too
 * many), looks into the cache, asks the breakers and reserves the money.
 */
enum rc meter_open(struct req *, struct meter *,
    const struct ai_ask *) MUST_CHECK;
/* Settle it, and keep a good answer (or NULL) in the cache. */
enum rc meter_close(struct req *, struct meter *,
    const char *answer) MUST_CHECK;

/* The month of a time, "2026-02". */
const char *meter_month(struct arena *, int64_t t_ms);
/* What an account may spend in a month. */
int64_t meter_limit(void);
/*
 * For the housekeeper, in a write transaction of an account: reservations
 * that nobody came back for become spent, old answers go.
 */
enum rc meter_prune(struct req *) MUST_CHECK;

#endif
