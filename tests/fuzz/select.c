/* SPDX-License-Identifier: MIT */
/* `ORDER RANGE<LF>PATTERN<LF>EXTRACT<LF>TAG...`: choosing with and without verdicts
 * agrees. */
#include "stage/select/select.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int choose(const struct image_policy *policy, struct str rest, struct arena *arena,
		  struct selection *out, struct tag_verdict_list *verdicts)
{
	struct tag_list tags = { NULL, 0, 0 };
	struct strings exclusions = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	struct str tag;
	while (str_line(&rest, &tag))
		VEC_PUSH(arena, &tags, tag);
	strings_add(arena, &exclusions, select_default_exclusions[0]);
	strings_add(arena, &exclusions, select_default_exclusions[1]);
	return select_tag(&(struct select_terms){ policy, &exclusions, &tags }, arena,
			  out, verdicts, NULL, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct tag_verdict_list verdicts = { NULL, 0, 0 };
	struct selection plain = { { NULL, 0 }, { NULL, 0 } };
	struct selection told = { { NULL, 0 }, { NULL, 0 } };
	struct str rest = { (const char *)data, size };
	struct str lines[3] = { { NULL, 0 } };
	for (size_t i = 0; i < 3; i++)
		if (!str_line(&rest, &lines[i]))
			return 0;
	struct image_policy policy = {
		.order = lines[0].len ? (enum policy_order)(lines[0].ptr[0] % 3) : 0,
		.descending = lines[0].len && (lines[0].ptr[0] & 0x40),
		.range = arena_strndup(&arena, str_from(lines[0], 1)),
		.has_filter = lines[1].len > 0,
		.pattern = arena_strndup(&arena, lines[1]),
		.extract = arena_strndup(&arena, lines[2]),
	};
	int code = choose(&policy, rest, &arena, &plain, NULL);
	if (code != choose(&policy, rest, &arena, &told, &verdicts))
		abort();
	if (code == 0 && (!str_eq(plain.tag, told.tag) || !str_eq(plain.key, told.key)))
		abort();
	return 0;
}
