/* SPDX-License-Identifier: MIT */
/* The list of installed repositories: records are whole, or none is taken. */
#include "state/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct repository_list list;
	if (registry_parse((struct str){ (const char *)data, size }, &arena, &list, &err))
		return 0;
	for (size_t i = 0; i < list.len; i++)
		if (strlen(list.items[i].id) != REPOSITORY_ID_DIGITS ||
		    list.items[i].path[0] != '/')
			abort();
	return 0;
}
