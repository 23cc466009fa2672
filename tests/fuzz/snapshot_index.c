/* SPDX-License-Identifier: MIT */
/*
 * The index file, as it is and with its checksum put right: what is read is in order,
 * stands inside the file and comes out of the encoder unchanged.
 */
#include "stage/snapshot/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SUM_OFF = 8,
	COVERED_OFF = 16
};

static void try_index(struct str bytes)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 24);
	struct err err = ERR_INIT;
	struct snapshot snapshot = { .len = 0 };
	struct snapshot again = { .len = 0 };
	if (snapshot_decode(bytes, &arena, &snapshot, &err))
		return;
	for (size_t i = 1; i < snapshot.len; i++)
		if (str_cmp(snapshot.items[i - 1].path, snapshot.items[i].path) >= 0)
			abort();
	snapshot_encode(&snapshot, &out);
	if (snapshot_decode(buf_str(&out), &arena, &again, &err) ||
	    again.len != snapshot.len)
		abort();
	for (size_t i = 0; i < snapshot.len; i++)
		if (!str_eq(snapshot.items[i].path, again.items[i].path))
			abort();
}

static void put_sum(char *bytes, size_t size)
{
	uint64_t sum = 0xcbf29ce484222325U;
	for (size_t i = COVERED_OFF; i < size; i++)
		sum = (sum ^ (unsigned char)bytes[i]) * 0x100000001b3U;
	memcpy(bytes + SUM_OFF, &sum, sizeof(sum));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf copy BUF_CLEANUP = BUF_INIT(size);
	struct str bytes = { (const char *)data, size };
	try_index(bytes);
	if (size < COVERED_OFF || !buf_append(&copy, bytes))
		return 0;
	put_sum(copy.ptr, copy.len);
	try_index(buf_str(&copy));
	return 0;
}
