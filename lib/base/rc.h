/*
 * rc.h - the ten result codes that every layer speaks.
 *
 * Codes, not HTTP statuses, because jobs and commands use them too; one table
 * in fcgi/reply.c gives each its status, its slug and its log level.
 */
#ifndef BASE_RC_H
#define BASE_RC_H

enum rc {
	OK = 0,
	E_INPUT,    /* malformed or invalid; the caller can mend it */
	E_AUTH,	    /* who are you? */
	E_DENIED,   /* known, but not allowed */
	E_MISSING,  /* no such thing, or not yours */
	E_CONFLICT, /* clashes with what is there */
	E_LIMIT,    /* too much or too often */
	E_BUSY,	    /* try again soon */
	E_PEER,	    /* a provider failed us */
	E_INTERNAL, /* our own fault */
	RC_COUNT
};

#define MUST_CHECK   __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))

/* Short lower-case name of a code, as used in answers and logs. */
const char *rc_slug(enum rc);

#endif
