/*
 * phone.h - what the files of the telephone share: the account's line, and
 * the documents (TwiML) that a caller hears. Source: Twilio's references of
 * TwiML and of the voice webhooks.
 */
#ifndef PHONE_PHONE_H
#define PHONE_PHONE_H

#include "book/book.h"
#include "phone/oncall.h"
#include "req.h"
#include "wire/twiml.h"

/* The account's settings that decide what a caller hears. */
struct line {
	enum lang lang;
	bool terms;	       /* accepted: live calls are on */
	bool night;	       /* the assistant answers after hours */
	bool transcribe;       /* messages are to be written down */
	const char *transfer;  /* number of a human, or NULL */
	const char *assistant; /* row id of the one that is ready */
	const char *uri;       /* and its SIP address; else NULL */
};

enum rc line_read(struct req *, struct line *) MUST_CHECK;
/* Does Twilio write down what callers say? It knows English alone. */
bool line_transcribes(const struct line *);

/* Is the business open? Without hours of its own it always is. */
enum rc phone_open(struct req *, bool *open) MUST_CHECK;

/* The caller's number from a form, NULL when it is withheld or odd. */
const char *phone_caller(const struct req *);
/* A value of the form that is not empty, or NULL. */
const char *phone_value(const struct req *, const char *name);

/* --- documents; each is a whole answer ----------------------------------- */

/* Hand the call to the assistant. */
void say_assistant(struct req *, const struct line *, const char *call);
/* A sentence, then record a message. */
void say_record(struct req *, const struct line *, enum phrase);
/*
 * Ring humans, one behind the other; voicemail when nobody answers. transfer:
 * id of the attempt, of which each is told before; NULL: none.
 */
void say_list(struct req *, enum lang, const struct oncall *,
    const char *transfer);
/* A sentence and nothing else. */
void say_words(struct req *, enum lang, const char *text);
/* Thank and hang up; hang up without a word. */
void say_thanks(struct req *, enum lang);
void say_nothing(struct req *);
/*
 * What nginx says in our place while we are down, into a buffer. It names no
 * address of ours: a Record without one comes back to where it came from.
 */
void say_down(struct arena *, const struct line *, struct buf *);

/* --- handlers ------------------------------------------------------------- */

enum rc phone_status(struct req *) MUST_CHECK;
enum rc phone_recording(struct req *) MUST_CHECK;
/* Keep the recording of a call; *call is its row id. */
enum rc phone_keep(struct req *, const char **call) MUST_CHECK;
/* Write the files of the account's numbers on this host. */
enum rc phone_files(struct req *) MUST_CHECK;
/* Remove this host's files of numbers that nobody claims any more. */
enum rc phone_sweep(struct req *) MUST_CHECK;

#endif
