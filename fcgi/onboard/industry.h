/*
 * industry.h - the kinds of businesses we know: what each is called in three
 * languages and what its callers, services and rules usually are.
 *
 * The list is written by hand in fcgi/onboard/industry/ and compiled into the
 * program. A file is lines `word text`; texts in three languages are parted
 * by " | ", in the order English, French, Hebrew; '#' begins a comment.
 *
 *	category KEY | name		begins a category
 *	insight, ask, goal, note text	of the category, or of the industry
 *	industry ID KEY | name		begins an industry of that category
 *	about text
 *	words TERM...			see classify.h
 *	service MINUTES | name
 *
 * Ids are for ever: they are stored with sessions. New industries get new
 * ones; industry OTHER is what fits nothing else.
 */
#ifndef ONBOARD_INDUSTRY_H
#define ONBOARD_INDUSTRY_H

#include "base/arena.h"
#include "base/phrase.h"
#include "wire/jout.h"

#define INDUSTRY_ID_MAX 999
#define INDUSTRY_OTHER	99

/* One text in each language. */
struct say {
	const char *in[LANG_COUNT];
};

struct says {
	int count;
	struct say list[4];
};

/* What callers are asked, what a call is for, what must be minded. */
struct context {
	struct says insight;
	struct says ask;
	struct says goal;
	struct says note;
};

struct category {
	const char *key; /* "health" */
	struct say name;
	struct context context;
	const struct category *next;
};

struct service {
	int minutes;
	struct say name;
};

struct industry {
	int id;
	const char *key; /* "dental-practice" */
	const struct category *category;
	struct say name;
	struct say about;
	const char *words;
	int service_count;
	struct service service[4];
	struct context context; /* its own; the category's applies as well */
	const struct industry *next;
};

/* All, in the order of the files; read at the first call. NULL: no memory. */
const struct industry *industry_all(void);
/* By id, or NULL. */
const struct industry *industry_find(int64_t id);
/*
 * The first mistake in the files, NULL when there is none; for tests. What
 * stands behind it is not read.
 */
const char *industry_mistake(void);
/* ai_context as a JSON object in one language. */
void industry_context(struct jout *, const struct industry *, enum lang);

#endif
