/* SPDX-License-Identifier: MIT */
/* What of a file is worth parsing at all, told from its bytes, so that the many other
 * manifests of a tree cost a search and are never judged. */
#include "base/cursor.h"
#include "stage/document/tree.h"

static struct str base_name(struct str path)
{
	size_t slash = str_rfind_char(path, '/');
	return slash == path.len ? path : str_from(path, slash + 1);
}

bool kustomize_is_name(struct str path)
{
	struct str name = base_name(path);
	return str_is(name, "kustomization.yaml") || str_is(name, "kustomization.yml") ||
	       str_is(name, "Kustomization");
}

static bool is_yaml_name(struct str path)
{
	return str_ends(path, STR(".yaml")) || str_ends(path, STR(".yml")) ||
	       str_is(base_name(path), "Kustomization");
}

/* Whether the bytes that end at `end` end with `KEY: `, with or without quotes. */
static bool follows_key(struct str text, size_t end, struct str key)
{
	struct str head = str_slice(text, 0, end);
	if (head.len && (head.ptr[head.len - 1] == '"' || head.ptr[head.len - 1] == '\''))
		head.len--;
	while (head.len &&
	       (head.ptr[head.len - 1] == ' ' || head.ptr[head.len - 1] == '\t'))
		head.len--;
	if (head.len == 0 || head.ptr[--head.len] != ':')
		return false;
	while (head.len &&
	       (head.ptr[head.len - 1] == ' ' || head.ptr[head.len - 1] == '"' ||
		head.ptr[head.len - 1] == '\''))
		head.len--;
	return str_ends(head, key);
}

/* Whether `word` stands behind `key:` anywhere in the text. */
static bool holds_after_key(struct str text, struct str word, struct str key)
{
	size_t off = 0;
	while (off < text.len) {
		size_t at = str_find(str_from(text, off), word);
		if (at >= text.len - off)
			return false;
		if (follows_key(text, off + at, key))
			return true;
		off += at + word.len;
	}
	return false;
}

bool screen_holds_kind(struct str text)
{
	for (size_t i = 0; i < DOCUMENT_KINDS; i++) {
		const struct kind *kind = document_kinds[i];
		if (kind->group[0] == '\0' &&
		    holds_after_key(text, str_of(kind->name), STR("kind")))
			return true;
	}
	/* every group that we read ends so */
	return str_find(text, STR(".toolkit.fluxcd.io/")) < text.len ||
	       str_find(text, STR(".extensions.fluxcd.io/")) < text.len;
}

bool screen_holds_judged(struct str text)
{
	for (size_t i = 0; i < DOCUMENT_KINDS; i++)
		if (document_kinds[i]->judged &&
		    holds_after_key(text, str_of(document_kinds[i]->group),
				    STR("apiVersion")))
			return true;
	return false;
}

bool document_is_candidate(struct str path, struct str text)
{
	return is_yaml_name(path) && (kustomize_is_name(path) || screen_holds_kind(text));
}

static bool is_document_start(struct str line)
{
	if (!str_starts(line, STR("---")))
		return false;
	struct str rest = str_from(line, 3);
	return rest.len == 0 || rest.ptr[0] == ' ' || rest.ptr[0] == '\t' ||
	       rest.ptr[0] == '\r';
}

/* Lines that may stand before a document's `---` and belong to it. */
static bool is_prologue(struct str line)
{
	line = str_trim(line);
	return line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == '%' ||
	       str_is(line, "...") || str_is(line, "\xef\xbb\xbf");
}

bool screen_next(struct str *rest, struct str *segment, uint32_t *lines)
{
	struct str ahead = *rest;
	struct str line;
	bool content = false;
	size_t len = 0;
	*lines = 0;
	if (!rest->ptr || rest->len == 0)
		return false;
	while (str_line(&ahead, &line)) {
		bool starts = is_document_start(line);
		if (starts && content)
			break;
		content = content || starts || !is_prologue(line);
		len = ahead.ptr ? (size_t)(ahead.ptr - rest->ptr) : rest->len;
		(*lines)++;
	}
	*segment = str_slice(*rest, 0, len);
	*rest = str_from(*rest, len);
	return true;
}

const char *screen_clean_path(struct arena *arena, struct str folder, struct str path)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	struct str rest = path;
	struct str part;
	(void)buf_append(&out, folder);
	while (str_split(&rest, '/', &part)) {
		if (part.len == 0 || str_is(part, "."))
			continue;
		if (str_is(part, "..")) {
			if (out.len == 0)
				return NULL;
			size_t cut = str_rfind_char(buf_str(&out), '/');
			buf_truncate(&out, cut < out.len ? cut : 0);
			continue;
		}
		if (out.len)
			(void)buf_putc(&out, '/');
		(void)buf_append(&out, part);
	}
	return arena_strndup(arena, buf_str(&out));
}

/* A folded block's head is `>` with digits and signs only. */
static bool is_block_head(struct str value)
{
	for (size_t i = 1; i < value.len; i++)
		if (!char_is_digit(value.ptr[i]) && value.ptr[i] != '+' &&
		    value.ptr[i] != '-')
			return false;
	return value.ptr[0] == '>';
}

bool screen_unquoted(struct str line, struct str *key, struct str *value)
{
	struct str rest = str_trim(line);
	while (str_starts(rest, STR("- ")))
		rest = str_trim(str_from(rest, 2));
	*key = str_slice(rest, 0, 0);
	size_t colon = str_find(rest, STR(": "));
	if (colon < rest.len && rest.ptr[0] != '"' && rest.ptr[0] != '\'') {
		*key = str_slice(rest, 0, colon);
		rest = str_trim(str_from(rest, colon + 2));
	}
	*value = str_trim(str_slice(rest, 0, str_find(rest, STR(" #"))));
	return value->len && strchr(">*!%@`", value->ptr[0]) && !is_block_head(*value);
}
