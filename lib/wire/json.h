/*
 * json.h - JSON in, checked before and after cJSON reads it.
 *
 * RFC 8259, and stricter: UTF-8 without NUL (raw or \u0000), no duplicate
 * names, at most JSON_DEPTH levels, nothing behind the value.
 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/arena.h"

#define JSON_DEPTH	64
#define JSON_NODES	100000		/* values in one document */

/* Let cJSON take its memory from this arena from now on; NULL: malloc. */
void json_arena(struct arena *);

/*
 * Parse len bytes. NULL when it is not what we accept; *why then is a static
 * sentence for the caller. The tree lives as long as the arena.
 */
cJSON *json_parse(struct arena *, const char *text, size_t len,
    const char **why);

/* Member of an object by its exact name, or NULL. */
cJSON *json_get(const cJSON *object, const char *name);
/* The same along a path such as "message.call.id", or NULL. */
cJSON *json_path(const cJSON *object, const char *path);
/* Its text when it is a string, else NULL. */
const char *json_text(const cJSON *);
/* Text at a path, or NULL. */
const char *json_path_text(const cJSON *object, const char *path);
/* Compact text of a tree, in the arena; NULL when full. */
char *json_print(struct arena *, const cJSON *);

#endif
