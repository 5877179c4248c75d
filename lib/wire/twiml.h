/*
 * twiml.h - TwiML answers, in the bytes that Twilio's own library produces.
 *
 * struct twiml is a buffer with a stack of open verbs. Order of attributes is
 * the order of calls. Text escapes & < > and CR, attributes & < " and CR, LF,
 * TAB; what XML does not allow becomes a blank or U+FFFD. Names are trusted.
 * A misuse (an attribute behind text, more than 8 levels, one end too many)
 * and a full arena show in buf.bad. Source: Twilio's TwiML reference, and the
 * output of its Node library.
 */
#ifndef WIRE_TWIML_H
#define WIRE_TWIML_H

#include "base/buf.h"

struct twiml {
	struct buf *buf;
	const char *open[8];
	unsigned depth;
	unsigned head; /* 1: a start tag is not closed yet */
};

/* Begin: XML declaration and <Response>. */
void twiml_begin(struct twiml *, struct buf *);
/* Open a verb; attributes follow until text or another verb comes. */
void twiml_verb(struct twiml *, const char *name);
/* A NULL value writes nothing. */
void twiml_attr(struct twiml *, const char *name, const char *value);
/* NULL or "" writes nothing. */
void twiml_text(struct twiml *, const char *);
/* Close the innermost verb; an empty one becomes <Verb/>. */
void twiml_end(struct twiml *);
/* Close what is open, and the response. */
void twiml_finish(struct twiml *);

#endif
