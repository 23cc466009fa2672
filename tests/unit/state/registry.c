/* SPDX-License-Identifier: MIT */
/* What was installed is found again; copies, moves and damage are told apart. */
#include "state/registry.h"
#include "base/file.h"
#include "base/limits.h"
#include "tests/unit/unit.h"
#include <sys/stat.h>
#include <unistd.h>

#define ID_A "0123456789abcdef0123456789abcdef"
#define ID_B "ffffffffffffffffffffffffffffffff"

static char home[64];

static int make_home(void **state)
{
	(void)state;
	(void)snprintf(home, sizeof(home), "/tmp/registry.XXXXXX");
	return mkdtemp(home) ? 0 : -1;
}

static int remove_home(void **state)
{
	(void)state;
	static const char *const names[] = { "repositories", "repositories.lock" };
	char path[128];
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", home, names[i]);
		(void)unlink(path);
	}
	return rmdir(home);
}

static struct repository_record record_of(const char *id, const char *path)
{
	return (struct repository_record){
		.id = id,
		.path = path,
		.device = 7,
		.inode = UINT64_MAX,
		.born_ns = 1700000000123456789,
		.installed_ms = 1780000000000,
		.host = "plain",
		.hook = "/srv/a b.git/hooks/post-receive",
		.previous = "00-previous",
		.made_chain = true,
	};
}

static void test_put_read_remove(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct repository_list list;
	struct stat st;
	struct repository_record b = record_of(ID_B, "/srv/b.git");
	struct repository_record a = record_of(ID_A, "/srv/a b.git");
	b.previous = NULL;
	b.made_chain = false;
	b.made_hooks = true;
	b.uninstalled = true;
	assert_int_equal(registry_read(home, &arena, &list, &err), 0);
	assert_int_equal(list.len, 0);
	assert_int_equal(registry_put(home, &b, &err), 0);
	assert_int_equal(registry_put(home, &a, &err), 0);
	assert_int_equal(registry_put(home, &a, &err), 0);
	assert_int_equal(registry_read(home, &arena, &list, &err), 0);
	assert_int_equal(list.len, 2);
	const struct repository_record *got = &list.items[0];
	assert_string_equal(got->id, ID_A);
	assert_string_equal(got->path, "/srv/a b.git");
	assert_int_equal(got->device, 7);
	assert_true(got->inode == UINT64_MAX);
	assert_int_equal(got->born_ns, 1700000000123456789);
	assert_int_equal(got->installed_ms, 1780000000000);
	assert_string_equal(got->host, "plain");
	assert_string_equal(got->hook, a.hook);
	assert_string_equal(got->previous, "00-previous");
	assert_true(got->made_chain && !got->made_hooks && !got->uninstalled);
	got = &list.items[1];
	assert_null(got->previous);
	assert_true(!got->made_chain && got->made_hooks && got->uninstalled);
	assert_int_equal(stat(file_join(&arena, home, "repositories"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	assert_ptr_equal(registry_find_path(&list, "/srv/b.git"), &list.items[1]);
	assert_null(registry_find_path(&list, "/srv/c.git"));
	assert_ptr_equal(registry_find_id(&list, ID_A), &list.items[0]);
	assert_null(registry_find_id(&list, "x"));

	assert_int_equal(registry_remove(home, "/srv/b.git", &err), 0);
	assert_int_equal(registry_remove(home, "/srv/b.git", &err), 0);
	assert_int_equal(registry_read(home, &arena, &list, &err), 0);
	assert_int_equal(list.len, 1);
}

static void test_refusals(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct repository_record bad = record_of("xyz", "/srv/a.git");
	assert_int_equal(registry_put(home, &bad, &err), ERR_INVALID);
	bad = record_of(ID_A, "/srv/a\n.git");
	assert_int_equal(registry_put(home, &bad, &err), ERR_INVALID);
	bad = record_of(ID_A, "a.git");
	assert_int_equal(registry_put(home, &bad, &err), ERR_INVALID);
	bad = record_of(ID_A, "/a.git");
	assert_int_equal(registry_put("/nonexistent", &bad, &err), ERR_NOTFOUND);
}

static void test_damage(void **state)
{
	(void)state;

	static const struct {
		const char *text;
		uint32_t line;
	} rows[] = {
		{ "x", 1 },
		{ "imagehook repositories 2\n", 1 },
		{ "imagehook repositories 1\npath /a\n", 2 },
		{ "imagehook repositories 1\nrepository x\n", 2 },
		{ "imagehook repositories 1\nrepository " ID_A "\n", 2 },
		{ "imagehook repositories 1\nrepository " ID_A "\ninode x\npath /a\n",
		  3 },
		{ "imagehook repositories 1\nrepository " ID_A "\npath a\n", 3 },
		{ "imagehook repositories 1\nrepository " ID_A "\nrepository " ID_B
		  "\npath /a\n",
		  3 },
	};
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct repository_list list;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = ERR_INIT;
		assert_int_equal(
		    registry_parse(str_of(rows[i].text), &arena, &list, &err),
		    ERR_INVALID);
		assert_int_equal(err.line, rows[i].line);
	}
	/* a field of a newer program is no damage */
	struct err err = ERR_INIT;
	assert_int_equal(registry_parse(STR("imagehook repositories 1\nrepository " ID_A
					    "\npath /a\nnew thing\n"),
					&arena, &list, &err),
			 0);
	assert_int_equal(list.len, 1);
}

static void test_verdicts(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct repository_list list = { NULL, 0, 0 };
	const struct repository_record *record = NULL;
	/* the home stands for a repository that exists */
	VEC_PUSH(&arena, &list, record_of(ID_A, home));
	VEC_PUSH(&arena, &list, record_of(ID_B, "/nonexistent/b.git"));

	assert_int_equal(registry_judge(&list, home, ID_A, &record), REGISTRY_KNOWN);
	assert_ptr_equal(record, &list.items[0]);
	assert_int_equal(registry_judge(&list, "/other.git", ID_A, &record),
			 REGISTRY_COPY);
	assert_ptr_equal(record, &list.items[0]);
	assert_int_equal(registry_judge(&list, "/other.git", ID_B, &record),
			 REGISTRY_MOVED);
	assert_ptr_equal(record, &list.items[1]);
	assert_int_equal(
	    registry_judge(&list, home, "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", &record),
	    REGISTRY_NEW);
	assert_ptr_equal(record, &list.items[0]);
	assert_int_equal(registry_judge(&list, home, "", &record), REGISTRY_UNKNOWN);
	assert_ptr_equal(record, &list.items[0]);
	assert_int_equal(registry_judge(&list, "/other.git", "", NULL), REGISTRY_UNKNOWN);
	list.items[0].uninstalled = true;
	assert_int_equal(registry_judge(&list, home, ID_A, NULL), REGISTRY_UNKNOWN);
	assert_string_equal(registry_verdict_name(REGISTRY_COPY), "copy");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_home, remove_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_put_read_remove),
		TEST(test_refusals),
		TEST(test_damage),
		TEST(test_verdicts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
