/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a file with markers. What is written must hold every new value, must be
 * read as before but for those, and must not change when it is rewritten again.
 */
#include "adapter/yaml/scanner.h"
#include "stage/rewrite/rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct image_choice choices[] = {
	{ "flux-system", "app", { "ghcr.io/o/app", "2.0.0", "" } },
	{ "flux-system", "num", { "r:5000/n", "25", "sha256:00" } },
};

static int rewrite(struct str text, struct arena *arena, struct str *out,
		   struct change_list *changes)
{
	struct image_choice_list list = { choices, ARRAY_LEN(choices),
					  ARRAY_LEN(choices) };
	struct finding_list findings = FINDING_LIST_INIT(arena);
	struct err err = ERR_INIT;
	struct rewrite_request request = { .path = STR("f.yaml"),
					   .text = text,
					   .namespace = "flux-system",
					   .choices = &list };
	int code = rewrite_text(&request, arena, out, changes, &findings, &err);
	if (code && findings.len == 0)
		__builtin_trap();
	return code;
}

/* The scalars of a text in their order. */
static void read_scalars(struct str text, struct arena *arena, struct tag_list *out)
{
	struct scanner *scanner SCANNER_CLEANUP = NULL;
	struct scan_event event = { .kind = SCAN_DOCUMENT };
	struct err err = ERR_INIT;
	if (scanner_open(&scanner, text, arena, &err))
		__builtin_trap();
	while (event.kind != SCAN_STREAM_END) {
		if (scanner_next(scanner, &event, &err))
			__builtin_trap();
		if (event.kind == SCAN_SCALAR)
			VEC_PUSH(arena, out, event.content);
	}
}

static void compare(struct str before, struct str after,
		    const struct change_list *changes, struct arena *arena)
{
	struct tag_list old_scalars = { NULL, 0, 0 };
	struct tag_list new_scalars = { NULL, 0, 0 };
	size_t next = 0;
	read_scalars(before, arena, &old_scalars);
	read_scalars(after, arena, &new_scalars);
	if (old_scalars.len != new_scalars.len)
		__builtin_trap();
	for (size_t i = 0; i < old_scalars.len; i++) {
		if (str_eq(old_scalars.items[i], new_scalars.items[i]))
			continue;
		if (next == changes->len ||
		    !str_is(new_scalars.items[i], changes->items[next].new_value))
			__builtin_trap();
		next++;
	}
	if (next != changes->len)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct str text = { (const char *)data, size };
	struct str once = text;
	struct str twice = { NULL, 0 };
	struct change_list changes = { NULL, 0, 0 };
	struct change_list more = { NULL, 0, 0 };
	if (rewrite(text, &arena, &once, &changes)) {
		if (once.ptr != text.ptr || changes.len)
			__builtin_trap();
		return 0;
	}
	if (str_eq(text, once) != (changes.len == 0))
		__builtin_trap();
	if (changes.len == 0)
		return 0;
	compare(text, once, &changes, &arena);
	if (rewrite(once, &arena, &twice, &more) || more.len || !str_eq(once, twice))
		__builtin_trap();
	return 0;
}
