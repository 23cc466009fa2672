/* SPDX-License-Identifier: MIT */
/* The functions and methods of the subset. */
#include "adapter/regex/regex.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "lang/cel/node.h"

#define CALL(name)                                                        \
	static int name(struct machine *machine, const struct node *node, \
			const struct result *args, struct result *out, struct err *err)

static int no_overload(struct err *err)
{
	return err_set(err, ERR_INVALID, "no such overload");
}

/* What DYN turned out to be: texts for every argument but numbers. */
static bool are(const struct result *args, size_t n, enum value_kind kind)
{
	for (size_t i = 0; i < n; i++)
		if (args[i].optional || !args[i].value || args[i].value->kind != kind)
			return false;
	return true;
}

static size_t count_points(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

static int give_text(struct machine *machine, struct str s, struct result *out,
		     struct err *err)
{
	int code = cel_machine_spend(machine, s.len + sizeof(struct value), err);
	if (code == 0)
		out->value = cel_machine_string(machine, s);
	return code;
}

CALL(call_size)
{
	(void)node;
	const struct value *value = args[0].optional ? NULL : args[0].value;
	size_t n = 0;
	if (value && value->kind == VALUE_STRING)
		n = count_points(value->string);
	else if (value && value->kind == VALUE_LIST)
		n = value->list.len;
	else if (value && value->kind == VALUE_MAP)
		n = value->map.len;
	else
		return no_overload(err);
	out->value = value_int(machine->arena, (int64_t)n);
	return 0;
}

CALL(call_contains)
{
	if (!are(args, 2, VALUE_STRING))
		return no_overload(err);
	struct str s = args[0].value->string;
	struct str part = args[1].value->string;
	bool yes = false;
	if (str_is(node->name, "startsWith"))
		yes = str_starts(s, part);
	else if (str_is(node->name, "endsWith"))
		yes = str_ends(s, part);
	else
		yes = part.len == 0 || str_find(s, part) < s.len;
	out->value = value_bool(machine->arena, yes);
	return 0;
}

CALL(call_matches)
{
	(void)node;
	struct regex *regex REGEX_CLEANUP = NULL;
	if (!are(args, 2, VALUE_STRING))
		return no_overload(err);
	machine->steps += 1000; /* compiling is worth that many */
	int code = regex_new(args[1].value->string, &regex, err);
	if (code)
		return code;
	out->value =
	    value_bool(machine->arena, regex_matches(regex, args[0].value->string));
	return 0;
}

CALL(call_case)
{
	if (!are(args, 1, VALUE_STRING))
		return no_overload(err);
	bool upper = str_is(node->name, "upperAscii");
	int code = give_text(machine, args[0].value->string, out, err);
	if (code)
		return code;
	char *bytes = arena_strndup(machine->arena, out->value->string);
	for (size_t i = 0; i < out->value->string.len; i++) {
		if (!upper)
			bytes[i] = char_lower(bytes[i]);
		else if (bytes[i] >= 'a' && bytes[i] <= 'z')
			bytes[i] = (char)(bytes[i] - 'a' + 'A');
	}
	out->value =
	    value_string(machine->arena, (struct str){ bytes, out->value->string.len });
	return 0;
}

/* White space as Unicode has it, at the front. */
static size_t space_len(struct str s)
{
	uint32_t c = 0;
	size_t n = str_utf8_decode(s, 0, &c);
	bool space = (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 ||
		     c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
		     c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
	return n && space ? n : 0;
}

CALL(call_trim)
{
	(void)node;
	if (!are(args, 1, VALUE_STRING))
		return no_overload(err);
	struct str s = args[0].value->string;
	while (s.len && space_len(s))
		s = str_from(s, space_len(s));
	while (s.len) {
		size_t at = s.len - 1;
		while (at && ((unsigned char)s.ptr[at] & 0xc0) == 0x80)
			at--;
		if (!space_len(str_from(s, at)))
			break;
		s.len = at;
	}
	return give_text(machine, s, out, err);
}

/* The next piece up to the separator; an empty separator cuts one code point. */
static struct str next_piece(struct str rest, struct str separator)
{
	if (separator.len)
		return str_slice(rest, 0, str_find(rest, separator));
	uint32_t c = 0;
	size_t n = str_utf8_decode(rest, 0, &c);
	return str_slice(rest, 0, n ? n : 1);
}

static int push_text(struct machine *machine, struct value *list, struct str s,
		     struct err *err)
{
	struct result item = { NULL, false };
	machine->steps++;
	int code = give_text(machine, s, &item, err);
	if (code == 0)
		value_append(machine->arena, list, cel_machine_string(machine, s));
	return code;
}

CALL(call_split)
{
	bool limited = node->args.len > 2;
	if (!are(args, 2, VALUE_STRING) || (limited && !are(args + 2, 1, VALUE_INT)))
		return no_overload(err);
	struct str rest = args[0].value->string;
	struct str separator = args[1].value->string;
	int64_t left = limited ? args[2].value->integer : -1;
	struct value *list = value_new(machine->arena, VALUE_LIST);
	out->value = list;
	int code = 0;
	while (code == 0 && left != 0) {
		struct str piece = next_piece(rest, separator);
		size_t taken = piece.len + separator.len;
		bool last = left == 1 || piece.len >= rest.len;
		if (last && separator.len == 0 && rest.len == 0)
			break;
		code = push_text(machine, list, last ? rest : piece, err);
		if (last)
			break;
		rest = str_from(rest, taken);
		left -= left > 0;
	}
	return code;
}

CALL(call_replace)
{
	bool limited = node->args.len > 3;
	if (!are(args, 3, VALUE_STRING) || (limited && !are(args + 3, 1, VALUE_INT)))
		return no_overload(err);
	struct str rest = args[0].value->string;
	struct str from = args[1].value->string;
	int64_t left = limited ? args[3].value->integer : -1;
	struct buf made BUF_CLEANUP = BUF_INIT(LIMIT_CEL_MEMORY);
	bool first = true;
	while (left != 0) {
		size_t at = from.len ? str_find(rest, from) : 0;
		if (from.len && at >= rest.len)
			break;
		/* an empty text stands before every code point and at the end */
		if (from.len == 0 && !first) {
			struct str point = next_piece(rest, from);
			if (rest.len == 0)
				break;
			(void)buf_append(&made, point);
			rest = str_from(rest, point.len);
		}
		first = false;
		(void)buf_append(&made, str_slice(rest, 0, at));
		(void)buf_append(&made, args[2].value->string);
		rest = str_from(rest, at + from.len);
		left -= left > 0;
		machine->steps++;
	}
	(void)buf_append(&made, rest);
	if (made.full)
		return cel_machine_spend(machine, LIMIT_CEL_MEMORY + 1, err);
	return give_text(machine, buf_str(&made), out, err);
}

/* The byte offset of a code point; false beyond the end. */
static bool find_point(struct str s, int64_t point, size_t *off)
{
	*off = 0;
	if (point < 0)
		return false;
	for (; point > 0 && *off < s.len; point--) {
		uint32_t c = 0;
		size_t n = str_utf8_decode(s, *off, &c);
		*off += n ? n : 1;
	}
	return point == 0;
}

CALL(call_substring)
{
	size_t n = node->args.len;
	size_t from = 0;
	if (!are(args, 1, VALUE_STRING) || !are(args + 1, n - 1, VALUE_INT))
		return no_overload(err);
	struct str s = args[0].value->string;
	size_t to = s.len;
	if (!find_point(s, args[1].value->integer, &from) ||
	    (n > 2 && !find_point(s, args[2].value->integer, &to)))
		return err_set(err, ERR_INVALID, "index out of range: %lld",
			       (long long)args[n - 1].value->integer);
	if (from > to)
		return err_set(err, ERR_INVALID,
			       "invalid substring range. start: %lld, end: %lld",
			       (long long)args[1].value->integer,
			       (long long)args[n - 1].value->integer);
	return give_text(machine, str_slice(s, from, to - from), out, err);
}

CALL(call_first)
{
	if (!are(args, 1, VALUE_LIST))
		return no_overload(err);
	(void)machine;
	const struct value *list = args[0].value;
	size_t n = list->list.len;
	out->optional = true;
	if (n)
		out->value = list->list.items[str_is(node->name, "first") ? 0 : n - 1];
	return 0;
}

CALL(call_value)
{
	(void)machine;
	(void)node;
	if (!args[0].optional)
		return no_overload(err);
	if (!args[0].value)
		return err_set(err, ERR_INVALID, "optional.none() dereference");
	out->value = args[0].value;
	return 0;
}

/* The shortest decimal that reads back as the same number. */
static struct str write_double(double real, char text[40])
{
	for (int digits = 1; digits <= 17; digits++) {
		(void)snprintf(text, 40, "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			break;
	}
	return str_of(text);
}

CALL(call_string)
{
	(void)node;
	char text[40];
	const struct value *value = args[0].optional ? NULL : args[0].value;
	if (value && value->kind == VALUE_STRING) {
		out->value = value;
		return 0;
	}
	if (value && value->kind == VALUE_BOOL)
		return give_text(machine, value->boolean ? STR("true") : STR("false"),
				 out, err);
	if (value && value->kind == VALUE_INT) {
		(void)snprintf(text, sizeof(text), "%lld", (long long)value->integer);
		return give_text(machine, str_of(text), out, err);
	}
	if (value && value->kind == VALUE_FLOAT)
		return give_text(machine, write_double(value->real, text), out, err);
	return no_overload(err);
}

#define ONE_TEXT            \
	{                   \
		TYPE_STRING \
	}

static const struct function functions[] = {
	{ "size", false, TYPE_DYN, 0, 0, { TYPE_DYN }, TYPE_INT, call_size },
	{ "size", true, TYPE_DYN, 0, 0, { TYPE_DYN }, TYPE_INT, call_size },
	{ "string", false, TYPE_DYN, 0, 0, { TYPE_DYN }, TYPE_STRING, call_string },
	{ "contains", true, TYPE_STRING, 1, 1, ONE_TEXT, TYPE_BOOL, call_contains },
	{ "startsWith", true, TYPE_STRING, 1, 1, ONE_TEXT, TYPE_BOOL, call_contains },
	{ "endsWith", true, TYPE_STRING, 1, 1, ONE_TEXT, TYPE_BOOL, call_contains },
	{ "matches", true, TYPE_STRING, 1, 1, ONE_TEXT, TYPE_BOOL, call_matches },
	{ "matches", false, TYPE_STRING, 1, 1, ONE_TEXT, TYPE_BOOL, call_matches },
	{ "lowerAscii", true, TYPE_STRING, 0, 0, ONE_TEXT, TYPE_STRING, call_case },
	{ "upperAscii", true, TYPE_STRING, 0, 0, ONE_TEXT, TYPE_STRING, call_case },
	{ "trim", true, TYPE_STRING, 0, 0, ONE_TEXT, TYPE_STRING, call_trim },
	{ "split",
	  true,
	  TYPE_STRING,
	  1,
	  2,
	  { TYPE_STRING, TYPE_INT },
	  TYPE_LIST,
	  call_split },
	{ "replace",
	  true,
	  TYPE_STRING,
	  2,
	  3,
	  { TYPE_STRING, TYPE_STRING, TYPE_INT },
	  TYPE_STRING,
	  call_replace },
	{ "substring",
	  true,
	  TYPE_STRING,
	  1,
	  2,
	  { TYPE_INT, TYPE_INT },
	  TYPE_STRING,
	  call_substring },
	{ "first", true, TYPE_LIST, 0, 0, { TYPE_DYN }, TYPE_OPTIONAL, call_first },
	{ "last", true, TYPE_LIST, 0, 0, { TYPE_DYN }, TYPE_OPTIONAL, call_first },
	{ "value", true, TYPE_OPTIONAL, 0, 0, { TYPE_DYN }, TYPE_DYN, call_value },
};

const struct function *cel_function_find(struct str name, bool method)
{
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (functions[i].method == method && str_is(name, functions[i].name))
			return &functions[i];
	return NULL;
}
