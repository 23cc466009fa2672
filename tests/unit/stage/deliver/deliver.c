/* SPDX-License-Identifier: MIT */
/* Walks fixtures/provider/: each row is a provider and an event, the receiver's answers,
 * and the requests that must be made. */
#include "stage/deliver/build.h"
#include "tests/unit/stage/deliver/cases.h"
#include "tests/unit/unit.h"
#include <strings.h>

enum {
	MAX_EXCHANGES = 20,
	MAX_ROWS = 400
};

static const char *const files[] = { "fixtures/provider/cases.jsonl",
				     "fixtures/provider/more.jsonl" };

/* One exchange as the fixture has it: headers sorted, bodies as values. */
static struct value *describe(const struct deliver_state *state,
			      const struct http_request *request)
{
	struct arena *a = state->arena;
	struct value *out = json_map(a);
	struct value *headers = json_map(a);
	struct value *body = NULL;
	struct err ignored = ERR_INIT;
	json_text(a, out, "method", request->method);
	json_text(a, out, "url", state->written_url ? state->written_url : request->url);
	for (size_t i = 0; i < request->headers.len; i++)
		json_text(a, headers, request->headers.items[i].name,
			  request->headers.items[i].value);
	value_set(a, out, "headers", headers);
	if (request->body.len && json_parse(request->body, a, &body, &ignored) == 0)
		value_set(a, out, "body", body);
	if (request->body.len)
		value_set(a, out, "bodyText", value_string(a, request->body));
	return out;
}

static const struct value *take_answer(const struct value *responses, size_t i)
{
	if (!responses || !responses->list.len)
		return NULL;
	size_t last = responses->list.len - 1;
	return responses->list.items[i < last ? i : last];
}

static void make_answer(const struct value *from, struct arena *arena,
			struct http_response *out)
{
	const struct value *status = value_get(from, "status");
	const struct value *body = value_get(from, "body");
	const struct value *headers = value_get(from, "headers");
	*out = (struct http_response){ .status = from ? (int)status->integer : 200,
				       .body = body ? body->string : STR("") };
	for (size_t i = 0; headers && i < headers->map.len; i++) {
		struct http_header header = {
			arena_strndup(arena, headers->map.items[i].key),
			arena_strndup(arena, headers->map.items[i].value->string)
		};
		VEC_PUSH(arena, &out->headers, header);
	}
}

struct outcome {
	const char *name;
	struct value *requests;
	struct err err;
};

/* What the outbox would do, without waiting; at most four retries of one request. */
static void run(struct case_row *row, struct arena *arena, struct outcome *out)
{
	struct deliver_state state = { .delivery = &row->delivery,
				       .secret = &row->secret,
				       .arena = arena,
				       .now_ms = 1780747200000 };
	struct http_response answer;
	struct http_request request;
	enum deliver_next next = DELIVER_SEND;
	bool has_answer = false;
	int64_t after = 0;
	out->requests = json_list(arena);
	for (size_t i = 0; i < MAX_EXCHANGES; i++) {
		int code = deliver_step(&state, has_answer ? &answer : NULL, &request,
					&next, &out->err);
		bool again = code && has_answer && i < 5 &&
			     deliver_may_retry(code, &answer, 0, &after);
		if (code && !again) {
			out->name = code == ERR_INVALID || code == ERR_UNSUPPORTED
					? "init-error"
					: "error";
			return;
		}
		if (!code && next == DELIVER_DONE) {
			out->name = state.skipped ? "skipped" : "sent";
			return;
		}
		if (!again)
			value_append(arena, out->requests, describe(&state, &request));
		make_answer(take_answer(row->responses, i), arena, &answer);
		has_answer = true;
	}
	out->name = "endless";
}

static bool has_fold(const struct value *headers, struct str name, struct str value)
{
	for (size_t i = 0; i < headers->map.len; i++)
		if (headers->map.items[i].key.len == name.len &&
		    strncasecmp(headers->map.items[i].key.ptr, name.ptr, name.len) == 0)
			return str_eq(headers->map.items[i].value->string, value);
	return false;
}

/* The first difference, or NULL. */
static const char *compare(const struct value *want, const struct value *got)
{
	const struct value *headers = value_get(want, "headers");
	const struct value *ours = value_get(got, "headers");
	if (!value_equal(value_get(want, "method"), value_get(got, "method")))
		return "method";
	if (!value_equal(value_get(want, "url"), value_get(got, "url")))
		return "url";
	for (size_t i = 0; headers && i < headers->map.len; i++)
		if (!has_fold(ours, headers->map.items[i].key,
			      headers->map.items[i].value->string))
			return "headers";
	if (headers && headers->map.len != ours->map.len)
		return "number of headers";
	if (value_get(want, "body") &&
	    !value_equal(value_get(want, "body"), value_get(got, "body")))
		return "body";
	if (value_get(want, "bodyText") &&
	    !value_equal(value_get(want, "bodyText"), value_get(got, "bodyText")))
		return "bodyText";
	return NULL;
}

static void show(const char *what, const struct value *value)
{
	struct buf out BUF_CLEANUP = BUF_INIT(1048576);
	json_write(&out, value, JSON_COMPACT);
	print_message("  %s %s\n", what, buf_cstr(&out));
}

static bool is_repeated(const struct value *request)
{
	return value_get(request, "sameAs") != NULL;
}

static bool check_requests(const char *id, const struct value *want,
			   const struct value *got)
{
	size_t n = 0;
	bool same = true;
	for (size_t i = 0; want && i < want->list.len; i++) {
		if (is_repeated(want->list.items[i]))
			continue;
		const char *what = n < got->list.len
				       ? compare(want->list.items[i], got->list.items[n])
				       : "missing";
		if (what) {
			print_message("%s: request %zu: %s differs\n", id, n, what);
			show("want", want->list.items[i]);
			if (n < got->list.len)
				show("got ", got->list.items[n]);
			same = false;
		}
		n++;
	}
	if (n != got->list.len)
		print_message("%s: %zu requests, not %zu\n", id, got->list.len, n);
	return same && n == got->list.len;
}

static bool check(struct case_row *row, struct arena *arena)
{
	struct outcome outcome = { .name = "init-error", .requests = json_list(arena) };
	const char *want = case_text(row->expect, "outcome", arena);
	const char *part = value_get_text(row->expect, "errorContains", arena);
	if (row->code)
		outcome.err = row->err;
	else
		run(row, arena, &outcome);
	/* an unusable provider is found before or after the first look-up */
	bool failed = strstr(want, "error") && strstr(outcome.name, "error");
	bool good = (strcmp(want, outcome.name) == 0 || failed) &&
		    (!part || strstr(outcome.err.text, part));
	if (!good)
		print_message("%s: %s '%s', not %s '%s'\n", row->id, outcome.name,
			      outcome.err.text, want, part ? part : "");
	return check_requests(row->id, value_get(row->expect, "requests"),
			      outcome.requests) &&
	       good;
}

struct seen {
	struct strings sent, failed;
};

static size_t walk(const char *path, struct arena *arena, struct seen *seen)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_JSON_BYTES);
	struct err err = ERR_INIT;
	struct str line;
	size_t bad = 0;
	assert_int_equal(file_read(path, &text, &err), 0);
	struct str rest = buf_str(&text);
	while (str_line(&rest, &line)) {
		struct value *value = NULL;
		struct case_row row;
		if (!line.len)
			continue;
		assert_int_equal(json_parse(line, arena, &value, &err), 0);
		case_read(value, arena, &row);
		bad += !check(&row, arena);
		bool failed = strstr(case_text(row.expect, "outcome", arena), "error");
		strings_add(arena, failed ? &seen->failed : &seen->sent,
			    row.provider.type);
	}
	return bad;
}

static void test_fixtures(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct seen seen = { 0 };
	size_t bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		bad += walk(files[i], &arena, &seen);
	/* each row of the table is shown at work and failing */
	for (size_t i = 0; deliver_type_at(i); i++) {
		const struct deliver_type *type = deliver_type_at(i);
		bool sent = strings_contain(&seen.sent, type->name) ||
			    type->flags & PROVIDER_UNSUPPORTED;
		if (!sent || !strings_contain(&seen.failed, type->name) ||
		    !type->service->help[0]) {
			print_message("%s: no fixture%s\n", type->name,
				      sent ? " of an error" : "");
			bad++;
		}
		assert_ptr_equal(deliver_find(type->name), type);
	}
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
