/*
 * id.h - identifiers: UUID version 7 as text (RFC 9562), sortable by time.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>

#define ID_TEXT 37 /* 36 characters and a NUL */

/* A new id in out; within a process later ids sort behind earlier ones. */
void id_new(char out[ID_TEXT]);
/* Is s a UUID in the canonical lower-case form, of any version? */
bool id_valid(const char *s);

#endif
