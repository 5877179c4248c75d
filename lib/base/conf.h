/*
 * conf.h - the settings, from the environment and one file.
 *
 * Each is an environment variable or a line `name = value` of the file that
 * FRONTDESK_CONF names (default: DATA/frontdesk.conf). In the file the prefix
 * FRONTDESK_ may be left out and case does not matter; '#' starts a comment.
 * The environment wins. `frontdesk conf` prints the table in conf.def.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdint.h>
#include <stdio.h>

#include "base/rc.h"

#define CONF_TYPE_CONF_TEXT   const char *
#define CONF_TYPE_CONF_URL    const char *
#define CONF_TYPE_CONF_INT    int64_t
#define CONF_TYPE_CONF_SECRET const char *

/* A secret is a text that is not printed. */
enum conf_kind { CONF_TEXT, CONF_URL, CONF_INT, CONF_SECRET };

struct conf {
#define X(member, name, kind, def, help) CONF_TYPE_##kind member;
#include "base/conf.def"
#undef X
};

/* The settings in force; filled by conf_load, constant afterwards. */
extern const struct conf *const conf;

/*
 * Read file and environment. A mistake (unknown name, a number that is none,
 * a URL that is not http or https, a file that cannot be read) is E_INPUT; a
 * file that is not there is none. why then holds a sentence.
 */
enum rc conf_load(char why[256]) MUST_CHECK;
/* Print every setting with its value and meaning; of URLs no password. */
void conf_print(FILE *);

#endif
