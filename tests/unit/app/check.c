/* SPDX-License-Identifier: MIT */
#include "app/check.h"
#include "app/finding_text.h"
#include "tests/unit/unit.h"

struct checked {
	struct arena arena;
	struct document_set set;
	struct finding_list findings;
	struct buf text; /* all findings as written */
};

static void release_checked(struct checked *checked)
{
	buf_release(&checked->text);
	arena_clear(&checked->arena);
}

static void check_texts(struct checked *c, const struct document_file *files, size_t n)
{
	static const struct document_options options = { "flux-system", { NULL, 0, 0 } };
	*c = (struct checked){ .arena = ARENA_INIT, .text = BUF_INIT(100000) };
	c->set.arena = &c->arena;
	c->findings.arena = &c->arena;
	document_decode(files, n, &options, &c->set, &c->findings);
	check_documents(&c->set, &c->findings);
	check_markers(files, n, &c->set, "flux-system", &c->findings);
	finding_sort(&c->findings);
	for (size_t i = 0; i < c->findings.len; i++)
		finding_write(&c->text, &c->findings.items[i]);
}

#define CHECK(c, text)                                                             \
	do {                                                                       \
		const struct document_file only = { STR("a.yaml"), str_of(text) }; \
		check_texts(c, &only, 1);                                          \
	} while (0)

#define REPOSITORY(image)                                \
	"apiVersion: image.toolkit.fluxcd.io/v1\n"       \
	"kind: ImageRepository\nmetadata: {name: app}\n" \
	"spec: {interval: 5m, image: \"" image "\"}\n---\n"
#define POLICY(policy)                               \
	"apiVersion: image.toolkit.fluxcd.io/v1\n"   \
	"kind: ImagePolicy\nmetadata: {name: app}\n" \
	"spec: {imageRepositoryRef: {name: app},\n  " policy "}\n---\n"
#define AUTOMATION(message)                                         \
	"apiVersion: image.toolkit.fluxcd.io/v1\n"                  \
	"kind: ImageUpdateAutomation\nmetadata: {name: app}\n"      \
	"spec:\n  interval: 5m\n  sourceRef: {name: app}\n  git:\n" \
	"    commit:\n      author: {email: bot@example.com}\n"     \
	"      messageTemplate: " message

static void test_good_documents(void **state)
{
	(void)state;
	struct checked c CLEANUP(release_checked);
	CHECK(&c, REPOSITORY("ghcr.io/org/app") POLICY("policy: {semver: {range: 1.x}}")
		      AUTOMATION("'{{ .AutomationObject }}'\n"));
	assert_string_equal(buf_cstr(&c.text), "");
	assert_true(c.set.automations.items[0].meta.valid);
}

/* The policy fails for the same reason, which is said once. */
static void test_bad_image(void **state)
{
	(void)state;
	struct checked c CLEANUP(release_checked);
	CHECK(&c,
	      REPOSITORY("ghcr.io/org/app:v1") POLICY("policy: {semver: {range: 1.x}}"));
	assert_string_equal(buf_cstr(&c.text),
			    "a.yaml:4:29: error: image 'ghcr.io/org/app:v1' should not "
			    "include a tag; remove ':v1' [invalid-image]\n");
	assert_string_equal(c.set.repositories.items[0].meta.reason, "ImageURLInvalid");
	assert_false(c.set.policies.items[0].meta.valid);
	assert_string_equal(c.set.policies.items[0].meta.reason, "ImageURLInvalid");
}

static void test_bad_range(void **state)
{
	(void)state;
	struct checked c CLEANUP(release_checked);
	CHECK(&c, REPOSITORY("ghcr.io/org/app") POLICY("policy: {semver: {range: a b}}"));
	assert_string_equal(buf_cstr(&c.text),
			    "a.yaml:10:28: error: invalid policy: improper constraint: "
			    "\"a b\" [invalid-policy]\n");
	assert_string_equal(c.set.policies.items[0].meta.reason, "InvalidPolicy");
	assert_string_equal(c.set.policies.items[0].meta.message,
			    "invalid policy: improper constraint: \"a b\"");
}

static void test_bad_pattern(void **state)
{
	(void)state;
	struct checked c CLEANUP(release_checked);
	CHECK(&c, REPOSITORY("ghcr.io/org/app")
		      POLICY("filterTags: {pattern: '['}, policy: {alphabetical: {}}"));
	assert_string_equal(buf_cstr(&c.text),
			    "a.yaml:10:25: error: failed to filter tags: invalid regular "
			    "expression pattern '[': error parsing regexp: missing "
			    "closing ]: `[` [invalid-policy]\n");
}

static void test_extract_without_group(void **state)
{
	(void)state;
	struct checked c CLEANUP(release_checked);
	CHECK(&c, REPOSITORY("ghcr.io/org/app") POLICY(
		      "filterTags: {pattern: '^a', extract: $ts}, policy: {numerical: "
		      "{}}"));
	assert_int_equal(c.findings.len, 1);
	assert_string_equal(c.findings.items[0].id, "extract-without-group");
	assert_string_equal(c.findings.items[0].object, "ImagePolicy/flux-system/app");
	assert_int_equal(c.findings.items[0].place.col, 40);
	assert_true(c.set.policies.items[0].meta.valid);
}

static void test_bad_template(void **state)
{
	(void)state;
	struct checked c CLEANUP(release_checked);
	CHECK(&c, REPOSITORY("ghcr.io/org/app") POLICY("policy: {semver: {range: 1.x}}")
		      AUTOMATION("|\n        one\n        {{bad}}\n"));
	assert_int_equal(c.findings.len, 1);
	assert_string_equal(c.findings.items[0].id, "invalid-template");
	assert_int_equal(c.findings.items[0].place.line, 23);
	assert_string_equal(c.set.automations.items[0].meta.reason, "GitOperationFailed");
	assert_true(str_starts(str_of(c.findings.items[0].text),
			       STR("failed to update source: unable to create commit "
				   "message template from spec: template: commit "
				   "message:2:")));
}

/* What would fail only once there is something to commit. */
static void test_template_is_tried(void **state)
{
	(void)state;
	struct checked c CLEANUP(release_checked);
	CHECK(&c,
	      REPOSITORY("ghcr.io/org/app") POLICY("policy: {semver: {range: 1.x}}")
		  AUTOMATION("'{{ range .Changed.Changes }}{{ .NewTag }}{{ end }}'\n"));
	assert_string_equal(
	    buf_cstr(&c.text),
	    "a.yaml:21:24: warning: the message template fails for the change "
	    "'ghcr.io/org/app:1.0.0 -> ghcr.io/org/app:1.1.0': commit message:1:31: exec: "
	    "executing \"commit message\" at <.NewTag>: can't evaluate field NewTag in type "
	    "update.Change [template-fails]\n"
	    "  hint: 'imagehook render --changes' tries a template\n");
	assert_string_equal(c.findings.items[0].object,
			    "ImageUpdateAutomation/flux-system/app");
	assert_true(c.set.automations.items[0].meta.valid);
}

/* Also while there is nothing to commit, or nobody would hear of it before Flux refuses.
 */
static void test_deprecated_template(void **state)
{
	(void)state;
	struct checked c CLEANUP(release_checked);
	CHECK(&c, REPOSITORY("ghcr.io/org/app") POLICY("policy: {semver: {range: 1.x}}")
		      AUTOMATION("'{{ range .Updated.Images }}{{ . }}{{ end }}'\n"));
	assert_string_equal(
	    buf_cstr(&c.text),
	    "a.yaml:21:24: warning: the message template uses '.Updated', "
	    "which Flux 2.7 and later refuse [deprecated-updated]\n"
	    "  hint: use '.Changed.Changes' with .OldValue and .NewValue\n");
	assert_true(c.set.automations.items[0].meta.valid);
}

/* Two namespaces have automations: each marker is judged once, by its own. */
static void test_markers(void **state)
{
	(void)state;
	struct checked c CLEANUP(release_checked);
	CHECK(&c, REPOSITORY("ghcr.io/org/app") POLICY("policy: {semver: {range: 1.x}}")
		      AUTOMATION(
			  "''\n") "---\n"
				  "image: a:1 # {\"$imagepolicy\": \"flux-system:app\"}\n"
				  "other: a:1 # {\"$imagepolicy\": \"flux-system:web\"}\n"
				  "their: a:1 # {\"$imagepolicy\": \"theirs:web\"}\n"
				  "wrong: a:1 # {\"$imagepolicy\": }\n");
	assert_int_equal(c.findings.len, 3);
	assert_string_equal(c.findings.items[0].id, "unknown-policy");
	assert_int_equal(c.findings.items[0].place.line, 24);
	assert_string_equal(c.findings.items[1].id, "marker-namespace");
	assert_int_equal(c.findings.items[1].place.line, 25);
	assert_int_equal(c.findings.items[2].place.line, 26);
}

static void test_finding_is_escaped(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(1000);
	struct finding finding = {
		SEVERITY_WARNING, "some-id",     { STR("a\x1b[1m.yaml"), 3, 0 },
		"it's\nbad",      "mend \x07it", NULL
	};
	finding_write(&out, &finding);
	finding.place.path.len = 0;
	finding.hint = NULL;
	finding_write(&out, &finding);
	assert_string_equal(buf_cstr(&out),
			    "a\\x1b[1m.yaml:3: warning: it's\\x0abad [some-id]\n"
			    "  hint: mend \\x07it\n"
			    "warning: it's\\x0abad [some-id]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_documents),
		cmocka_unit_test(test_bad_image),
		cmocka_unit_test(test_bad_range),
		cmocka_unit_test(test_bad_pattern),
		cmocka_unit_test(test_extract_without_group),
		cmocka_unit_test(test_bad_template),
		cmocka_unit_test(test_deprecated_template),
		cmocka_unit_test(test_template_is_tried),
		cmocka_unit_test(test_markers),
		cmocka_unit_test(test_finding_is_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
