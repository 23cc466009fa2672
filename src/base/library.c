/* SPDX-License-Identifier: MIT */
/* dlopen() and dlsym() with errors that name the library. */
#include "base/library.h"
#include <dlfcn.h>

int library_load(const char *soname, const struct library_symbol *symbols, size_t n,
		 struct err *err)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return err_set(err, ERR_INTERNAL, "cannot load %s: %s", soname,
			       dlerror());
	for (size_t i = 0; i < n; i++) {
		void *address = dlsym(library, symbols[i].name);
		if (!address)
			return err_set(err, ERR_INTERNAL, "%s has no function '%s'",
				       soname, symbols[i].name);
		/* ISO C knows no conversion from object to function pointers */
		memcpy(symbols[i].target, &address,
		       symbols[i].bytes < sizeof(address) ? symbols[i].bytes
							  : sizeof(address));
	}
	return 0;
}
