/*
 * classify.h - which industry a business is of, by its name and description
 * alone: no network, no model, the same answer every time.
 *
 * Terms stand in the lines `words` of the list. A term is a word; `dent*` is
 * every word that begins so, `real_estate` two words in a row, `~smile` a
 * weak hint. What several industries claim counts less for each.
 */
#ifndef ONBOARD_CLASSIFY_H
#define ONBOARD_CLASSIFY_H

#include "onboard/industry.h"

struct guess {
	const struct industry *industry;
	double score; /* 0: nothing speaks for it */
};

/*
 * The max best guesses, best first; how many have a score over 0.
 * description may be NULL.
 */
int classify(struct arena *, const char *name, const char *description,
    struct guess *out, int max);
/* How sure the best of n guesses is: 0 to 1. */
double classify_sure(const struct guess *, int n);
/*
 * Industries in which each word of what was typed begins a word of the name
 * (in any language) or a term, best first, at most max: how many.
 */
int classify_search(struct arena *, const char *typed,
    const struct industry **out, int max);

#endif
