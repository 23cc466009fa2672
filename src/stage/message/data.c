/* SPDX-License-Identifier: MIT */
/* Decides the shape and the order of what a message template sees: the types are those of
 * Flux's controller, so that they print the same. */
#include "stage/message/data.h"
#include "lang/template/functions.h"

static struct gval call_name_string(struct gcall *call)
{
	BUF_CLEANUP struct buf text = BUF_INIT(4096);
	buf_append(&text, call->receiver.fields[0].string);
	buf_putc(&text, '/');
	buf_append(&text, call->receiver.fields[1].string);
	return call_string(call, &text);
}

static const struct gfield name_fields[] = {
	{ .name = "Namespace", .type = &gtype_string },
	{ .name = "Name", .type = &gtype_string },
};
static const struct gfunc name_methods[] = { { "String", ":s", call_name_string } };
const struct gtype message_name_type = { .kind = GKIND_STRUCT,
					 .name = "types.NamespacedName",
					 .fields = name_fields,
					 .n_fields = ARRAY_LEN(name_fields),
					 .methods = name_methods,
					 .n_methods = ARRAY_LEN(name_methods) };

static const struct gfield type_meta_fields[] = {
	{ .name = "APIVersion",
	  .type = &gtype_string,
	  .json = "apiVersion",
	  .omit_empty = true },
	{ .name = "Kind", .type = &gtype_string, .json = "kind", .omit_empty = true },
};
static const struct gtype type_meta_type = { .kind = GKIND_STRUCT,
					     .name = "yaml.TypeMeta",
					     .fields = type_meta_fields,
					     .n_fields = ARRAY_LEN(type_meta_fields) };

static const struct gfield name_meta_fields[] = {
	{ .name = "Name", .type = &gtype_string, .json = "name", .omit_empty = true },
	{ .name = "Namespace",
	  .type = &gtype_string,
	  .json = "namespace",
	  .omit_empty = true },
};
static const struct gtype name_meta_type = { .kind = GKIND_STRUCT,
					     .name = "yaml.NameMeta",
					     .fields = name_meta_fields,
					     .n_fields = ARRAY_LEN(name_meta_fields) };

static const struct gfield identifier_fields[] = {
	{ .name = "TypeMeta", .type = &type_meta_type, .embedded = true },
	{ .name = "NameMeta", .type = &name_meta_type, .embedded = true },
};
static const struct gtype identifier_type = { .kind = GKIND_STRUCT,
					      .name = "yaml.ResourceIdentifier",
					      .fields = identifier_fields,
					      .n_fields = ARRAY_LEN(identifier_fields) };

static const struct gfield object_fields[] = {
	{ .name = "ResourceIdentifier", .type = &identifier_type, .embedded = true },
};
const struct gtype message_object_type = { .kind = GKIND_STRUCT,
					   .name = "update.ObjectIdentifier",
					   .fields = object_fields,
					   .n_fields = ARRAY_LEN(object_fields) };

static const struct gfield change_fields[] = {
	{ .name = "OldValue", .type = &gtype_string },
	{ .name = "NewValue", .type = &gtype_string },
	{ .name = "Setter", .type = &gtype_string },
};
static const struct gtype change_type = { .kind = GKIND_STRUCT,
					  .name = "update.Change",
					  .fields = change_fields,
					  .n_fields = ARRAY_LEN(change_fields) };
static const struct gtype changes_type = { .kind = GKIND_SLICE,
					   .name = "[]update.Change",
					   .elem = &change_type };
static const struct gtype objects_type = { .kind = GKIND_MAP,
					   .name = "update.ObjectChanges",
					   .key = &message_object_type,
					   .elem = &changes_type };
static const struct gtype files_type = { .kind = GKIND_MAP,
					 .name = "map[string]update.ObjectChanges",
					 .key = &gtype_string,
					 .elem = &objects_type };

/* All distinct changes by file, object and position. */
static struct gval call_changes(struct gcall *call)
{
	struct gval out = gval_list(call->ctx, &changes_type, 0);
	struct gval seen =
	    gval_map(call->ctx, &(const struct gtype){ .kind = GKIND_MAP,
						       .name = "",
						       .key = &change_type,
						       .elem = &gtype_bool });
	struct gval files = call->receiver.fields[0];
	for (size_t i = 0; i < gval_map_len(files); i++) {
		struct gval objects = files.map->items[i].value;
		for (size_t k = 0; k < gval_map_len(objects); k++) {
			struct glist list = objects.map->items[k].value.list;
			for (size_t m = 0; m < list.len && gctx_step(call->ctx, 1); m++) {
				if (gval_map_find(seen, list.items[m]))
					continue;
				gval_map_set(call->ctx, seen, list.items[m],
					     gval_bool(true));
				gval_list_add(call->ctx, &out, list.items[m]);
			}
		}
	}
	return out;
}

/* Adds a change to the list of its object. */
static void add_change(struct gctx *ctx, struct gval objects, struct gval object,
		       struct gval change)
{
	struct gval *entry = gval_map_find(objects, object);
	struct gval list = entry ? *entry : gval_list(ctx, &changes_type, 1);
	gval_list_add(ctx, &list, change);
	if (entry)
		*entry = list;
	else
		gval_map_set(ctx, objects, object, list);
}

/* All changes by object, the files merged. */
static struct gval call_objects(struct gcall *call)
{
	struct gval out = gval_map(call->ctx, &objects_type);
	struct gval files = call->receiver.fields[0];
	for (size_t i = 0; i < gval_map_len(files); i++) {
		struct gval objects = files.map->items[i].value;
		for (size_t k = 0; k < gval_map_len(objects); k++) {
			struct glist list = objects.map->items[k].value.list;
			for (size_t m = 0; m < list.len && gctx_step(call->ctx, 1); m++)
				add_change(call->ctx, out, objects.map->items[k].key,
					   list.items[m]);
		}
	}
	return out;
}

static const struct gfield result_fields[] = {
	{ .name = "FileChanges", .type = &files_type },
};
static const struct gfunc result_methods[] = { { "Changes", ":v", call_changes },
					       { "Objects", ":v", call_objects } };
static const struct gtype result_type = { .kind = GKIND_STRUCT,
					  .name = "update.Result",
					  .fields = result_fields,
					  .n_fields = ARRAY_LEN(result_fields),
					  .methods = result_methods,
					  .n_methods = ARRAY_LEN(result_methods) };

static const struct gfield data_fields[] = {
	{ .name = "AutomationObject", .type = &message_name_type },
	{ .name = "Changed", .type = &result_type },
	{ .name = "Values", .type = &gtype_string_map },
	{ .name = "Updated", .type = &message_updated_type, .hidden = true },
};
static const struct gtype data_type = { .kind = GKIND_STRUCT,
					.name = "source.TemplateData",
					.fields = data_fields,
					.n_fields = ARRAY_LEN(data_fields) };

static struct gval make_struct(struct gctx *ctx, const struct gtype *type,
			       const struct gval *fields)
{
	struct gval *copy = gctx_alloc(ctx, type->n_fields, sizeof(*copy));
	if (!copy)
		return gval_none();
	memcpy(copy, fields, type->n_fields * sizeof(*copy));
	return gval_struct(type, copy);
}

struct gval message_name_value(struct gctx *ctx, const char *namespace, const char *name)
{
	return make_struct(ctx, &message_name_type,
			   (struct gval[]){ gval_text(namespace), gval_text(name) });
}

struct gval message_object_value(struct gctx *ctx, const struct object_id *object)
{
	struct gval parts[2] = {
		make_struct(ctx, &type_meta_type,
			    (struct gval[]){ gval_text(object->api_version),
					     gval_text(object->kind) }),
		make_struct(ctx, &name_meta_type,
			    (struct gval[]){ gval_text(object->name),
					     gval_text(object->namespace) }),
	};
	struct gval identifier = make_struct(ctx, &identifier_type, parts);
	return make_struct(ctx, &message_object_type, &identifier);
}

static struct gval make_change(struct gctx *ctx, const struct change *change)
{
	return make_struct(ctx, &change_type,
			   (struct gval[]){ gval_text(change->old_value),
					    gval_text(change->new_value),
					    gval_text(change->setter) });
}

static struct gval make_files(struct gctx *ctx, const struct file_change_list *files)
{
	struct gval out = gval_zero(&files_type);
	if (files->len > 0)
		out = gval_map(ctx, &files_type);
	for (size_t i = 0; i < files->len && !ctx->failed; i++) {
		const struct file_change *file = &files->items[i];
		struct gval objects = gval_map(ctx, &objects_type);
		for (size_t k = 0; k < file->changes.len && !ctx->failed; k++) {
			const struct change *change = &file->changes.items[k];
			add_change(ctx, objects,
				   message_object_value(ctx, &change->object),
				   make_change(ctx, change));
		}
		gval_map_set(ctx, out, gval_text(file->shown_path), objects);
	}
	return out;
}

static struct gval make_values(struct gctx *ctx, const struct label_list *values)
{
	struct gval out = gval_zero(&gtype_string_map);
	if (values->len > 0)
		out = gval_map(ctx, &gtype_string_map);
	for (size_t i = 0; i < values->len; i++)
		gval_map_put(ctx, out, values->items[i].key,
			     gval_text(values->items[i].value));
	return out;
}

struct gval message_data(struct gctx *ctx, const struct run_changes *run)
{
	struct gval files = make_files(ctx, &run->files);
	struct gval fields[] = {
		message_name_value(ctx, run->automation_namespace, run->automation_name),
		make_struct(ctx, &result_type, &files),
		make_values(ctx, &run->values),
		message_updated_view(ctx, run),
	};
	return make_struct(ctx, &data_type, fields);
}
