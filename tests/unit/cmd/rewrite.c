/* SPDX-License-Identifier: MIT */
/* Trees of fixtures/marker/, edited in place by the command. */
#include "adapter/json/json.h"
#include "base/file.h"
#include "cmd/opt.h"
#include "tests/unit/unit.h"
#include <sys/stat.h>
#include <unistd.h>

extern const struct command command_rewrite;

static const char *text_at(const struct value *row, const char *key, struct arena *arena)
{
	const char *text = value_get_text(row, key, arena);
	return text ? text : "";
}

static char *make_folder(struct arena *arena)
{
	char *folder = arena_strdup(arena, "/tmp/imagehook-unit-XXXXXX");
	assert_non_null(mkdtemp(folder));
	return folder;
}

static void remove_folder(const char *folder)
{
	const char *const argv[] = { "rm", "-rf", "--", folder, NULL };
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)execv("/bin/rm", (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	while (access(folder, F_OK) == 0)
		(void)usleep(1000);
}

static void write_text(const char *folder, const char *name, struct str text, mode_t mode,
		       struct arena *arena)
{
	struct err err = ERR_INIT;
	char *path = file_join(arena, folder, name);
	char *slash = strrchr(path, '/');
	*slash = '\0';
	assert_int_equal(file_make_dirs(path, 0755, &err), 0);
	*slash = '/';
	assert_int_equal(file_write_atomic(path, text, mode, FILE_FAST, &err), 0);
}

static void assert_text(const char *folder, const char *name, struct str text,
			struct arena *arena)
{
	struct err err = ERR_INIT;
	struct buf got BUF_CLEANUP = BUF_INIT(1U << 20);
	assert_int_equal(file_read(file_join(arena, folder, name), &got, &err), 0);
	if (!str_eq(buf_str(&got), text))
		print_error("%s: '%s'\n", name, buf_cstr(&got));
	assert_true(str_eq(buf_str(&got), text));
}

/* Runs `rewrite` with arguments; the exit status. */
static int run(struct arena *arena, char *const *argv)
{
	struct err err = ERR_INIT;
	struct strings words = { NULL, 0, 0 };
	void *options = arena_alloc(arena, 1, command_rewrite.options_bytes);
	assert_int_equal(opt_parse(&command_rewrite, argv, arena, options, &words, &err),
			 0);
	return command_rewrite.run(options, &words);
}

static int rewrite_folder(const struct value *row, char *folder, struct arena *arena)
{
	char *argv[64] = { NULL };
	int argc = 0;
	const struct value *policies = value_get(row, "policies");
	argv[argc++] = (char *)(uintptr_t) "-i";
	for (size_t i = 0; i < policies->list.len && argc < 60; i++) {
		const struct value *policy = policies->list.items[i];
		const char *digest = text_at(policy, "digest", arena);
		argv[argc++] = arena_printf(
		    arena, "--set=%s:%s=%s:%s%s%s", text_at(policy, "namespace", arena),
		    text_at(policy, "name", arena), text_at(policy, "image", arena),
		    text_at(policy, "tag", arena), *digest ? "@" : "", digest);
	}
	argv[argc++] = folder;
	return run(arena, argv);
}

static void check_tree(const struct value *row, struct arena *arena)
{
	char *folder = make_folder(arena);
	const struct value *files = value_get(row, "files");
	const struct value *links = value_get(row, "links");
	const struct value *expected = value_get(row, "expected_files");
	for (size_t i = 0; i < files->map.len; i++)
		write_text(folder, arena_strndup(arena, files->map.items[i].key),
			   files->map.items[i].value->string, 0640, arena);
	for (size_t i = 0; i < links->map.len; i++) {
		const char *path = file_join(
		    arena, folder, arena_strndup(arena, links->map.items[i].key));
		assert_int_equal(
		    symlink(arena_strndup(arena, links->map.items[i].value->string),
			    path),
		    0);
	}
	assert_int_equal(rewrite_folder(row, folder, arena), EXIT_DONE);
	for (size_t i = 0; i < expected->map.len; i++) {
		struct stat st;
		const char *name = arena_strndup(arena, expected->map.items[i].key);
		assert_text(folder, name, expected->map.items[i].value->string, arena);
		assert_int_equal(lstat(file_join(arena, folder, name), &st), 0);
		assert_int_equal(st.st_mode, S_IFREG | 0640);
	}
	for (size_t i = 0; i < links->map.len; i++) {
		struct stat st;
		const char *name = arena_strndup(arena, links->map.items[i].key);
		assert_int_equal(lstat(file_join(arena, folder, name), &st), 0);
		assert_true(S_ISLNK(st.st_mode));
	}
	remove_folder(folder);
}

static void test_trees(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(4U << 20);
	struct err err = ERR_INIT;
	size_t rows = 0;
	assert_int_equal(file_read("fixtures/marker/flux.jsonl", &text, &err), 0);
	struct str rest = buf_str(&text);
	struct str line;
	while (str_line(&rest, &line)) {
		struct value *row = NULL;
		assert_int_equal(json_parse(line, &arena, &row, &err), 0);
		if (!value_get(row, "files"))
			continue;
		check_tree(row, &arena);
		rows++;
	}
	assert_true(rows > 0);
}

#define MARKED(value) "a: " value " # {\"$imagepolicy\": \"flux-system:app\"}\n"

/* A broken file fails the command and is left alone, the others are edited. */
static void test_broken_file_stops_nothing(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	char *folder = make_folder(&arena);
	char *argv[] = { (char *)(uintptr_t) "-i",
			 (char *)(uintptr_t) "--set=flux-system:app=r:5000/a:2", folder,
			 NULL };
	write_text(folder, "a.yaml", STR(MARKED("[x")), 0644, &arena);
	write_text(folder, "b.yaml", STR(MARKED("x")), 0644, &arena);
	assert_int_equal(run(&arena, argv), EXIT_FAILED);
	assert_text(folder, "a.yaml", STR(MARKED("[x")), &arena);
	assert_text(folder, "b.yaml", STR(MARKED("r:5000/a:2")), &arena);
	remove_folder(folder);
}

static void test_named_links_are_refused(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	char *folder = make_folder(&arena);
	write_text(folder, "d/a.txt", STR(MARKED("x")), 0600, &arena);
	assert_int_equal(symlink("d", file_join(&arena, folder, "l")), 0);
	assert_int_equal(symlink("d/a.txt", file_join(&arena, folder, "f.yaml")), 0);
	const char *const names[] = { "l", "l/", "f.yaml", "missing" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *argv[] = { (char *)(uintptr_t) "-i",
				 (char *)(uintptr_t) "--set=flux-system:app=a:2",
				 file_join(&arena, folder, names[i]), NULL };
		assert_int_equal(run(&arena, argv), EXIT_FAILED);
	}
	assert_text(folder, "d/a.txt", STR(MARKED("x")), &arena);
	/* a file that is named is edited whatever its name */
	char *argv[] = { (char *)(uintptr_t) "-i",
			 (char *)(uintptr_t) "--set=flux-system:app=a:2",
			 file_join(&arena, folder, "d/a.txt"), NULL };
	assert_int_equal(run(&arena, argv), EXIT_DONE);
	assert_text(folder, "d/a.txt", STR(MARKED("a:2")), &arena);
	remove_folder(folder);
}

static void test_usage(void **state)
{
	(void)state;
	static const char *const wrong[][3] = {
		{ "--set=app=a:1", ".", "-i" },
		{ "--set=n:app=a", ".", "-i" },
		{ "--set=n:app=r:5/a", ".", "-i" },
		{ "--set=n:app=a:1@", ".", "-i" },
		{ "--set=n:=a:1", ".", "-i" },
		{ "--set=:app=a:1", ".", "-i" },
		{ "--set=n:app=:1", ".", "-i" },
		{ "--set=n:app=a:", ".", "-i" },
		{ "--set=n:app=a:1", ".", NULL },
		{ "a", "b", NULL },
		{ "-i", NULL, NULL },
		{ "--path=a.yaml", "b.yaml", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		char *argv[4] = { NULL };
		for (size_t k = 0; k < 3 && wrong[i][k]; k++)
			argv[k] = arena_strdup(&arena, wrong[i][k]);
		assert_int_equal(run(&arena, argv), EXIT_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_broken_file_stops_nothing),
		cmocka_unit_test(test_named_links_are_refused),
		cmocka_unit_test(test_usage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
