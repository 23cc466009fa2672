/* SPDX-License-Identifier: MIT */
/* Finds libgit2's functions in the library that the loader has. */
#define LIBGIT2_PLAIN_NAMES
#include "adapter/git/libgit2.h"
#include "base/library.h"
#include <stdbool.h>

struct libgit2 libgit2;

int libgit2_load(struct err *err)
{
#define LIBGIT2_ROW(name) { #name, &libgit2.name, sizeof(libgit2.name) },
	static const struct library_symbol symbols[] = { LIBGIT2_FUNCTIONS(LIBGIT2_ROW) };
#undef LIBGIT2_ROW
	static bool is_loaded = false;
	if (is_loaded)
		return 0;
	int code = library_load("libgit2.so." LIBGIT2_SOVERSION, symbols,
				ARRAY_LEN(symbols), err);
	is_loaded = code == 0;
	return code;
}
