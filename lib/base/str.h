/*
 * str.h - small helpers on C strings.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Equal; NULL equals nothing but NULL. */
bool str_eq(const char *, const char *);
/* s starts with prefix. */
bool str_starts(const char *s, const char *prefix);
/* Is word one of the words of set, which are parted by '|'? */
bool str_in(const char *set, const char *word);
/* A lower-case copy (ASCII only). */
char *str_lower(struct arena *, const char *);
/* A copy without blanks at either end. */
char *str_trim(struct arena *, const char *);
/* Whole string as a decimal number between min and max. */
bool str_int(const char *, int64_t min, int64_t max, int64_t *out);
/* Lower-case hex; out holds 2 * len + 1 bytes. */
void str_hex(const void *, size_t len, char *out);
/*
 * Bytes of the well-formed UTF-8 sequence at s, of which left bytes are there:
 * 1..4; 0 when there is none.
 */
size_t str_step(const char *s, size_t left);
/* Well-formed UTF-8 of len bytes (no overlong form, no surrogate)? */
bool str_utf8(const char *, size_t len);
/* Code points in a well-formed UTF-8 string. */
size_t str_chars(const char *);
/* An E.164 number: '+', then 7 to 15 digits of which the first is not 0. */
bool str_phone(const char *);
/* Has the form of an e-mail address that we are willing to write to. */
bool str_email(const char *);

#endif
