/*
 * said.h - sentences of providers, made fit for our own answers and logs.
 */
#ifndef PEER_SAID_H
#define PEER_SAID_H

#include "base/arena.h"

#define SAID_MAX 300 /* bytes */

/*
 * The text on one line, without control characters, cut between characters;
 * NULL when it is NULL or blank, or the arena is full.
 */
const char *said_line(struct arena *, const char *text);

#endif
