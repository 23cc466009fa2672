/* SPDX-License-Identifier: MIT */
/* `RANGE<LF>VERSION`: what is accepted stays so where pre-releases are let in. */
#include "lang/semver/semver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct semver_range *range = NULL;
	struct semver version;
	struct str rest = { (const char *)data, size };
	struct str text;
	if (!str_split(&rest, '\n', &text) ||
	    semver_range_new(text, &arena, &range, &err) ||
	    !semver_read(rest, SEMVER_LOOSE, &version))
		return 0;
	if (semver_range_accepts(range, &version, false) &&
	    !semver_range_accepts(range, &version, true))
		abort();
	return 0;
}
