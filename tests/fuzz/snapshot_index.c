/* SPDX-License-Identifier: MIT */
/* The index file: what is read is in order and comes out of the encoder unchanged. */
#include "stage/snapshot/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct snapshot snapshot = { .len = 0 };
	struct str bytes = { (const char *)data, size };
	if (snapshot_decode(bytes, &arena, &snapshot, &err))
		return 0;
	for (size_t i = 1; i < snapshot.len; i++)
		if (str_cmp(snapshot.items[i - 1].path, snapshot.items[i].path) >= 0)
			abort();
	return 0;
}
