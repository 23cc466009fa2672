/* SPDX-License-Identifier: MIT */
/* Events from outside: read, written and normalised. */
#include "stage/event/event.h"
#include "stage/deliver/deliver.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 24);
	struct event event;
	struct event again;
	struct err err = ERR_INIT;
	const struct str json = { (const char *)data, size };
	if (event_parse(json, &arena, &event, &err))
		return 0;
	(void)event_check(&event, &err);
	(void)event_normalise(event.message, &arena);
	deliver_write_event(&out, &event);
	if (event_parse(buf_str(&out), &arena, &again, &err))
		abort();
	return 0;
}
