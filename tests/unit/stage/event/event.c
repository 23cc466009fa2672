/* SPDX-License-Identifier: MIT */
/* Events through alerts, by the cases of the providers' fixtures, and what they leave
 * out. */
#include "stage/event/event.h"
#include "adapter/json/json.h"
#include "adapter/yaml/loader.h"
#include "base/file.h"
#include "base/limits.h"
#include "stage/deliver/deliver.h"
#include "stage/document/document.h"
#include "tests/unit/unit.h"

struct outcome {
	struct arena arena;
	struct finding_list findings;
	struct document_set set;
	struct event event;
	struct delivery_list deliveries;
	enum event_verdict verdict;
	struct err err;
	int code;
};

static void put_document(struct buf *text, const struct value *document)
{
	if (!document || document->kind != VALUE_MAP)
		return;
	(void)buf_puts(text, "---\n");
	json_write(text, document, JSON_COMPACT);
	(void)buf_puts(text, "\n");
}

/* Runs one row: documents decoded, the event through its alert. */
static void run_row(const struct value *row, struct outcome *out)
{
	static const struct document_options options = { "flux-system", { NULL, 0, 0 } };
	struct arena *arena = &out->arena;
	struct buf text BUF_CLEANUP = BUF_INIT(1 << 20);
	struct buf json BUF_CLEANUP = BUF_INIT(1 << 20);
	const struct value *labels = value_get(row, "objectLabels");
	const struct value *no =
	    value_get(value_get(row, "options"), "noCrossNamespaceRefs");
	out->findings = (struct finding_list)FINDING_LIST_INIT(arena);
	out->set.arena = arena;
	put_document(&text, value_get(row, "provider"));
	put_document(&text, value_get(row, "alert"));
	const struct document_file file = { STR("a.yaml"), buf_str(&text) };
	document_decode(&file, 1, &options, &out->set, &out->findings);
	assert_int_equal(out->set.alerts.len, 1);
	assert_int_equal(out->set.providers.len, 1);
	json_write(&json, value_get(row, "event"), JSON_COMPACT);
	assert_int_equal(event_parse(buf_str(&json), arena, &out->event, &out->err), 0);
	for (size_t i = 0; labels && labels->kind == VALUE_MAP && i < labels->map.len;
	     i++) {
		struct label *label = VEC_ADD(arena, &out->event.labels);
		label->key = arena_strndup(arena, labels->map.items[i].key);
		label->value = arena_strndup(arena, labels->map.items[i].value->string);
	}
	out->event.object_missing = labels && labels->kind == VALUE_NULL;
	const struct event_rules rules = { .no_cross_namespace = no && no->boolean };
	struct delivery delivery = { 0 };
	const struct event_match match = { &out->event, &out->set.alerts.items[0], &rules,
					   &out->findings };
	out->code = event_match(&match, &out->set.providers.items[0], arena, &delivery,
				&out->verdict, &out->err);
	if (out->code == 0 && out->verdict == EVENT_TAKEN)
		VEC_PUSH(arena, &out->deliveries, delivery);
	struct delivery_list again = { NULL, 0, 0 };
	event_dispatch(&out->event, &out->set, &rules, arena, &again, &out->findings);
	assert_int_equal(again.len, out->deliveries.len);
}

static bool says(const struct outcome *out, const char *text)
{
	if (strstr(out->err.text, text))
		return true;
	for (size_t i = 0; i < out->findings.len; i++)
		if (strstr(out->findings.items[i].text, text))
			return true;
	return false;
}

static bool metadata_is(const struct label_list *have, const struct value *want)
{
	size_t n = want && want->kind == VALUE_MAP ? want->map.len : 0;
	if (have->len != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct value *value = value_get(want, have->items[i].key);
		if (!value || !str_is(value->string, have->items[i].value))
			return false;
	}
	return true;
}

static bool conflicts_are(const struct outcome *out, const struct value *want,
			  struct arena *arena)
{
	for (size_t i = 0; want && i < want->map.len; i++) {
		const struct value *names = want->map.items[i].value;
		if (!says(out,
			  arena_printf(arena,
				       "metadata key '%.*s' has more than one source, "
				       "the last wins: %.*s, %.*s",
				       STR_ARG(want->map.items[i].key),
				       STR_ARG(names->list.items[0]->string),
				       STR_ARG(names->list.items[1]->string))))
			return false;
	}
	return true;
}

static bool dropped_as(const struct outcome *out, const char *reason)
{
	static const struct {
		const char *reason;
		enum event_verdict verdicts[2];
	} rows[] = {
		{ "suspended", { EVENT_ALERT_SUSPENDED, EVENT_PROVIDER_SUSPENDED } },
		{ "severity", { EVENT_NO_SOURCE, EVENT_NO_SOURCE } },
		{ "no source matches", { EVENT_NO_SOURCE, EVENT_NO_SOURCE } },
		{ "excluded", { EVENT_EXCLUDED, EVENT_EXCLUDED } },
		{ "not included", { EVENT_NOT_INCLUDED, EVENT_NOT_INCLUDED } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].reason, reason) == 0)
			return out->verdict == rows[i].verdicts[0] ||
			       out->verdict == rows[i].verdicts[1];
	return out->verdict != EVENT_TAKEN;
}

static bool judge_row(const struct value *row, const struct outcome *out,
		      struct arena *arena)
{
	const struct value *expect = value_get(row, "expect");
	const char *outcome = value_get_text(expect, "outcome", arena);
	const char *status = value_get_text(expect, "commitStatus", arena);
	const char *error = value_get_text(expect, "errorContains", arena);
	bool taken = out->deliveries.len == 1;
	if (strcmp(outcome, "dropped") == 0)
		return !taken && dropped_as(out, value_get_text(expect, "reason", arena));
	/* what a secret or a receiver says is the delivery's */
	if (value_get(row, "proxySecret") || value_get(row, "certSecret") ||
	    strcmp(outcome, "error") == 0 || strcmp(outcome, "rate-limited") == 0 ||
	    strcmp(outcome, "sent") == 0)
		return taken;
	if (strcmp(outcome, "init-error") == 0)
		return !taken && error && says(out, error);
	return taken &&
	       metadata_is(&out->deliveries.items[0].event.metadata,
			   value_get(expect, "deliveredMetadata")) &&
	       conflicts_are(out, value_get(expect, "conflicts"), arena) &&
	       (!status || strcmp(status, out->deliveries.items[0].commit_status) == 0);
}

static void test_cases(void **state)
{
	(void)state;
	struct buf text BUF_CLEANUP = BUF_INIT(16 << 20);
	struct err err = ERR_INIT;
	struct str line;
	size_t n = 0;
	size_t failed = 0;
	assert_int_equal(file_read("fixtures/event/cases.jsonl", &text, &err), 0);
	struct str rest = buf_str(&text);
	while (str_line(&rest, &line)) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct outcome out = { .arena = ARENA_INIT };
		struct value *row = NULL;
		assert_int_equal(json_parse(line, &arena, &row, &err), 0);
		const char *stage = value_get_text(row, "eventStage", &arena);
		if (!stage || strcmp(stage, "raw") != 0)
			continue;
		n++;
		run_row(row, &out);
		if (!judge_row(row, &out, &arena)) {
			failed++;
			print_error("%s: verdict %d %s\n",
				    value_get_text(row, "id", &arena), (int)out.verdict,
				    out.err.text);
		}
		arena_clear(&out.arena);
	}
	assert_true(n >= 15);
	assert_int_equal(failed, 0);
}

static void test_json_is_upstreams(void **state)
{
	(void)state;
	static const char json[] =
	    "{\"involvedObject\":{\"kind\":\"Kustomization\",\"namespace\":\"a\",\"name\":"
	    "\"b\"},\"severity\":\"error\",\"timestamp\":\"2026-06-06T12:00:00Z\","
	    "\"message\":\"\\u003cb\\u003e \\u0026 \\u2028\\n\\\"\\\\\\u0001\xc3\xa9\","
	    "\"reason\":\"R\",\"metadata\":{\"a\":\"1\",\"b\":\"2\"},"
	    "\"reportingController\":\"c\"}";
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 20);
	struct event event;
	struct err err = ERR_INIT;
	assert_int_equal(event_parse(STR(json), &arena, &event, &err), 0);
	deliver_write_event(&out, &event);
	assert_string_equal(buf_cstr(&out), json);
	assert_int_equal(event_check(&event, &err), ERR_INVALID);
	assert_string_equal(err.text, "control characters in message");
	event.message = "fine\nand well";
	assert_int_equal(event_check(&event, &err), 0);
	event.object.kind = "Pod";
	assert_int_equal(event_check(&event, &err), ERR_INVALID);
}

static void test_bad_json(void **state)
{
	(void)state;

	static const struct {
		const char *json, *text;
	} cases[] = {
		{ "", "" },
		{ "[]", "the event is a list, not an object" },
		{ "{}", "involvedObject is missing or not an object" },
		{ "{\"involvedObject\":{}}", "involvedObject.kind is missing" },
		{ "{\"involvedObject\":{\"kind\":1}}",
		  "involvedObject.kind is a integer, not a string" },
		{ "{\"involvedObject\":{\"kind\":\"a\",\"name\":\"b\"}}",
		  "severity is missing: info or error is expected" },
		{ "{\"involvedObject\":{\"kind\":\"a\",\"name\":\"b\"},\"severity\":"
		  "\"bad\"}",
		  "severity 'bad' is not one of info, error and trace" },
		{ "{\"involvedObject\":{\"kind\":\"a\",\"name\":\"b\"},\"severity\":"
		  "\"info\",\"timestamp\":\"now\"}",
		  "timestamp 'now' is not a time such as 2026-06-06T12:00:00Z" },
		{ "{\"involvedObject\":{\"kind\":\"a\",\"name\":\"b\"},\"severity\":"
		  "\"info\",\"metadata\":{\"x\":1}}",
		  "metadata 'x' is a integer, not a string" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct event event;
		struct err err = ERR_INIT;
		assert_int_equal(event_parse(str_of(cases[i].json), &arena, &event, &err),
				 ERR_INVALID);
		if (cases[i].text[0])
			assert_string_equal(err.text, cases[i].text);
	}
}

static void test_normalise(void **state)
{
	(void)state;

	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "Reconciliation finished in 1.5s, next run in 10m0s",
		  "Reconciliation finished in <duration>, next run in <duration>" },
		{ "at 2026-06-06T12:00:00.123Z and 2026/06/06 12:00:01",
		  "at <time> and <time>" },
		{ "request 3a5b7c9d-1e2f-4a6b-8c9d-0e1f2a3b4c5d failed",
		  "request <uuid> failed" },
		{ "main@sha1:a47b32f4814810acac804df5054ec37cbfdbfb53",
		  "main@sha1:<id>" },
		{ "deadbeef default 42 v1.2.3 12px abc1234567x",
		  "deadbeef default 42 v1.2.3 12px abc1234567x" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		assert_string_equal(event_normalise(cases[i].from, &arena), cases[i].to);
	}
}

static void test_uid_is_stable(void **state)
{
	(void)state;
	char a[37];
	char b[37];
	event_uid("repo", "Provider", "flux-system", "slack", a);
	event_uid("repo", "Provider", "flux-system", "slack", b);
	assert_string_equal(a, b);
	assert_int_equal(a[14], '5');
	event_uid("repo", "Provider", "flux-systems", "lack", b);
	assert_string_not_equal(a, b);
}

static void test_a_run_owns_its_commit(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct label raw[] = { { "event.toolkit.fluxcd.io/commit", "mine" } };
	struct label notes[] = { { "event.toolkit.fluxcd.io/commit", "theirs" },
				 { "event.toolkit.fluxcd.io/change_request", "7" },
				 { "plain", "x" } };
	struct event event = { .metadata = { raw, 1, 1 } };
	event_add_annotations(&event, &(struct label_list){ notes, 3, 3 }, &arena);
	assert_int_equal(event.metadata.len, 2);
	assert_string_equal(event_metadata(&event, "event.toolkit.fluxcd.io/commit"),
			    "mine");
	assert_string_equal(
	    event_metadata(&event, "event.toolkit.fluxcd.io/change_request"), "7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_json_is_upstreams),
		cmocka_unit_test(test_bad_json),
		cmocka_unit_test(test_normalise),
		cmocka_unit_test(test_uid_is_stable),
		cmocka_unit_test(test_a_run_owns_its_commit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
