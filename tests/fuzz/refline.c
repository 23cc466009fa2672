/* SPDX-License-Identifier: MIT */
/* A receive hook's input: every line is a good one or counted, nothing is read beyond. */
#include "base/refline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	struct refline line;
	size_t bad = 0;
	size_t good = 0;
	while (refline_next(&rest, &line, &bad)) {
		good++;
		if (line.old_oid.len != line.new_oid.len || line.ref.len == 0)
			abort();
	}
	if (rest.len || good + bad > size)
		abort();
	return 0;
}
