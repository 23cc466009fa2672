/* SPDX-License-Identifier: MIT */
/* sprig's regular expressions, by RE2 with Go's rules for what is found and replaced. */
#include "adapter/regex/regex.h"
#include "base/limits.h"
#include "lang/template/functions.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"

/* Compiles argument 0; `must` fails with the plain error, else as MustCompile panics. */
static bool compile(struct gcall *call, bool must, struct regex **out)
{
	struct err err = ERR_INIT;
	struct str pattern = call_str(call, 0);
	if (!gctx_step(call->ctx, 50 + pattern.len))
		return false;
	if (regex_new(pattern, out, &err) == 0)
		return true;
	if (must) {
		call_fail(call, "%s", err.text);
		return false;
	}
	BUF_CLEANUP struct buf quoted = BUF_INIT(LIMIT_TEMPLATE_STRING);
	if (quote_can_backquote(pattern))
		buf_printf(&quoted, "`%.*s`", STR_ARG(pattern));
	else
		quote_text(&quoted, pattern, false);
	call_fail(call, "regexp: Compile(%s): %s", buf_cstr(&quoted), err.text);
	return false;
}

/* Walks over the matches of a text as Go does: an empty match right behind another match
 * does not count. */
struct matches {
	struct gcall *call;
	const struct regex *regex;
	struct str subject;
	size_t at;
	size_t last_end;
	bool any;
};

static bool next_match(struct matches *m, struct regex_group *groups, size_t n)
{
	while (m->at <= m->subject.len) {
		if (!gctx_step(m->call->ctx, 1 + (m->subject.len - m->at) / 256) ||
		    !regex_find(m->regex, m->subject, m->at, groups, n))
			return false;
		size_t from = (size_t)(groups[0].text.ptr - m->subject.ptr);
		size_t end = from + groups[0].text.len;
		bool repeated = m->any && end == from && from == m->last_end;
		size_t width = 1;
		if (end < m->subject.len)
			unicode_decode(m->subject, end, &width);
		m->at = end > m->at ? end : m->at + (end == m->at ? width : 0);
		if (groups[0].text.len == 0 && m->at == end)
			m->at = end + width;
		m->last_end = end;
		if (!repeated) {
			m->any = true;
			return true;
		}
	}
	return false;
}

static struct gval fn_match(struct gcall *call)
{
	REGEX_CLEANUP struct regex *regex = NULL;
	struct err err = ERR_INIT;
	struct str s = call_str(call, 1);
	if (!gctx_step(call->ctx, 50 + s.len / 64))
		return gval_none();
	if (regex_new(call_str(call, 0), &regex, &err) != 0)
		return gval_bool(false);
	return gval_bool(regex_matches(regex, s));
}

static struct gval fn_must_match(struct gcall *call)
{
	REGEX_CLEANUP struct regex *regex = NULL;
	if (!compile(call, true, &regex))
		return gval_none();
	return gval_bool(regex_matches(regex, call_str(call, 1)));
}

static struct gval find_one(struct gcall *call, bool must)
{
	REGEX_CLEANUP struct regex *regex = NULL;
	struct regex_group group;
	if (!compile(call, must, &regex))
		return gval_none();
	if (!regex_find(regex, call_str(call, 1), 0, &group, 1))
		return gval_text("");
	return gval_string(group.text);
}

static struct gval fn_find(struct gcall *call)
{
	return find_one(call, false);
}

static struct gval fn_must_find(struct gcall *call)
{
	return find_one(call, true);
}

static struct gval find_all(struct gcall *call, bool must)
{
	REGEX_CLEANUP struct regex *regex = NULL;
	struct regex_group group;
	int64_t n = call_int(call, 2);
	if (!compile(call, must, &regex))
		return gval_none();
	struct matches m = { .call = call, .regex = regex, .subject = call_str(call, 1) };
	struct gval out = gval_zero(&gtype_strings);
	while ((n < 0 || (int64_t)out.list.len < n) && next_match(&m, &group, 1))
		gval_list_add(call->ctx, &out, gval_string(group.text));
	return out;
}

static struct gval fn_find_all(struct gcall *call)
{
	return find_all(call, false);
}

static struct gval fn_must_find_all(struct gcall *call)
{
	return find_all(call, true);
}

static struct gval replace_all(struct gcall *call, bool must, bool literal)
{
	REGEX_CLEANUP struct regex *regex = NULL;
	struct regex_group groups[REGEX_MAX_GROUPS];
	BUF_CLEANUP struct buf out = BUF_INIT(LIMIT_TEMPLATE_STRING);
	if (!compile(call, must, &regex))
		return gval_none();
	size_t n = regex_group_count(regex) + 1;
	struct matches m = { .call = call, .regex = regex, .subject = call_str(call, 1) };
	size_t done = 0;
	if (n > REGEX_MAX_GROUPS)
		return call_fail(call, "limit: %d groups of an expression",
				 REGEX_MAX_GROUPS - 1);
	while (!out.full && next_match(&m, groups, n)) {
		size_t from = (size_t)(groups[0].text.ptr - m.subject.ptr);
		buf_append(&out, str_slice(m.subject, done, from - done));
		if (literal)
			buf_append(&out, call_str(call, 2));
		else
			regex_expand(regex, &out, call_str(call, 2), groups);
		done = from + groups[0].text.len;
	}
	buf_append(&out, str_from(m.subject, done));
	return call_string(call, &out);
}

static struct gval fn_replace(struct gcall *call)
{
	return replace_all(call, false, false);
}

static struct gval fn_must_replace(struct gcall *call)
{
	return replace_all(call, true, false);
}

static struct gval fn_replace_literal(struct gcall *call)
{
	return replace_all(call, false, true);
}

static struct gval fn_must_replace_literal(struct gcall *call)
{
	return replace_all(call, true, true);
}

static struct gval split(struct gcall *call, bool must)
{
	REGEX_CLEANUP struct regex *regex = NULL;
	struct regex_group group;
	struct str s = call_str(call, 1);
	int64_t n = call_int(call, 2);
	if (!compile(call, must, &regex))
		return gval_none();
	if (n == 0)
		return gval_zero(&gtype_strings);
	struct gval out = gval_list(call->ctx, &gtype_strings, 1);
	struct matches m = { .call = call, .regex = regex, .subject = s };
	size_t begin = 0;
	size_t end = 0;
	if (call_str(call, 0).len > 0 && s.len == 0) {
		gval_list_add(call->ctx, &out, gval_text(""));
		return out;
	}
	while (next_match(&m, &group, 1)) {
		if (n > 0 && (int64_t)out.list.len == n - 1)
			break;
		size_t from = (size_t)(group.text.ptr - s.ptr);
		end = from;
		if (from + group.text.len != 0)
			gval_list_add(call->ctx, &out,
				      gval_string(str_slice(s, begin, end - begin)));
		begin = from + group.text.len;
	}
	if (end != s.len)
		gval_list_add(call->ctx, &out, gval_string(str_from(s, begin)));
	return out;
}

static struct gval fn_split(struct gcall *call)
{
	return split(call, false);
}

static struct gval fn_must_split(struct gcall *call)
{
	return split(call, true);
}

static struct gval fn_quote_meta(struct gcall *call)
{
	BUF_CLEANUP struct buf out = BUF_INIT(LIMIT_TEMPLATE_STRING);
	regex_quote(&out, call_str(call, 0));
	return call_string(call, &out);
}

static const struct gfunc rows[] = {
	{ "regexMatch", "ss:b", fn_match },
	{ "mustRegexMatch", "ss:b", fn_must_match },
	{ "regexFind", "ss:s", fn_find },
	{ "mustRegexFind", "ss:s", fn_must_find },
	{ "regexFindAll", "ssi:S", fn_find_all },
	{ "mustRegexFindAll", "ssi:S", fn_must_find_all },
	{ "regexReplaceAll", "sss:s", fn_replace },
	{ "mustRegexReplaceAll", "sss:s", fn_must_replace },
	{ "regexReplaceAllLiteral", "sss:s", fn_replace_literal },
	{ "mustRegexReplaceAllLiteral", "sss:s", fn_must_replace_literal },
	{ "regexSplit", "ssi:S", fn_split },
	{ "mustRegexSplit", "ssi:S", fn_must_split },
	{ "regexQuoteMeta", "s:s", fn_quote_meta },
};

const struct gfunc_table functions_regex = FUNCTION_TABLE(rows);
