/* SPDX-License-Identifier: MIT */
/*
 * The one walker: decodes a map by the rows of its kind and reports, as the Kubernetes
 * API server would, what does not fit them. What a value means beyond its row is left to
 * the kind.
 */
#include "base/cursor.h"
#include "base/text.h"
#include "base/when.h"
#include "stage/document/schema.h"

enum {
	UNKNOWN_MAX = 20,    /* unknown fields that are named, of one object */
	CANDIDATES_MAX = 40, /* fields of one object */
	WALK_DEPTH = 8       /* no table nests deeper */
};

/* One field of a map while it is decoded. */
struct step {
	const struct field *field;
	struct trail trail;
	struct place place; /* of the value */
	const struct value *value;
	char *form;
};

static void put(const struct step *step, const void *value, size_t bytes)
{
	memcpy(step->form + step->field->off, value, bytes);
}

const char *walk_type_name(const struct value *value)
{
	static const char *const names[] = {
		[VALUE_NULL] = "null",     [VALUE_BOOL] = "boolean",
		[VALUE_INT] = "integer",   [VALUE_FLOAT] = "number",
		[VALUE_STRING] = "string", [VALUE_LIST] = "array",
		[VALUE_MAP] = "object",
	};
	return names[value->kind];
}

static bool is_scalar(const struct value *value)
{
	return value->kind == VALUE_BOOL || value->kind == VALUE_INT ||
	       value->kind == VALUE_FLOAT;
}

static void refuse_type(struct decode *d, const struct step *step, const char *expected)
{
	struct finding *finding =
	    decode_reject(d, &step->trail, step->place,
			  "Invalid value: \"%s\": %s in body must be of type %s: \"%s\"",
			  walk_type_name(step->value), show_trail(d, &step->trail),
			  expected, walk_type_name(step->value));
	if (step->field->type == FIELD_DURATION)
		finding->hint = "write a duration such as 5m or 1h30m";
	else if (is_scalar(step->value) && strcmp(expected, "string") == 0)
		finding->hint =
		    arena_printf(d->findings->arena, "quote the value: \"%s\"",
				 show_text(d->arena, step->value->raw));
	else if (step->value->kind == VALUE_STRING && strcmp(expected, "boolean") == 0)
		finding->hint = "write true or false, without quotes";
}

/* `${NAME` as Flux's post-build substitution has it, not `$${`. */
static bool holds_substitution(struct str text, struct str *found)
{
	for (size_t i = 0; i + 2 < text.len; i++) {
		if (text.ptr[i] != '$' || text.ptr[i + 1] != '{' ||
		    (i > 0 && text.ptr[i - 1] == '$'))
			continue;
		char c = text.ptr[i + 2];
		size_t end = str_find_char(str_from(text, i), '}');
		if ((char_is_alpha(c) || c == '_') && end < text.len - i) {
			*found = str_slice(text, i, end + 1);
			return true;
		}
	}
	return false;
}

/*
 * A string as the form keeps it; false when it cannot be one. An empty one whose text
 * begins with `!` or `>` is a tag or the head of a folded block: the author forgot the
 * quotes.
 */
static bool take_string(struct decode *d, const struct step *step,
			const struct value *value, const char **out)
{
	struct str s = value->string;
	struct str found;
	if (memchr(s.ptr ? s.ptr : "", '\0', s.len)) {
		(void)decode_reject(d, &step->trail, step->place,
				    "Invalid value: a text without NUL is expected");
		return false;
	}
	struct str written = { NULL, 0 };
	if (s.len == 0)
		written = source_at(d->source, d->arena, value->line, value->col);
	written = str_trim(str_slice(written, 0, str_find(written, STR(" #"))));
	if (written.len &&
	    (written.ptr[0] == '!' || (written.ptr[0] == '>' && written.len > 1))) {
		struct finding *finding =
		    decode_reject(d, &step->trail, step->place,
				  "Invalid value: '%s' is read as YAML's own syntax",
				  show_text(d->arena, written));
		finding->hint =
		    arena_printf(d->findings->arena, "quote the value: \"%s\"",
				 show_text(d->arena, written));
		return false;
	}
	if (d->substitutes && !(step->field->flags & FIELD_LITERAL) &&
	    holds_substitution(s, &found)) {
		struct finding *finding = decode_refuse(
		    d, step->place, "substitution", "Invalid",
		    "%s: '%s' is not replaced here", show_trail(d, &step->trail),
		    show_text(d->arena, found));
		finding->hint = "documents are read as they stand in the tree: write "
				"the value itself";
		return false;
	}
	*out = arena_strndup(d->arena, s);
	return true;
}

static bool is_choice(const char *choices, struct str value)
{
	struct str rest = str_of(choices);
	struct str choice;
	while (str_split(&rest, '|', &choice))
		if (str_eq(choice, value))
			return true;
	return false;
}

/* `"a", "b"` of `a|b`. */
static const char *list_choices(const char *choices, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(1024);
	struct str rest = str_of(choices);
	struct str choice;
	while (str_split(&rest, '|', &choice))
		(void)buf_printf(&out, "%s\"%.*s\"", out.len ? ", " : "",
				 STR_ARG(choice));
	return arena_strndup(arena, buf_str(&out));
}

static bool check_text(struct decode *d, const struct step *step, const char *text)
{
	const struct field *field = step->field;
	struct str s = str_of(text);
	if (field->choices && !is_choice(field->choices, s)) {
		(void)decode_reject(d, &step->trail, step->place,
				    "Unsupported value: \"%s\": supported values: %s",
				    show_text(d->arena, s),
				    list_choices(field->choices, d->arena));
		return false;
	}
	if (field->max && s.len > field->max) {
		(void)decode_reject(d, &step->trail, step->place,
				    "Too long: may not be more than %zu bytes",
				    field->max);
		return false;
	}
	if ((field->flags & FIELD_NAME) && !text_is_dns_subdomain(s)) {
		(void)decode_reject(d, &step->trail, step->place,
				    "Invalid value: \"%s\": a lowercase RFC 1123 "
				    "subdomain is expected",
				    show_text(d->arena, s));
		return false;
	}
	return true;
}

static void walk_text(struct decode *d, const struct step *step)
{
	const char *text = NULL;
	if (step->value->kind != VALUE_STRING) {
		refuse_type(d, step, "string");
		return;
	}
	if (take_string(d, step, step->value, &text) && check_text(d, step, text))
		put(step, &text, sizeof(text));
}

static void walk_bool(struct decode *d, const struct step *step)
{
	if (step->value->kind == VALUE_BOOL)
		put(step, &step->value->boolean, sizeof(bool));
	else
		refuse_type(d, step, "boolean");
}

static void walk_duration(struct decode *d, const struct step *step)
{
	const char *text = NULL;
	int64_t ms = 0;
	bool hours = !(step->field->flags & FIELD_NO_HOURS);
	if (step->value->kind != VALUE_STRING) {
		refuse_type(d, step, "string");
		return;
	}
	if (!take_string(d, step, step->value, &text))
		return;
	if (duration_parse_field(str_of(text), hours, &ms)) {
		put(step, &ms, sizeof(ms));
		return;
	}
	struct finding *finding =
	    decode_reject(d, &step->trail, step->place,
			  "Invalid value: \"%s\": %s in body should match "
			  "'^([0-9]+(\\.[0-9]+)?(ms|s|m%s))+$'",
			  show_text(d->arena, str_of(text)), show_trail(d, &step->trail),
			  hours ? "|h" : "");
	finding->hint = hours ? "write a duration such as 5m or 1h30m"
			      : "write a duration such as 30s or 5m, without hours";
}

/* The step of one item or entry, which is what a message about it names. */
static struct step enter_value(const struct decode *d, const struct step *outer,
			       const struct value *value)
{
	struct step step = *outer;
	step.trail.up = &outer->trail;
	step.value = value;
	step.place = decode_place(d, value->line, value->col);
	return step;
}

static bool check_items(struct decode *d, const struct step *step)
{
	if (step->value->kind != VALUE_LIST) {
		refuse_type(d, step, "array");
		return false;
	}
	size_t len = step->value->list.len;
	if (step->field->max && len > step->field->max) {
		(void)decode_reject(d, &step->trail, step->place,
				    "Too many: %zu: must have at most %zu items", len,
				    step->field->max);
		return false;
	}
	return true;
}

static void walk_texts(struct decode *d, const struct step *step)
{
	struct strings list = { NULL, 0, 0 };
	VEC_OF(struct place) places = { NULL, 0, 0 };
	if (!check_items(d, step))
		return;
	for (size_t i = 0; i < step->value->list.len; i++) {
		struct step item = enter_value(d, step, step->value->list.items[i]);
		const char *text = NULL;
		item.trail.item = i + 1;
		if (item.value->kind != VALUE_STRING)
			refuse_type(d, &item, "string");
		else if (take_string(d, &item, item.value, &text)) {
			VEC_PUSH(d->arena, &list, text);
			VEC_PUSH(d->arena, &places, item.place);
		}
	}
	put(step, &list, sizeof(list));
	if (step->field->places_off)
		memcpy(step->form + step->field->places_off, &places, sizeof(places));
}

static void walk_labels(struct decode *d, const struct step *step)
{
	struct label_list list = { NULL, 0, 0 };
	if (step->value->kind != VALUE_MAP) {
		refuse_type(d, step, "object");
		return;
	}
	for (size_t i = 0; i < step->value->map.len; i++) {
		const struct value_entry *entry = &step->value->map.items[i];
		struct step item = enter_value(d, step, entry->value);
		struct label label = { NULL, NULL };
		item.trail.name = entry->key;
		if (item.value->kind != VALUE_STRING) {
			refuse_type(d, &item, "string");
			continue;
		}
		if (!take_string(d, &item, item.value, &label.value))
			continue;
		label.key = arena_strndup(d->arena, entry->key);
		VEC_PUSH(d->arena, &list, label);
	}
	put(step, &list, sizeof(list));
}

static void walk_object(struct decode *d, const struct step *step)
{
	const struct filling filling = { step->field->fields, step->field->n_fields,
					 step->form };
	if (step->value->kind != VALUE_MAP) {
		refuse_type(d, step, "object");
		return;
	}
	walk_fields(d, &step->trail, step->value, step->place, &filling);
}

static void walk_objects(struct decode *d, const struct step *step)
{
	struct any_vec list = { NULL, 0, 0 };
	size_t bytes = step->field->item_bytes;
	if (!check_items(d, step))
		return;
	for (size_t i = 0; i < step->value->list.len; i++) {
		struct step item = enter_value(d, step, step->value->list.items[i]);
		item.trail.item = i + 1;
		if (item.value->kind != VALUE_MAP) {
			refuse_type(d, &item, "object");
			continue;
		}
		list.items = vec_grow(d->arena, list.items, list.len, &list.cap, bytes);
		item.form = (char *)list.items + list.len * bytes;
		memset(item.form, 0, bytes);
		list.len++;
		walk_defaults(step->field->fields, step->field->n_fields, item.form);
		walk_object(d, &item);
	}
	put(step, &list, sizeof(list));
}

static void walk_value(struct decode *d, const struct step *step)
{
	const bool yes = true;
	if (step->field->present_off)
		memcpy(step->form + step->field->present_off, &yes, sizeof(yes));
	if (step->field->place_off)
		memcpy(step->form + step->field->place_off, &step->place,
		       sizeof(step->place));
	switch (step->field->type) {
	case FIELD_TEXT:
		walk_text(d, step);
		break;
	case FIELD_BOOL:
		walk_bool(d, step);
		break;
	case FIELD_DURATION:
		walk_duration(d, step);
		break;
	case FIELD_TEXTS:
		walk_texts(d, step);
		break;
	case FIELD_LABELS:
		walk_labels(d, step);
		break;
	case FIELD_OBJECT:
		walk_object(d, step);
		break;
	case FIELD_OBJECTS:
		walk_objects(d, step);
		break;
	case FIELD_ANY:
		break;
	}
}

/* An absent field; `null` counts as absent, as the API server prunes it. */
static void walk_absent(struct decode *d, const struct step *step)
{
	static const struct value empty = { .kind = VALUE_MAP };
	const struct filling filling = { step->field->fields, step->field->n_fields,
					 step->form };
	if (step->field->place_off)
		memcpy(step->form + step->field->place_off, &step->place,
		       sizeof(step->place));
	if (step->field->flags & FIELD_REQUIRED) {
		(void)decode_reject(d, &step->trail, step->place, "Required value");
	} else if (step->field->type == FIELD_OBJECT &&
		   (step->field->flags & FIELD_ALWAYS)) {
		walk_fields(d, &step->trail, &empty, step->place, &filling);
	} else if (step->field->type == FIELD_OBJECT) {
		/* places of what is not there */
		for (size_t i = 0; i < step->field->n_fields; i++)
			if (step->field->fields[i].place_off)
				memcpy(step->form + step->field->fields[i].place_off,
				       &step->place, sizeof(step->place));
	}
}

static void report_unknown(struct decode *d, const struct trail *trail,
			   const struct value_entry *entry, const struct filling *filling)
{
	const char *names[CANDIDATES_MAX];
	size_t n_names = 0;
	for (size_t i = 0; i < filling->n && n_names < CANDIDATES_MAX; i++)
		names[n_names++] = filling->fields[i].name;
	const struct trail step = { trail, entry->key, 0 };
	if (++d->unknown > UNKNOWN_MAX)
		return;
	struct finding *finding =
	    decode_refuse(d, decode_place(d, entry->line, entry->col), "unknown-field",
			  "Invalid", "unknown field \"%s\"", show_trail(d, &step));
	const char *key = arena_strndup(d->arena, str_slice(entry->key, 0, 64));
	const char *nearest = str_nearest(key, names, n_names);
	if (nearest)
		finding->hint =
		    arena_printf(d->findings->arena, "did you mean '%s'?", nearest);
}

static bool is_known(struct str key, const struct filling *filling)
{
	for (size_t i = 0; i < filling->n; i++)
		if (str_is(key, filling->fields[i].name))
			return true;
	return false;
}

static const struct value_entry *find_entry(const struct value *map, const char *name)
{
	for (size_t i = 0; i < map->map.len; i++)
		if (str_is(map->map.items[i].key, name))
			return &map->map.items[i];
	return NULL;
}

void walk_fields(struct decode *d, const struct trail *trail, const struct value *map,
		 struct place place, const struct filling *filling)
{
	size_t depth = 0;
	for (const struct trail *up = trail; up; up = up->up)
		depth++;
	if (depth > (size_t)3 * WALK_DEPTH)
		return;
	for (size_t i = 0; i < map->map.len; i++)
		if (!is_known(map->map.items[i].key, filling))
			report_unknown(d, trail, &map->map.items[i], filling);
	for (size_t i = 0; i < filling->n; i++) {
		const struct field *field = &filling->fields[i];
		const struct value_entry *entry = find_entry(map, field->name);
		struct step step = { field,
				     { trail, str_of(field->name), 0 },
				     place,
				     NULL,
				     filling->form };
		if (entry)
			step.place = decode_place(d, entry->line, entry->col);
		if (!entry || entry->value->kind == VALUE_NULL) {
			walk_absent(d, &step);
			continue;
		}
		step.value = entry->value;
		/* an object is best shown at its key, a value at itself */
		if (entry->value->kind != VALUE_MAP && entry->value->line)
			step.place =
			    decode_place(d, entry->value->line, entry->value->col);
		walk_value(d, &step);
	}
}

/* Puts a default; the tables' own texts are always well-formed. */
static void put_default(const struct field *field, char *form)
{
	const char *text = field->fallback;
	int64_t ms = 0;
	if (!text && (field->flags & FIELD_REQUIRED))
		text = "";
	if (!text)
		return;
	if (field->type == FIELD_TEXT)
		memcpy(form + field->off, &text, sizeof(text));
	else if (field->type == FIELD_DURATION &&
		 duration_parse_field(str_of(text), true, &ms))
		memcpy(form + field->off, &ms, sizeof(ms));
}

void walk_defaults(const struct field *fields, size_t n, void *form)
{
	for (size_t i = 0; i < n; i++) {
		if (fields[i].type == FIELD_OBJECT)
			walk_defaults(fields[i].fields, fields[i].n_fields, form);
		else
			put_default(&fields[i], form);
	}
}
