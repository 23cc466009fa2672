/* SPDX-License-Identifier: MIT */
/* Tables as flux prints them: upper-case header, cells padded to the column, a tab behind
 * each. */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include "base/buf.h"
#include "base/vec.h"

enum {
	TABLE_COLUMNS = 10
};

struct table_row {
	const char *cells[TABLE_COLUMNS];
};

struct table {
	struct arena *arena;
	size_t n_columns;
	const char *header[TABLE_COLUMNS];
	VEC_OF(struct table_row) rows;
};

/* Adds a column, before any row. */
void table_column(struct table *table, const char *name);
/* Adds a row; its cells are set by the caller, escaped when printed. */
struct table_row *table_row(struct table *table);
/* Appends the columns side by side, each as wide as its widest cell. */
void table_write(const struct table *table, bool with_header, struct buf *out);

#endif
