/* SPDX-License-Identifier: MIT */
/* packed-refs and loose refs as anybody may have left them. */
#include "adapter/git/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct str rest = { (const char *)data, size };
	struct packed_ref packed;
	struct raw_oid oid;
	struct err err = ERR_INIT;
	const char *target = NULL;
	while (ref_next_packed(&rest, &packed))
		if (packed.name.len == 0)
			abort();
	if (ref_judge((struct str){ (const char *)data, size }, "x", &arena, &target,
		      &oid, &err) == 0 &&
	    target && !repo_is_ref_name(target))
		abort();
	return 0;
}
