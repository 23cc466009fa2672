/* SPDX-License-Identifier: MIT */
/* Tag lists: what the reader takes, the JSON parser takes too, unless it is not UTF-8. */
#include "adapter/json/json.h"
#include "stage/scan/reference.h"
#include "stage/scan/tags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str text = { (const char *)data, size };
	struct tag_page page = { 0 };
	struct value *value = NULL;
	if (tags_parse(text, &arena, &page, &err) != 0)
		return 0;
	tags_order(&page.tags);
	for (size_t i = 0; i < page.tags.len; i++)
		if (!reference_is_tag(page.tags.items[i]))
			abort();
	if (json_parse(text, &arena, &value, &err) != 0 && strstr(err.text, "unexpected"))
		abort();
	return 0;
}
