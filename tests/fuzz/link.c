/* SPDX-License-Identifier: MIT */
/* Link headers; a query that is taken can stand in a URL. */
#include "stage/scan/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str text = { (const char *)data, size };
	struct http_header header = { "Link", arena_strndup(&arena, text) };
	struct http_headers headers = { &header, 1, 1 };
	const char *query = NULL;
	if (link_next(&headers, &arena, &query, &err) != 0 || !query)
		return 0;
	for (const char *c = query; *c; c++)
		if (*c <= 0x20 || *c == '#')
			abort();
	return 0;
}
