/* SPDX-License-Identifier: MIT */
/* WWW-Authenticate of any registry. */
#include "stage/scan/challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str text = { (const char *)data, size };
	struct challenges found = { 0 };
	if (challenge_parse(text, &arena, &found, &err) != 0 && found.len)
		abort();
	(void)challenge_choose(&found);
	return 0;
}
