/* SPDX-License-Identifier: MIT */
/* The reference of documents, written from the same rows that decode them. */
#include "base/cursor.h"
#include "base/when.h"
#include "stage/document/document.h"
#include "stage/document/schema.h"

static const char *type_text(const struct field *field)
{
	switch (field->type) {
	case FIELD_TEXT:
		return "text";
	case FIELD_BOOL:
		return "true or false";
	case FIELD_DURATION:
		return field->flags & FIELD_NO_HOURS ? "duration without hours"
						     : "duration";
	case FIELD_TEXTS:
		return "list of texts";
	case FIELD_LABELS:
		return "map of texts";
	case FIELD_OBJECT:
		return "map";
	case FIELD_OBJECTS:
		return "list of maps";
	case FIELD_ANY:
		return "anything";
	}
	return "";
}

/* `"a", "b"` as scdoc text. */
static void write_choices(struct buf *out, const char *choices)
{
	struct str rest = str_of(choices);
	struct str choice;
	const char *between = "; one of ";
	while (str_split(&rest, '|', &choice)) {
		if (choice.len == 0)
			continue;
		(void)buf_printf(out, "%s*%.*s*", between, STR_ARG(choice));
		between = ", ";
	}
}

/* Help texts hold scdoc's own marks; what stands between backquotes is taken literally.
 */
static void write_help(struct buf *out, const char *help)
{
	bool literal = false;
	for (const char *c = help; *c; c++) {
		if (*c == '`') {
			literal = !literal;
			(void)buf_putc(out, '*');
		} else {
			if (literal && strchr("*_\\", *c))
				(void)buf_putc(out, '\\');
			(void)buf_putc(out, *c);
		}
	}
}

static void write_field(struct buf *out, const struct field *field, const char *path)
{
	(void)buf_printf(out, "*%s* (%s", path, type_text(field));
	if (field->flags & FIELD_REQUIRED)
		(void)buf_puts(out, ", required");
	if (field->fallback && field->fallback[0])
		(void)buf_printf(out, ", default *%s*", field->fallback);
	(void)buf_puts(out, ")\n\t");
	write_help(out, field->help ? field->help : "");
	if (field->choices)
		write_choices(out, field->choices);
	if (field->max)
		(void)buf_printf(out, "; at most %zu %s", field->max,
				 field->type == FIELD_TEXT ? "bytes" : "entries");
	(void)buf_puts(out, "\n\n");
}

static void write_fields(struct buf *out, const struct field *fields, size_t n,
			 const char *path)
{
	for (size_t i = 0; i < n; i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		const struct field *field = &fields[i];
		const char *own = arena_printf(&arena, "%s.%s", path, field->name);
		write_field(out, field, own);
		/* tables nest a few levels, never themselves */
		write_fields(out, field->fields, field->n_fields,
			     field->type == FIELD_OBJECTS
				 ? arena_printf(&arena, "%s[]", own)
				 : own);
	}
}

static void write_versions(struct buf *out, const struct kind *kind)
{
	struct str rest = str_of(kind->versions);
	struct str version;
	(void)buf_puts(out, "Read as ");
	for (const char *between = ""; str_split(&rest, ' ', &version); between = ", ")
		(void)buf_printf(out, "%s*%s%s%.*s*", between, kind->group,
				 kind->group[0] ? "/" : "", STR_ARG(version));
	(void)buf_puts(out, ".");
	if (kind->deprecated)
		(void)buf_printf(out, " Deprecated: %s.", kind->deprecated);
	(void)buf_puts(out, "\n\n");
}

void document_write_manual(struct buf *out)
{
	for (size_t i = 0; i < DOCUMENT_KINDS; i++) {
		const struct kind *kind = document_kinds[i];
		(void)buf_printf(out, "## %s\n\n%s\n\n", kind->name, kind->summary);
		write_versions(out, kind);
		if (kind->example)
			(void)buf_printf(out, "```\n%s```\n\n", kind->example);
		write_fields(out, kind->fields, kind->n_fields, "spec");
	}
}
