/* SPDX-License-Identifier: MIT */
/* A job file: whole or without a word. */
#include "base/handover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct job job = { .file = "1-1", .pusher = "" };
	bool good = job_parse((struct str){ (const char *)data, size }, &arena, &job);
	if (!good && (job.lines.len || *job.pusher))
		abort();
	return 0;
}
