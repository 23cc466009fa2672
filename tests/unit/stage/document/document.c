/* SPDX-License-Identifier: MIT */
/*
 * Every folder of fixtures/document/ is a tree; NAME.expected beside it holds its
 * findings and objects. NAME.paths, if there is one, holds imagehook.path. With
 * UPDATE_FIXTURES set, expected files are written instead of compared.
 */
#include "stage/document/document.h"
#include "base/file.h"
#include "base/limits.h"
#include "model/event.h"
#include "stage/document/schema.h"
#include "tests/unit/unit.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define ROOT "fixtures/document"

struct tree_files {
	struct arena *arena;
	struct document_file *items;
	size_t len;
	size_t cap;
};

static struct str read_whole(struct arena *arena, const char *path)
{
	struct err err = ERR_INIT;
	struct buf bytes BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES * 2);
	if (file_read(path, &bytes, &err))
		return (struct str){ NULL, 0 };
	return buf_to_arena(&bytes, arena);
}

static void read_tree(struct tree_files *files, const char *folder, const char *rel)
{
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		if (entry->d_name[0] == '.')
			continue;
		char *full = file_join(files->arena, folder, entry->d_name);
		char *name = rel[0] ? file_join(files->arena, rel, entry->d_name)
				    : arena_strdup(files->arena, entry->d_name);
		if (file_is_dir(full, true)) {
			read_tree(files, full, name);
			continue;
		}
		struct document_file file = { str_of(name),
					      read_whole(files->arena, full) };
		if (document_is_candidate(file.path, file.text))
			VEC_PUSH(files->arena, files, file);
	}
	assert_int_equal(closedir(dir), 0);
}

static void show_finding(struct buf *out, const struct finding *finding)
{
	(void)buf_printf(out, "%.*s:%u:%u: %s: %s [%s]\n", STR_ARG(finding->place.path),
			 finding->place.line, finding->place.col,
			 severity_name(finding->severity), finding->text, finding->id);
	if (finding->hint)
		(void)buf_printf(out, "\thint: %s\n", finding->hint);
}

static void show_meta(struct buf *out, const struct object_meta *meta)
{
	(void)buf_printf(out, "%s %s/%s", meta->kind_name, meta->namespace, meta->name);
	if (meta->cluster[0])
		(void)buf_printf(out, " in %s", meta->cluster);
	if (meta->valid)
		(void)buf_puts(out, "\n");
	else
		(void)buf_printf(out, ": %s\n", meta->reason);
}

static void show_set(struct buf *out, const struct document_set *set)
{
	for (size_t i = 0; i < set->repositories.len; i++)
		show_meta(out, &set->repositories.items[i].meta);
	for (size_t i = 0; i < set->policies.len; i++)
		show_meta(out, &set->policies.items[i].meta);
	for (size_t i = 0; i < set->automations.len; i++)
		show_meta(out, &set->automations.items[i].meta);
	for (size_t i = 0; i < set->providers.len; i++)
		show_meta(out, &set->providers.items[i].meta);
	for (size_t i = 0; i < set->alerts.len; i++)
		show_meta(out, &set->alerts.items[i].meta);
	for (size_t i = 0; i < set->others.len; i++)
		show_meta(out, &set->others.items[i].meta);
}

static bool run_case(const char *name)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct tree_files files = { &arena, NULL, 0, 0 };
	struct document_options options = { "flux-system", { NULL, 0, 0 } };
	struct document_set set = { .arena = &arena };
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 22);
	struct str paths =
	    read_whole(&arena, arena_printf(&arena, ROOT "/%s.paths", name));
	struct str line;
	while (str_line(&paths, &line))
		strings_add(&arena, &options.paths, arena_strndup(&arena, line));
	read_tree(&files, arena_printf(&arena, ROOT "/%s", name), "");
	document_decode(files.items, files.len, &options, &set, &findings);
	finding_sort(&findings);
	for (size_t i = 0; i < findings.len; i++)
		show_finding(&out, &findings.items[i]);
	show_set(&out, &set);
	const char *path = arena_printf(&arena, ROOT "/%s.expected", name);
	struct err err = ERR_INIT;
	if (getenv("UPDATE_FIXTURES"))
		return file_write_atomic(path, buf_str(&out), 0644, FILE_FAST, &err) == 0;
	struct str expected = read_whole(&arena, path);
	if (expected.ptr && str_eq(expected, buf_str(&out)))
		return true;
	print_error("%s: expected\n%.*s\ngot\n%s\n", name, STR_ARG(expected),
		    buf_cstr(&out));
	return false;
}

static void test_fixtures(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	size_t failed = 0;
	size_t n = 0;
	DIR *dir = opendir(ROOT);
	assert_non_null(dir);
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		if (entry->d_name[0] == '.' ||
		    !file_is_dir(file_join(&arena, ROOT, entry->d_name), true))
			continue;
		failed += !run_case(entry->d_name);
		n++;
	}
	assert_int_equal(closedir(dir), 0);
	assert_true(n >= 25);
	assert_int_equal(failed, 0);
}

struct decoded {
	struct arena arena;
	struct document_set set;
	struct finding_list findings;
};

static void decode_text(struct decoded *decoded, struct str text)
{
	static const struct document_options options = { "flux-system", { NULL, 0, 0 } };
	const struct document_file file = { STR("a.yaml"), text };
	*decoded = (struct decoded){ .arena = ARENA_INIT };
	decoded->set.arena = &decoded->arena;
	decoded->findings.arena = &decoded->arena;
	document_decode(&file, 1, &options, &decoded->set, &decoded->findings);
}

static void release_decoded(struct decoded *decoded)
{
	arena_clear(&decoded->arena);
}

#define POLICY(spec)                                 \
	"apiVersion: image.toolkit.fluxcd.io/v1\n"   \
	"kind: ImagePolicy\nmetadata: {name: app}\n" \
	"spec:\n" spec

static void test_policy_is_decoded(void **state)
{
	(void)state;
	struct decoded d CLEANUP(release_decoded);
	decode_text(&d, STR(POLICY("  imageRepositoryRef: {name: app}\n"
				   "  filterTags: {pattern: '^v(.*)', extract: $1}\n"
				   "  policy: {numerical: {order: desc}}\n"
				   "  digestReflectionPolicy: Always\n"
				   "  interval: 1.5m\n"
				   "---\n"
				   "apiVersion: image.toolkit.fluxcd.io/v1\n"
				   "kind: ImageRepository\nmetadata: {name: app}\n"
				   "spec: {image: ghcr.io/a/b, interval: 0.1s}\n")));
	assert_int_equal(d.findings.len, 0);
	assert_int_equal(d.set.policies.len, 1);
	const struct image_policy *policy = &d.set.policies.items[0];
	assert_true(policy->meta.valid);
	assert_string_equal(policy->meta.namespace, "flux-system");
	assert_string_equal(policy->repository_namespace, "flux-system");
	assert_int_equal(policy->order, POLICY_NUMERICAL);
	assert_true(policy->descending);
	assert_true(policy->has_filter);
	assert_string_equal(policy->pattern, "^v(.*)");
	assert_string_equal(policy->extract, "$1");
	assert_int_equal(policy->extract_place.line, 6);
	assert_int_equal(policy->extract_place.col, 44);
	assert_int_equal(policy->digest, DIGEST_ALWAYS);
	assert_int_equal(policy->interval_ms, 90000);
	const struct image_repository *repository =
	    document_find_repository(&d.set, policy);
	assert_non_null(repository);
	assert_int_equal(repository->interval_ms, 100);
	assert_int_equal(repository->timeout_ms, 1000);
	assert_int_equal(repository->meta.place.line, 11);
	assert_true(repository->exclusion_is_default);
	assert_int_equal(repository->exclusion_list.len, 2);
	assert_string_equal(repository->provider, "generic");
}

static void test_automation_is_decoded(void **state)
{
	(void)state;
	struct decoded d CLEANUP(release_decoded);
	decode_text(&d,
		    STR("---\napiVersion: image.toolkit.fluxcd.io/v1\n"
			"kind: ImageUpdateAutomation\nmetadata: {name: a, namespace: x}\n"
			"spec:\n"
			"  interval: 1m\n"
			"  sourceRef: {name: app}\n"
			"  update: {path: ./a/../../b//c/}\n"
			"  policySelector:\n"
			"    matchLabels: {app: web}\n"
			"    matchExpressions:\n"
			"    - {key: tier, operator: NotIn, values: [test]}\n"
			"  git:\n"
			"    checkout: {ref: {tag: v1}}\n"
			"    push: {branch: images}\n"
			"    commit:\n"
			"      author: {email: bot@example.com}\n"
			"      messageTemplateValues: {a: b}\n"
			"      messageTemplate: |\n"
			"        hello\n"));
	assert_int_equal(d.findings.len, 1); /* no policy matches */
	const struct image_update_automation *automation = &d.set.automations.items[0];
	assert_true(automation->meta.valid);
	assert_string_equal(automation->source_kind, "GitRepository");
	assert_string_equal(automation->source_namespace, "x");
	assert_string_equal(automation->update_path, "b/c");
	assert_true(automation->checkout.present);
	assert_null(automation->checkout.branch);
	assert_string_equal(automation->checkout.tag, "v1");
	assert_string_equal(automation->push_branch, "images");
	assert_string_equal(automation->author_name, "");
	assert_string_equal(automation->message_template, "hello\n");
	assert_int_equal(automation->template_place.line, 19);
	assert_int_equal(automation->template_line, 20);
	assert_int_equal(automation->message_values.len, 1);
	struct label web[] = { { "app", "web" }, { "tier", "prod" } };
	struct label_list labels = { web, 2, 2 };
	assert_true(document_labels_match(&automation->selector, &labels));
	web[1].value = "test";
	assert_false(document_labels_match(&automation->selector, &labels));
	labels.len = 1;
	assert_true(document_labels_match(&automation->selector, &labels));
	labels.len = 0;
	assert_false(document_labels_match(&automation->selector, &labels));
}

static void test_hash_ignores_order(void **state)
{
	(void)state;
	struct decoded a CLEANUP(release_decoded);
	struct decoded b CLEANUP(release_decoded);
	decode_text(&a, STR(POLICY("  imageRepositoryRef: {name: app}\n"
				   "  policy: {semver: {range: 1.x}}\n")));
	decode_text(&b, STR(POLICY("  policy:\n    semver: {\"range\": '1.x'}\n"
				   "  imageRepositoryRef:\n    name: app # x\n")));
	assert_string_equal(a.set.policies.items[0].meta.spec_hash,
			    b.set.policies.items[0].meta.spec_hash);
	assert_int_equal(strlen(a.set.policies.items[0].meta.spec_hash), 64);
}

static void expect_only(struct decoded *d, const char *id, const char *text)
{
	assert_int_equal(d->findings.len, 1);
	assert_string_equal(d->findings.items[0].id, id);
	assert_string_equal(d->findings.items[0].text, text);
}

static void test_large_file_is_left_out(void **state)
{
	(void)state;
	struct buf text BUF_CLEANUP = BUF_INIT(60 << 20);
	assert_true(buf_puts(&text, POLICY("  imageRepositoryRef: {name: app}\n")));
	while (text.len < (50 << 20))
		assert_true(buf_puts(&text, "# padding padding padding padding\n"));
	struct decoded d CLEANUP(release_decoded);
	decode_text(&d, buf_str(&text));
	expect_only(&d, "limit",
		    "this file is left out (limit: 1048576 bytes of one YAML file)");
}

static void test_documents_are_bounded(void **state)
{
	(void)state;

	enum {
		FILES = 5
	};
	static const struct document_options options = { NULL, { NULL, 0, 0 } };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct document_set set = { .arena = &arena };
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct document_file files[FILES];
	struct buf texts[FILES];
	for (size_t i = 0; i < FILES; i++) {
		texts[i] = (struct buf)BUF_INIT(LIMIT_FILE_BYTES);
		for (size_t k = 0; k < LIMIT_DOCUMENTS / 4; k++)
			assert_true(
			    buf_printf(&texts[i],
				       "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\n"
				       "kind: Kustomization\nmetadata: {name: a%zu-%zu}\n"
				       "spec: {}\n",
				       i, k));
		files[i] =
		    (struct document_file){ str_of(arena_printf(&arena, "%zu.yaml", i)),
					    buf_str(&texts[i]) };
	}
	document_decode(files, FILES, &options, &set, &findings);
	assert_int_equal(set.others.len, LIMIT_DOCUMENTS);
	assert_int_equal(findings.len, 1);
	assert_string_equal(findings.items[0].text,
			    "this and all further documents are left out "
			    "(limit: 10000 documents of one tree)");
	for (size_t i = 0; i < FILES; i++)
		buf_release(&texts[i]);
}

/* A thousand small texts that each expand to many values must not add up. */
static void test_expansion_is_bounded(void **state)
{
	(void)state;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
	for (size_t i = 0; i < 1000; i++)
		assert_true(
		    buf_printf(&text,
			       "---\napiVersion: notification.toolkit.fluxcd.io/v1\n"
			       "kind: Alert\nmetadata: {name: a%zu}\nspec:\n"
			       "  a: &a [x,x,x,x,x,x,x,x,x,x]\n"
			       "  b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
			       "  c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
			       "  d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
			       "  e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
			       i));
	struct decoded d CLEANUP(release_decoded);
	decode_text(&d, buf_str(&text));
	size_t n = 0;
	for (size_t i = 0; i < d.findings.len; i++)
		n += strcmp(d.findings.items[i].text,
			    "this and all further documents are left out (limit: "
			    "5000000 values in the documents of one tree)") == 0;
	assert_int_equal(n, 1);
}

static void test_candidates(void **state)
{
	(void)state;

	static const struct {
		const char *path, *text;
		bool candidate;
	} cases[] = {
		{ "a.yaml", "apiVersion: image.toolkit.fluxcd.io/v1", true },
		{ "a.yml", "apiVersion: 'source.toolkit.fluxcd.io/v1'", true },
		{ "a.txt", "apiVersion: image.toolkit.fluxcd.io/v1", false },
		{ "a.yaml", "apiVersion: apps/v1\nkind: Deployment", false },
		{ "a.yaml", "apiVersion: v1\nkind: Secret", true },
		{ "a.yaml", "{\"kind\": \"Namespace\"}", true },
		{ "a.yaml", "kind: ConfigMap\n# Namespace", false },
		{ "a.yaml", "", false },
		{ "x/kustomization.yaml", "patches: []", true },
		{ "Kustomization", "", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (document_is_candidate(str_of(cases[i].path), str_of(cases[i].text)) !=
		    cases[i].candidate)
			fail_msg("%s: %s", cases[i].path, cases[i].text);
}

static void test_manual_names_every_kind(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 20);
	document_write_manual(&out);
	for (size_t i = 0; i < DOCUMENT_KINDS; i++)
		if (!strstr(buf_cstr(&out), document_kinds[i]->name))
			fail_msg("%s is not in the manual", document_kinds[i]->name);
	assert_non_null(strstr(buf_cstr(&out),
			       "*spec.timeout* (duration without hours)\n\ttime for one "
			       "scan, at least a second; the interval when not given\n"));
	assert_non_null(
	    strstr(buf_cstr(&out), "*spec.provider* (text, default *generic*)\n\t"));
	assert_null(strstr(buf_cstr(&out), "\t\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_policy_is_decoded),
		cmocka_unit_test(test_automation_is_decoded),
		cmocka_unit_test(test_hash_ignores_order),
		cmocka_unit_test(test_large_file_is_left_out),
		cmocka_unit_test(test_documents_are_bounded),
		cmocka_unit_test(test_expansion_is_bounded),
		cmocka_unit_test(test_candidates),
		cmocka_unit_test(test_manual_names_every_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
