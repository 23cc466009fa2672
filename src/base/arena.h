/* SPDX-License-Identifier: MIT */
/*
 * Memory whose life is one run or one document: allocated piece by piece, freed all at
 * once. Running out of memory ends the process, because every size is bounded before it
 * is asked for.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"
#include <stdarg.h>

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t total_bytes; /* what was handed out, for limits and statistics */
};

#define ARENA_INIT      \
	{               \
		NULL, 0 \
	}

/* Zeroed memory for n items of `size` bytes, aligned for any type. Ends the process on
 * overflow. */
RETURNS_NONNULL void *arena_alloc(struct arena *arena, size_t n, size_t size);
#define ARENA_NEW(arena, type)      ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, n) ((type *)arena_alloc((arena), (n), sizeof(type)))
/* A NUL-terminated copy. NULL stays NULL. */
char *arena_strdup(struct arena *arena, const char *text);
/* A NUL-terminated copy of a view, which may hold NUL bytes. */
RETURNS_NONNULL char *arena_strndup(struct arena *arena, struct str s);
/* A copy of the view's bytes alone, without a NUL. */
struct str arena_str(struct arena *arena, struct str s);
/* Formats into the arena. */
RETURNS_NONNULL char *arena_printf(struct arena *arena, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
/* Frees everything; the arena can be used again. */
void arena_clear(struct arena *arena);

/* calloc(), reallocarray() and strdup() that end the process when there is no memory: for
 * owned handles in base/ and adapter/. */
RETURNS_NONNULL void *xcalloc(size_t n, size_t size);
RETURNS_NONNULL void *xrealloc_array(void *ptr, size_t n, size_t size);
RETURNS_NONNULL char *xstrdup(const char *text);
/* For CLEANUP(): frees *(void **)ptr. */
void free_ptr(void *ptr);
/* Says so on stderr and exits. */
NORETURN void die_out_of_memory(void);

#endif
