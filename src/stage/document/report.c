/* SPDX-License-Identifier: MIT */
/* How mistakes of an object become findings, and where they stand in its text. */
#include "adapter/yaml/loader.h"
#include "base/text.h"
#include "stage/document/document.h"
#include "stage/document/schema.h"

enum {
	SHOWN_BYTES = 120
};

const char *show_text(struct arena *arena, struct str s)
{
	return text_clean(arena, s, SHOWN_BYTES);
}

struct place decode_place(const struct decode *d, uint32_t line, uint32_t col)
{
	struct place place = { d->source->path, 0, 0 };
	if (line) {
		place.line = line + d->source->line_base;
		place.col = col;
	}
	return place;
}

struct finding *document_refuse(struct object_meta *meta, struct finding_list *findings,
				struct place place, const char *id, const char *reason,
				const char *text)
{
	struct finding *finding =
	    finding_add(findings, SEVERITY_ERROR, id, place, "%s", text);
	finding->object = arena_printf(findings->arena, "%s/%s/%s", meta->kind_name,
				       meta->namespace, meta->name);
	if (meta->valid) {
		meta->valid = false;
		meta->reason = reason;
		meta->message = finding->text;
	}
	return finding;
}

static struct finding *refuse_text(struct decode *d, struct place place, const char *id,
				   const char *reason, const char *text)
{
	struct finding *finding =
	    finding_add(d->findings, SEVERITY_ERROR, id, place, "%s", text);
	finding->object = d->object;
	if (d->meta->valid) {
		d->meta->valid = false;
		d->meta->reason = reason;
		d->meta->message = arena_strdup(d->arena, finding->text);
	}
	return finding;
}

struct finding *decode_refuse(struct decode *d, struct place place, const char *id,
			      const char *reason, const char *fmt, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return refuse_text(d, place, id, reason, text);
}

struct finding *decode_reject(struct decode *d, const struct trail *trail,
			      struct place place, const char *fmt, ...)
{
	char text[ERR_TEXT_BYTES / 2];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return decode_refuse(d, place, "invalid-field", "Invalid", "%s: %s",
			     show_trail(d, trail), text);
}

/* `spec.git.commit` in the arena. */
static const char *write_trail(const struct trail *trail, struct arena *arena)
{
	enum {
		STEPS_MAX = 32
	};

	const struct trail *steps[STEPS_MAX];
	size_t n = 0;
	for (; trail && n < STEPS_MAX; trail = trail->up)
		steps[n++] = trail;
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	while (n--) {
		if (steps[n]->item)
			(void)buf_printf(&out, "[%zu]", steps[n]->item - 1);
		else
			(void)buf_printf(&out, "%s%.*s", out.len ? "." : "",
					 STR_ARG(steps[n]->name));
	}
	return arena_strndup(arena, buf_str(&out));
}

const char *show_trail(const struct decode *d, const struct trail *trail)
{
	return show_text(d->arena, str_of(write_trail(trail, d->arena)));
}

static void index_lines(struct source *source, struct arena *arena)
{
	size_t n = 1;
	for (size_t i = 0; i < source->text.len; i++)
		n += source->text.ptr[i] == '\n';
	source->lines = ARENA_ARRAY(arena, uint32_t, n);
	source->n_lines = n;
	n = 1;
	for (size_t i = 0; i < source->text.len; i++)
		if (source->text.ptr[i] == '\n')
			source->lines[n++] = (uint32_t)(i + 1);
}

struct str source_at(struct source *source, struct arena *arena, uint32_t line,
		     uint32_t col)
{
	if (!source->lines)
		index_lines(source, arena);
	if (line == 0 || line > source->n_lines)
		return (struct str){ "", 0 };
	struct str rest = str_from(source->text, source->lines[line - 1]);
	rest = str_slice(rest, 0, str_find_char(rest, '\n'));
	for (; col > 1 && rest.len; col--) {
		uint32_t c = 0;
		size_t n = str_utf8_decode(rest, 0, &c);
		rest = str_from(rest, n ? n : 1);
	}
	return rest;
}
