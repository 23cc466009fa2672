/* SPDX-License-Identifier: MIT */
/* From one YAML object to its kind's form: which kind it is, its metadata, and what
 * happens to objects that are ignored, too old or of no kind that exists. */
#include "base/limits.h"
#include "base/text.h"
#include "stage/document/tree.h"

enum {
	LIST_DEPTH = 4
};

static const struct field metadata_rows[] = {
	FIELD_UNREAD("name"),
	FIELD_UNREAD("namespace"),
	FIELD("labels", struct object_meta, labels, .help = "labels"),
	FIELD("annotations", struct object_meta, annotations, .flags = FIELD_LITERAL,
	      .help = "annotations"),
	FIELD_UNREAD("generateName"),
	FIELD("uid", struct object_meta, uid, .max = 253, .help = "uid"),
	FIELD_UNREAD("resourceVersion"),
	FIELD_UNREAD("generation"),
	FIELD_UNREAD("creationTimestamp"),
	FIELD_UNREAD("deletionTimestamp"),
	FIELD_UNREAD("deletionGracePeriodSeconds"),
	FIELD_UNREAD("finalizers"),
	FIELD_UNREAD("ownerReferences"),
	FIELD_UNREAD("managedFields"),
	FIELD_UNREAD("selfLink"),
};

static const struct field object_rows[] = {
	FIELD_UNREAD("apiVersion"),
	FIELD_UNREAD("kind"),
	FIELD_UNREAD("metadata"),
	{ .name = "spec", .type = FIELD_ANY, .flags = FIELD_REQUIRED },
	FIELD_UNREAD("status"),
};

/* What an object says that it is. */
struct identity {
	struct str group, version, name;
	const char *api_version, *kind_name;
	const struct kind *kind; /* NULL: none of the table */
	enum document_kind number;
	bool refused; /* a version of the kind that is known and not read */
	bool current; /* a version that is read */
};

static bool is_word(const char *words, struct str word)
{
	struct str rest = str_of(words ? words : "");
	struct str one;
	while (words && str_split(&rest, ' ', &one))
		if (str_eq(one, word))
			return true;
	return false;
}

static bool identify(const struct value *root, struct arena *arena, struct identity *out)
{
	*out = (struct identity){ 0 };
	out->api_version = value_get_text(root, "apiVersion", arena);
	out->kind_name = value_get_text(root, "kind", arena);
	if (!out->api_version || !out->kind_name)
		return false;
	struct str api = str_of(out->api_version);
	size_t slash = str_find_char(api, '/');
	out->group = slash == api.len ? STR("") : str_slice(api, 0, slash);
	out->version = slash == api.len ? api : str_from(api, slash + 1);
	out->name = str_of(out->kind_name);
	for (size_t i = 0; i < DOCUMENT_KINDS && !out->kind; i++) {
		if (!str_is(out->group, document_kinds[i]->group) ||
		    !str_is(out->name, document_kinds[i]->name))
			continue;
		out->kind = document_kinds[i];
		out->number = (enum document_kind)i;
		out->current = is_word(out->kind->versions, out->version);
		out->refused = is_word(out->kind->refused, out->version);
	}
	return true;
}

static bool is_judged_group(struct str group)
{
	for (size_t i = 0; i < DOCUMENT_KINDS; i++)
		if (document_kinds[i]->judged && str_is(group, document_kinds[i]->group))
			return true;
	return false;
}

static struct place object_place(const struct source *source, const struct object *object)
{
	return (struct place){ source->path, object->line + source->line_base,
			       object->col };
}

/* A kind or version that does not exist in a group of ours: Flux's API server would say
 * the same. */
static void report_no_match(struct tree *tree, const struct source *source,
			    const struct object *object, const struct identity *id)
{
	const char *names[DOCUMENT_KINDS];
	size_t n = 0;
	/* known to Flux, of no use here */
	if (!is_judged_group(id->group) || str_is(id->name, "Receiver"))
		return;
	for (size_t i = 0; i < DOCUMENT_KINDS; i++)
		if (str_is(id->group, document_kinds[i]->group))
			names[n++] = document_kinds[i]->name;
	struct arena *arena = tree->findings->arena;
	struct finding *finding = finding_add(
	    tree->findings, SEVERITY_ERROR, "unknown-kind", object_place(source, object),
	    "no matches for kind \"%s\" in version \"%s\"", show_text(arena, id->name),
	    show_text(arena, str_of(id->api_version)));
	const char *nearest = id->kind ? NULL : str_nearest(id->kind_name, names, n);
	if (nearest)
		finding->hint = arena_printf(arena, "did you mean '%s'?", nearest);
	else if (id->kind)
		finding->hint =
		    arena_printf(arena, "its versions are %s", id->kind->versions);
}

/* Annotations are asked before anything is judged, so leniently. */
static bool has_annotation(const struct value *metadata, const char *key,
			   const char *wanted)
{
	const struct value *value = value_get(value_get(metadata, "annotations"), key);
	return value && (value->kind == VALUE_STRING || value->kind == VALUE_BOOL) &&
	       str_is(value->raw, wanted);
}

static struct place entry_place(const struct decode *d, const struct value *map,
				const char *key, struct place otherwise)
{
	for (size_t i = 0; map && map->kind == VALUE_MAP && i < map->map.len; i++) {
		const struct value_entry *entry = &map->map.items[i];
		if (str_is(entry->key, key))
			return decode_place(d, entry->line, entry->col);
	}
	return otherwise;
}

/* Reads a name by the rows' own checks; "" when it cannot be used. */
static const char *take_name(struct decode *d, const struct value *metadata,
			     const char *key, struct place place)
{
	struct holder {
		struct object_meta unused;
		const char *text;
	} holder = { .text = NULL };
	const struct field row = { .name = key,
				   .type = FIELD_TEXT,
				   .flags = FIELD_NAME,
				   .off = offsetof(struct holder, text) };
	const struct trail trail = { NULL, STR("metadata"), 0 };
	const struct value *value = value_get(metadata, key);
	struct value_entry entry = { str_of(key), 0, 0, NULL };
	struct value one = { .kind = VALUE_MAP };
	bool is_empty = value && value->kind == VALUE_STRING && value->string.len == 0;
	if (!value || value->kind == VALUE_NULL || is_empty)
		return NULL;
	for (size_t i = 0; i < metadata->map.len; i++)
		if (str_is(metadata->map.items[i].key, key))
			entry = metadata->map.items[i];
	one.map.items = &entry;
	one.map.len = one.map.cap = 1;
	walk_fields(d, &trail, &one, place, &(struct filling){ &row, 1, &holder });
	return holder.text ? holder.text : "";
}

/* Name and namespace; false when the object cannot be named, which has been said. */
static bool name_object(struct decode *d, const struct tree *tree,
			const struct value *metadata, struct place place)
{
	struct object_meta *meta = d->meta;
	bool is_map = metadata && metadata->kind == VALUE_MAP;
	const char *namespace =
	    is_map ? take_name(d, metadata, "namespace", place) : NULL;
	const char *name = is_map ? take_name(d, metadata, "name", place) : NULL;
	const char *otherwise = tree->options->default_namespace;
	if (!name)
		(void)decode_refuse(d, place, "invalid-field", "Invalid",
				    "metadata.name: Required value: name or generateName "
				    "is required");
	if (namespace && namespace[0] && !text_is_dns_label(str_of(namespace))) {
		(void)decode_refuse(d, entry_place(d, metadata, "namespace", place),
				    "invalid-field", "Invalid",
				    "metadata.namespace: Invalid value: \"%s\": a "
				    "lowercase RFC 1123 label is expected",
				    namespace);
		namespace = "";
	}
	meta->name = name ? name : "";
	meta->namespace = namespace ? namespace : otherwise ? otherwise : "flux-system";
	return meta->name[0] && meta->namespace[0];
}

static void note_deprecation(struct tree *tree, const struct identity *id,
			     struct place place)
{
	if (!is_word(id->kind->deprecated, id->version) || tree->again)
		return;
	struct deprecation *slots = tree->deprecated[id->number];
	for (size_t i = 0; i < DEPRECATED_MAX; i++) {
		if (slots[i].n == 0) {
			slots[i].version = arena_strndup(tree->set->arena, id->version);
			slots[i].first = place;
		}
		if (str_is(id->version, slots[i].version)) {
			slots[i].n++;
			return;
		}
	}
}

static bool is_before(uint32_t line, uint32_t col, uint32_t than_line, uint32_t than_col)
{
	return line < than_line || (line == than_line && col < than_col);
}

static void report_duplicates(struct decode *d, const struct object *object)
{
	for (size_t i = 0; object->duplicates && i < object->duplicates->len; i++) {
		const struct yaml_duplicate *twice = &object->duplicates->items[i];
		if (is_before(twice->line, twice->col, object->line, object->col) ||
		    (object->end_line && !is_before(twice->line, twice->col,
						    object->end_line, object->end_col)))
			continue;
		(void)decode_refuse(d, decode_place(d, twice->line, twice->col),
				    "duplicate-key", "Invalid",
				    "key \"%s\" already set in map",
				    show_text(d->arena, twice->key));
	}
}

/* Keeps the spec within the tree's budget; false when that is used up. */
static bool keep_spec(struct tree *tree, struct object_meta *meta,
		      const struct value *spec)
{
	if (spec) {
		size_t left = LIMIT_DOCUMENT_NODES - tree->nodes;
		size_t n = spec_count(spec, left);
		if (n > left)
			return false;
		tree->nodes += n;
		meta->spec = spec_copy(spec, tree->set->arena);
	}
	spec_hash(spec, meta->spec_hash);
	return true;
}

static void report_full(struct tree *tree, struct place place, long number,
			const char *text)
{
	if (!tree->full)
		(void)finding_add(
		    tree->findings, SEVERITY_ERROR, "limit", place,
		    "this and all further documents are left out (" LIMIT_FMT ")", number,
		    text);
	tree->full = true;
}

static void decode_spec(struct decode *d, const struct kind *kind,
			const struct value *root, struct place place, void *form)
{
	static const struct value empty = { .kind = VALUE_MAP };
	const struct trail trail = { NULL, STR("spec"), 0 };
	const struct value *spec = value_get(root, "spec");
	struct finding_list unheard = FINDING_LIST_INIT(d->arena);
	struct decode quiet = *d;
	bool is_map = spec && spec->kind == VALUE_MAP;
	place = entry_place(d, root, "spec", place);
	if (spec && !is_map && spec->kind != VALUE_NULL)
		(void)decode_reject(d, &trail, place,
				    "Invalid value: \"%s\": spec in body must be of type "
				    "object: \"%s\"",
				    walk_type_name(spec), walk_type_name(spec));
	/* without a spec it was said that there is none; what follows from that is not */
	quiet.findings = &unheard;
	if (!kind->fields)
		return;
	walk_defaults(kind->fields, kind->n_fields, form);
	walk_fields(is_map ? d : &quiet, &trail, is_map ? spec : &empty, place,
		    &(struct filling){ kind->fields, kind->n_fields, form });
	if (kind->finish)
		kind->finish(is_map ? d : &quiet, form);
}

static struct object_meta *new_form(struct tree *tree, const struct identity *id,
				    struct place place, struct arena *scratch)
{
	struct object_meta *meta = arena_alloc(scratch, 1, id->kind->form_bytes);
	meta->kind = id->number;
	meta->api_version = arena_strdup(tree->set->arena, id->api_version);
	meta->kind_name = id->kind->name;
	meta->cluster = tree->cluster;
	meta->place = place;
	meta->valid = true;
	return meta;
}

static void decode_judged(struct tree *tree, struct source *source,
			  const struct object *object, const struct identity *id)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct arena *arena = tree->set->arena;
	struct place place = object_place(source, object);
	struct object_meta *meta = new_form(tree, id, place, &scratch);
	meta->line_base = source->line_base;
	const struct value *metadata = value_get(object->root, "metadata");
	struct finding_list unheard = FINDING_LIST_INIT(arena);
	struct decode d = { arena, tree->findings, source, meta, id->kind_name, true, 0 };
	const struct trail trail = { NULL, STR("metadata"), 0 };
	d.object = id->kind->name;
	d.substitutes = !has_annotation(
	    metadata, "kustomize.toolkit.fluxcd.io/substitute", "disabled");
	place = entry_place(&d, object->root, "metadata", place);
	bool named = name_object(&d, tree, metadata, place);
	if (named)
		d.object = arena_printf(tree->findings->arena, "%s/%s/%s",
					meta->kind_name, meta->namespace, meta->name);
	if (metadata && metadata->kind == VALUE_MAP)
		walk_fields(
		    &d, &trail, metadata, place,
		    &(struct filling){ metadata_rows, ARRAY_LEN(metadata_rows), meta });
	if (id->refused) {
		struct finding *finding =
		    decode_refuse(&d, meta->place, "refused-version", "Invalid",
				  "%.*s of %s is too old to be read",
				  STR_ARG(id->version), meta->kind_name);
		finding->hint = "write it as v1; the fields are described in "
				"imagehook-documents(5)";
		d.findings = &unheard;
	}
	report_duplicates(&d, object);
	walk_fields(&d, NULL, object->root, meta->place,
		    &(struct filling){ object_rows, ARRAY_LEN(object_rows), meta });
	decode_spec(&d, id->kind, object->root, meta->place, meta);
	note_deprecation(tree, id, meta->place);
	if (!keep_spec(tree, meta, value_get(object->root, "spec")))
		report_full(tree, meta->place, LIMIT_ARG(LIMIT_DOCUMENT_NODES));
	else if (named)
		id->kind->add(tree->set, meta);
}

/* TRUST 21: what is encrypted may stand in a repository. */
static void judge_secret(struct tree *tree, const struct source *source,
			 const struct object *object, const char *name)
{
	const struct value *data = value_get(object->root, "data");
	const struct value *text = value_get(object->root, "stringData");
	bool holds = (data && data->kind == VALUE_MAP && data->map.len) ||
		     (text && text->kind == VALUE_MAP && text->map.len);
	if (!holds || value_get(object->root, "sops"))
		return;
	struct finding *finding = finding_add(
	    tree->findings, SEVERITY_WARNING, "secret-in-tree",
	    object_place(source, object),
	    "Secret '%s' holds data that everybody who may read this repository can read",
	    name);
	finding->hint = "change it, keep it on the server ('imagehook secret set') and "
			"remove it here, or encrypt it with SOPS";
}

static void keep_labels(struct arena *arena, const struct value *map,
			struct label_list *out)
{
	for (size_t i = 0; map && map->kind == VALUE_MAP && i < map->map.len; i++) {
		const struct value_entry *entry = &map->map.items[i];
		if (entry->value->kind != VALUE_STRING)
			continue;
		struct label *label = VEC_ADD(arena, out);
		label->key = arena_strndup(arena, entry->key);
		label->value = arena_strndup(arena, entry->value->string);
	}
}

/* Kinds that are only looked at are never judged: one without a usable name is left out.
 */
static void look_at(struct tree *tree, const struct source *source,
		    const struct object *object, const struct identity *id)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct arena *arena = tree->set->arena;
	const struct value *metadata = value_get(object->root, "metadata");
	struct object_meta *meta =
	    new_form(tree, id, object_place(source, object), &scratch);
	meta->line_base = source->line_base;
	const struct value *spec = value_get(object->root, "spec");
	const char *namespace = value_get_text(metadata, "namespace", arena);
	const char *otherwise = tree->options->default_namespace;
	meta->name = value_get_text(metadata, "name", arena);
	meta->namespace = namespace ? namespace : otherwise ? otherwise : "flux-system";
	if (id->number == DOCUMENT_SECRET) {
		judge_secret(tree, source, object,
			     meta->name ? show_text(arena, str_of(meta->name)) : "?");
		spec = NULL;
	}
	if (id->number == DOCUMENT_NAMESPACE)
		meta->namespace = "";
	if (!meta->name || !text_is_dns_subdomain(str_of(meta->name)))
		return;
	keep_labels(arena, value_get(metadata, "labels"), &meta->labels);
	keep_labels(arena, value_get(metadata, "annotations"), &meta->annotations);
	if (keep_spec(tree, meta, spec))
		id->kind->add(tree->set, meta);
}

static void decode_items(struct tree *tree, struct source *source,
			 const struct object *list, size_t depth);

static void decode_one(struct tree *tree, struct source *source,
		       const struct object *object, size_t depth)
{
	struct identity id;
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	if (tree->full || object->root->kind != VALUE_MAP ||
	    !identify(object->root, &scratch, &id))
		return;
	if (!id.kind && str_ends(id.name, STR("List")) &&
	    (str_is(id.name, "List") || is_judged_group(id.group))) {
		if (depth < LIST_DEPTH)
			decode_items(tree, source, object, depth + 1);
		return;
	}
	const struct value *metadata = value_get(object->root, "metadata");
	if (has_annotation(metadata, "imagehook/ignore", "true"))
		return;
	if (!id.kind || (!id.current && !id.refused)) {
		report_no_match(tree, source, object, &id);
		return;
	}
	if (++tree->objects > LIMIT_DOCUMENTS)
		report_full(tree, object_place(source, object),
			    LIMIT_ARG(LIMIT_DOCUMENTS));
	else if (id.kind->judged)
		decode_judged(tree, source, object, &id);
	else
		look_at(tree, source, object, &id);
}

static void decode_items(struct tree *tree, struct source *source,
			 const struct object *list, size_t depth)
{
	const struct value *items = value_get(list->root, "items");
	if (!items || items->kind != VALUE_LIST)
		return;
	for (size_t i = 0; i < items->list.len; i++) {
		const struct value *item = items->list.items[i];
		struct object object = *list;
		object.root = item;
		object.line = item->line;
		object.col = item->col;
		if (i + 1 < items->list.len) {
			object.end_line = items->list.items[i + 1]->line;
			object.end_col = items->list.items[i + 1]->col;
		}
		decode_one(tree, source, &object, depth);
	}
}

void object_decode(struct tree *tree, struct source *source, const struct object *object)
{
	decode_one(tree, source, object, 0);
}
