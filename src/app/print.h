/* SPDX-License-Identifier: MIT */
/* What commands print of texts from outside: a terminal shows them and obeys nothing in
 * them. */
#ifndef APP_PRINT_H
#define APP_PRINT_H

#include "base/attr.h"
#include "base/str.h"
#include <stdio.h>

/* Prints one line: everything that a terminal would obey is escaped, line feeds too. */
void print_line(FILE *to, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Prints lines that were put together; their line feeds and tabs stay. */
void print_clean(FILE *to, struct str text);
/* The same for what another program may read: as it is, unless `to` is a terminal. */
void print_exact(FILE *to, struct str text);

#endif
