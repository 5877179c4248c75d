/*
 * phrase.h - spoken sentences in English, French and Hebrew, on one line.
 */
#ifndef BASE_PHRASE_H
#define BASE_PHRASE_H

#include "base/arena.h"
#include "base/zone.h"

enum lang { LANG_EN, LANG_FR, LANG_HE, LANG_COUNT };

/* "fr-FR" -> LANG_FR; unknown or NULL: English. */
enum lang phrase_lang(const char *locale);
/* "Tuesday, March 3, at 9:30 AM" / "mardi 3 mars à 9 h 30" / Hebrew. */
char *phrase_when(struct arena *, enum lang, const struct civil *);
/* Only the day, only the time of day. */
char *phrase_day(struct arena *, enum lang, const struct civil *);
char *phrase_time(struct arena *, enum lang, const struct civil *);
/* "a, b or c" */
char *phrase_or(struct arena *, enum lang, const char *const *, size_t n);

enum phrase {
#define P(id, en, fr, he) PHRASE_##id,
#include "base/phrase.def"
#undef P
	PHRASE_COUNT
};

/*
 * A sentence with its %s filled in order; as many arguments as the English
 * text has. One line: breaks in arguments become blanks.
 */
char *phrase(struct arena *, enum lang, enum phrase, ...);

#endif
