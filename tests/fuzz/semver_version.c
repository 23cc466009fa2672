/* SPDX-License-Identifier: MIT */
/* A version is read the same with and without texts, and its canonical form reads back.
 */
#include "lang/semver/semver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	for (enum semver_grammar g = SEMVER_LOOSE; g <= SEMVER_FLUX; g++) {
		struct err err = ERR_INIT;
		struct semver version;
		struct semver again;
		struct buf out BUF_CLEANUP = BUF_INIT(1 << 20);
		bool fine = semver_parse(text, g, &version, &err) == 0;
		if (fine != semver_read(text, g, &again))
			abort();
		if (!fine)
			continue;
		semver_write(&out, &version);
		/* leaving out a number makes the text shorter than its canonical form */
		if (semver_read(buf_str(&out), SEMVER_STRICT, &again) &&
		    semver_compare(&version, &again) != 0)
			abort();
	}
	return 0;
}
