/* SPDX-License-Identifier: MIT */
/* Finds libcurl's functions in the library that the loader has. */
#define LIBCURL_PLAIN_NAMES
#include "adapter/http/libcurl.h"
#include "base/library.h"
#include <stdbool.h>

struct libcurl libcurl;

int libcurl_load(struct err *err)
{
#define LIBCURL_ROW(name) { #name, &libcurl.name, sizeof(libcurl.name) },
	static const struct library_symbol symbols[] = { LIBCURL_FUNCTIONS(LIBCURL_ROW) };
#undef LIBCURL_ROW
	static bool is_loaded = false;
	if (is_loaded)
		return 0;
	int code = library_load("libcurl.so.4", symbols, ARRAY_LEN(symbols), err);
	is_loaded = code == 0;
	return code;
}
