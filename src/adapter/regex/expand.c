/* SPDX-License-Identifier: MIT */
/* Go's templates for what a pattern found (`$1`, `${name}`, `$$`), and its quoting. */
#include "adapter/regex/pattern.h"
#include "adapter/regex/regex.h"
#include "base/cursor.h"

/* A reference in a template. */
struct reference {
	struct str name;
	bool is_number;
	size_t number;
};

enum {
	/* Go stops taking digits once the value has reached this */
	NUMBER_BOUND = 100000000
};

static size_t count_name(struct str text)
{
	size_t off = 0;
	while (off < text.len) {
		uint32_t c = 0;
		size_t n = str_utf8_decode(text, off, &c);
		if (n == 0)
			break;
		bool word =
		    c < 0x80 ? char_is_alnum((char)c) || c == '_' : pattern_is_word(c);
		if (!word)
			break;
		off += n;
	}
	return off;
}

static void read_number(struct reference *reference)
{
	struct str name = reference->name;
	size_t value = 0;
	reference->is_number = name.len == 1 || name.ptr[0] != '0';
	for (size_t i = 0; i < name.len && reference->is_number; i++) {
		if (!char_is_digit(name.ptr[i]) || value >= NUMBER_BOUND)
			reference->is_number = false;
		else
			value = value * 10 + (size_t)(name.ptr[i] - '0');
	}
	reference->number = value;
}

/* Takes `NAME` or `{NAME}` behind a `$`; false when it is neither, and then the `$` is
 * text. */
static bool take_reference(struct str *rest, struct reference *out)
{
	struct str next = *rest;
	bool brace = cursor_char(&next, '{');
	size_t len = count_name(next);
	if (len == 0)
		return false;
	out->name = str_slice(next, 0, len);
	next = str_from(next, len);
	if (brace && !cursor_char(&next, '}'))
		return false;
	read_number(out);
	*rest = next;
	return true;
}

/* Takes the text up to the next reference; *found tells whether there is one. Text may
 * come in several pieces. */
static struct str take_text(struct str *rest, struct reference *reference, bool *found)
{
	size_t at = str_find_char(*rest, '$');
	struct str text = str_slice(*rest, 0, at);
	*found = false;
	if (at == rest->len) {
		*rest = str_from(*rest, at);
		return text;
	}
	*rest = str_from(*rest, at + 1);
	*found = !cursor_char(rest, '$') && take_reference(rest, reference);
	if (!*found)
		text.len++; /* the `$` is text */
	return text;
}

static bool is_named(const struct regex *regex, size_t i, struct str name)
{
	const char *own = regex_group_name(regex, i);
	return own && str_is(name, own);
}

/* The span that a reference stands for; empty when there is none. */
static struct str find_span(const struct regex *regex, const struct reference *reference,
			    const struct regex_group *groups)
{
	size_t n = regex_group_count(regex);
	if (reference->is_number && reference->number <= n)
		return groups[reference->number].text;
	for (size_t i = 1; i <= n && !reference->is_number; i++)
		if (groups[i].text.ptr && is_named(regex, i, reference->name))
			return groups[i].text;
	return (struct str){ NULL, 0 };
}

void regex_expand(const struct regex *regex, struct buf *out, struct str text,
		  const struct regex_group *groups)
{
	while (text.len) {
		struct reference reference;
		bool found = false;
		(void)buf_append(out, take_text(&text, &reference, &found));
		if (found)
			(void)buf_append(out, find_span(regex, &reference, groups));
	}
}

/* Whether the author meant a group that is there. `$01` is a name to Go, and stands for
 * nothing, but shows a number; so it counts. */
static bool means_group(const struct regex *regex, const struct reference *reference)
{
	uint64_t number = 0;
	if (number_parse(reference->name, NUMBER_BOUND, &number))
		return number <= regex_group_count(regex);
	return regex_has_group(regex, reference->name);
}

size_t regex_template_refs(const struct regex *regex, struct str text,
			   struct str *unknown)
{
	size_t meant = 0;
	struct str missing = { NULL, 0 };
	while (text.len) {
		struct reference reference;
		bool found = false;
		(void)take_text(&text, &reference, &found);
		if (!found)
			continue;
		bool known = means_group(regex, &reference);
		bool zero_led = reference.name.ptr[0] == '0' && reference.name.len > 1;
		meant += known;
		if ((!known || zero_led) && !missing.ptr &&
		    !regex_has_group(regex, reference.name))
			missing = reference.name;
	}
	if (unknown)
		*unknown = missing;
	return meant;
}

bool regex_template_group(const struct regex *regex, struct str text, size_t *out)
{
	struct reference reference;
	if (!cursor_char(&text, '$') || !take_reference(&text, &reference) || text.len)
		return false;
	size_t n_found = 0;
	for (size_t i = 1; i <= regex_group_count(regex) && !reference.is_number; i++) {
		if (!is_named(regex, i, reference.name))
			continue;
		*out = i;
		n_found++;
	}
	if (!reference.is_number)
		return n_found == 1;
	*out = reference.number;
	return reference.number <= regex_group_count(regex);
}

bool regex_has_group(const struct regex *regex, struct str name)
{
	for (size_t i = 1; i <= regex_group_count(regex); i++)
		if (is_named(regex, i, name))
			return true;
	return false;
}

void regex_quote(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] && strchr("\\.+*?()|[]{}^$", text.ptr[i]))
			(void)buf_putc(out, '\\');
		(void)buf_putc(out, text.ptr[i]);
	}
}
