/* SPDX-License-Identifier: MIT */
/* Block allocator of a run, and the allocators of owned handles. */
#include "base/arena.h"
#include <unistd.h>

enum {
	BLOCK_BYTES = 64 * 1024,
	ALIGN_BYTES = 16
};

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	/* keeps data[] aligned for any type */
	_Alignas(ALIGN_BYTES) unsigned char data[];
};

void die_out_of_memory(void)
{
	static const char text[] = "imagehook: out of memory\n";
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(1);
}

static struct arena_block *add_block(struct arena *arena, size_t bytes)
{
	size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
	struct arena_block *block = malloc(sizeof(*block) + size);
	if (!block)
		die_out_of_memory();
	block->used = 0;
	block->size = size;
	/* An over-size block goes behind the head, so that the head's free rest stays in
	 * use. */
	if (bytes > BLOCK_BYTES / 4 && arena->head) {
		block->next = arena->head->next;
		arena->head->next = block;
	} else {
		block->next = arena->head;
		arena->head = block;
	}
	return block;
}

void *arena_alloc(struct arena *arena, size_t n, size_t size)
{
	size_t bytes = 0;
	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
		die_out_of_memory();
	bytes = (bytes + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);
	if (bytes == 0)
		bytes = ALIGN_BYTES;
	struct arena_block *block = arena->head;
	if (!block || block->size - block->used < bytes)
		block = add_block(arena, bytes);
	void *out = block->data + block->used;
	block->used += bytes;
	arena->total_bytes += bytes;
	memset(out, 0, bytes);
	return out;
}

char *arena_strndup(struct arena *arena, struct str s)
{
	char *out = arena_alloc(arena, s.len + 1, 1);
	if (s.len)
		memcpy(out, s.ptr, s.len);
	return out;
}

struct str arena_str(struct arena *arena, struct str s)
{
	return (struct str){ arena_strndup(arena, s), s.len };
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, str_of(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		die_out_of_memory();
	char *out = arena_alloc(arena, (size_t)n + 1, 1);
	va_start(ap, fmt);
	(void)vsnprintf(out, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return out;
}

void arena_clear(struct arena *arena)
{
	struct arena_block *block = arena->head;
	while (block) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
	arena->head = NULL;
	arena->total_bytes = 0;
}

void *xcalloc(size_t n, size_t size)
{
	void *out = calloc(n ? n : 1, size ? size : 1);
	if (!out)
		die_out_of_memory();
	return out;
}

void *xrealloc_array(void *ptr, size_t n, size_t size)
{
	size_t bytes = 0;
	if (__builtin_mul_overflow(n, size, &bytes))
		die_out_of_memory();
	void *out = realloc(ptr, bytes ? bytes : 1);
	if (!out)
		die_out_of_memory();
	return out;
}

char *xstrdup(const char *text)
{
	char *out = strdup(text);
	if (!out)
		die_out_of_memory();
	return out;
}

void free_ptr(void *ptr)
{
	void *target = NULL;
	memcpy(&target, ptr, sizeof(target));
	free(target);
}
