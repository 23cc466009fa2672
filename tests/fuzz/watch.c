/* SPDX-License-Identifier: MIT */
/* A watch file: whole or refused. */
#include "base/handover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct watch watch;
	if (watch_parse((struct str){ (const char *)data, size }, &arena, &watch, &err))
		return 0;
	if (watch.program[0] != '/' || watch.foreground_ms < 0)
		abort();
	for (size_t i = 0; i < watch.refs.len; i++)
		if (!watch_covers(&watch, watch.refs.items[i]))
			abort();
	return 0;
}
