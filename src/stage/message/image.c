/* SPDX-License-Identifier: MIT */
/* Decides which images a run updated, and how templates made for Flux before 1.0 see
 * them. */
#include "lang/template/functions.h"
#include "stage/message/data.h"
#include "stage/message/message.h"

void message_split_ref(struct str ref, struct str *name, struct str *tag,
		       struct str *digest)
{
	size_t at = str_find_char(ref, '@');
	struct str before = str_slice(ref, 0, at);
	*digest = str_from(ref, at + 1);
	size_t colon = str_rfind_char(before, ':');
	size_t slash = str_rfind_char(before, '/');
	bool has_tag = colon < before.len && (slash == before.len || colon > slash);
	*name = has_tag ? str_slice(before, 0, colon) : before;
	*tag = has_tag ? str_from(before, colon + 1) : STR("");
}

/* `ns:policy[:suffix]` */
static bool split_setter(struct str setter, struct str *namespace, struct str *policy,
			 struct str *suffix)
{
	struct str rest = setter;
	*suffix = STR("");
	if (!str_split(&rest, ':', namespace) || !str_split(&rest, ':', policy))
		return false;
	if (rest.ptr)
		*suffix = rest;
	return true;
}

static const struct image_choice *find_choice(const struct image_choice_list *choices,
					      struct str namespace, struct str policy)
{
	for (size_t i = 0; i < choices->len; i++)
		if (str_is(namespace, choices->items[i].namespace) &&
		    str_is(policy, choices->items[i].policy))
			return &choices->items[i];
	return NULL;
}

static const char *keep(struct arena *arena, struct str s)
{
	return arena_strndup(arena, s);
}

/* A marker for the whole reference. */
static void fill_from_refs(struct updated_image *image, struct arena *arena)
{
	struct str name;
	struct str tag;
	struct str digest;
	message_split_ref(str_of(image->old_value), &name, &tag, &digest);
	image->old_tag = keep(arena, tag);
	message_split_ref(str_of(image->new_value), &name, &tag, &digest);
	image->new_tag = keep(arena, tag);
	image->image_name = keep(arena, name);
	image->ref =
	    (struct image_ref){ image->image_name, image->new_tag, keep(arena, digest) };
}

/* A `:tag` marker: the image is known from the policy alone. */
static void fill_from_tags(struct updated_image *image, const struct image_choice *choice)
{
	bool same = choice && strcmp(choice->ref.tag, image->new_value) == 0;
	image->old_tag = image->old_value;
	image->new_tag = image->new_value;
	image->image_name = choice ? choice->ref.name : "";
	image->ref =
	    (struct image_ref){ image->image_name, image->new_tag,
				same && choice->ref.digest ? choice->ref.digest : "" };
}

/* The image that a change of `setter` updates; false for `:name`, `:digest` and setters
 * that name no policy. */
static bool find_image(const struct run_changes *run, const struct change *change,
		       struct arena *arena, struct updated_image *out)
{
	struct str namespace;
	struct str policy;
	struct str suffix;
	if (!split_setter(str_of(change->setter), &namespace, &policy, &suffix))
		return false;
	*out = (struct updated_image){ .policy_namespace = keep(arena, namespace),
				       .policy_name = keep(arena, policy),
				       .old_value = change->old_value,
				       .new_value = change->new_value,
				       .line = change->line };
	if (str_is(suffix, "tag"))
		fill_from_tags(out, find_choice(&run->choices, namespace, policy));
	else if (suffix.len == 0)
		fill_from_refs(out, arena);
	else
		return false;
	return true;
}

static bool is_same_image(const struct updated_image *a, const struct updated_image *b)
{
	return strcmp(a->policy_namespace, b->policy_namespace) == 0 &&
	       strcmp(a->policy_name, b->policy_name) == 0 &&
	       strcmp(a->ref.name, b->ref.name) == 0 &&
	       strcmp(a->ref.tag, b->ref.tag) == 0 &&
	       strcmp(a->ref.digest, b->ref.digest) == 0 &&
	       strcmp(a->old_tag, b->old_tag) == 0;
}

static void add_distinct(struct arena *arena, struct updated_image_list *list,
			 const struct updated_image *image)
{
	for (size_t i = 0; i < list->len; i++) {
		struct updated_image *known = &list->items[i];
		if (!is_same_image(known, image))
			continue;
		known->more_files += !str_eq(known->last_path, image->path);
		known->last_path = image->path;
		return;
	}
	VEC_PUSH(arena, list, *image);
}

void message_updated_images(const struct run_changes *run, struct arena *arena,
			    struct updated_image_list *out)
{
	for (size_t i = 0; i < run->files.len; i++) {
		const struct file_change *file = &run->files.items[i];
		for (size_t k = 0; k < file->changes.len; k++) {
			struct updated_image image;
			if (!find_image(run, &file->changes.items[k], arena, &image))
				continue;
			image.path = image.last_path = file->path;
			add_distinct(arena, out, &image);
		}
	}
}

/* --- the view --- */

enum {
	IMAGE_NAME,
	IMAGE_OLD_TAG,
	IMAGE_NEW_TAG,
	IMAGE_OLD_VALUE,
	IMAGE_NEW_VALUE,
	IMAGE_DIGEST,
	IMAGE_POLICY,
	IMAGE_FIELDS
};

/* `nginx`: registry index.docker.io, repository library/nginx. */
static void qualify(struct str name, struct str *registry, struct str *repository,
		    bool *is_official)
{
	size_t slash = str_find_char(name, '/');
	struct str first = str_slice(name, 0, slash);
	bool has_registry = slash < name.len && (str_find_char(first, '.') < first.len ||
						 str_find_char(first, ':') < first.len ||
						 str_is(first, "localhost"));
	*registry = has_registry ? first : STR("index.docker.io");
	*repository = has_registry ? str_from(name, slash + 1) : name;
	if (str_is(*registry, "docker.io"))
		*registry = STR("index.docker.io");
	*is_official = str_is(*registry, "index.docker.io") &&
		       str_find_char(*repository, '/') == repository->len;
}

static struct str image_field(const struct gcall *call, int field)
{
	return call->receiver.fields[field].string;
}

static void put_repository(const struct gcall *call, struct buf *out, bool with_registry)
{
	struct str registry;
	struct str repository;
	bool is_official;
	qualify(image_field(call, IMAGE_NAME), &registry, &repository, &is_official);
	if (with_registry) {
		buf_append(out, registry);
		buf_putc(out, '/');
	}
	if (is_official)
		buf_puts(out, "library/");
	buf_append(out, repository);
}

static struct gval call_image_string(struct gcall *call)
{
	BUF_CLEANUP struct buf text = BUF_INIT(8192);
	struct str name = image_field(call, IMAGE_NAME);
	struct str tag = image_field(call, IMAGE_NEW_TAG);
	struct str digest = image_field(call, IMAGE_DIGEST);
	buf_append(&text, name);
	if (name.len > 0 && tag.len > 0)
		buf_putc(&text, ':');
	buf_append(&text, tag);
	if (digest.len > 0) {
		buf_putc(&text, '@');
		buf_append(&text, digest);
	}
	return call_string(call, &text);
}

static struct gval call_image_name(struct gcall *call)
{
	BUF_CLEANUP struct buf text = BUF_INIT(8192);
	struct str digest = image_field(call, IMAGE_DIGEST);
	put_repository(call, &text, true);
	buf_putc(&text, digest.len > 0 ? '@' : ':');
	buf_append(&text, digest.len > 0 ? digest : image_field(call, IMAGE_NEW_TAG));
	return call_string(call, &text);
}

static struct gval call_image_registry(struct gcall *call)
{
	struct str registry;
	struct str repository;
	bool is_official;
	qualify(image_field(call, IMAGE_NAME), &registry, &repository, &is_official);
	return gval_string(registry);
}

static struct gval call_image_repository(struct gcall *call)
{
	BUF_CLEANUP struct buf text = BUF_INIT(8192);
	put_repository(call, &text, false);
	return call_string(call, &text);
}

static struct gval call_image_identifier(struct gcall *call)
{
	struct str digest = image_field(call, IMAGE_DIGEST);
	return gval_string(digest.len > 0 ? digest : image_field(call, IMAGE_NEW_TAG));
}

static struct gval call_image_policy(struct gcall *call)
{
	return call->receiver.fields[IMAGE_POLICY];
}

static const struct gfield image_fields[] = {
	{ .name = "ImageName", .type = &gtype_string },
	{ .name = "OldTag", .type = &gtype_string },
	{ .name = "NewTag", .type = &gtype_string },
	{ .name = "OldValue", .type = &gtype_string },
	{ .name = "NewValue", .type = &gtype_string },
	/* names that no template can write */
	{ .name = "digest of", .type = &gtype_string, .hidden = true },
	{ .name = "policy of", .type = &message_name_type, .hidden = true },
};
static const struct gfunc image_methods[] = {
	{ "String", ":s", call_image_string },
	{ "Name", ":s", call_image_name },
	{ "Registry", ":s", call_image_registry },
	{ "Repository", ":s", call_image_repository },
	{ "Identifier", ":s", call_image_identifier },
	{ "Policy", ":v", call_image_policy },
};
static const struct gtype image_type = { .kind = GKIND_STRUCT,
					 .name = "update.ImageRef",
					 .fields = image_fields,
					 .n_fields = ARRAY_LEN(image_fields),
					 .methods = image_methods,
					 .n_methods = ARRAY_LEN(image_methods) };
static const struct gtype images_type = { .kind = GKIND_SLICE,
					  .name = "[]update.ImageRef",
					  .elem = &image_type };
static const struct gtype objects_type = {
	.kind = GKIND_MAP,
	.name = "map[update.ObjectIdentifier][]update.ImageRef",
	.key = &message_object_type,
	.elem = &images_type
};

static const struct gfield file_fields[] = {
	{ .name = "Objects", .type = &objects_type },
};
static const struct gtype file_type = { .kind = GKIND_STRUCT,
					.name = "update.FileResult",
					.fields = file_fields,
					.n_fields = ARRAY_LEN(file_fields) };
static const struct gtype files_type = { .kind = GKIND_MAP,
					 .name = "map[string]update.FileResult",
					 .key = &gtype_string,
					 .elem = &file_type };

static const struct gfield updated_fields[] = {
	{ .name = "Files", .type = &files_type },
	{ .name = "Objects", .type = &objects_type, .hidden = true },
	{ .name = "Images", .type = &images_type, .hidden = true },
};
const struct gtype message_updated_type = { .kind = GKIND_STRUCT,
					    .name = "update.Result",
					    .fields = updated_fields,
					    .n_fields = ARRAY_LEN(updated_fields) };

static struct gval make_image(struct gctx *ctx, const struct updated_image *image)
{
	struct gval *fields = gctx_alloc(ctx, IMAGE_FIELDS, sizeof(*fields));
	if (!fields)
		return gval_none();
	fields[IMAGE_NAME] = gval_text(image->image_name);
	fields[IMAGE_OLD_TAG] = gval_text(image->old_tag);
	fields[IMAGE_NEW_TAG] = gval_text(image->new_tag);
	fields[IMAGE_OLD_VALUE] = gval_text(image->old_value);
	fields[IMAGE_NEW_VALUE] = gval_text(image->new_value);
	fields[IMAGE_DIGEST] = gval_text(image->ref.digest);
	fields[IMAGE_POLICY] =
	    message_name_value(ctx, image->policy_namespace, image->policy_name);
	return gval_struct(&image_type, fields);
}

/* Adds an image to the list of its object unless it is there. */
static void add_to_object(struct gctx *ctx, struct gval objects, struct gval object,
			  struct gval image)
{
	struct gval *entry = gval_map_find(objects, object);
	struct gval list = entry ? *entry : gval_list(ctx, &images_type, 1);
	for (size_t i = 0; i < list.list.len; i++)
		if (gval_compare(list.list.items[i], image) == 0)
			return;
	gval_list_add(ctx, &list, image);
	if (entry)
		*entry = list;
	else
		gval_map_set(ctx, objects, object, list);
}

static struct gval make_file(struct gctx *ctx, const struct run_changes *run,
			     const struct file_change *file, struct gval all_objects)
{
	struct gval *objects = gctx_alloc(ctx, 1, sizeof(*objects));
	if (!objects)
		return gval_none();
	*objects = gval_map(ctx, &objects_type);
	for (size_t i = 0; i < file->changes.len && !ctx->failed; i++) {
		const struct change *change = &file->changes.items[i];
		struct updated_image image;
		if (!find_image(run, change, ctx->arena, &image))
			continue;
		struct gval object = message_object_value(ctx, &change->object);
		struct gval value = make_image(ctx, &image);
		add_to_object(ctx, *objects, object, value);
		add_to_object(ctx, all_objects, object, value);
	}
	return gval_struct(&file_type, objects);
}

struct gval message_updated_view(struct gctx *ctx, const struct run_changes *run)
{
	struct gval *fields = gctx_alloc(ctx, ARRAY_LEN(updated_fields), sizeof(*fields));
	struct updated_image_list images = { NULL, 0, 0 };
	if (!fields)
		return gval_none();
	fields[0] = gval_map(ctx, &files_type);
	fields[1] = gval_map(ctx, &objects_type);
	fields[2] = gval_list(ctx, &images_type, 0);
	for (size_t i = 0; i < run->files.len && !ctx->failed; i++) {
		struct gval file = make_file(ctx, run, &run->files.items[i], fields[1]);
		if (!ctx->failed && gval_map_len(file.fields[0]) > 0)
			gval_map_set(ctx, fields[0],
				     gval_text(run->files.items[i].shown_path), file);
	}
	message_updated_images(run, ctx->arena, &images);
	for (size_t i = 0; i < images.len && !ctx->failed; i++)
		gval_list_add(ctx, &fields[2], make_image(ctx, &images.items[i]));
	return gval_struct(&message_updated_type, fields);
}
