/* SPDX-License-Identifier: MIT */
/* Shared libraries that are loaded only when they are needed. */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include "base/err.h"

/* A function of the library and the pointer that gets its address. */
struct library_symbol {
	const char *name;
	void *target; /* of a function pointer */
	size_t bytes; /* of that pointer */
};

/* Loads `soname` for the life of the process and fills all targets. ERR_INTERNAL when the
 * library or a function is missing. */
int library_load(const char *soname, const struct library_symbol *symbols, size_t n,
		 struct err *err) MUST_CHECK;

#endif
