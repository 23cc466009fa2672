/* SPDX-License-Identifier: MIT */
/* Writing findings; where they are written to is left to the commands. */
#include "app/finding_text.h"
#include "base/text.h"

void finding_write(struct buf *out, const struct finding *finding)
{
	const struct place *place = &finding->place;
	text_escape(out, place->path, false);
	if (place->path.len && place->line)
		(void)buf_printf(out, ":%lu", (unsigned long)place->line);
	if (place->path.len && place->line && place->col)
		(void)buf_printf(out, ":%lu", (unsigned long)place->col);
	(void)buf_printf(out, "%s%s: ", place->path.len ? ": " : "",
			 severity_name(finding->severity));
	text_escape(out, str_of(finding->text), false);
	(void)buf_printf(out, " [%s]\n", finding->id);
	if (!finding->hint)
		return;
	(void)buf_puts(out, "  hint: ");
	text_escape(out, str_of(finding->hint), false);
	(void)buf_putc(out, '\n');
}

static struct value *to_value(const struct finding *finding, struct arena *arena)
{
	struct value *map = value_new(arena, VALUE_MAP);
	value_set(arena, map, "path", value_string(arena, finding->place.path));
	value_set(arena, map, "line", value_int(arena, finding->place.line));
	value_set(arena, map, "col", value_int(arena, finding->place.col));
	value_set(arena, map, "severity",
		  value_text(arena, severity_name(finding->severity)));
	value_set(arena, map, "id", value_text(arena, finding->id));
	value_set(arena, map, "text", value_text(arena, finding->text));
	if (finding->hint)
		value_set(arena, map, "hint", value_text(arena, finding->hint));
	if (finding->object)
		value_set(arena, map, "object", value_text(arena, finding->object));
	return map;
}

struct value *findings_to_value(const struct finding_list *findings, struct arena *arena)
{
	struct value *list = value_new(arena, VALUE_LIST);
	for (size_t i = 0; i < findings->len; i++)
		value_append(arena, list, to_value(&findings->items[i], arena));
	return list;
}
