/* SPDX-License-Identifier: MIT */
/* Names, reasons, metadata and Markdown of an event; what a receiver would take for a
 * mention or for markup is made harmless here, which of it is the type's choice. */
#include "stage/deliver/words.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/when.h"

enum {
	NAME_UNITS = 400, /* an object's kind, namespace and name */
	VALUE_UNITS = 1024
};

static const char *keep(struct buf *buf, struct arena *arena)
{
	return arena_strndup(arena, buf_str(buf));
}

const char *words_lower(const char *text, struct arena *arena)
{
	char *out = arena_strdup(arena, text);
	for (char *c = out; c && *c; c++)
		*c = char_lower(*c);
	return out;
}

const char *words_object(const struct event *event, struct arena *arena)
{
	return arena_printf(arena, "%s/%s.%s", words_lower(event->object.kind, arena),
			    event->object.name, event->object.namespace);
}

const char *words_short_object(const struct event *event, struct arena *arena)
{
	return words_lower(
	    arena_printf(arena, "%s/%s", event->object.kind, event->object.name), arena);
}

enum letter {
	LETTER_LOWER,
	LETTER_UPPER,
	LETTER_DIGIT,
	LETTER_OTHER
};

static enum letter letter_of(char c)
{
	if (char_is_digit(c))
		return LETTER_DIGIT;
	if (!char_is_alpha(c))
		return LETTER_OTHER;
	return char_lower(c) == c ? LETTER_LOWER : LETTER_UPPER;
}

const char *words_reason(const char *reason, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	size_t len = strlen(reason);
	if (!str_is_utf8(str_of(reason), NULL))
		return words_lower(reason, arena);
	for (size_t i = 0; i < len; i++) {
		enum letter here = letter_of(reason[i]);
		bool border = i > 0 && here != letter_of(reason[i - 1]);
		/* `HTTPServer`: the last capital belongs to the word that follows */
		if (i > 0 && here == LETTER_LOWER &&
		    letter_of(reason[i - 1]) == LETTER_UPPER)
			border = false;
		if (i > 0 && here == LETTER_UPPER &&
		    letter_of(reason[i - 1]) == LETTER_UPPER && i + 1 < len &&
		    letter_of(reason[i + 1]) == LETTER_LOWER)
			border = true;
		if (border)
			(void)buf_putc(&out, ' ');
		(void)buf_putc(&out, char_lower(reason[i]));
	}
	return keep(&out, arena);
}

bool words_is_error(const struct event *event)
{
	return event->severity == EVENT_ERROR;
}

bool words_is_progressing(const struct event *event)
{
	return strcmp(event->reason, "Progressing") == 0;
}

const char *words_severity(const struct event *event)
{
	switch (event->severity) {
	case EVENT_TRACE:
		return "trace";
	case EVENT_INFO:
		return "info";
	case EVENT_ERROR:
		return "error";
	}
	return "";
}

const char *words_time(const struct event *event, struct arena *arena)
{
	char text[32];
	when_format_rfc3339(event->timestamp_ms, text);
	return event->timestamp_ms ? arena_strdup(arena, text) : "0001-01-01T00:00:00Z";
}

static int compare_labels(const void *a, const void *b)
{
	const struct label *left = a;
	const struct label *right = b;
	return strcmp(left->key, right->key);
}

struct label_list words_sorted_metadata(const struct event *event, struct arena *arena)
{
	struct label_list out = { 0 };
	for (size_t i = 0; i < event->metadata.len; i++)
		VEC_PUSH(arena, &out, event->metadata.items[i]);
	VEC_SORT(&out, compare_labels);
	return out;
}

struct label_list words_metadata(const struct event *event, struct arena *arena)
{
	struct label_list sorted = words_sorted_metadata(event, arena);
	struct label_list out = { 0 };
	for (int rest = 0; rest < 2; rest++)
		for (size_t i = 0; i < sorted.len; i++)
			if ((strcmp(sorted.items[i].key, "summary") != 0) == (rest == 1))
				VEC_PUSH(arena, &out, sorted.items[i]);
	return out;
}

const char *words_get(const struct event *event, const char *key)
{
	for (size_t i = 0; i < event->metadata.len; i++)
		if (strcmp(event->metadata.items[i].key, key) == 0)
			return event->metadata.items[i].value;
	return NULL;
}

static const char *severity_sign(const struct event *event)
{
	return words_is_error(event) ? "\u26a0\ufe0f" : "\u2139\ufe0f";
}

const char *words_block(const struct event *event, const char *const *defuse,
			struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	struct label_list metadata = words_sorted_metadata(event, arena);
	(void)buf_printf(&out, "## Flux Status\n\n%s %s/%s/%s\n\n%s\n\nMetadata:\n",
			 severity_sign(event), event->object.kind,
			 event->object.namespace, event->object.name,
			 words_defuse(event->message, defuse, arena));
	for (size_t i = 0; i < metadata.len; i++) {
		if (strcmp(metadata.items[i].key, "change_request") == 0)
			continue;
		(void)buf_printf(&out, "* `%s`: %s\n",
				 words_defuse(metadata.items[i].key, defuse, arena),
				 words_defuse(metadata.items[i].value, defuse, arena));
	}
	return keep(&out, arena);
}

/* Inside a word `@` names nobody and `_` slants nothing: `main@sha1`, `my_app`. */
static bool is_inside_word(const char *text, const char *c)
{
	return c > text && char_is_alnum(c[-1]) && char_is_alnum(c[1]);
}

/* Whether a line begins a list, a command, indented code, or underlines a heading. */
static bool begins_block(const char *line)
{
	size_t n = 0;
	while (char_is_digit(line[n]))
		n++;
	bool numbered = n && (line[n] == '.' || line[n] == ')') &&
			(!line[n + 1] || strchr(" \n", line[n + 1]));
	return numbered || strchr("/+-= ", *line);
}

/* Whether a forge shows the text as it is: no mark of Markdown, HTML, mentions,
 * references or commands. */
static bool is_harmless(const char *text)
{
	bool at_start = true;
	for (const char *c = text; *c; c++) {
		bool word = (*c == '@' || *c == '_') && is_inside_word(text, c);
		if (!word &&
		    (strchr("`@#!<>[]*_|\\~%&$^{}\t\r", *c) || (unsigned char)*c < 0x0a))
			return false;
		if (at_start && begins_block(c))
			return false;
		at_start = *c == '\n';
	}
	return true;
}

static size_t longest_run(const char *text, char mark)
{
	size_t longest = 0;
	size_t run = 0;
	for (const char *c = text; *c; c++) {
		run = *c == mark ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void put_run(struct buf *out, char mark, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)buf_putc(out, mark);
}

/* Some forges run commands even inside a fence: no line may begin with a slash. */
static void put_lines(struct buf *out, const char *text)
{
	bool at_start = true;
	for (const char *c = text; *c; c++) {
		const char *first = c;
		while (at_start && (*first == ' ' || *first == '\t'))
			first++;
		if (at_start && *first == '/')
			(void)buf_puts(out, "\u200b");
		if (*c != '\r')
			(void)buf_putc(out, *c);
		at_start = *c == '\n' || *c == '\r';
	}
}

static void put_message(struct buf *out, const char *text)
{
	if (is_harmless(text)) {
		(void)buf_puts(out, text);
		return;
	}
	size_t fence = longest_run(text, '`') + 1;
	fence = fence < 3 ? 3 : fence;
	put_run(out, '`', fence);
	(void)buf_puts(out, "text\n");
	put_lines(out, text);
	(void)buf_putc(out, '\n');
	put_run(out, '`', fence);
}

/* As a code span; a line feed would end the list's item. */
static void put_code(struct buf *out, const char *text)
{
	size_t fence = longest_run(text, '`') + 1;
	bool padded = fence > 1;
	put_run(out, '`', fence);
	(void)buf_puts(out, padded ? " " : "");
	for (const char *c = text; *c; c++)
		(void)buf_putc(out, *c == '\n' || *c == '\r' ? ' ' : *c);
	(void)buf_puts(out, padded ? " " : "");
	put_run(out, '`', fence);
}

static void put_inline(struct buf *out, const char *text)
{
	if (is_harmless(text) && !strchr(text, '\n'))
		(void)buf_puts(out, text);
	else if (text[0])
		put_code(out, text);
}

/* Heading, object and message; the message is halved until it fits with its fence. */
static void put_head(struct buf *out, const struct event *event, size_t max_units,
		     struct arena *arena)
{
	const char *object = arena_printf(arena, "%s/%s/%s", event->object.kind,
					  event->object.namespace, event->object.name);
	for (size_t units = max_units / 2; units > 0; units /= 2) {
		buf_truncate(out, 0);
		(void)buf_printf(out, "## Flux Status\n\n%s ", severity_sign(event));
		put_inline(out, words_cut(object, NAME_UNITS, arena));
		(void)buf_puts(out, "\n\n");
		put_message(out, words_cut(event->message, units, arena));
		(void)buf_puts(out, "\n\nMetadata:\n");
		if (words_units(buf_str(out)) <= max_units)
			break;
	}
}

const char *words_comment(const struct event *event, size_t max_units,
			  struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	struct label_list metadata = words_sorted_metadata(event, arena);
	put_head(&out, event, max_units, arena);
	size_t units = words_units(buf_str(&out));
	for (size_t i = 0; i < metadata.len; i++) {
		struct buf item BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
		if (strcmp(metadata.items[i].key, "change_request") == 0)
			continue;
		(void)buf_puts(&item, "* ");
		put_code(&item, words_cut(metadata.items[i].key, NAME_UNITS, arena));
		(void)buf_puts(&item, ": ");
		put_inline(&item, words_cut(metadata.items[i].value, VALUE_UNITS, arena));
		(void)buf_putc(&item, '\n');
		units += words_units(buf_str(&item));
		if (units > max_units)
			break;
		(void)buf_append(&out, buf_str(&item));
	}
	return keep(&out, arena);
}

const char *words_entities(const char *text, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	for (const char *c = text; *c; c++) {
		if (*c == '&')
			(void)buf_puts(&out, "&amp;");
		else if (*c == '<')
			(void)buf_puts(&out, "&lt;");
		else if (*c == '>')
			(void)buf_puts(&out, "&gt;");
		else
			(void)buf_putc(&out, *c);
	}
	return keep(&out, arena);
}

static bool begins(const char *text, const char *trigger)
{
	for (; *trigger; text++, trigger++)
		if (char_lower(*text) != *trigger)
			return false;
	return true;
}

const char *words_defuse(const char *text, const char *const *triggers,
			 struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	for (const char *c = text; *c; c++) {
		(void)buf_putc(&out, *c);
		for (size_t i = 0; triggers[i]; i++) {
			if (!begins(c, triggers[i]))
				continue;
			(void)buf_puts(&out, "\u200b");
			break;
		}
	}
	return keep(&out, arena);
}

size_t words_units(struct str text)
{
	size_t units = 0;
	for (size_t i = 0; i < text.len; i++) {
		unsigned byte = (unsigned char)text.ptr[i];
		/* each character counts at its first byte, four bytes are a pair */
		units += (byte & 0xc0U) != 0x80U;
		units += byte >= 0xf0U;
	}
	return units;
}

const char *words_cut(const char *text, size_t max_units, struct arena *arena)
{
	size_t units = 0;
	size_t off = 0;
	struct str s = str_of(text);
	if (words_units(s) <= max_units)
		return text;
	max_units = max_units > 3 ? max_units - 3 : 0;
	while (off < s.len) {
		uint32_t point = 0;
		size_t len = str_utf8_decode(s, off, &point);
		len = len ? len : 1;
		units += point > 0xffff ? 2 : 1;
		if (units > max_units)
			break;
		off += len;
	}
	return arena_printf(arena, "%.*s...", STR_ARG(str_slice(s, 0, off)));
}
