/*
 * plain.h - text of strangers (people, models) made fit to be shown or sent.
 */
#ifndef BASE_PLAIN_H
#define BASE_PLAIN_H

#include <stdbool.h>

#include "base/arena.h"

/*
 * One line of at most max characters: no tags, no signs of Markdown, no
 * control, direction or invisible characters, blanks single. What is cut ends
 * with "…". s is any bytes; NULL gives "". NULL: out of memory.
 */
char *plain(struct arena *, const char *s, size_t max);
/* Does it hold a link, or a script or frame? Such text is not for showing. */
bool plain_suspect(const char *s);

#endif
