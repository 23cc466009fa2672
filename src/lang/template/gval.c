/* SPDX-License-Identifier: MIT */
/* Decides what Go values are: the plain types, how values are made, boxed and looked
 * into. */
#include "lang/template/gval.h"
#include "base/vec.h"

const struct gtype gtype_bool = { .kind = GKIND_BOOL, .name = "bool" };
static const struct gtype int_type = { .kind = GKIND_INT, .name = "int" };
const struct gtype gtype_int64 = { .kind = GKIND_INT64, .name = "int64" };
const struct gtype gtype_uint8 = { .kind = GKIND_UINT8, .name = "uint8" };
static const struct gtype uint64_type = { .kind = GKIND_UINT64, .name = "uint64" };
static const struct gtype float64_type = { .kind = GKIND_FLOAT64, .name = "float64" };
const struct gtype gtype_complex128 = { .kind = GKIND_COMPLEX128, .name = "complex128" };
const struct gtype gtype_string = { .kind = GKIND_STRING, .name = "string" };
const struct gtype gtype_iface = { .kind = GKIND_INTERFACE, .name = "interface {}" };
const struct gtype gtype_list = { .kind = GKIND_SLICE,
				  .name = "[]interface {}",
				  .elem = &gtype_iface };
const struct gtype gtype_strings = { .kind = GKIND_SLICE,
				     .name = "[]string",
				     .elem = &gtype_string };
const struct gtype gtype_ints = { .kind = GKIND_SLICE,
				  .name = "[]int",
				  .elem = &int_type };
const struct gtype gtype_chunks = { .kind = GKIND_SLICE,
				    .name = "[][]interface {}",
				    .elem = &gtype_list };
const struct gtype gtype_map = { .kind = GKIND_MAP,
				 .name = "map[string]interface {}",
				 .key = &gtype_string,
				 .elem = &gtype_iface };
const struct gtype gtype_string_map = { .kind = GKIND_MAP,
					.name = "map[string]string",
					.key = &gtype_string,
					.elem = &gtype_string };

enum gkind gval_kind(struct gval v)
{
	return v.type ? v.type->kind : GKIND_INVALID;
}

bool gval_is_valid(struct gval v)
{
	return v.type != NULL;
}

bool gval_is_nil_iface(struct gval v)
{
	return gval_kind(v) == GKIND_INTERFACE;
}

bool gkind_is_int(enum gkind kind)
{
	return kind == GKIND_INT || kind == GKIND_INT64;
}

bool gkind_is_uint(enum gkind kind)
{
	return kind == GKIND_UINT8 || kind == GKIND_UINT64;
}

const char *gkind_name(enum gkind kind)
{
	static const char *const names[] = {
		[GKIND_INVALID] = "invalid", [GKIND_BOOL] = "bool",
		[GKIND_INT] = "int",         [GKIND_INT64] = "int64",
		[GKIND_UINT8] = "uint8",     [GKIND_UINT64] = "uint64",
		[GKIND_FLOAT64] = "float64", [GKIND_COMPLEX128] = "complex128",
		[GKIND_STRING] = "string",   [GKIND_SLICE] = "slice",
		[GKIND_MAP] = "map",         [GKIND_STRUCT] = "struct",
		[GKIND_PTR] = "ptr",         [GKIND_INTERFACE] = "interface",
	};
	return names[kind];
}

struct gval gval_none(void)
{
	return (struct gval){ .type = NULL };
}

struct gval gval_nil_iface(void)
{
	return (struct gval){ .type = &gtype_iface, .boxed = true };
}

struct gval gval_bool(bool b)
{
	return (struct gval){ .type = &gtype_bool, .boolean = b };
}

struct gval gval_int(int64_t n)
{
	return (struct gval){ .type = &int_type, .integer = n };
}

struct gval gval_int64(int64_t n)
{
	return (struct gval){ .type = &gtype_int64, .integer = n };
}

struct gval gval_uint64(uint64_t n)
{
	return (struct gval){ .type = &uint64_type, .natural = n };
}

struct gval gval_float(double f)
{
	return (struct gval){ .type = &float64_type, .real = f };
}

struct gval gval_string(struct str s)
{
	return (struct gval){ .type = &gtype_string, .string = s };
}

struct gval gval_text(const char *text)
{
	return gval_string(str_of(text));
}

struct gval gval_struct(const struct gtype *type, const struct gval *fields)
{
	return (struct gval){ .type = type, .fields = fields };
}

struct gval gval_box(struct gval v)
{
	if (!v.type)
		return gval_nil_iface();
	v.boxed = true;
	return v;
}

struct gval gval_unbox(struct gval v)
{
	if (gval_is_nil_iface(v))
		return gval_none();
	v.boxed = false;
	return v;
}

struct gval gval_zero(const struct gtype *type)
{
	struct gval v = { .type = type };
	if (type->kind == GKIND_INTERFACE)
		return gval_nil_iface();
	if (type->kind == GKIND_STRING)
		v.string = STR("");
	return v;
}

struct gval gval_list(struct gctx *ctx, const struct gtype *type, size_t cap)
{
	struct gval list = { .type = type };
	list.list.items = gctx_alloc(ctx, cap ? cap : 1, sizeof(struct gval));
	list.list.cap = list.list.items ? cap : 0;
	return list;
}

void gval_list_add(struct gctx *ctx, struct gval *list, struct gval item)
{
	struct glist *l = &list->list;
	if (l->len == l->cap || !l->items) {
		size_t cap = l->cap < 4 ? 4 : l->cap * 2;
		struct gval *items = gctx_alloc(ctx, cap, sizeof(*items));
		if (!items)
			return;
		if (l->len)
			memcpy(items, l->items, l->len * sizeof(*items));
		l->items = items;
		l->cap = cap;
	}
	if (list->type->elem->kind == GKIND_INTERFACE)
		item = gval_box(item);
	else
		item.boxed = false;
	l->items[l->len++] = item;
}

struct gval gval_list_slice(struct gval list, size_t from, size_t to)
{
	struct gval part = { .type = list.type };
	part.list.items = list.list.items ? list.list.items + from : NULL;
	part.list.len = to - from;
	part.list.cap = list.list.cap - from;
	return part;
}

struct gval gval_map(struct gctx *ctx, const struct gtype *type)
{
	return (struct gval){ .type = type,
			      .map = gctx_alloc(ctx, 1, sizeof(struct gmap)) };
}

size_t gval_map_len(struct gval map)
{
	return map.map ? map.map->len : 0;
}

static int order_key(const void *key, const void *item)
{
	return gval_compare(*(const struct gval *)key,
			    ((const struct gmap_entry *)item)->key);
}

/* Where the key is or would be; *found tells which. */
static size_t locate_key(const struct gmap *map, struct gval key, bool *found)
{
	return vec_search(map->items, map->len, sizeof(*map->items), &key, order_key,
			  found);
}

static bool grow_map(struct gctx *ctx, struct gmap *map)
{
	if (map->len < map->cap)
		return true;
	size_t cap = map->cap ? map->cap * 2 : 4;
	struct gmap_entry *items = gctx_alloc(ctx, cap, sizeof(*items));
	if (!items)
		return false;
	if (map->len)
		memcpy(items, map->items, map->len * sizeof(*items));
	map->items = items;
	map->cap = cap;
	return true;
}

void gval_map_set(struct gctx *ctx, struct gval map, struct gval key, struct gval value)
{
	bool found;
	if (!map.map)
		return;
	size_t at = locate_key(map.map, key, &found);
	if (map.type->elem->kind == GKIND_INTERFACE)
		value = gval_box(value);
	else
		value.boxed = false;
	if (found) {
		map.map->items[at].value = value;
		return;
	}
	/* moving entries costs what it moves */
	if (!gctx_step(ctx, (map.map->len - at) / 64) || !grow_map(ctx, map.map))
		return;
	key.boxed = false;
	memmove(&map.map->items[at + 1], &map.map->items[at],
		(map.map->len - at) * sizeof(*map.map->items));
	map.map->items[at] = (struct gmap_entry){ key, value };
	map.map->len++;
}

void gval_map_unset(struct gval map, struct gval key)
{
	bool found;
	if (!map.map)
		return;
	size_t at = locate_key(map.map, key, &found);
	if (!found)
		return;
	map.map->len--;
	memmove(&map.map->items[at], &map.map->items[at + 1],
		(map.map->len - at) * sizeof(*map.map->items));
}

struct gval *gval_map_find(struct gval map, struct gval key)
{
	bool found = false;
	size_t at = map.map ? locate_key(map.map, key, &found) : 0;
	return found ? &map.map->items[at].value : NULL;
}

struct gval *gval_map_get(struct gval map, const char *key)
{
	return gval_map_find(map, gval_text(key));
}

void gval_map_put(struct gctx *ctx, struct gval map, const char *key, struct gval value)
{
	gval_map_set(ctx, map, gval_text(key), value);
}

const struct gval *gval_field(struct gval v, struct str name, const struct gfield **row)
{
	for (size_t i = 0; i < v.type->n_fields; i++) {
		if (str_is(name, v.type->fields[i].name)) {
			*row = &v.type->fields[i];
			return &v.fields[i];
		}
	}
	for (size_t i = 0; i < v.type->n_fields; i++) {
		if (!v.type->fields[i].embedded)
			continue;
		const struct gval *inner = gval_field(v.fields[i], name, row);
		if (inner)
			return inner;
	}
	return NULL;
}

const struct gfunc *gtype_method(const struct gtype *type, struct str name)
{
	for (size_t i = 0; type && i < type->n_methods; i++)
		if (str_is(name, type->methods[i].name))
			return &type->methods[i];
	return NULL;
}

bool gval_stringer(struct gctx *ctx, struct gval v, struct str *out)
{
	const struct gfunc *method = gtype_method(v.type, STR("String"));
	if (!method || (v.type->kind == GKIND_PTR && !v.ptr))
		return false;
	struct gcall call = { .ctx = ctx, .receiver = v };
	struct gval text = method->run(&call);
	*out = gval_kind(text) == GKIND_STRING ? text.string : STR("");
	return true;
}

static struct gval convert_map(struct gctx *ctx, const struct value *value, bool floats)
{
	struct gval map = gval_map(ctx, &gtype_map);
	for (size_t i = 0; i < value->map.len && !ctx->failed; i++)
		gval_map_set(ctx, map, gval_string(value->map.items[i].key),
			     gval_from_value(ctx, value->map.items[i].value, floats));
	return map;
}

static struct gval convert_list(struct gctx *ctx, const struct value *value, bool floats)
{
	struct gval list = gval_list(ctx, &gtype_list, value->list.len);
	for (size_t i = 0; i < value->list.len && !ctx->failed; i++)
		gval_list_add(ctx, &list,
			      gval_from_value(ctx, value->list.items[i], floats));
	return list;
}

struct gval gval_from_value(struct gctx *ctx, const struct value *value,
			    bool numbers_are_floats)
{
	struct gval out = gval_none();
	if (!gctx_enter(ctx))
		return out;
	switch (value->kind) {
	case VALUE_NULL:
		break;
	case VALUE_BOOL:
		out = gval_bool(value->boolean);
		break;
	case VALUE_INT:
		out = numbers_are_floats ? gval_float((double)value->integer)
					 : gval_int(value->integer);
		break;
	case VALUE_FLOAT:
		out = gval_float(value->real);
		break;
	case VALUE_STRING:
		out = gval_string(value->string);
		break;
	case VALUE_LIST:
		out = convert_list(ctx, value, numbers_are_floats);
		break;
	case VALUE_MAP:
		out = convert_map(ctx, value, numbers_are_floats);
		break;
	}
	gctx_leave(ctx);
	return out;
}
