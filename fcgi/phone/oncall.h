/*
 * oncall.h - who takes calls for the business, and when.
 */
#ifndef PHONE_ONCALL_H
#define PHONE_ONCALL_H

#include "req.h"

#define ONCALL_RING 5 /* people that are rung for one call, in turn */

/* Who can be rung now, in order. */
struct oncall {
	const char *phone[ONCALL_RING];
	const char *name[ONCALL_RING]; /* or NULL */
	int count;
};

/*
 * Those of the list whose hours it is; without hours of their own: when the
 * business is open. An account without a list has its transfer number, at any
 * time.
 */
enum rc oncall_now(struct req *, struct oncall *) MUST_CHECK;
/* The first number that may ever be rung, for a provider to fall back on. */
enum rc oncall_first(struct req *, const char **phone) MUST_CHECK;

#endif
