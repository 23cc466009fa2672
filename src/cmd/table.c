/* SPDX-License-Identifier: MIT */
/* Column widths in characters, and escaping of every cell. */
#include "cmd/table.h"
#include "base/text.h"

enum {
	CELL_BYTES = 32768
};

void table_column(struct table *table, const char *name)
{
	if (table->n_columns < TABLE_COLUMNS)
		table->header[table->n_columns++] = name;
}

struct table_row *table_row(struct table *table)
{
	return VEC_ADD(table->arena, &table->rows);
}

static size_t width_of(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void write_cells(const struct table *table, const char *const *cells,
			const size_t *widths, char end, struct buf *out)
{
	for (size_t c = 0; c < table->n_columns; c++) {
		const char *text = cells[c] ? cells[c] : "";
		(void)buf_puts(out, text);
		for (size_t pad = width_of(text); pad < widths[c]; pad++)
			(void)buf_putc(out, ' ');
		(void)buf_putc(out, c + 1 < table->n_columns ? '\t' : end);
	}
	(void)buf_putc(out, '\n');
}

void table_write(const struct table *table, bool with_header, struct buf *out)
{
	size_t widths[TABLE_COLUMNS] = { 0 };
	for (size_t c = 0; c < table->n_columns; c++)
		widths[c] = with_header ? width_of(table->header[c]) : 0;
	for (size_t r = 0; r < table->rows.len; r++) {
		for (size_t c = 0; c < table->n_columns; c++) {
			const char **cell = &table->rows.items[r].cells[c];
			*cell = text_clean(table->arena, str_of(*cell ? *cell : ""),
					   CELL_BYTES);
			if (width_of(*cell) > widths[c])
				widths[c] = width_of(*cell);
		}
	}
	if (with_header)
		write_cells(table, table->header, widths, ' ', out);
	for (size_t r = 0; r < table->rows.len; r++)
		write_cells(table, table->rows.items[r].cells, widths, '\t', out);
}
