/*
 * unit.h - what every unit test includes: cmocka, and an arena that lives as
 * long as the group (unit_setup and unit_teardown).
 */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

#define UNIT_ARENA_BYTES ((size_t)16 << 20)

static struct arena *arena;

static inline int
unit_setup(void **state)
{
	(void)state;
	arena = arena_new(UNIT_ARENA_BYTES);
	return arena != NULL ? 0 : -1;
}

static inline int
unit_teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#endif
