/* SPDX-License-Identifier: MIT */
/* Error bodies of registries, whatever their form. */
#include "stage/scan/refusal.h"
#include "adapter/json/json.h"
#include "base/text.h"

enum {
	BODY_MAX_BYTES = 65536,
	TEXT_MAX_BYTES = 300,
	PLAIN_MAX_BYTES = 200,
	CODE_MAX_BYTES = 60,
	ERRORS_MAX = 3
};

static const struct {
	int status;
	const char *name;
} names[] = {
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 410, "Gone" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

const char *refusal_status_name(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].status == status)
			return names[i].name;
	return "";
}

static const char *get_clean(const struct value *map, const char *key, size_t max,
			     struct arena *arena)
{
	const struct value *value = value_get(map, key);
	if (!value || value->kind != VALUE_STRING)
		return "";
	return text_clean(arena, value->string, max);
}

static void read_errors(const struct value *errors, struct arena *arena,
			struct refusal *out)
{
	for (size_t i = 0; i < errors->list.len && i < ERRORS_MAX; i++) {
		const struct value *one = errors->list.items[i];
		const char *code = get_clean(one, "code", CODE_MAX_BYTES, arena);
		const char *message = get_clean(one, "message", TEXT_MAX_BYTES, arena);
		if (i == 0)
			out->code = code;
		if (!code[0] && !message[0])
			continue;
		out->text =
		    arena_printf(arena, "%s%s%s%s%s", out->text, out->text[0] ? "; " : "",
				 code, code[0] && message[0] ? ": " : "", message);
	}
}

void refusal_read(struct str body, struct arena *arena, struct refusal *out)
{
	struct value *root = NULL;
	struct err ignored = ERR_INIT;
	struct str text = str_trim(str_slice(body, 0, BODY_MAX_BYTES));
	*out = (struct refusal){ "", "" };
	if (text.len == 0 || text.ptr[0] == '<')
		return;
	if (text.ptr[0] != '{') {
		struct str line;
		if (str_line(&text, &line))
			out->text = text_clean(arena, line, PLAIN_MAX_BYTES);
		return;
	}
	if (json_parse(text, arena, &root, &ignored) != 0)
		return;
	const struct value *errors = value_get(root, "errors");
	if (errors && errors->kind == VALUE_LIST)
		read_errors(errors, arena, out);
	if (!out->text[0])
		out->text = get_clean(root, "message", TEXT_MAX_BYTES, arena);
	if (!out->text[0])
		out->text = get_clean(root, "details", TEXT_MAX_BYTES, arena);
}
