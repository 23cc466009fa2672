/* SPDX-License-Identifier: MIT */
/* git's configuration syntax: any bytes are parsed or refused with a line. */
#include "base/gitconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct gitconfig config = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	struct str text = { (const char *)data, size };
	if (gitconfig_parse(text, &arena, &config, &err) == 0)
		(void)gitconfig_get(&config, "core.bare");
	else if (err.line == 0 || config.len)
		abort();
	return 0;
}
