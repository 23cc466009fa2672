/* SPDX-License-Identifier: MIT */
/* sprig's functions on text: cutting, trimming, padding, searching, quoting. */
#include "base/limits.h"
#include "lang/template/functions.h"
#include "lang/template/gfmt.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"

#define TEXT_BUF BUF_INIT(LIMIT_TEMPLATE_STRING)

static struct str trim_space(struct str s)
{
	size_t width;
	size_t from = 0;
	while (from < s.len && unicode_is_space(unicode_decode(s, from, &width)))
		from += width;
	s = str_from(s, from);
	size_t end = 0;
	for (size_t i = 0; i < s.len; i += width)
		if (!unicode_is_space(unicode_decode(s, i, &width)))
			end = i + width;
	return str_slice(s, 0, end);
}

/* Whether one of the characters of `set` stands at `off`. */
static bool is_in_set(struct str set, struct str s, size_t off, size_t *width)
{
	size_t other;
	uint32_t c = unicode_decode(s, off, width);
	for (size_t i = 0; i < set.len; i += other)
		if (unicode_decode(set, i, &other) == c)
			return true;
	return false;
}

static struct str trim_set(struct gctx *ctx, struct str s, struct str set)
{
	size_t width;
	size_t from = 0;
	if (!gctx_step(ctx, (s.len * (set.len + 1)) / 64))
		return s;
	while (from < s.len && is_in_set(set, s, from, &width))
		from += width;
	s = str_from(s, from);
	size_t end = 0;
	for (size_t i = 0; i < s.len; i += width)
		if (!is_in_set(set, s, i, &width))
			end = i + width;
	return str_slice(s, 0, end);
}

static struct gval fn_trim(struct gcall *call)
{
	return gval_string(trim_space(call_str(call, 0)));
}

static struct gval fn_trim_all(struct gcall *call)
{
	return gval_string(trim_set(call->ctx, call_str(call, 1), call_str(call, 0)));
}

static struct gval fn_trim_prefix(struct gcall *call)
{
	struct str s = call_str(call, 1);
	struct str prefix = call_str(call, 0);
	return gval_string(str_starts(s, prefix) ? str_from(s, prefix.len) : s);
}

static struct gval fn_trim_suffix(struct gcall *call)
{
	struct str s = call_str(call, 1);
	struct str suffix = call_str(call, 0);
	bool ends = str_ends(s, suffix);
	return gval_string(ends ? str_slice(s, 0, s.len - suffix.len) : s);
}

static struct gval fn_abbrev_both(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	int64_t offset = call_int(call, 0);
	int64_t width = call_int(call, 1);
	struct str s = call_str(call, 2);
	int64_t len = (int64_t)s.len;
	if (width < 4 || (offset > 0 && width < 7) || len <= width)
		return gval_string(s);
	if (offset > len)
		offset = len;
	if (offset < 0)
		offset = 0;
	if (len - offset < width - 3)
		offset = len - (width - 3);
	if (offset <= 4) {
		buf_append(&out, str_slice(s, 0, (size_t)width - 3));
		buf_puts(&out, "...");
		return call_string(call, &out);
	}
	buf_puts(&out, "...");
	if (offset + width - 3 >= len) {
		buf_append(&out, str_from(s, (size_t)(len - (width - 3))));
	} else if (width - 3 >= 4) {
		buf_append(&out, str_slice(s, (size_t)offset, (size_t)width - 6));
		buf_puts(&out, "...");
	}
	return call_string(call, &out);
}

static struct gval fn_abbrev(struct gcall *call)
{
	struct gval args[] = { gval_int(0), call->args[0], call->args[1] };
	struct gcall both = { .ctx = call->ctx, .args = args, .n_args = 3 };
	return fn_abbrev_both(&both);
}

static struct gval fn_trunc(struct gcall *call)
{
	int64_t n = call_int(call, 0);
	struct str s = call_str(call, 1);
	int64_t len = (int64_t)s.len;
	if (n < 0 && n > -len)
		return gval_string(str_from(s, (size_t)(len + n)));
	if (n >= 0 && len > n)
		return gval_string(str_slice(s, 0, (size_t)n));
	return gval_string(s);
}

static struct gval fn_substr(struct gcall *call)
{
	int64_t start = call_int(call, 0);
	int64_t end = call_int(call, 1);
	struct str s = call_str(call, 2);
	int64_t len = (int64_t)s.len;
	const char *text = "runtime error: slice bounds out of range";
	if (start < 0) {
		if (end < 0)
			return call_fail(call, "%s [:%lld]", text, (long long)end);
		if (end > len)
			return call_fail(call, "%s [:%lld] with length %lld", text,
					 (long long)end, (long long)len);
		return gval_string(str_slice(s, 0, (size_t)end));
	}
	if (end < 0 || end > len)
		end = len;
	if (start > end)
		return call_fail(call, "%s [%lld:%lld]", text, (long long)start,
				 (long long)end);
	return gval_string(str_slice(s, (size_t)start, (size_t)(end - start)));
}

static void put_repeated(struct gctx *ctx, struct buf *out, struct str s, int64_t n)
{
	if (n > 0 && s.len > 0 && (uint64_t)n > out->max / s.len) {
		gctx_fail(ctx, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TEMPLATE_STRING));
		return;
	}
	for (int64_t i = 0; s.len > 0 && i < n && !out->full; i++)
		buf_append(out, s);
}

static struct gval fn_repeat(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	if (call_int(call, 0) < 0)
		return call_fail(call, "strings: negative Repeat count");
	put_repeated(call->ctx, &out, call_str(call, 1), call_int(call, 0));
	return call_string(call, &out);
}

/* Every `old` becomes `new`; an empty `old` stands between all characters. */
static void put_replaced(struct gctx *ctx, struct buf *out, struct str s, struct str old,
			 struct str new)
{
	size_t at = 0;
	size_t width;
	while (old.len == 0 && at < s.len && gctx_step(ctx, 1) && !out->full) {
		buf_append(out, new);
		unicode_decode(s, at, &width);
		buf_append(out, str_slice(s, at, width));
		at += width;
	}
	if (old.len == 0) {
		buf_append(out, new);
		return;
	}
	while (gctx_step(ctx, 1) && !out->full) {
		struct str rest = str_from(s, at);
		size_t next = str_find(rest, old);
		buf_append(out, str_slice(rest, 0, next));
		if (next == rest.len)
			return;
		buf_append(out, new);
		at += next + old.len;
	}
}

static struct gval fn_replace(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	put_replaced(call->ctx, &out, call_str(call, 2), call_str(call, 0),
		     call_str(call, 1));
	return call_string(call, &out);
}

static struct gval indent_text(struct gcall *call, const char *before)
{
	BUF_CLEANUP struct buf pad = TEXT_BUF;
	BUF_CLEANUP struct buf out = TEXT_BUF;
	int64_t n = call_int(call, 0);
	if (n < 0)
		return call_fail(call, "strings: negative Repeat count");
	put_repeated(call->ctx, &pad, STR(" "), n);
	buf_puts(&out, before);
	struct str rest = call_str(call, 1);
	struct str line;
	bool first = true;
	while (!out.full && gctx_step(call->ctx, 1) && str_split(&rest, '\n', &line)) {
		if (!first)
			buf_putc(&out, '\n');
		first = false;
		buf_append(&out, buf_str(&pad));
		buf_append(&out, line);
	}
	return call_string(call, &out);
}

static struct gval fn_indent(struct gcall *call)
{
	return indent_text(call, "");
}

static struct gval fn_nindent(struct gcall *call)
{
	return indent_text(call, "\n");
}

static struct gval fn_contains(struct gcall *call)
{
	struct str needle = call_str(call, 0);
	struct str s = call_str(call, 1);
	return gval_bool(needle.len == 0 || str_find(s, needle) < s.len);
}

static struct gval fn_has_prefix(struct gcall *call)
{
	return gval_bool(str_starts(call_str(call, 1), call_str(call, 0)));
}

static struct gval fn_has_suffix(struct gcall *call)
{
	return gval_bool(str_ends(call_str(call, 1), call_str(call, 0)));
}

static struct gval fn_quote(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	for (size_t i = 0; i < call->n_args && !out.full; i++) {
		struct gval v = call_arg(call, i);
		if (!v.type)
			continue;
		if (out.len > 0)
			buf_putc(&out, ' ');
		quote_text(&out, convert_to_text(call->ctx, v), false);
	}
	return call_string(call, &out);
}

static struct gval fn_squote(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	for (size_t i = 0; i < call->n_args && !out.full; i++) {
		struct gval v = call_arg(call, i);
		if (!v.type)
			continue;
		if (out.len > 0)
			buf_putc(&out, ' ');
		buf_putc(&out, '\'');
		gfmt_value(call->ctx, &out, v);
		buf_putc(&out, '\'');
	}
	return call_string(call, &out);
}

static struct gval fn_cat(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	bool first = true;
	for (size_t i = 0; i < call->n_args && !out.full; i++) {
		struct gval v = call_arg(call, i);
		if (!v.type)
			continue;
		if (!first)
			buf_putc(&out, ' ');
		first = false;
		gfmt_value(call->ctx, &out, v);
	}
	return call_string(call, &out);
}

static struct gval fn_plural(struct gcall *call)
{
	return gval_string(call_str(call, call_int(call, 2) == 1 ? 0 : 1));
}

static void put_rune(struct buf *out, uint32_t c)
{
	char utf8[4];
	buf_append(out, (struct str){ utf8, str_utf8_encode(c, utf8) });
}

static struct gval map_runes(struct gcall *call, uint32_t (*map)(uint32_t))
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct str s = call_str(call, 0);
	size_t width;
	for (size_t i = 0; i < s.len && !out.full; i += width)
		put_rune(&out, map(unicode_decode(s, i, &width)));
	return call_string(call, &out);
}

static struct gval fn_upper(struct gcall *call)
{
	return map_runes(call, unicode_upper);
}

static struct gval fn_lower(struct gcall *call)
{
	return map_runes(call, unicode_lower);
}

/* Whether a letter behind `c` begins a word for strings.Title. */
static bool is_separator(uint32_t c)
{
	if (c < 0x80)
		return !unicode_is_alnum(c) && c != '_';
	return !unicode_is_alnum(c) && unicode_is_space(c);
}

static struct gval fn_title(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct str s = call_str(call, 0);
	uint32_t before = ' ';
	size_t width;
	for (size_t i = 0; i < s.len && !out.full; i += width) {
		uint32_t c = unicode_decode(s, i, &width);
		put_rune(&out, is_separator(before) ? unicode_title(c) : c);
		before = c;
	}
	return call_string(call, &out);
}

static struct gval fn_untitle(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct str s = call_str(call, 0);
	bool next = true;
	size_t width;
	for (size_t i = 0; i < s.len && !out.full; i += width) {
		uint32_t c = unicode_decode(s, i, &width);
		bool space = unicode_is_space(c);
		put_rune(&out, next && !space ? unicode_lower(c) : c);
		next = space;
	}
	return call_string(call, &out);
}

static struct gval fn_to_string(struct gcall *call)
{
	return gval_string(convert_to_text(call->ctx, call_arg(call, 0)));
}

static const struct gfunc rows[] = {
	{ "trim", "s:s", fn_trim },
	{ "trimAll", "ss:s", fn_trim_all },
	{ "trimall", "ss:s", fn_trim_all },
	{ "trimPrefix", "ss:s", fn_trim_prefix },
	{ "trimSuffix", "ss:s", fn_trim_suffix },
	{ "abbrev", "is:s", fn_abbrev },
	{ "abbrevboth", "iis:s", fn_abbrev_both },
	{ "trunc", "is:s", fn_trunc },
	{ "substr", "iis:s", fn_substr },
	{ "repeat", "is:s", fn_repeat },
	{ "replace", "sss:s", fn_replace },
	{ "indent", "is:s", fn_indent },
	{ "nindent", "is:s", fn_nindent },
	{ "contains", "ss:b", fn_contains },
	{ "hasPrefix", "ss:b", fn_has_prefix },
	{ "hasSuffix", "ss:b", fn_has_suffix },
	{ "quote", "a*:s", fn_quote },
	{ "squote", "a*:s", fn_squote },
	{ "cat", "a*:s", fn_cat },
	{ "plural", "ssi:s", fn_plural },
	{ "upper", "s:s", fn_upper },
	{ "lower", "s:s", fn_lower },
	{ "title", "s:s", fn_title },
	{ "untitle", "s:s", fn_untitle },
	{ "toString", "a:s", fn_to_string },
};

const struct gfunc_table functions_string = FUNCTION_TABLE(rows);
