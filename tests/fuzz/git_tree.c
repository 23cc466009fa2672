/* SPDX-License-Identifier: MIT */
/* Raw trees: every entry stands inside the bytes, in order, under a harmless name. */
#include "adapter/git/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree_cursor cursor = { .bytes = { (const char *)data, size } };
	struct tree_entry last = { 0 };
	struct err err = ERR_INIT;
	for (bool first = true; tree_next(&cursor, &err) > 0; first = false) {
		if (cursor.entry.oid_off + RAW_OID_BYTES > size ||
		    (!first && tree_order(&last, &cursor.entry) >= 0) ||
		    memchr(cursor.entry.name.ptr, '/', cursor.entry.name.len))
			abort();
		last = cursor.entry;
	}
	return 0;
}
