/* SPDX-License-Identifier: MIT */
/* Which objects a name means, and the errors for none and for several. */
#include "app/wanted.h"
#include "tests/unit/unit.h"

struct bench {
	struct arena arena;
	struct document_set set;
};

static void add(struct bench *bench, const char *cluster, const char *namespace,
		const char *name)
{
	struct image_policy *policy = VEC_ADD(&bench->arena, &bench->set.policies);
	policy->meta.kind_name = "ImagePolicy";
	policy->meta.cluster = cluster;
	policy->meta.namespace = namespace;
	policy->meta.name = name;
}

static void fill(struct bench *bench)
{
	*bench = (struct bench){ .arena = ARENA_INIT };
	bench->set.arena = &bench->arena;
	add(bench, "prod", "flux-system", "web");
	add(bench, "test", "flux-system", "web");
	add(bench, "prod", "flux-system", "api");
	add(bench, "dev", "team", "web");
	add(bench, "dev", "flux-system", "web");
}

static const struct {
	struct wanted wanted;
	size_t n;
	const char *error; /* NULL: there is one */
} rows[] = {
	{ { .kind = "ImagePolicy", .namespace = "flux-system", .name = "api" }, 1, NULL },
	{ { .kind = "ImagePolicy", .namespace = "flux-system", .name = "web" },
	  3,
	  "ImagePolicy object 'web' is in several clusters; say --cluster 'prod', 'test' "
	  "or 'dev'" },
	{ { .kind = "ImagePolicy",
	    .cluster = "test",
	    .namespace = "flux-system",
	    .name = "web" },
	  1,
	  NULL },
	{ { .kind = "ImagePolicy", .namespace = "none", .name = "web" },
	  0,
	  "ImagePolicy object 'web' not found in \"none\" namespace" },
	{ { .kind = "Alert", .namespace = "flux-system" },
	  0,
	  "no Alert objects found in \"flux-system\" namespace" },
	{ { .kind = "Alert", .name = "web" },
	  0,
	  "Alert object 'web' not found in \"any\" namespace" },
	{ { .namespace = "none" }, 0, "no objects found in \"none\" namespace" },
};

static void test_one(void **state)
{
	struct bench bench;
	(void)state;
	fill(&bench);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct object_meta *meta = NULL;
		struct metas metas = { 0 };
		struct err err = ERR_INIT;
		int code = wanted_one(&rows[i].wanted, &bench.set, &meta, &err);
		assert_int_equal(code == 0, rows[i].error == NULL);
		if (code)
			assert_string_equal(err.text, rows[i].error);
		else
			assert_true(wanted_is(&rows[i].wanted, meta));
		wanted_list(&rows[i].wanted, &bench.set, &metas);
		assert_int_equal(metas.len, rows[i].n);
		assert_int_equal(wanted_any(&rows[i].wanted, &bench.set), rows[i].n > 0);
	}
	arena_clear(&bench.arena);
}

static void test_name(void **state)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct wanted wanted = { .namespace = "team" };
	(void)state;
	wanted_take_name(&wanted, "web", &arena);
	assert_string_equal(wanted.name, "web");
	assert_string_equal(wanted.namespace, "team");
	wanted_take_name(&wanted, "flux-system/api", &arena);
	assert_string_equal(wanted.name, "api");
	assert_string_equal(wanted.namespace, "flux-system");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
