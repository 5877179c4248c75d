/*
 * brief.h - what is known of a business, from a request and its session.
 */
#ifndef ONBOARD_BRIEF_H
#define ONBOARD_BRIEF_H

#include "onboard/advice.h"

#define BRIEF_GUESSES 3

/* The industries that its name speaks for, best first. */
struct guesses {
	struct guess list[BRIEF_GUESSES];
	int count;
};

/* Fields of the body that brief_read understands. */
extern const struct field brief_fields[];

/*
 * Read the session that the body names, and the body over it; in the
 * transaction that is open. Texts are made plain. Neither a name nor an
 * industry is E_INPUT.
 */
enum rc brief_read(struct req *, struct brief *, struct guesses *) MUST_CHECK;
/*
 * The same for the same question: words in another case or with other signs
 * make no difference. NULL: out of memory.
 */
const char *brief_key(struct arena *, const struct brief *);

#endif
