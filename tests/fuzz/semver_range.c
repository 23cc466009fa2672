/* SPDX-License-Identifier: MIT */
/* `RANGE<LF>VERSION`: accepting and explaining agree, and the canonical range reads back.
 */
#include "lang/semver/semver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct semver_range *range, const struct semver *version,
		  struct arena *arena)
{
	for (int prereleases = 0; prereleases < 2; prereleases++) {
		struct strings reasons;
		bool fine = semver_range_accepts(range, version, prereleases);
		semver_range_reasons(range, version, prereleases, arena, &reasons);
		if (fine != (reasons.len == 0))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct semver_range *range = NULL;
	struct semver version;
	struct str rest = { (const char *)data, size };
	struct str text;
	if (!str_split(&rest, '\n', &text) ||
	    semver_range_new(text, &arena, &range, &err))
		return 0;
	if (semver_read(rest, SEMVER_LOOSE, &version))
		check(range, &version, &arena);
	semver_range_write(&out, range);
	/* only a hyphen range makes the text longer */
	if (out.len <= text.len && semver_range_new(buf_str(&out), &arena, &range, &err))
		abort();
	return 0;
}
