/* SPDX-License-Identifier: MIT */
/* Walks fixtures/marker/: what becomes of a text, and what is said about it. */
#include "stage/rewrite/rewrite.h"
#include "adapter/json/json.h"
#include "base/file.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

static const char *text_at(const struct value *row, const char *key, struct arena *arena)
{
	const char *text = value_get_text(row, key, arena);
	return text ? text : "";
}

static int base64_digit(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

static struct str decode_base64(const char *text, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(1U << 20);
	uint32_t bits = 0;
	int count = 0;
	for (; base64_digit(*text) >= 0; text++) {
		bits = (bits << 6) | (uint32_t)base64_digit(*text);
		count += 6;
		if (count >= 8) {
			count -= 8;
			(void)buf_putc(&out, (char)(unsigned char)(bits >> count));
		}
	}
	return buf_to_arena(&out, arena);
}

/* `name`, or `name_b64` decoded. */
static struct str bytes_at(const struct value *row, const char *name, struct arena *arena)
{
	const struct value *plain = value_get(row, name);
	if (plain)
		return plain->string;
	const char *coded = arena_printf(arena, "%s_b64", name);
	return decode_base64(text_at(row, coded, arena), arena);
}

static void read_policies(const struct value *row, struct arena *arena,
			  struct image_choice_list *out)
{
	const struct value *list = value_get(row, "policies");
	for (size_t i = 0; list && i < list->list.len; i++) {
		const struct value *policy = list->list.items[i];
		struct image_choice choice = {
			.namespace = text_at(policy, "namespace", arena),
			.policy = text_at(policy, "name", arena),
			.ref = { text_at(policy, "image", arena),
				 text_at(policy, "tag", arena),
				 text_at(policy, "digest", arena) }
		};
		VEC_PUSH(arena, out, choice);
	}
}

static void fail_row(const char *name, const char *what, struct str got, struct str want)
{
	print_error("%s: %s\n got: '%.*s'\nwant: '%.*s'\n", name, what, STR_ARG(got),
		    STR_ARG(want));
}

static struct strings read_texts(const struct value *row, const char *name,
				 struct arena *arena)
{
	struct strings texts = { NULL, 0, 0 };
	const struct value *list = value_get(row, name);
	for (size_t i = 0; list && i < list->list.len; i++)
		strings_add(arena, &texts,
			    arena_strndup(arena, list->list.items[i]->string));
	return texts;
}

struct outcome {
	int code;
	struct str text;
	struct change_list changes;
	struct finding_list findings;
};

static struct outcome rewrite_row(const struct value *row, struct str input,
				  const struct image_choice_list *choices,
				  struct arena *arena)
{
	struct outcome out = { .text = input, .findings = FINDING_LIST_INIT(arena) };
	struct err err = ERR_INIT;
	struct strings known = read_texts(row, "known", arena);
	struct strings namespaces = read_texts(row, "namespaces", arena);
	struct rewrite_request request = { .path = str_of(text_at(row, "path", arena)),
					   .text = input,
					   .namespace = "flux-system",
					   .choices = choices,
					   .known = &known,
					   .namespaces =
					       namespaces.len ? &namespaces : NULL };
	out.code =
	    rewrite_text(&request, arena, &out.text, &out.changes, &out.findings, &err);
	return out;
}

/* `line:col: id`, one a line, or what `findings` of the row lists. */
static bool same_findings(const struct value *row, const struct outcome *out,
			  struct arena *arena)
{
	struct buf got BUF_CLEANUP = BUF_INIT(65536);
	struct buf want BUF_CLEANUP = BUF_INIT(65536);
	const struct value *list = value_get(row, "findings");
	if (!list)
		return true;
	for (size_t i = 0; i < out->findings.len; i++) {
		const struct finding *finding = &out->findings.items[i];
		(void)buf_printf(&got, "%u:%u: %s: %s\n", finding->place.line,
				 finding->place.col, finding->id, finding->text);
	}
	for (size_t i = 0; i < list->list.len; i++)
		(void)buf_printf(&want, "%s\n",
				 arena_strndup(arena, list->list.items[i]->string));
	if (str_eq(buf_str(&got), buf_str(&want)))
		return true;
	fail_row(text_at(row, "name", arena), "findings", buf_str(&got), buf_str(&want));
	return false;
}

static bool check_row(const struct value *row, struct arena *arena)
{
	struct image_choice_list choices = { NULL, 0, 0 };
	struct str input = bytes_at(row, "input", arena);
	struct str expected = bytes_at(row, "expected", arena);
	const char *name = text_at(row, "name", arena);
	read_policies(row, arena, &choices);
	struct outcome out = rewrite_row(row, input, &choices, arena);
	if (!str_eq(out.text, expected)) {
		fail_row(name, "text", out.text, expected);
		return false;
	}
	bool changed = !str_eq(input, expected);
	if (changed != (out.changes.len > 0)) {
		print_error("%s: %zu changes\n", name, out.changes.len);
		return false;
	}
	const struct value *code = value_get(row, "code");
	if (code && code->integer != out.code) {
		print_error("%s: code %d\n", name, out.code);
		return false;
	}
	if (!same_findings(row, &out, arena))
		return false;
	struct outcome again = rewrite_row(row, out.text, &choices, arena);
	if (!str_eq(again.text, out.text)) {
		fail_row(name, "second run", again.text, out.text);
		return false;
	}
	return true;
}

static void check_file(const char *path)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(4U << 20);
	struct err err = ERR_INIT;
	size_t failed = 0;
	size_t rows = 0;
	assert_int_equal(file_read(path, &text, &err), 0);
	struct str rest = buf_str(&text);
	struct str line;
	while (str_line(&rest, &line)) {
		struct value *row = NULL;
		if (str_trim(line).len == 0)
			continue;
		assert_int_equal(json_parse(line, &arena, &row, &err), 0);
		if (value_get(row, "files"))
			continue; /* a tree: tests/unit/cmd/rewrite.c */
		rows++;
		failed += !check_row(row, &arena);
	}
	assert_true(rows > 0);
	assert_int_equal(failed, 0);
}

static void test_flux_cases(void **state)
{
	(void)state;
	check_file("fixtures/marker/flux.jsonl");
}

static void test_own_cases(void **state)
{
	(void)state;
	check_file("fixtures/marker/own.jsonl");
}

static const struct image_choice app = { "flux-system",
					 "app",
					 { "ghcr.io/o/app", "2.0.0", "" } };

/* `head`, `unit` n times, `tail`. */
static int rewrite_repeated(const char *head, const char *unit, size_t n,
			    const char *tail, char message[static 256])
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(64U << 20);
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct change_list changes = { NULL, 0, 0 };
	struct image_choice choice = app;
	struct image_choice_list choices = { &choice, 1, 1 };
	struct err err = ERR_INIT;
	struct str out = { NULL, 0 };
	(void)buf_puts(&text, head);
	for (size_t i = 0; i < n; i++)
		(void)buf_puts(&text, unit);
	(void)buf_puts(&text, tail);
	struct rewrite_request request = { .path = STR("f.yaml"),
					   .text = buf_str(&text),
					   .namespace = "flux-system",
					   .choices = &choices };
	int code = rewrite_text(&request, &arena, &out, &changes, &findings, &err);
	message[0] = '\0';
	if (findings.len)
		(void)snprintf(message, 256, "%u:%u: %s [%s]",
			       findings.items[0].place.line, findings.items[0].place.col,
			       findings.items[0].text, findings.items[0].id);
	return code;
}

#define MARKED "a: x # {\"$imagepolicy\": \"flux-system:app\"}\n"

static void test_limits(void **state)
{
	(void)state;
	char message[256];
	assert_int_equal(rewrite_repeated(MARKED "b: ", "[", 100000, "", message),
			 ERR_LIMIT);
	assert_string_equal(message,
			    "2:68: limit: 64 nesting of flow collections [yaml-limit]");
	assert_int_equal(rewrite_repeated(MARKED "b:\n ", "- ", 1001, "x\n", message),
			 ERR_LIMIT);
	assert_string_equal(message,
			    "3:2000: limit: 1000 nesting of collections [yaml-limit]");
	assert_int_equal(rewrite_repeated(MARKED "b:\n", "- &a x\n", 1001, "", message),
			 ERR_LIMIT);
	assert_string_equal(message,
			    "1003:3: limit: 1000 anchors of one YAML file [yaml-limit]");
	assert_int_equal(rewrite_repeated(MARKED, "# 0123456789\n", 81000, "", message),
			 ERR_LIMIT);
	assert_string_equal(message,
			    "1:1: limit: 1048576 bytes of one YAML file [yaml-limit]");
	/* without the token nothing is read, however large */
	assert_int_equal(rewrite_repeated("", "[", 50000000, "", message), 0);
	assert_string_equal(message, "");
	/* many markers in one file */
	assert_int_equal(
	    rewrite_repeated("b:\n", "- x # {\"$imagepolicy\": \"flux-system:app\"}\n",
			     15000, "", message),
	    0);
}

static void test_changes_say_where(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct change_list changes = { NULL, 0, 0 };
	struct image_choice choice = app;
	struct image_choice_list choices = { &choice, 1, 1 };
	struct err err = ERR_INIT;
	struct str out = { NULL, 0 };
	struct rewrite_request request = {
		.path = STR("f.yaml"),
		.text = STR(
		    "apiVersion: v1\nkind: List\nmetadata: {name: n, namespace: s}\n"
		    "items:\n- kind: Pod\n  metadata: {name: q}\n"
		    "  a: | # {\"$imagepolicy\": \"flux-system:app:tag\"}\n    one\n\n"
		    "    two\n"
		    "  b: 'x\n    y' # {\"$imagepolicy\": \"flux-system:app\"}\n"
		    "---\nc: z # {\"$imagepolicy\": \"flux-system:app:name\"}\n"),
		.namespace = "flux-system",
		.choices = &choices
	};
	assert_int_equal(rewrite_text(&request, &arena, &out, &changes, &findings, &err),
			 0);
	assert_int_equal(findings.len, 0);
	assert_true(
	    str_is(out, "apiVersion: v1\nkind: List\nmetadata: {name: n, namespace: s}\n"
			"items:\n- kind: Pod\n  metadata: {name: q}\n"
			"  a: |- # {\"$imagepolicy\": \"flux-system:app:tag\"}\n"
			"    2.0.0\n"
			"  b: 'ghcr.io/o/app:2.0.0' # {\"$imagepolicy\": "
			"\"flux-system:app\"}\n"
			"---\nc: ghcr.io/o/app # {\"$imagepolicy\": "
			"\"flux-system:app:name\"}\n"));
	assert_int_equal(changes.len, 3);
	const struct change *change = changes.items;
	assert_string_equal(change[0].object.api_version, "v1");
	assert_string_equal(change[0].object.kind, "List");
	assert_string_equal(change[0].object.namespace, "s");
	assert_string_equal(change[0].object.name, "n");
	assert_string_equal(change[0].old_value, "one\n\ntwo\n");
	assert_string_equal(change[0].new_value, "2.0.0");
	assert_string_equal(change[0].setter, "flux-system:app:tag");
	assert_int_equal(change[0].line, 7);
	assert_string_equal(change[1].old_value, "x y");
	assert_int_equal(change[1].line, 9);
	assert_string_equal(change[2].object.kind, "");
	assert_string_equal(change[2].object.name, "");
	assert_int_equal(change[2].line, 11);
}

static bool refuse(void *ctx, const struct image_choice *choice, struct str old_value,
		   struct str new_value, struct place place)
{
	size_t *asked = ctx;
	(*asked)++;
	assert_string_equal(choice->policy, "app");
	assert_true(str_is(old_value, "x"));
	assert_true(str_is(new_value, "ghcr.io/o/app:2.0.0"));
	assert_int_equal(place.line, 1);
	assert_int_equal(place.col, 4);
	return false;
}

static void test_guard_is_asked(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct change_list changes = { NULL, 0, 0 };
	struct image_choice choice = app;
	struct image_choice_list choices = { &choice, 1, 1 };
	struct err err = ERR_INIT;
	struct str out = { NULL, 0 };
	size_t asked = 0;
	struct rewrite_request request = { .text = STR(MARKED),
					   .namespace = "flux-system",
					   .choices = &choices,
					   .may_write = refuse,
					   .may_write_ctx = &asked };
	assert_int_equal(rewrite_text(&request, &arena, &out, &changes, &findings, &err),
			 0);
	assert_int_equal(asked, 1);
	assert_int_equal(changes.len, 0);
	assert_ptr_equal(out.ptr, request.text.ptr);
}

static void test_candidates(void **state)
{
	(void)state;
	assert_true(rewrite_is_candidate(STR("a/b.yaml")));
	assert_true(rewrite_is_candidate(STR(".hidden.yml")));
	assert_true(rewrite_is_candidate(STR(".yaml")));
	assert_true(rewrite_is_candidate(STR("a/Kustomization")));
	assert_false(rewrite_is_candidate(STR("a/kustomization")));
	assert_false(rewrite_is_candidate(STR("a.YAML")));
	assert_false(rewrite_is_candidate(STR("a.yaml.bak")));
	assert_false(rewrite_is_candidate(STR("a.yaml/b")));
	assert_false(rewrite_is_candidate(STR("a.json")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flux_cases),
		cmocka_unit_test(test_own_cases),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_changes_say_where),
		cmocka_unit_test(test_guard_is_asked),
		cmocka_unit_test(test_candidates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
