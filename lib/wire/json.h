/*
 * json.h - JSON in, checked before and after cJSON reads it.
 *
 * RFC 8259, and stricter: UTF-8 without NUL (raw or \u0000), no duplicate
 * names, at most JSON_DEPTH levels, no number out of the range of a double
 * or longer than JSON_DIGITS characters, nothing behind the value.
 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/arena.h"

#define JSON_DEPTH  64
#define JSON_NODES  100000 /* values in one document */
#define JSON_DIGITS 60	   /* characters in one number */

/*
 * Let cJSON take its memory from this arena from now on; NULL: malloc. While
 * an arena is set cJSON_Delete and cJSON_free do nothing; a tree made under
 * one setting must not be deleted under the other.
 */
void json_arena(struct arena *);

/*
 * Parse len bytes into a tree that lives as long as the arena; it must not be
 * deleted. NULL when it is not what we accept, or the arena is full; *why
 * then is a sentence for the caller, static or in the arena. What json_arena
 * set stays in force.
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
/*
 * Compact text of a tree, in the arena; NULL when full. Numbers as jout_real
 * prints them: all integers up to 2^53 are exact, unlike cJSON's own.
 */
char *json_print(struct arena *, const cJSON *);

#endif
