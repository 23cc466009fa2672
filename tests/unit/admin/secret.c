/* SPDX-License-Identifier: MIT */
#include "admin/secret.h"
#include "base/limits.h"
#include "tests/unit/admin/admin.h"

#define REPO  "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"

/* In the test's own home. */
#define SECRET_ID(repo_id, namespace, name) \
	(&(struct secret_id){ place->dir, repo_id, namespace, name })

static void put(struct place_of_test *place, const char *name, const char *key,
		const char *value)
{
	struct err err = ERR_INIT;
	if (secret_write(SECRET_ID(REPO, "flux-system", name), key, str_of(value), &err))
		fail_msg("%s", err.text);
}

/* The value of a key, or the error's text. */
static const char *get(struct place_of_test *place, const char *repo, const char *name,
		       const char *key)
{
	struct err err = ERR_INIT;
	struct secret secret = { NULL, 0, 0 };
	if (secret_read(&(struct secret_reader){ place->dir, repo,
						 arena_printf(&place->arena,
							      "/srv/git/%s.git", repo) },
			"flux-system", name, &place->arena, &secret, &err))
		return arena_strdup(&place->arena, err.text);
	const struct str *value = secret_get(&secret, key);
	return value ? arena_strndup(&place->arena, *value) : NULL;
}

static const char *list(struct place_of_test *place)
{
	struct err err = ERR_INIT;
	struct secret_names names = { NULL, 0, 0 };
	struct buf out BUF_CLEANUP = BUF_INIT(4096);
	if (secret_list(place->dir, REPO, &place->arena, &names, &err))
		return arena_strdup(&place->arena, err.text);
	for (size_t i = 0; i < names.len; i++) {
		assert_true(buf_printf(&out, "%s/%s", names.items[i].namespace,
				       names.items[i].name));
		for (size_t k = 0; k < names.items[i].keys.len; k++)
			assert_true(
			    buf_printf(&out, " %s", names.items[i].keys.items[k]));
		assert_true(buf_puts(&out, "\n"));
	}
	return arena_strdup(&place->arena, buf_cstr(&out));
}

static void test_write_read_list_delete(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	mode_t umask_before = umask(0);
	assert_string_equal(list(place), "");
	put(place, "b", "token", "one");
	put(place, "b", "token", "two");
	put(place, "b", ".dockerconfigjson", "{}");
	put(place, "a", "x", "1");
	(void)umask(umask_before);
	assert_string_equal(get(place, REPO, "b", "token"), "two");
	assert_null(get(place, REPO, "b", "nothing"));
	assert_string_equal(get(place, OTHER, "b", "token"),
			    "secret 'flux-system/b' not found");
	assert_string_equal(list(place),
			    "flux-system/a x\nflux-system/b .dockerconfigjson token\n");
	assert_int_equal(place_mode(place, REPO "/secrets"), 0700);
	assert_int_equal(place_mode(place, REPO "/secrets/flux-system/b"), 0700);
	assert_int_equal(place_mode(place, REPO "/secrets/flux-system/b/token"), 0600);
	assert_int_equal(
	    secret_delete(SECRET_ID(REPO, "flux-system", "b"), "token", &err), 0);
	assert_null(get(place, REPO, "b", "token"));
	assert_int_equal(
	    secret_delete(SECRET_ID(REPO, "flux-system", "b"), "token", &err),
	    ERR_NOTFOUND);
	assert_int_equal(secret_delete(SECRET_ID(REPO, "flux-system", "b"), NULL, &err),
			 0);
	assert_int_equal(secret_delete(SECRET_ID(REPO, "flux-system", "a"), NULL, &err),
			 0);
	assert_string_equal(list(place), "");
	assert_false(file_exists(place_file(place, REPO "/secrets/flux-system")));
}

static void test_bytes_are_kept(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	struct secret secret = { NULL, 0, 0 };
	struct str bytes = { "a\0\n\xff\n", 5 };
	assert_int_equal(secret_write(SECRET_ID(REPO, "ns", "n"), "k", bytes, &err), 0);
	assert_int_equal(secret_read(&(struct secret_reader){ place->dir, REPO,
							      "/srv/git/" REPO ".git" },
				     "ns", "n", &place->arena, &secret, &err),
			 0);
	assert_true(str_eq(*secret_get(&secret, "k"), bytes));
	/* what a killed writer left is no key */
	place_write(place, REPO "/secrets/ns/n/~k.1", "half", 0600);
	assert_string_equal(list(place), "ns/n k\n");
	struct buf big BUF_CLEANUP = BUF_INIT(2 * LIMIT_SECRET_BYTES);
	assert_non_null(buf_reserve(&big, LIMIT_SECRET_BYTES + 1));
	memset(big.ptr, 'x', LIMIT_SECRET_BYTES + 1);
	struct str too_long = { big.ptr, LIMIT_SECRET_BYTES + 1 };
	assert_int_equal(secret_write(SECRET_ID(REPO, "ns", "n"), "k", too_long, &err),
			 ERR_LIMIT);
	assert_string_equal(err.text, "secret 'ns/n': key 'k': limit: 1048576 bytes of "
				      "one secret value");
}

static const struct {
	const char *namespace, *name, *key;
	const char *error; /* NULL: fine */
} names[] = {
	{ "flux-system", "ghcr", ".dockerconfigjson", NULL },
	{ "a.b", "c.d-e", "A_b-c.1", NULL },
	{ "", "a", NULL, "namespace '' is not a name of a-z, 0-9, '-' and '.'" },
	{ "..", "a", NULL, "namespace '..' is not a name of a-z, 0-9, '-' and '.'" },
	{ "a/b", "a", NULL, "namespace 'a/b' is not a name of a-z, 0-9, '-' and '.'" },
	{ "a", "../x", NULL,
	  "secret name '../x' is not a name of a-z, 0-9, '-' and '.'" },
	{ "a", "A", NULL, "secret name 'A' is not a name of a-z, 0-9, '-' and '.'" },
	{ "a", "b", "..", "key '..' is not a name of letters, digits, '.', '_' and '-'" },
	{ "a", "b", ".", "key '.' is not a name of letters, digits, '.', '_' and '-'" },
	{ "a", "b", "", "key '' is not a name of letters, digits, '.', '_' and '-'" },
	{ "a", "b", "c/d",
	  "key 'c/d' is not a name of letters, digits, '.', '_' and '-'" },
	{ "a", "b", "c~", "key 'c~' is not a name of letters, digits, '.', '_' and '-'" },
};

static void test_names(void **state)
{
	struct place_of_test *place = *state;
	struct secret secret = { NULL, 0, 0 };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct err err = ERR_INIT;
		int code = secret_check_names(names[i].namespace, names[i].name,
					      names[i].key, &err);
		assert_int_equal(code, names[i].error ? ERR_INVALID : 0);
		if (names[i].error)
			assert_string_equal(err.text, names[i].error);
		if (names[i].error && !names[i].key)
			assert_int_equal(
			    secret_read(&(struct secret_reader){ place->dir, REPO,
								 "/srv/git/" REPO
								 ".git" },
					names[i].namespace, names[i].name, &place->arena,
					&secret, &err),
			    ERR_INVALID);
	}
	struct err err = ERR_INIT;
	assert_int_equal(
	    secret_write(SECRET_ID("../../x", "a", "b"), "c", STR("x"), &err),
	    ERR_INVALID);
	assert_int_equal(secret_read(&(struct secret_reader){ place->dir, "", "/srv" },
				     "a", "b", &place->arena, &secret, &err),
			 ERR_INVALID);
}

/* Wherever a link stands, it is not followed; replacing a value replaces the link. */
static void test_links(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	const char *folder = place_file(place, REPO "/secrets/flux-system");
	const char *name = file_join(&place->arena, folder, "b");
	const char *key = file_join(&place->arena, name, "token");
	put(place, "b", "token", "one");
	place_write(place, "outside", "stolen", 0600);
	assert_int_equal(unlink(key), 0);
	assert_int_equal(symlink(place_file(place, "outside"), key), 0);
	assert_string_equal(get(place, REPO, "b", "token"),
			    "secret 'flux-system/b': key 'token': 'token' is a link or "
			    "no folder");
	put(place, "b", "token", "two");
	assert_string_equal(get(place, REPO, "b", "token"), "two");
	struct buf outside BUF_CLEANUP = BUF_INIT(64);
	assert_int_equal(file_read(place_file(place, "outside"), &outside, &err), 0);
	assert_string_equal(buf_cstr(&outside), "stolen");
	assert_int_equal(rename(name, place_file(place, "moved")), 0);
	assert_int_equal(symlink(place_file(place, "moved"), name), 0);
	assert_string_equal(get(place, REPO, "b", "token"),
			    "secret 'flux-system/b': 'b' is a link or no folder");
	assert_int_equal(
	    secret_write(SECRET_ID(REPO, "flux-system", "b"), "k", STR("x"), &err),
	    ERR_DENIED);
	assert_int_equal(secret_delete(SECRET_ID(REPO, "flux-system", "b"), NULL, &err),
			 ERR_DENIED);
	assert_true(file_exists(place_file(place, "moved/token")));
	assert_int_equal(secret_list(place->dir, REPO, &place->arena,
				     &(struct secret_names){ NULL, 0, 0 }, &err),
			 ERR_DENIED);
}

static void test_shared_ones_list_their_readers(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	const char *missing = "secret 'flux-system/s' not found";
	assert_int_equal(
	    file_make_dirs(place_file(place, "shared/secrets/flux-system/s"), 0700, &err),
	    0);
	assert_int_equal(
	    file_make_dirs(place_file(place, "shared/repositories/flux-system"), 0700,
			   &err),
	    0);
	place_write(place, "shared/secrets/flux-system/s/token", "shared", 0600);
	assert_string_equal(get(place, REPO, "s", "token"), missing);
	place_write(place, "shared/repositories/flux-system/s",
		    "/srv/*/" OTHER ".git\n/srv/*\n", 0600);
	assert_string_equal(get(place, REPO, "s", "token"), missing);
	assert_string_equal(get(place, OTHER, "s", "token"), "shared");
	place_write(place, "shared/repositories/flux-system/s",
		    "/srv/*/" OTHER ".git\n/srv/git/0*.git\n", 0600);
	assert_string_equal(get(place, REPO, "s", "token"), "shared");
	put(place, "s", "token", "own");
	assert_string_equal(get(place, REPO, "s", "token"), "own");
}

static void share(struct place_of_test *place, const char *glob, int expected)
{
	struct err err = ERR_INIT;
	struct strings globs = { NULL, 0, 0 };
	strings_add(&place->arena, &globs, glob);
	assert_int_equal(secret_share(place->dir, "flux-system", "s", &globs, &err),
			 expected);
}

static void test_sharing_ends_with_the_secret(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	struct strings globs = { NULL, 0, 0 };
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    secret_write(SECRET_ID(SECRET_SHARED, "flux-system", "s"), "token",
				 STR("v"), &err),
		    0);
		/* neither before it is shared nor after it was deleted */
		assert_string_equal(get(place, REPO, "s", "token"),
				    "secret 'flux-system/s' not found");
		share(place, "/srv/git/*.git", 0);
		assert_string_equal(get(place, REPO, "s", "token"), "v");
		share(place, "/srv/*.git", 0);
		assert_string_equal(get(place, REPO, "s", "token"),
				    "secret 'flux-system/s' not found");
		share(place, "**/" REPO ".git", 0);
		assert_string_equal(get(place, REPO, "s", "token"), "v");
		assert_int_equal(
		    secret_delete(SECRET_ID(SECRET_SHARED, "flux-system", "s"), NULL,
				  &err),
		    0);
	}
	assert_int_equal(secret_shared_with(place->dir, "flux-system", "s", &place->arena,
					    &globs, &err),
			 0);
	assert_int_equal(globs.len, 0);
	share(place, "team/*.git", ERR_INVALID);
	share(place, "", ERR_INVALID);
	share(place, "/a\n/b", ERR_INVALID);
}

static void test_a_bare_folder(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	struct secret secret = { NULL, 0, 0 };
	assert_int_equal(file_make_dirs(place_file(place, "dir/ns/empty"), 0755, &err),
			 0);
	assert_int_equal(file_make_dirs(place_file(place, "dir/ns/n"), 0755, &err), 0);
	place_write(place, "dir/ns/n/b", "2", 0644);
	place_write(place, "dir/ns/n/a", "1", 0644);
	const char *dir = place_file(place, "dir");
	assert_int_equal(secret_read_dir(dir, "ns", "n", &place->arena, &secret, &err),
			 0);
	assert_int_equal(secret.len, 2);
	assert_string_equal(secret.items[0].key, "a");
	assert_int_equal(
	    secret_read_dir(dir, "ns", "empty", &place->arena, &secret, &err),
	    ERR_NOTFOUND);
	assert_int_equal(
	    secret_read_dir("/nowhere", "ns", "n", &place->arena, &secret, &err),
	    ERR_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_write_read_list_delete),
		TEST(test_bytes_are_kept),
		TEST(test_names),
		TEST(test_links),
		TEST(test_shared_ones_list_their_readers),
		TEST(test_sharing_ends_with_the_secret),
		TEST(test_a_bare_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
