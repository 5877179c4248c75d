/*
 * fold.h - names and words made alike, for comparing what people wrote.
 */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include "base/arena.h"

/*
 * Words in lower case, parted by single blanks: accents and vowel points are
 * taken off, signs are blanks (within Hebrew words they vanish), "BrightSmile"
 * is two words. At most max bytes of s are read. NULL: out of memory.
 */
char *fold(struct arena *, const char *s, size_t max);

#endif
