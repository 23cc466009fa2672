/* SPDX-License-Identifier: MIT */
/*
 * A pack and its index as they stand on the disk: the input's first four bytes say how
 * long the index is, behind it stands the pack.
 */
#include "tests/fuzz/pack_try.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	uint32_t index_len = 0;
	if (size < sizeof(index_len))
		return 0;
	memcpy(&index_len, data, sizeof(index_len));
	rest = str_from(rest, sizeof(index_len));
	struct str index = str_slice(rest, 0, index_len);
	try_pack(index, str_from(rest, index.len));
	return 0;
}
