/* SPDX-License-Identifier: MIT */
/*
 * From events to values: types, anchors, merges and duplicate keys. An alias shares the
 * value of its anchor; what it would be when expanded is counted, so that no text can
 * make a reader walk more than LIMIT_YAML_NODES.
 */
#include "adapter/yaml/loader.h"
#include "adapter/yaml/anchors.h"
#include "adapter/yaml/scalar.h"
#include "adapter/yaml/stream.h"
#include "base/limits.h"

struct load {
	struct stream stream;
	struct arena *arena;
	struct yaml_duplicates *duplicates;
	struct anchors anchors;
	size_t nodes; /* of this text, expanded */
	struct err *err;
};

/* One entry of a mapping while it is read. */
struct member {
	struct value_entry entry;
	size_t order; /* its index */
	bool merged;
};

struct members {
	struct member *items;
	size_t len;
	size_t cap;
};

#define EVENT_CLEANUP CLEANUP(yaml_event_delete)

static struct str text_of(const unsigned char *ptr)
{
	return str_of((const char *)ptr);
}

static void begin_anchor(struct load *load, const unsigned char *raw_name,
			 struct value *value)
{
	if (!raw_name)
		return;
	struct anchor *anchor =
	    anchors_add(&load->anchors, load->arena, text_of(raw_name));
	anchor->value = value;
	anchor->complete = false;
}

static void end_anchor(struct load *load, const unsigned char *raw_name,
		       const struct value *value, size_t nodes)
{
	if (!raw_name)
		return;
	struct anchor *anchor = anchors_find(&load->anchors, text_of(raw_name));
	/* an inner node may have taken the name over */
	if (!anchor || anchor->value != value)
		return;
	anchor->nodes = nodes;
	anchor->complete = true;
}

static int count_nodes(struct load *load, yaml_mark_t mark, size_t more)
{
	load->nodes += more;
	if (load->nodes > LIMIT_YAML_NODES)
		return STREAM_FAIL_LIMIT(mark, LIMIT_YAML_NODES, load->err);
	return 0;
}

static void place_value(struct value *value, yaml_mark_t mark)
{
	value->line = (uint32_t)mark.line + 1;
	value->col = (uint32_t)mark.column + 1;
}

#define TAG_PREFIX "tag:yaml.org,2002:"

/* The type that an explicit core tag asks for; VALUE_MAP when the tag is none of ours. */
static enum value_kind kind_of_tag(const char *tag)
{
	static const struct {
		const char *name;
		enum value_kind kind;
	} tags[] = {
		{ TAG_PREFIX "int", VALUE_INT },    { TAG_PREFIX "float", VALUE_FLOAT },
		{ TAG_PREFIX "bool", VALUE_BOOL },  { TAG_PREFIX "null", VALUE_NULL },
		{ TAG_PREFIX "str", VALUE_STRING },
	};

	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (strcmp(tags[i].name, tag) == 0)
			return tags[i].kind;
	return VALUE_MAP;
}

static int apply_tag(struct load *load, const yaml_event_t *event, struct value *value)
{
	const char *tag = (const char *)event->data.scalar.tag;
	enum value_kind kind = kind_of_tag(tag);
	value->plain = false;
	if (kind == VALUE_MAP || kind == VALUE_STRING) {
		value->kind = VALUE_STRING;
		value->string = value->raw;
		return 0;
	}
	scalar_resolve(value->raw, value);
	if (kind == VALUE_FLOAT && value->kind == VALUE_INT) {
		double real = (double)value->integer;
		value->kind = VALUE_FLOAT;
		value->real = real;
	}
	if (value->kind == kind)
		return 0;
	(void)err_set(load->err, ERR_INVALID,
		      "'%.*s' is not of the type that its tag '!!%s' names",
		      STR_ARG(value->raw), tag + sizeof(TAG_PREFIX) - 1);
	load->err->quotes = true;
	return err_at(load->err, NULL, value->line, value->col);
}

static int load_scalar(struct load *load, const yaml_event_t *event, struct value **out)
{
	struct value *value = value_new(load->arena, VALUE_STRING);
	const char *bytes = (const char *)event->data.scalar.value;
	place_value(value, event->start_mark);
	value->raw =
	    arena_str(load->arena, (struct str){ bytes, event->data.scalar.length });
	*out = value;
	if (event->data.scalar.tag)
		return apply_tag(load, event, value);
	value->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (value->plain)
		scalar_resolve(value->raw, value);
	else
		value->string = value->raw;
	return 0;
}

static int load_alias(struct load *load, const yaml_event_t *event, struct value **out)
{
	struct str name = text_of(event->data.alias.anchor);
	const struct anchor *anchor = anchors_find(&load->anchors, name);
	if (!anchor || !anchor->complete)
		return anchors_fail(
		    name, anchor ? "stands inside its own anchor" : "names no anchor",
		    (uint32_t)event->start_mark.line + 1,
		    (uint32_t)event->start_mark.column + 1, load->err);
	*out = anchor->value;
	return count_nodes(load, event->start_mark, anchor->nodes);
}

static int load_node(struct load *load, const yaml_event_t *event, struct value **out);

static int load_sequence(struct load *load, struct value *list)
{
	for (;;) {
		yaml_event_t event EVENT_CLEANUP;
		int code = stream_next(&load->stream, &event, load->err);
		if (code || event.type == YAML_SEQUENCE_END_EVENT)
			return code;
		struct value *item = NULL;
		code = load_node(load, &event, &item);
		if (code)
			return code;
		value_append(load->arena, list, item);
	}
}

/* A key as JSON writes it: `yes` is true, `0x10` is 16. */
static int key_text(struct load *load, const struct value *key, struct str *out)
{
	switch (key->kind) {
	case VALUE_STRING:
		*out = key->string;
		return 0;
	case VALUE_BOOL:
		*out = str_of(key->boolean ? "true" : "false");
		return 0;
	case VALUE_INT:
		*out = str_of(arena_printf(load->arena, "%lld", (long long)key->integer));
		return 0;
	case VALUE_NULL:
		*out = STR("null");
		return 0;
	case VALUE_FLOAT:
		*out = key->raw;
		return 0;
	case VALUE_LIST:
	case VALUE_MAP:
		break;
	}
	(void)err_set(load->err, ERR_INVALID, "a key is a %s, expected a string",
		      value_kind_name(key->kind));
	return err_at(load->err, NULL, key->line, key->col);
}

static void merge_map(struct load *load, const struct value *from,
		      struct members *members)
{
	for (size_t i = 0; i < from->map.len; i++) {
		struct member *member = VEC_ADD(load->arena, members);
		member->entry = from->map.items[i];
		member->order = members->len - 1;
		member->merged = true;
	}
}

/* `<<: *map` or `<<: [*map, *map]`. What is merged was counted as nodes of the alias. */
static int load_merge(struct load *load, const struct value *from, yaml_mark_t mark,
		      struct members *members)
{
	if (from->kind == VALUE_MAP) {
		merge_map(load, from, members);
		return 0;
	}
	for (size_t i = 0; from->kind == VALUE_LIST && i < from->list.len; i++) {
		if (from->list.items[i]->kind != VALUE_MAP)
			return stream_fail(mark, ERR_INVALID,
					   "'<<' takes a map or a list of maps",
					   load->err);
		merge_map(load, from->list.items[i], members);
	}
	if (from->kind == VALUE_LIST)
		return 0;
	return stream_fail(mark, ERR_INVALID, "'<<' takes a map or a list of maps",
			   load->err);
}

/* By key; own entries before merged ones, then in their order. */
static int compare_keys(const void *a_ptr, const void *b_ptr)
{
	const struct member *a = a_ptr;
	const struct member *b = b_ptr;
	int order = str_cmp(a->entry.key, b->entry.key);
	if (order)
		return order;
	if (a->merged != b->merged)
		return a->merged ? 1 : -1;
	return (a->order > b->order) - (a->order < b->order);
}

/* Takes the members over into the map, in their order, each key once; notes duplicates.
 */
static void finish_map(struct load *load, const struct members *members,
		       struct value *map)
{
	struct member *sorted = ARENA_ARRAY(load->arena, struct member, members->len);
	if (members->len)
		memcpy(sorted, members->items, members->len * sizeof(*sorted));
	qsort(sorted, members->len, sizeof(*sorted), compare_keys);
	for (size_t i = 1; i < members->len; i++) {
		const struct member *again = &sorted[i];
		if (!str_eq(again->entry.key, sorted[i - 1].entry.key))
			continue;
		if (!again->merged && load->duplicates) {
			struct yaml_duplicate *found =
			    VEC_ADD(load->arena, load->duplicates);
			found->key = again->entry.key;
			found->line = again->entry.line;
			found->col = again->entry.col;
		}
		members->items[again->order].entry.value = NULL;
	}
	for (size_t i = 0; i < members->len; i++)
		if (members->items[i].entry.value)
			VEC_PUSH(load->arena, &map->map, members->items[i].entry);
}

static bool is_merge_key(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT && !event->data.scalar.tag &&
	       event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       event->data.scalar.length == 2 &&
	       memcmp(event->data.scalar.value, "<<", 2) == 0;
}

/* The value behind a key. */
static int load_member(struct load *load, const yaml_event_t *key_event,
		       struct members *members)
{
	struct value *key = NULL;
	struct str text = { NULL, 0 };
	int code = load_node(load, key_event, &key);
	if (!code && key)
		code = key_text(load, key, &text);
	if (code)
		return code;
	yaml_event_t event EVENT_CLEANUP;
	code = stream_next(&load->stream, &event, load->err);
	if (code)
		return code;
	struct value *value = NULL;
	code = load_node(load, &event, &value);
	if (code)
		return code;
	if (is_merge_key(key_event))
		return load_merge(load, value, event.start_mark, members);
	struct member *member = VEC_ADD(load->arena, members);
	member->entry.key = text;
	member->entry.value = value;
	member->entry.line = (uint32_t)key_event->start_mark.line + 1;
	member->entry.col = (uint32_t)key_event->start_mark.column + 1;
	member->order = members->len - 1;
	return 0;
}

static int load_mapping(struct load *load, struct value *map)
{
	struct members members = { NULL, 0, 0 };
	for (;;) {
		yaml_event_t event EVENT_CLEANUP;
		int code = stream_next(&load->stream, &event, load->err);
		if (!code && event.type == YAML_MAPPING_END_EVENT) {
			finish_map(load, &members, map);
			return 0;
		}
		if (!code)
			code = load_member(load, &event, &members);
		if (code)
			return code;
	}
}

static int load_collection(struct load *load, const yaml_event_t *event,
			   struct value **out)
{
	bool is_map = event->type == YAML_MAPPING_START_EVENT;
	const unsigned char *anchor =
	    is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
	size_t before = load->nodes - 1;
	struct value *value = value_new(load->arena, is_map ? VALUE_MAP : VALUE_LIST);
	place_value(value, event->start_mark);
	begin_anchor(load, anchor, value);
	int code = is_map ? load_mapping(load, value) : load_sequence(load, value);
	end_anchor(load, anchor, value, load->nodes - before);
	*out = value;
	return code;
}

/* Recursion ends at LIMIT_YAML_DEPTH, which the stream counts. */
static int load_node(struct load *load, const yaml_event_t *event, struct value **out)
{
	if (event->type == YAML_ALIAS_EVENT)
		return load_alias(load, event, out);
	int code = count_nodes(load, event->start_mark, 1);
	if (code)
		return code;
	if (event->type != YAML_SCALAR_EVENT)
		return load_collection(load, event, out);
	code = load_scalar(load, event, out);
	if (!code) {
		begin_anchor(load, event->data.scalar.anchor, *out);
		end_anchor(load, event->data.scalar.anchor, *out, 1);
	}
	return code;
}

static bool is_nothing(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT && event->data.scalar.length == 0 &&
	       event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       !event->data.scalar.tag && !event->data.scalar.anchor;
}

static int load_document(struct load *load, struct yaml_document *out)
{
	yaml_event_t event EVENT_CLEANUP;
	int code = stream_next(&load->stream, &event, load->err);
	if (code)
		return code;
	load->anchors.len = 0;
	out->line = (uint32_t)event.start_mark.line + 1;
	if (is_nothing(&event))
		return 0;
	return load_node(load, &event, &out->root);
}

static void release_load(struct load *load)
{
	stream_release(&load->stream);
}

int yaml_load(struct str text, struct arena *arena, struct yaml_documents *out,
	      struct yaml_duplicates *duplicates, struct err *err)
{
	struct load load CLEANUP(
	    release_load) = { .arena = arena, .duplicates = duplicates, .err = err };
	int code = stream_open(&load.stream, text, err);
	while (!code) {
		yaml_event_t event EVENT_CLEANUP;
		code = stream_next(&load.stream, &event, err);
		if (code || event.type == YAML_STREAM_END_EVENT)
			break;
		if (event.type != YAML_DOCUMENT_START_EVENT)
			continue;
		struct yaml_document document = { NULL, 0 };
		code = load_document(&load, &document);
		if (!code)
			VEC_PUSH(arena, out, document);
	}
	return code;
}
