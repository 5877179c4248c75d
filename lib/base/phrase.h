/*
 * phrase.h - spoken sentences in English, French and Hebrew, on one line.
 *
 * All texts are UTF-8 in the arena given, NULL when it is full. The sentences
 * stand in phrase.def.
 */
#ifndef BASE_PHRASE_H
#define BASE_PHRASE_H

#include "base/arena.h"
#include "base/zone.h"

enum lang { LANG_EN, LANG_FR, LANG_HE, LANG_COUNT };

/* "fr-FR", "fr_CA" or "fr" -> LANG_FR; unknown or NULL: English. */
enum lang phrase_lang(const char *locale);
/* "Tuesday, March 3, at 9:30 AM" / "mardi 3 mars à 9 h 30" / Hebrew. */
char *phrase_when(struct arena *, enum lang, const struct civil *);
/* Only the day, only the time of day. */
char *phrase_day(struct arena *, enum lang, const struct civil *);
char *phrase_time(struct arena *, enum lang, const struct civil *);
/* "a, b or c"; "" for none. */
char *phrase_or(struct arena *, enum lang, const char *const *, size_t n);

enum phrase {
#define P(id, en, fr, he) PHRASE_##id,
#include "base/phrase.def"
#undef P
	PHRASE_COUNT
};

/*
 * A sentence with its %s filled in order; as many arguments, all const char *,
 * as the English text has. One line: control characters and line ends in
 * arguments become blanks, each argument is cut to 200 bytes of whole
 * characters, NULL counts as "".
 */
char *phrase(struct arena *, enum lang, enum phrase, ...);

#endif
