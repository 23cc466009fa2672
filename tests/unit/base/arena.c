/* SPDX-License-Identifier: MIT */
/* Zeroed, aligned, apart from each other; and the end when there is no memory. */
#include "base/arena.h"
#include "tests/unit/unit.h"
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_alloc(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	unsigned char *pieces[400];
	size_t total = 0;
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		size_t bytes = i * 97 % 40000; /* small, over-size and none */
		pieces[i] = arena_alloc(&arena, bytes, 1);
		assert_int_equal((uintptr_t)pieces[i] % 16, 0);
		for (size_t j = 0; j < bytes; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)(i % 250) + 1, bytes);
		total += bytes;
	}
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
		for (size_t j = 0; j < i * 97 % 40000; j++)
			assert_int_equal(pieces[i][j], i % 250 + 1);
	assert_true(arena.total_bytes >= total);
	arena_clear(&arena);
	assert_int_equal(arena.total_bytes, 0);
	assert_int_equal(*ARENA_NEW(&arena, int), 0);
}

static void test_texts(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	char text[] = "text";
	char *copy = arena_strdup(&arena, text);
	text[0] = 'n';
	assert_string_equal(copy, "text");
	assert_null(arena_strdup(&arena, NULL));
	assert_string_equal(arena_strndup(&arena, (struct str){ NULL, 0 }), "");
	assert_string_equal(arena_strndup(&arena, (struct str){ "abc", 2 }), "ab");
	struct str view = arena_str(&arena, STR("a\0b"));
	assert_true(str_eq(view, STR("a\0b")));
	assert_int_equal(view.ptr[3], 0);
	assert_string_equal(arena_printf(&arena, "%s-%d", "x", 7), "x-7");
	assert_int_equal(strlen(arena_printf(&arena, "%100000d", 1)), 100000);
}

static void test_owned(void **state)
{
	(void)state;
	int *numbers CLEANUP(free_ptr) = xcalloc(4, sizeof(int));
	assert_int_equal(numbers[3], 0);
	numbers[3] = 7;
	numbers = xrealloc_array(numbers, 4000, sizeof(int));
	assert_int_equal(numbers[3], 7);
	char *text CLEANUP(free_ptr) = xstrdup("text");
	assert_string_equal(text, "text");
	char *nothing CLEANUP(free_ptr) = xcalloc(0, 0);
	assert_non_null(nothing);
	char *unset CLEANUP(free_ptr) = NULL;
	assert_null(unset);
}

static void overflow_arena(void)
{
	struct arena arena = ARENA_INIT;
	(void)arena_alloc(&arena, SIZE_MAX / 2, 4);
}

static void overflow_half(void)
{
	struct arena arena = ARENA_INIT;
	(void)arena_alloc(&arena, SIZE_MAX / 2 + 1, 1);
}

static void overflow_array(void)
{
	volatile size_t many = SIZE_MAX / 2;
	free(xrealloc_array(NULL, many, 4));
}

/* The process says so on stderr and ends with 1. */
static void test_end(void **state)
{
	(void)state;
	static void (*const ways[])(void) = { overflow_arena, overflow_half,
					      overflow_array };
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		int pipe_fds[2];
		char text[128] = "";
		int status = 0;
		assert_int_equal(pipe(pipe_fds), 0);
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			(void)dup2(pipe_fds[1], STDERR_FILENO);
			ways[i]();
			_exit(99);
		}
		(void)close(pipe_fds[1]);
		assert_true(read(pipe_fds[0], text, sizeof(text) - 1) > 0);
		(void)close(pipe_fds[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 1);
		assert_string_equal(text, "imagehook: out of memory\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_owned),
		cmocka_unit_test(test_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
