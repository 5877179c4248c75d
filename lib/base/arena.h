/*
 * arena.h - memory with one lifetime.
 *
 * A request, a job or a command owns one arena. What is taken from it stays
 * valid until arena_reset or arena_free; nothing is freed one by one.
 * Cleanups that are more than memory (statements, files, secrets to be wiped)
 * are deferred and run in reverse order by reset and free.
 *
 * Out of memory, real or because the cap is reached: the functions longjmp
 * nowhere and abort nothing; they return NULL and arena_full() tells so from
 * then on until the reset. Callers that only pass pointers on may check once
 * at the end.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/rc.h"

struct arena;

/* A new arena that hands out at most cap_bytes; NULL when out of memory. */
struct arena *arena_new(size_t cap_bytes) MUST_CHECK;
/* Run the cleanups and keep one block for the next user. */
void arena_reset(struct arena *);
/* Run the cleanups and give everything back. NULL is allowed. */
void arena_free(struct arena *);

/* size bytes, aligned for any type, not cleared; NULL when full. */
void *arena_get(struct arena *, size_t size) __attribute__((malloc));
/* The same, cleared. */
void *arena_zero(struct arena *, size_t size) __attribute__((malloc));
/* Grow the allocation p of old bytes to size bytes; moves it if it must. */
void *arena_grow(struct arena *, void *p, size_t old, size_t size);
/* A copy of len bytes with a NUL behind them; NULL when full. */
char *arena_copy(struct arena *, const void *, size_t len);
/* A copy of a string; NULL for NULL. */
char *arena_str(struct arena *, const char *);
char *arena_printf(struct arena *, const char *fmt, ...) PRINTF(2, 3);

/* Run fn(arg) when the arena is reset or freed; false when full. */
bool arena_defer(struct arena *, void (*fn)(void *), void *arg);

bool arena_full(const struct arena *);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *);

#endif
