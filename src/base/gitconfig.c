/* SPDX-License-Identifier: MIT */
/*
 * One pass over the bytes with git's own grammar (its config.c is the reference); what a
 * key means is the business of whoever asks.
 */
#include "base/gitconfig.h"
#include "base/buf.h"
#include "base/cursor.h"
#include <strings.h>

enum {
	END = -1
};

struct parser {
	struct str text;
	size_t off;
	uint32_t line;
	struct arena *arena;
	struct gitconfig *out;
	const char *section;
	const char *subsection;
	struct buf scratch;
};

/* The next byte, CRLF as LF, END at the end. */
static int take_char(struct parser *p)
{
	if (p->off >= p->text.len)
		return END;
	int c = (unsigned char)p->text.ptr[p->off++];
	if (c == '\r' && p->off < p->text.len && p->text.ptr[p->off] == '\n') {
		p->off++;
		c = '\n';
	}
	if (c == '\n')
		p->line++;
	return c;
}

static int peek_char(const struct parser *p)
{
	return p->off < p->text.len ? (unsigned char)p->text.ptr[p->off] : END;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_key_char(int c)
{
	return c >= 0 && (char_is_alnum((char)c) || c == '-');
}

static int refuse(struct parser *p, uint32_t line, const char *why, struct err *err)
{
	(void)err_set(err, ERR_INVALID, "%s", why);
	(void)p;
	return err_at(err, NULL, line, 0);
}

static int put_char(struct parser *p, int c)
{
	return buf_putc(&p->scratch, (char)c) ? 0 : -1;
}

/* The quoted part of `[section "subsection"]`, behind the blank. */
static int parse_subsection(struct parser *p, uint32_t line, struct err *err)
{
	while (is_blank(peek_char(p)))
		(void)take_char(p);
	if (take_char(p) != '"')
		return refuse(p, line, "section header without a quoted subsection", err);
	(void)put_char(p, '.');
	for (int c = take_char(p); c != '"'; c = take_char(p)) {
		if (c == '\\')
			c = take_char(p);
		if (c == '\n' || c == END)
			return refuse(p, line, "subsection without a closing quote", err);
		(void)put_char(p, c);
	}
	if (take_char(p) != ']')
		return refuse(p, line, "section header without a closing ']'", err);
	return 0;
}

/* Everything behind `[`. */
static int parse_header(struct parser *p, struct err *err)
{
	uint32_t line = p->line;
	buf_truncate(&p->scratch, 0);
	for (int c = take_char(p); c != ']'; c = take_char(p)) {
		if (is_blank(c)) {
			int code = parse_subsection(p, line, err);
			if (code)
				return code;
			break;
		}
		if (!is_key_char(c) && c != '.')
			return refuse(p, line, "malformed section header", err);
		(void)put_char(p, char_lower((char)c));
	}
	struct str name = buf_str(&p->scratch);
	size_t dot = str_find_char(name, '.');
	p->section = arena_strndup(p->arena, str_slice(name, 0, dot));
	p->subsection = arena_strndup(p->arena, str_from(name, dot + 1));
	return 0;
}

/* The byte that an escape stands for; END for an unknown one. */
static int unescape(int c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'n':
		return '\n';
	case '\\':
	case '"':
		return c;
	default:
		return END;
	}
}

/* The rest of a comment, without the end of its line. */
static void skip_comment(struct parser *p)
{
	while (peek_char(p) != '\n' && peek_char(p) != END)
		(void)take_char(p);
}

/* A value behind `=`, into the scratch buffer; takes the end of the line. */
static int parse_value(struct parser *p, uint32_t line, struct err *err)
{
	bool quoted = false;
	size_t kept = 0; /* bytes up to the last one that is no trailing blank */
	buf_truncate(&p->scratch, 0);
	for (;;) {
		int c = take_char(p);
		if (c == '\n' || c == END) {
			if (quoted)
				return refuse(p, line, "value without a closing quote",
					      err);
			buf_truncate(&p->scratch, kept);
			return 0;
		}
		if (!quoted && is_blank(c)) {
			if (p->scratch.len)
				(void)put_char(p, c);
			continue;
		}
		if (!quoted && (c == ';' || c == '#')) {
			skip_comment(p);
			continue;
		}
		if (c == '"') {
			quoted = !quoted;
			kept = p->scratch.len;
			continue;
		}
		if (c == '\\') {
			c = take_char(p);
			if (c == '\n')
				continue;
			c = c == END ? END : unescape(c);
			if (c == END)
				return refuse(p, p->line, "unknown escape in a value",
					      err);
		}
		(void)put_char(p, c);
		kept = p->scratch.len;
	}
}

/* `key`, `key = value`; the first character is `first`. */
static int parse_entry(struct parser *p, int first, struct err *err)
{
	uint32_t line = p->line;
	if (!p->section)
		return refuse(p, line, "key before any section", err);
	buf_truncate(&p->scratch, 0);
	(void)put_char(p, char_lower((char)first));
	while (is_key_char(peek_char(p)))
		(void)put_char(p, char_lower((char)take_char(p)));
	const char *key = arena_strndup(p->arena, buf_str(&p->scratch));
	while (is_blank(peek_char(p)))
		(void)take_char(p);
	const char *value = NULL;
	int c = take_char(p);
	if (c == '=') {
		int code = parse_value(p, line, err);
		if (code)
			return code;
		value = arena_strndup(p->arena, buf_str(&p->scratch));
	} else if (c != '\n' && c != END) {
		return refuse(p, line, "expected '=' behind the key", err);
	}
	struct gitconfig_entry entry = { p->section, p->subsection, key, value, line };
	VEC_PUSH(p->arena, p->out, entry);
	return 0;
}

static int parse_all(struct parser *p, struct err *err)
{
	for (int c = take_char(p); c != END; c = take_char(p)) {
		int code = 0;
		if (c == '#' || c == ';')
			skip_comment(p);
		else if (c == '[')
			code = parse_header(p, err);
		else if (char_is_alpha((char)c))
			code = parse_entry(p, c, err);
		else if (c != '\n' && !is_blank(c))
			code = refuse(p, p->line,
				      "neither a section, a key nor a comment", err);
		if (code)
			return code;
	}
	return 0;
}

int gitconfig_parse(struct str text, struct arena *arena, struct gitconfig *out,
		    struct err *err)
{
	struct parser p = { .text = text, .line = 1, .arena = arena, .out = out };
	p.scratch = (struct buf)BUF_INIT(text.len + 1);
	size_t nul = str_find_char(text, '\0');
	size_t len = out->len;
	if (nul < text.len) {
		while (p.off < nul)
			(void)take_char(&p);
		return refuse(&p, p.line, "NUL byte", err);
	}
	if (str_starts(text, STR("\xef\xbb\xbf")))
		p.off = 3;
	int code = parse_all(&p, err);
	if (code)
		out->len = len;
	buf_release(&p.scratch);
	return code;
}

bool gitconfig_is(const struct gitconfig_entry *entry, const char *name)
{
	struct str all = str_of(name);
	size_t first = str_find_char(all, '.');
	size_t last = str_rfind_char(all, '.');
	if (first >= all.len)
		return false;
	struct str section = str_slice(all, 0, first);
	struct str key = str_from(all, last + 1);
	struct str subsection =
	    first < last ? str_slice(all, first + 1, last - first - 1) : STR("");
	return section.len == strlen(entry->section) && key.len == strlen(entry->key) &&
	       strncasecmp(section.ptr, entry->section, section.len) == 0 &&
	       strncasecmp(key.ptr, entry->key, key.len) == 0 &&
	       str_is(subsection, entry->subsection);
}

const char *gitconfig_get(const struct gitconfig *config, const char *name)
{
	for (size_t i = config->len; i-- > 0;)
		if (gitconfig_is(&config->items[i], name))
			return config->items[i].value ? config->items[i].value : "true";
	return NULL;
}

bool gitconfig_bool(const char *value, bool *out)
{
	static const struct {
		const char *word;
		bool means;
	} words[] = { { "true", true },   { "yes", true }, { "on", true },
		      { "false", false }, { "no", false }, { "off", false },
		      { "", false } };

	if (!value) {
		*out = true;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcasecmp(value, words[i].word) == 0) {
			*out = words[i].means;
			return true;
		}
	}
	int64_t number = 0;
	if (!number_parse_signed(str_of(value), INT32_MAX, &number))
		return false;
	*out = number != 0;
	return true;
}
