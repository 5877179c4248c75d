/*
 * twiml.h - TwiML answers, in the bytes that Twilio's own library produces.
 *
 * struct twiml is a buffer with a stack of open verbs. Order of attributes is
 * the order of calls. Source: providers' TwiML reference; text escapes & < >,
 * attributes also ".
 */
#ifndef WIRE_TWIML_H
#define WIRE_TWIML_H

#include "base/buf.h"

struct twiml {
	struct buf	*buf;
	const char	*open[8];
	unsigned	 depth;
	unsigned	 head;		/* 1: a start tag is not closed yet */
};

/* Begin: XML declaration and <Response>. */
void twiml_begin(struct twiml *, struct buf *);
/* Open a verb; attributes follow until text or another verb comes. */
void twiml_verb(struct twiml *, const char *name);
void twiml_attr(struct twiml *, const char *name, const char *value);
void twiml_text(struct twiml *, const char *);
/* Close the innermost verb; an empty one becomes <Verb/>. */
void twiml_end(struct twiml *);
/* Close what is open, and the response. */
void twiml_finish(struct twiml *);

#endif
