/* SPDX-License-Identifier: MIT */
/* Whatever the strict parser takes must survive being put together again. */
#include "stage/scan/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str text = { (const char *)data, size };
	struct reference first = { 0 };
	struct reference second = { 0 };
	const char *copy = arena_strndup(&arena, text);
	if (reference_parse_image(copy, &arena, &first, &err) == 0 &&
	    (reference_parse(first.canonical, &arena, &second, &err) != 0 ||
	     strcmp(first.canonical, second.canonical) != 0))
		abort();
	if (reference_parse(copy, &arena, &first, &err) == 0 && first.tag &&
	    !reference_is_tag(str_of(first.tag)))
		abort();
	return 0;
}
