/* SPDX-License-Identifier: MIT */
/* Expressions, over an event that has a little of everything. */
#include "lang/cel/cel.h"
#include "adapter/json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char roots_json[] =
	    "{\"event\":{\"reason\":\"a-b\",\"n\":1,\"f\":1.5,\"l\":[\"x\"],"
	    "\"metadata\":{\"env\":\"prod\"}},\"provider\":{},\"alert\":{}}";
	static const char *names[] = { "event", "provider", "alert" };
	const struct strings roots = { names, ARRAY_LEN(names), ARRAY_LEN(names) };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct value *map = NULL;
	struct cel *cel = NULL;
	struct err err = ERR_INIT;
	const char *out = NULL;
	const struct str text = { (const char *)data, size };
	if (json_parse(STR(roots_json), &arena, &map, &err) ||
	    cel_compile(text, &roots, &arena, &cel, &err))
		return 0;
	(void)cel_eval_string(cel, map, &arena, &out, &err);
	return 0;
}
