/* SPDX-License-Identifier: MIT */
/* Finds libcrypto's functions in the library that the loader has. */
#define LIBCRYPTO_PLAIN_NAMES
#include "adapter/crypto/libcrypto.h"
#include "base/library.h"
#include <stdbool.h>

struct libcrypto libcrypto;

int libcrypto_load(struct err *err)
{
#define LIBCRYPTO_ROW(name) { #name, &libcrypto.name, sizeof(libcrypto.name) },
	static const struct library_symbol symbols[] = { LIBCRYPTO_FUNCTIONS(
	    LIBCRYPTO_ROW) };
#undef LIBCRYPTO_ROW
	static bool is_loaded = false;
	if (is_loaded)
		return 0;
	int code = library_load("libcrypto.so.3", symbols, ARRAY_LEN(symbols), err);
	is_loaded = code == 0;
	return code;
}
