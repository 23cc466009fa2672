/* SPDX-License-Identifier: MIT */
/* Selecting rows by labels and by conditions. */
#include "cmd/get_filter.h"
#include "base/text.h"
#include "stage/document/document.h"
#include <strings.h>

static int parse_term(struct str text, struct arena *arena, struct label_term *out,
		      struct err *err)
{
	size_t equals = str_find_char(text, '=');
	struct str key = str_trim(str_slice(text, 0, equals));
	struct str value = { NULL, 0 };
	bool has_value = equals < text.len;
	bool differs = has_value ? str_ends(key, STR("!")) : str_starts(key, STR("!"));
	if (has_value)
		value = str_from(text, equals + 1);
	if (str_starts(value, STR("=")) && !differs)
		value = str_from(value, 1);
	value = str_trim(value);
	if (differs)
		key = has_value ? str_slice(key, 0, key.len - 1) : str_from(key, 1);
	key = str_trim(key);
	if (!text_is_label_key(key) || !text_is_label_value(value))
		return err_set(err, ERR_INVALID,
			       "'%.*s' is not a selector such as app=web, app!=web, app "
			       "or !app",
			       STR_ARG(text));
	out->key = arena_strndup(arena, key);
	if (has_value) {
		out->op = differs ? LABEL_NOT_IN : LABEL_IN;
		strings_add(arena, &out->values, arena_strndup(arena, value));
	} else {
		out->op = differs ? LABEL_DOES_NOT_EXIST : LABEL_EXISTS;
	}
	return 0;
}

static int parse_status(const char *text, struct arena *arena, struct get_filter *out,
			struct err *err)
{
	struct str s = str_of(text);
	size_t equals = str_find_char(s, '=');
	struct str type = str_slice(s, 0, equals);
	out->status_differs = str_ends(type, STR("!"));
	if (out->status_differs)
		type.len--;
	if (type.len == 0 || equals + 1 >= s.len)
		return err_set(err, ERR_INVALID,
			       "'%s' is not a status selector such as ready=false or "
			       "ready!=true",
			       text);
	out->condition = arena_strndup(arena, type);
	out->status = arena_strndup(arena, str_from(s, equals + 1));
	return 0;
}

int get_filter_parse(const char *labels, const char *status, struct arena *arena,
		     struct get_filter *out, struct err *err)
{
	struct str rest = labels && *labels ? str_of(labels) : (struct str){ NULL, 0 };
	struct str piece;
	int code = 0;
	while (!code && rest.ptr && str_split(&rest, ',', &piece))
		code = parse_term(piece, arena,
				  VEC_ADD(arena, &out->labels.match_expressions), err);
	if (!code && status && *status)
		code = parse_status(status, arena, out, err);
	return code;
}

/* A condition that an object does not have has no status. */
static const char *status_of(const struct object_view *view, const char *condition)
{
	if (strcasecmp(condition, "Ready") == 0)
		return view->ready;
	if (strcasecmp(condition, "Stalled") == 0 && view->condition.stalled)
		return "True";
	return "";
}

bool get_filter_takes(const struct get_filter *filter, const struct object_view *view)
{
	if (!document_labels_match(&filter->labels, &view->meta->labels))
		return false;
	if (!filter->condition)
		return true;
	bool is = strcasecmp(status_of(view, filter->condition), filter->status) == 0;
	return is != filter->status_differs;
}
