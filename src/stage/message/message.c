/* SPDX-License-Identifier: MIT */
/* Decides the text of a commit message: the automation's template, or our default. */
#include "stage/message/message.h"
#include "base/limits.h"
#include "base/text.h"
#include "lang/template/template.h"
#include "stage/message/data.h"

/* `ghcr.io/o/web`, or the policy where the image is not known. */
static void put_subject_image(struct buf *out, const struct updated_image *image)
{
	if (image->image_name[0])
		buf_puts(out, image->image_name);
	else
		buf_printf(out, "%s/%s", image->policy_namespace, image->policy_name);
}

static void put_image_line(struct buf *out, const struct updated_image *image)
{
	buf_printf(out, "- %s/%s: %s%s%s -> %s\n", image->policy_namespace,
		   image->policy_name, image->image_name, image->image_name[0] ? " " : "",
		   image->old_tag, image->new_tag);
}

/* Only `:name` or `:digest` markers changed: there is no image to name. */
static void put_bare_changes(struct buf *out, const struct run_changes *run)
{
	buf_puts(out, "chore(image): update image references\n\n");
	for (size_t i = 0; i < run->files.len; i++) {
		const struct change_list *changes = &run->files.items[i].changes;
		for (size_t k = 0; k < changes->len; k++)
			buf_printf(out, "- %s: %s -> %s\n", changes->items[k].setter,
				   changes->items[k].old_value,
				   changes->items[k].new_value);
	}
}

static void put_default(struct buf *out, const struct run_changes *run,
			struct arena *arena)
{
	struct updated_image_list images = { NULL, 0, 0 };
	message_updated_images(run, arena, &images);
	if (images.len == 0) {
		put_bare_changes(out, run);
		return;
	}
	buf_puts(out, "chore(image): update ");
	if (images.len == 1) {
		put_subject_image(out, &images.items[0]);
		buf_printf(out, " to %s\n\n", images.items[0].new_tag);
	} else {
		buf_printf(out, "%zu images\n\n", images.len);
	}
	for (size_t i = 0; i < images.len; i++)
		put_image_line(out, &images.items[i]);
}

static int run_template(const struct run_changes *run, const struct template *tmpl,
			const char *name, struct buf *out, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct gctx ctx;
	gctx_init(&ctx, &arena);
	struct gval data = message_data(&ctx, run);
	if (ctx.failed)
		return err_set(err, ctx.code, "%s:1: exec: %s", name, ctx.text);
	return template_execute(tmpl, data, out, err);
}

/* Lines end in LF alone; every other control character is refused. */
static int finish_text(const struct buf *text, const char *name, struct arena *arena,
		       struct str *out, struct err *err)
{
	char *copy = ARENA_ARRAY(arena, char, text->len + 1);
	struct str s = { copy, 0 };
	for (size_t i = 0; i < text->len; i++)
		if (text->ptr[i] != '\r' || text->ptr[i + 1] != '\n')
			copy[s.len++] = text->ptr[i];
	if (!text_is_printable(s))
		return err_set(err, ERR_INVALID,
			       "%s:1: exec: the message is not UTF-8 without control "
			       "characters",
			       name);
	*out = s;
	return 0;
}

static int parse(const struct message_template *tmpl, struct arena *arena,
		 struct template **out, struct err *err)
{
	return template_parse(tmpl->name, str_of(tmpl->text), TEMPLATE_SPRIG, arena, out,
			      err);
}

static bool is_default(const struct message_template *tmpl)
{
	return !tmpl->text || !tmpl->text[0];
}

int message_render(const struct run_changes *run, const struct message_template *tmpl,
		   struct arena *arena, struct str *out, struct err *err)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_MESSAGE_BYTES);
	struct template *parsed;
	if (is_default(tmpl)) {
		put_default(&text, run, arena);
		if (text.full)
			return err_set(err, ERR_LIMIT, "%s: " LIMIT_FMT, tmpl->name,
				       LIMIT_ARG(LIMIT_MESSAGE_BYTES));
		return finish_text(&text, tmpl->name, arena, out, err);
	}
	int code = parse(tmpl, arena, &parsed, err);
	if (code)
		return code;
	code = run_template(run, parsed, tmpl->name, &text, err);
	return code ? code : finish_text(&text, tmpl->name, arena, out, err);
}

int message_check(const struct message_template *tmpl, struct finding_list *findings,
		  struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct template *parsed;
	if (is_default(tmpl))
		return 0;
	int code = parse(tmpl, &arena, &parsed, err);
	if (!code && template_uses_field(parsed, "Updated")) {
		struct finding *finding = finding_add(
		    findings, SEVERITY_WARNING, "deprecated-updated", tmpl->place,
		    "the message template uses '.Updated', which Flux 2.7 and "
		    "later refuse");
		finding->hint = "use '.Changed.Changes' with .OldValue and .NewValue";
	}
	return code;
}

void message_try(const struct run_changes *run, const struct message_template *tmpl,
		 struct finding_list *findings)
{
	static const char old_value[] = "ghcr.io/org/app:1.0.0";
	static const char new_value[] = "ghcr.io/org/app:1.1.0";
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const char *setter = arena_printf(&arena, "%s:app", run->automation_namespace);
	struct change change = { { "apps/v1", "Deployment", "default", "app" },
				 old_value,
				 new_value,
				 setter,
				 1 };
	struct file_change file = { .path = STR("app.yaml"),
				    .shown_path = "app.yaml",
				    .old_text = STR(old_value),
				    .new_text = STR(new_value),
				    .changes = { &change, 1, 1 } };
	struct image_choice choice = { run->automation_namespace,
				       "app",
				       { "ghcr.io/org/app", "1.1.0", "" } };
	struct run_changes sample = *run;
	struct err err = ERR_INIT;
	struct str ignored;
	sample.files = (struct file_change_list){ &file, 1, 1 };
	sample.choices = (struct image_choice_list){ &choice, 1, 1 };
	if (message_render(&sample, tmpl, &arena, &ignored, &err))
		finding_add(findings, SEVERITY_WARNING, "template-fails", tmpl->place,
			    "the message template fails for the change '%s -> %s': %s",
			    old_value, new_value, err.text)
		    ->hint = "'imagehook render --changes' tries a template";
}
