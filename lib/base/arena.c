/* arena.c - memory with one lifetime, as a list of blocks. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define BLOCK_BYTES ((size_t)32 * 1024)
#define ALIGN	    _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t size;
	size_t used;
	_Alignas(max_align_t) unsigned char data[];
};

struct cleanup {
	struct cleanup *next;
	void (*fn)(void *);
	void *arg;
};

struct arena {
	struct block *head;
	struct cleanup *cleanups;
	size_t cap;
	size_t taken; /* bytes handed out */
	size_t held;  /* bytes in blocks */
	bool full;
};

static struct block *
block_new(size_t size)
{
	struct block *b = malloc(sizeof(*b) + size);

	if (b != NULL) {
		b->next = NULL;
		b->size = size;
		b->used = 0;
	}
	return b;
}

struct arena *
arena_new(size_t cap_bytes)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->cap = cap_bytes;
	a->head = block_new(BLOCK_BYTES);
	if (a->head == NULL) {
		free(a);
		return NULL;
	}
	a->held = BLOCK_BYTES;
	return a;
}

static void
run_cleanups(struct arena *a)
{
	while (a->cleanups != NULL) {
		struct cleanup *c = a->cleanups;

		a->cleanups = c->next;
		c->fn(c->arg);
	}
}

void
arena_reset(struct arena *a)
{
	struct block *b;

	run_cleanups(a);
	while (a->head->next != NULL) {
		b = a->head;
		a->head = b->next;
		free(b);
	}
	a->head->used = 0;
	a->held = a->head->size;
	a->taken = 0;
	a->full = false;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	free(a->head);
	free(a);
}

static struct block *
block_for(struct arena *a, size_t size)
{
	size_t want = size > BLOCK_BYTES ? size : BLOCK_BYTES;
	struct block *b = a->head;

	if (b->size - b->used >= size)
		return b;
	if (size > a->cap || a->held > a->cap - size)
		return NULL;
	b = block_new(want);
	if (b == NULL)
		return NULL;
	b->next = a->head;
	a->head = b;
	a->held += want;
	return b;
}

void *
arena_get(struct arena *a, size_t size)
{
	struct block *b;
	void *p;

	if (size > SIZE_MAX / 2) {
		a->full = true;
		return NULL;
	}
	size = (size + ALIGN - 1) & ~(ALIGN - 1);
	b = block_for(a, size);
	if (b == NULL) {
		a->full = true;
		return NULL;
	}
	p = b->data + b->used;
	b->used += size;
	a->taken += size;
	return p;
}

void *
arena_zero(struct arena *a, size_t size)
{
	void *p = arena_get(a, size);

	return p != NULL ? memset(p, 0, size) : NULL;
}

void *
arena_grow(struct arena *a, void *p, size_t old, size_t size)
{
	size_t was = (old + ALIGN - 1) & ~(ALIGN - 1);
	struct block *b = a->head;
	void *moved;

	if (p != NULL && size > old && size < SIZE_MAX / 2 &&
	    (unsigned char *)p + was == b->data + b->used) {
		size_t now = (size + ALIGN - 1) & ~(ALIGN - 1);

		if (b->size - b->used >= now - was) {
			b->used += now - was;
			a->taken += now - was;
			return p;
		}
	}
	moved = arena_get(a, size);
	if (moved != NULL && p != NULL)
		memcpy(moved, p, old < size ? old : size);
	return moved;
}

char *
arena_copy(struct arena *a, const void *src, size_t len)
{
	char *p = len < SIZE_MAX ? arena_get(a, len + 1) : NULL;

	if (p == NULL)
		return NULL;
	if (len > 0)
		memcpy(p, src, len);
	p[len] = '\0';
	return p;
}

char *
arena_str(struct arena *a, const char *s)
{
	return s != NULL ? arena_copy(a, s, strlen(s)) : NULL;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	p = arena_get(a, (size_t)n + 1);
	if (p == NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

bool
arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct cleanup *c = arena_get(a, sizeof(*c));

	if (c == NULL)
		return false;
	c->fn = fn;
	c->arg = arg;
	c->next = a->cleanups;
	a->cleanups = c;
	return true;
}

bool
arena_full(const struct arena *a)
{
	return a->full;
}

size_t
arena_used(const struct arena *a)
{
	return a->taken;
}
