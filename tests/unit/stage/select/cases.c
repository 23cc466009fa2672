/* SPDX-License-Identifier: MIT */
/* Walks fixtures/policy/cases.jsonl: policy, filter, exclusions and tags in, the tag or
 * upstream's error with its condition out. */
#include "adapter/json/json.h"
#include "base/file.h"
#include "stage/select/select.h"
#include "tests/unit/unit.h"

static const char *read_order(const struct value *policy, const char *name,
			      struct arena *arena)
{
	const struct value *member = value_get(policy, name);
	const char *order = value_get_text(member, "order", arena);
	return member && !order ? "" : order;
}

static struct strings read_exclusions(const struct value *row, struct arena *arena)
{
	struct strings out = { NULL, 0, 0 };
	const struct value *list = value_get(row, "exclusionList");
	if (list && list->kind == VALUE_LIST)
		for (size_t i = 0; i < list->list.len; i++)
			strings_add(arena, &out,
				    arena_strndup(arena, list->list.items[i]->string));
	for (size_t i = 0; out.len < 2 && i < 2 && (i > 0 || out.len == 0); i++)
		strings_add(arena, &out, select_default_exclusions[i]);
	return out;
}

static struct tag_list read_tags(const struct value *row, struct arena *arena)
{
	struct tag_list out = { NULL, 0, 0 };
	const struct value *list = value_get(row, "tags");
	for (size_t i = 0; i < list->list.len; i++)
		VEC_PUSH(arena, &out, list->list.items[i]->string);
	return out;
}

static int run_row(const struct value *row, struct arena *arena, struct selection *chosen,
		   struct tag_verdict_list *verdicts, struct err *err)
{
	struct image_policy policy = { 0 };
	const struct value *spec = value_get(row, "policy");
	const struct value *filter = value_get(row, "filter");
	struct strings exclusions = read_exclusions(row, arena);
	struct tag_list tags = read_tags(row, arena);
	struct finding_list findings = FINDING_LIST_INIT(arena);
	policy.has_filter = filter && filter->kind == VALUE_MAP;
	policy.pattern = value_get_text(filter, "pattern", arena);
	policy.extract = value_get_text(filter, "extract", arena);
	int code = select_set_order(
	    &policy, value_get_text(value_get(spec, "semver"), "range", arena),
	    read_order(spec, "alphabetical", arena), read_order(spec, "numerical", arena),
	    err);
	return code ? code
		    : select_tag(&(struct select_terms){ &policy, &exclusions, &tags },
				 arena, chosen, verdicts, &findings, err);
}

static void show_result(int code, const struct selection *chosen, const struct err *err,
			struct buf *out)
{
	bool stalled = false;
	if (code == 0) {
		(void)buf_append(out, chosen->tag);
		return;
	}
	const char *reason = select_reason(err, &stalled);
	(void)buf_printf(out, "%s %d %s", reason, stalled, err->text);
}

static void show_expected(const struct value *expected, struct arena *arena,
			  struct buf *out)
{
	const char *latest = value_get_text(expected, "latest", arena);
	if (latest) {
		(void)buf_puts(out, latest);
		return;
	}
	(void)buf_printf(out, "%s %d %s", value_get_text(expected, "reason", arena),
			 value_get(expected, "stalled")->boolean,
			 value_get_text(expected, "error", arena));
}

/* A run with verdicts has to agree with one without. */
static void check_verdicts(const struct value *row, int code,
			   const struct selection *chosen)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct tag_verdict_list verdicts = { NULL, 0, 0 };
	struct selection again = { { NULL, 0 }, { NULL, 0 } };
	struct err err = ERR_INIT;
	size_t n_chosen = 0;
	assert_int_equal(run_row(row, &arena, &again, &verdicts, &err), code);
	for (size_t i = 0; i < verdicts.len; i++) {
		if (i > 0)
			assert_true(str_cmp(verdicts.items[i].tag,
					    verdicts.items[i - 1].tag) < 0);
		if (verdicts.items[i].fate != TAG_CHOSEN)
			continue;
		n_chosen++;
		assert_true(str_eq(verdicts.items[i].tag, chosen->tag));
		assert_true(str_eq(verdicts.items[i].key, chosen->key));
	}
	assert_int_equal(n_chosen, code == 0 ? 1 : 0);
}

static void test_cases(void **state)
{
	(void)state;
	struct buf text BUF_CLEANUP = BUF_INIT(1 << 24);
	struct err err = ERR_INIT;
	size_t failed = 0;
	size_t rows = 0;
	assert_int_equal(file_read("fixtures/policy/cases.jsonl", &text, &err), 0);
	struct str rest = buf_str(&text);
	struct str line;
	for (; str_line(&rest, &line); rows++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct buf got BUF_CLEANUP = BUF_INIT(65536);
		struct buf wanted BUF_CLEANUP = BUF_INIT(65536);
		struct selection chosen = { { NULL, 0 }, { NULL, 0 } };
		struct value *row = NULL;
		assert_int_equal(json_parse(line, &arena, &row, &err), 0);
		int code = run_row(row, &arena, &chosen, NULL, &err);
		show_result(code, &chosen, &err, &got);
		show_expected(value_get(row, "expected"), &arena, &wanted);
		check_verdicts(row, code, &chosen);
		if (str_eq(buf_str(&got), buf_str(&wanted)))
			continue;
		failed++;
		print_error("%s:\n  wanted %s\n  got    %s\n",
			    value_get_text(row, "id", &arena), buf_cstr(&wanted),
			    buf_cstr(&got));
	}
	assert_int_equal(failed, 0);
	assert_true(rows > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
