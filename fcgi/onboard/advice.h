/*
 * advice.h - what a new business is told: its industry, and what to do next.
 * Made by a model (and then checked) or by rules; the form is the same.
 */
#ifndef ONBOARD_ADVICE_H
#define ONBOARD_ADVICE_H

#include "onboard/classify.h"
#include "req.h"

/* What is known of a business; texts are plain and short, "" when unknown. */
struct brief {
	bool whole; /* recommendations are wanted, not only the industry */
	enum lang lang;
	const char *name;
	const char *description;
	const char *size;
	const char *role;
	int64_t team_size;		/* 0: unknown */
	const struct industry *given;	/* NULL: to be found out */
	const struct industry *guessed; /* by rules; never NULL */
	double sure;			/* of the guess */
};

struct advice {
	const struct industry *industry;
	double sure;	  /* 0 to 1 */
	const char *json; /* AIRecommendations; NULL when not wanted */
};

/* By rules: there is always something. False: no memory. */
bool advice_by_rules(struct arena *, const struct brief *, struct advice *);

/* --- by a model ------------------------------------------------------------
 */

/* What it is asked; made anew for each request. */
struct question {
	const char *rules;
	const char *data;
	const char *name;
	const char *schema;
	const char *fence; /* must not come back */
	int max_tokens;
};

bool advice_ask(struct arena *, const struct brief *, struct question *);
/*
 * Take from an answer the members we know, in plain and short texts. False
 * when it is not what was asked for: too little, links, scripts, or the
 * question itself.
 */
bool advice_read(struct arena *, const struct brief *, const struct question *,
    const cJSON *answer, struct advice *out);

/* The advice as JSON, for the cache; and back. */
const char *advice_pack(struct arena *, const struct advice *);
bool advice_unpack(struct arena *, const char *packed, struct advice *);

#endif
