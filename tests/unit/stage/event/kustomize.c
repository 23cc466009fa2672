/* SPDX-License-Identifier: MIT */
/* Kustomizations and HelmReleases against trees in memory. */
#include "stage/event/kustomize.h"
#include "base/buf.h"
#include "stage/document/document.h"
#include "tests/unit/unit.h"

struct entry {
	const char *path, *text;
};

static enum check_entry look_up(void *ctx, struct str path)
{
	for (const struct entry *entry = ctx; entry->path; entry++) {
		struct str have = str_of(entry->path);
		if (str_eq(have, path))
			return CHECK_FILE;
		if (str_starts(have, path) && have.ptr[path.len] == '/')
			return CHECK_FOLDER;
	}
	return CHECK_ABSENT;
}

static int read_entry(void *ctx, struct str path, struct arena *arena, struct str *out,
		      struct err *err)
{
	(void)arena;
	for (const struct entry *entry = ctx; entry->path; entry++)
		if (str_is(path, entry->path)) {
			*out = str_of(entry->text);
			return 0;
		}
	return err_set(err, ERR_NOTFOUND, "no such file");
}

static bool is_own(void *ctx, const char *cluster, const char *kind,
		   const char *namespace, const char *name)
{
	(void)ctx;
	(void)cluster;
	(void)namespace;
	return strcmp(kind, "GitRepository") == 0 && strcmp(name, "own") == 0;
}

static struct entry tree[] = {
	{ "good/kustomization.yaml",
	  "resources:\n- a.yaml\n- ../base\n- https://example.com/x.yaml\n- "
	  "github.com/org/repo//deploy?ref=v1\n"
	  "patches:\n- path: p.yaml\n- patch: |\n    kind: x\n"
	  "configMapGenerator:\n- name: c\n  files: [key=data.txt]\n" },
	{ "good/a.yaml", "kind: A\n" },
	{ "good/p.yaml", "kind: A\n" },
	{ "good/data.txt", "{not: [yaml\n" },
	{ "base/kustomization.yaml", "resources: [b.yaml]\n" },
	{ "base/b.yaml", "kind: B\n" },
	{ "plain/x.yaml", "kind: X\n" },
	{ "missing/kustomization.yaml", "resources:\n- nope.yaml\n" },
	{ "broken/kustomization.yaml", "resources:\n- bad.yaml\n" },
	{ "broken/bad.yaml", "a: b\nc: [\n" },
	{ "circle/kustomization.yaml", "resources:\n- ../circle\n" },
	{ "chart/Chart.yaml", "name: c\n" },
	{ "chart/values.yaml", "a: 1\n" },
	{ NULL, NULL },
};

#define KS(name, spec)                                                           \
	"---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n" \
	"metadata: {name: " name "}\nspec:\n  sourceRef: {kind: GitRepository, " \
	"name: own}\n" spec
#define HR(name, spec)                                                              \
	"---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n"           \
	"metadata: {name: " name "}\nspec:\n  chart:\n    spec:\n      sourceRef: " \
	"{kind: GitRepository, name: own}\n" spec

static const char documents[] = KS("a-good", "  path: ./good\n") KS(
    "b-plain", "  path: /plain/\n") KS("c-root", "") KS("d-path", "  path: ./nowhere\n")
    KS("e-missing", "  path: missing\n") KS("f-broken", "  path: broken\n") KS(
	"g-circle",
	"  path: circle\n") KS("h-needs",
			       "  path: good\n  dependsOn:\n  - name: nobody\n")
	KS("i-one", "  path: good\n  dependsOn: [{name: j-two}]\n") KS(
	    "j-two", "  path: good\n  dependsOn: [{name: i-one}]\n")
	    KS("k-after", "  path: good\n  dependsOn: [{name: a-good}]\n") KS(
		"l-off", "  suspend: true\n  path: ./nowhere\n")
		KS("m-out",
		   "  path: ../../etc\n") "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
					  "metadata: {name: n-foreign}\nspec:\n  sourceRef: {kind: GitRepository, name: "
					  "x}\n  path: nowhere\n" HR(
					      "a-chart",
					      "      chart: ./chart\n      valuesFiles: "
					      "[chart/values.yaml]\n")
					      HR("b-none", "      chart: charts/none\n") HR(
						  "c-values",
						  "      chart: chart\n      valuesFiles: [gone.yaml]\n");

static const char expected[] =
    "HelmRelease/a-chart passed UpgradeSucceeded Checked revision: main@sha1:1\n"
    "HelmRelease/b-none failed ArtifactFailed chart not found: all.yaml:122: "
    "'charts/none' is not in the tree\n"
    "HelmRelease/c-values failed ValuesError values file not found: all.yaml:132: "
    "'gone.yaml' is no file of the tree\n"
    "Kustomization/a-good passed ReconciliationSucceeded Checked revision: "
    "main@sha1:1\n"
    "Kustomization/b-plain passed ReconciliationSucceeded Checked revision: "
    "main@sha1:1\n"
    "Kustomization/c-root passed ReconciliationSucceeded Checked revision: "
    "main@sha1:1\n"
    "Kustomization/d-path failed ArtifactFailed kustomization path not found: "
    "all.yaml:27: './nowhere' is not in the tree\n"
    "Kustomization/e-missing failed BuildFailed kustomize build failed: "
    "missing/kustomization.yaml:2: resource 'nope.yaml' is not in the tree\n"
    "Kustomization/f-broken failed BuildFailed kustomize build failed: "
    "broken/bad.yaml:3: ";

static void show(struct buf *out, const struct check_result *result)
{
	static const char *const verdicts[] = { "passed", "failed", "not judged" };
	(void)buf_printf(out, "%s/%s %s %s %s\n", result->meta->kind_name,
			 result->meta->name, verdicts[result->verdict], result->reason,
			 result->message);
}

static void expect_holds(const struct buf *out, const char *text)
{
	if (!strstr(buf_cstr(out), text))
		fail_msg("'%s' is not in:\n%s", text, buf_cstr(out));
}

static void test_check(void **state)
{
	(void)state;
	static const struct document_options options = { "flux-system", { NULL, 0, 0 } };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct document_set set = { .arena = &arena };
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 20);
	struct check_list list = { NULL, 0, 0 };
	const struct check_reader reader = { tree, look_up, read_entry, is_own };
	const struct document_file file = { STR("all.yaml"), STR(documents) };
	document_decode(&file, 1, &options, &set, &findings);
	check_run(&set, &reader, "main@sha1:1", &arena, &list);
	for (size_t i = 0; i < list.len; i++)
		show(&out, &list.items[i]);
	assert_int_equal(list.len, 17);
	if (!str_starts(buf_str(&out), STR(expected)))
		fail_msg("%s", buf_cstr(&out));
	expect_holds(&out, "g-circle failed BuildFailed kustomize build failed: "
			   "circle/kustomization.yaml:2: resource '../circle' leads back "
			   "here: cycle detected\n");
	expect_holds(&out, "h-needs failed DependencyNotReady dependency not found: ");
	expect_holds(&out, "i-one failed DependencyNotReady dependencies never become");
	expect_holds(&out, "j-two failed DependencyNotReady dependencies never become");
	expect_holds(&out, "k-after passed ");
	expect_holds(&out, "l-off not judged  \n");
	expect_holds(&out, "m-out failed ArtifactFailed ");
	expect_holds(&out, "n-foreign not judged  \n");
}

#define INLINE_PATCH "'{\"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"c\"}}'"

/* What kustomize and Flux take in ways that are not obvious. */
static struct entry odd_tree[] = {
	{ "base/kustomization.yaml", "resources: [b.yaml]\n" },
	{ "base/b.yaml", "kind: B\n" },
	{ "two/kustomization.yaml", "resources: []\n" },
	{ "two/kustomization.yml", "resources: []\n" },
	{ "json/kustomization.yaml", "patchesStrategicMerge:\n- " INLINE_PATCH
				     "\ngenerators:\n- " INLINE_PATCH "\n" },
	{ "dotted/kustomization.yaml", "resources: [v1.2/c.yaml]\n" },
	{ "folder/kustomization.yaml", "resources: [v1.2/prod]\n" },
	{ "remote/kustomization.yaml",
	  "resources:\n- github.com/a/b\n- gitlab.example.com/a/b.git//x\n"
	  "- git@example.com:a/b.git\n- example.com/a/b?ref=v1\n" },
	{ "openapi/kustomization.yaml", "openapi:\n  path: nope.json\n" },
	{ "chart/Chart.yaml", "name: c\n" },
	{ NULL, NULL },
};

static const struct {
	const char *document, *expected;
} odd_cases[] = {
	{ KS("a", "  path: two\n"),
	  "failed BuildFailed kustomize build failed: two: 'kustomization.yaml' and "
	  "'kustomization.yml' are both in this folder" },
	{ KS("a", "  path: json\n"), "passed" },
	{ KS("a", "  path: dotted\n"),
	  "failed BuildFailed kustomize build failed: dotted/kustomization.yaml:1: "
	  "resource 'v1.2/c.yaml' is not in the tree" },
	{ KS("a", "  path: folder\n"),
	  "failed BuildFailed kustomize build failed: folder/kustomization.yaml:1: "
	  "resource 'v1.2/prod' is not in the tree" },
	{ KS("a", "  path: remote\n"), "passed" },
	{ KS("a", "  path: openapi\n"),
	  "failed BuildFailed kustomize build failed: openapi/kustomization.yaml:2: "
	  "schema 'nope.json' is not in the tree" },
	{ KS("a", "  path: ../../base\n"), "passed" },
	{ KS("a", "  path: base\n  components: [../nope]\n"),
	  "failed BuildFailed kustomize build failed: all.yaml:8: component '../nope' is "
	  "no folder of the tree" },
	{ KS("a", "  path: base\n  components: [../nope]\n"
		  "  ignoreMissingComponents: true\n"),
	  "passed" },
	{ KS("a", "  path: base\n  components: [github.com/a/b//c?ref=v1]\n"), "passed" },
	{ HR("a", "      chart: ../../chart\n      valuesFiles: [../chart/Chart.yaml]\n"),
	  "passed" },
};

static void test_odd_trees(void **state)
{
	(void)state;
	static const struct document_options options = { "flux-system", { NULL, 0, 0 } };
	const struct check_reader reader = { odd_tree, look_up, read_entry, is_own };
	for (size_t i = 0; i < ARRAY_LEN(odd_cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct document_set set = { .arena = &arena };
		struct finding_list findings = FINDING_LIST_INIT(&arena);
		struct buf out BUF_CLEANUP = BUF_INIT(1 << 20);
		struct check_list list = { NULL, 0, 0 };
		const struct document_file file = { STR("all.yaml"),
						    str_of(odd_cases[i].document) };
		document_decode(&file, 1, &options, &set, &findings);
		check_run(&set, &reader, "main@sha1:1", &arena, &list);
		assert_int_equal(list.len, 1);
		show(&out, &list.items[0]);
		expect_holds(&out, arena_printf(&arena, "/a %s", odd_cases[i].expected));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_check),
					    cmocka_unit_test(test_odd_trees) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
