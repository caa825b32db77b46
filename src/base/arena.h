/*
 * arena.h - memory that lives and goes together: a loaded profile and its text.
 */
#ifndef METERCTL_BASE_ARENA_H
#define METERCTL_BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *first;
};

/* Zeroed and aligned for anything; NULL when memory has run out. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_copy(struct arena *a, const void *src, size_t size);
char *arena_format(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void arena_release(struct arena *a);

#endif
