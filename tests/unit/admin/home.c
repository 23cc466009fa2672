/* SPDX-License-Identifier: MIT */
#include "admin/config.h"
#include "tests/unit/admin/admin.h"

/* config_home() with imagehook.state set to a folder of the test. */
static int home_at(struct place_of_test *place, const char *name, const char **out,
		   struct err *err)
{
	struct config *config = NULL;
	struct finding_list findings = FINDING_LIST_INIT(&place->arena);
	place_write(place, "system",
		    arena_printf(&place->arena, "[imagehook]\nstate = %s\n",
				 place_file(place, name)),
		    0644);
	assert_int_equal(config_load(place_file(place, "system"), NULL, &place->arena,
				     &config, &findings, err),
			 0);
	return config_home(config, &place->arena, out, err);
}

static void test_made_private(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	const char *home = NULL;
	mode_t umask_before = umask(0);
	assert_int_equal(home_at(place, "a/b", &home, &err), 0);
	(void)umask(umask_before);
	assert_string_equal(home, place_file(place, "a/b"));
	assert_int_equal(place_mode(place, "a/b"), 0700);
	/* an empty one, and one of ours, become private */
	assert_int_equal(chmod(home, 0755), 0);
	assert_int_equal(home_at(place, "a/b", &home, &err), 0);
	assert_int_equal(place_mode(place, "a/b"), 0700);
	place_write(place, "a/b/state.db", "", 0600);
	assert_int_equal(chmod(home, 0777), 0);
	assert_int_equal(home_at(place, "a/b", &home, &err), 0);
	assert_int_equal(place_mode(place, "a/b"), 0700);
}

static void test_a_folder_with_other_things_keeps_its_mode(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	const char *home = NULL;
	assert_int_equal(mkdir(place_file(place, "shared"), 0755), 0);
	place_write(place, "shared/thesis.txt", "x", 0644);
	assert_int_equal(home_at(place, "shared", &home, &err), ERR_DENIED);
	assert_int_equal(place_mode(place, "shared"), 0755);
	assert_null(home);
}

static void test_no_folder(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	const char *home = NULL;
	assert_int_equal(home_at(place, "system/x", &home, &err), ERR_IO);
	assert_null(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_made_private),
		TEST(test_a_folder_with_other_things_keeps_its_mode),
		TEST(test_no_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
