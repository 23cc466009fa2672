/* SPDX-License-Identifier: MIT */
/* The texts of the limits table. */
#include "base/limits.h"
#include "base/attr.h"

const char *limit_text(const char *name)
{
#define LIMIT_ROW(limit, number, text) { #limit, text },

	static const struct {
		const char *name;
		const char *text;
	} rows[] = { LIMITS(LIMIT_ROW) };

#undef LIMIT_ROW
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].text;
	return "?";
}
