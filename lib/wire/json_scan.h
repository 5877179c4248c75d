/*
 * json_scan.h - the strict look at JSON text before cJSON reads it; private
 * to json.c.
 */
#ifndef WIRE_JSON_SCAN_H
#define WIRE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/*
 * Is text one value as json.h promises, but for duplicate names? When not,
 * *why is a sentence, static or in the arena.
 */
bool json_scan(struct arena *, const char *text, size_t len, const char **why);

#endif
