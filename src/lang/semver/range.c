/* SPDX-License-Identifier: MIT */
/*
 * How a range is read: hyphen ranges are rewritten in the text first, wherever they
 * stand, then the groups are cut at `||`, then each group is read term by term.
 */
#include "lang/semver/range.h"
#include "base/cursor.h"
#include "base/limits.h"

/* A version with wildcards, cut into its parts; `b` and `c` without, `pre` with the mark
 * in front. */
struct parts {
	struct str whole;
	struct str a;
	struct str b;
	struct str c;
	struct str pre;
};

struct hyphen_range {
	struct str whole; /* with the blanks around */
	struct str low;
	struct str high;
};

/* Longer operators first. */
static const struct {
	const char *text;
	enum range_op op;
} operators[] = {
	{ "!=", RANGE_NOT_EQUAL }, { ">=", RANGE_FROM },  { "=>", RANGE_FROM },
	{ "<=", RANGE_UP_TO },     { "=<", RANGE_UP_TO }, { "~>", RANGE_TILDE },
	{ "=", RANGE_NONE },       { ">", RANGE_ABOVE },  { "<", RANGE_BELOW },
	{ "~", RANGE_TILDE },      { "^", RANGE_CARET },
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Upstream's character class for a number also holds the bar. */
static bool is_number_char(char c)
{
	return char_is_digit(c) || c == 'x' || c == 'X' || c == '*' || c == '|';
}

static bool is_identifier_char(char c)
{
	return char_is_alnum(c) || c == '-';
}

static bool is_wildcard(struct str number)
{
	return number.len == 0 || str_is(number, "x") || str_is(number, "X") ||
	       str_is(number, "*");
}

/* Takes `.` and a number; leaves both when no number follows. */
static struct str take_dotted(struct str *rest)
{
	struct str next = *rest;
	if (!cursor_char(&next, '.'))
		return (struct str){ NULL, 0 };
	struct str number = cursor_while(&next, is_number_char);
	if (number.len)
		*rest = next;
	return number;
}

/* Takes `mark` and dot-separated identifiers, as far as they go; may be empty. */
static struct str take_tail(struct str *rest, char mark)
{
	const char *begin = rest->ptr;
	struct str next = *rest;
	if (!cursor_char(&next, mark))
		return (struct str){ NULL, 0 };
	do {
		if (cursor_while(&next, is_identifier_char).len == 0)
			break;
		*rest = next;
	} while (cursor_char(&next, '.'));
	return (struct str){ begin, (size_t)(rest->ptr - begin) };
}

static bool take_parts(struct str *rest, struct parts *out)
{
	struct str next = *rest;
	(void)cursor_char(&next, 'v');
	out->a = cursor_while(&next, is_number_char);
	if (out->a.len == 0)
		return false;
	out->b = take_dotted(&next);
	out->c = out->b.len ? take_dotted(&next) : out->b;
	out->pre = take_tail(&next, '-');
	(void)take_tail(&next, '+');
	out->whole = str_slice(*rest, 0, rest->len - next.len);
	*rest = next;
	return true;
}

/* A hyphen range at the very front of `text`, blanks around it included. */
static bool take_hyphen_range(struct str text, struct hyphen_range *out)
{
	struct str rest = text;
	struct parts low;
	struct parts high;
	(void)cursor_while(&rest, is_blank);
	if (!take_parts(&rest, &low) || cursor_while(&rest, is_blank).len == 0 ||
	    !cursor_char(&rest, '-') || cursor_while(&rest, is_blank).len == 0 ||
	    !take_parts(&rest, &high))
		return false;
	(void)cursor_while(&rest, is_blank);
	*out = (struct hyphen_range){ str_slice(text, 0, text.len - rest.len), low.whole,
				      high.whole };
	return true;
}

/* Puts `>= LOW, <= HIGH ` in the place where the range's own text stands first. */
static struct str replace_first(struct arena *arena, struct str text,
				const struct hyphen_range *found)
{
	size_t at = str_find(text, found->whole);
	struct buf out BUF_CLEANUP = BUF_INIT(16L * LIMIT_RANGE_BYTES);
	(void)buf_append(&out, str_slice(text, 0, at));
	(void)buf_puts(&out, ">= ");
	(void)buf_append(&out, found->low);
	(void)buf_puts(&out, ", <= ");
	(void)buf_append(&out, found->high);
	(void)buf_putc(&out, ' ');
	(void)buf_append(&out, str_from(text, at + found->whole.len));
	return buf_to_arena(&out, arena);
}

/* Upstream finds every range in the text as it was given, from the left, and then
 * replaces one after the other in the text as it has become. */
static struct str rewrite_hyphens(struct arena *arena, struct str text)
{
	struct str out = text;
	size_t off = 0;
	while (off < text.len) {
		struct hyphen_range found;
		if (take_hyphen_range(str_from(text, off), &found)) {
			out = replace_first(arena, out, &found);
			off += found.whole.len;
		} else {
			off++;
		}
	}
	return out;
}

/* The version that a term compares with, as text: what is open becomes 0. */
static struct str describe_base(struct arena *arena, const struct parts *parts,
				struct range_term *term)
{
	const char *text = NULL;
	term->dirty = true;
	if (is_wildcard(parts->a)) {
		text = arena_printf(arena, "0.0.0%.*s", STR_ARG(parts->pre));
	} else if (is_wildcard(parts->b)) {
		term->minor_dirty = true;
		text = arena_printf(arena, "%.*s.0.0%.*s", STR_ARG(parts->a),
				    STR_ARG(parts->pre));
	} else if (is_wildcard(parts->c)) {
		term->patch_dirty = true;
		text = arena_printf(arena, "%.*s.%.*s.0%.*s", STR_ARG(parts->a),
				    STR_ARG(parts->b), STR_ARG(parts->pre));
	} else {
		term->dirty = false;
		return parts->whole;
	}
	return str_of(text);
}

enum taken {
	TERM_TAKEN,
	TERM_IMPROPER,
	TERM_BAD_BASE
};

static enum taken take_term(struct str *rest, struct arena *arena, struct range_term *out)
{
	struct parts parts;
	out->op = RANGE_NONE;
	for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
		if (!cursor_text(rest, operators[i].text))
			continue;
		out->op = operators[i].op;
		break;
	}
	(void)cursor_while(rest, is_blank);
	if (!take_parts(rest, &parts))
		return TERM_IMPROPER;
	struct str base = describe_base(arena, &parts, out);
	return semver_read(base, SEMVER_LOOSE, &out->base) ? TERM_TAKEN : TERM_BAD_BASE;
}

/* Reads one group. The whole of it has to be well formed before a number in it is judged.
 */
static enum taken read_group(struct str text, struct arena *arena,
			     struct range_group *out)
{
	enum taken result = TERM_TAKEN;
	(void)cursor_while(&text, is_blank);
	for (;;) {
		struct range_term term = { 0 };
		enum taken taken = take_term(&text, arena, &term);
		if (taken == TERM_IMPROPER)
			return taken;
		if (taken != TERM_TAKEN)
			result = taken;
		out->has_pre = out->has_pre || term.base.pre.len > 0;
		VEC_PUSH(arena, &out->terms, term);
		size_t blanks = cursor_while(&text, is_blank).len;
		if (text.len == 0)
			return result;
		if (cursor_char(&text, ','))
			(void)cursor_while(&text, is_blank);
		else if (blanks == 0)
			return TERM_IMPROPER;
	}
}

static int fail_improper(struct str text, struct err *err)
{
	struct buf quoted BUF_CLEANUP = BUF_INIT(ERR_TEXT_BYTES);
	semver_quote(&quoted, text);
	return err_set(err, ERR_INVALID, "improper constraint: %s", buf_cstr(&quoted));
}

/* Cuts the next group off; *more tells whether another follows. */
static struct str cut_group(struct str *rest, bool *more)
{
	size_t at = str_find(*rest, STR("||"));
	struct str group = str_slice(*rest, 0, at);
	*more = at < rest->len;
	*rest = str_from(*rest, at + 2);
	return group;
}

static size_t count_groups(struct str text)
{
	size_t n = 0;
	for (bool more = true; more; n++)
		(void)cut_group(&text, &more);
	return n;
}

int semver_range_new(struct str text, struct arena *arena, struct semver_range **out,
		     struct err *err)
{
	if (text.len > LIMIT_RANGE_BYTES)
		return err_set(err, ERR_INVALID,
			       "constraint string is too long (max %d bytes)",
			       LIMIT_RANGE_BYTES);
	struct str rest = rewrite_hyphens(arena, arena_str(arena, text));
	if (count_groups(rest) > LIMIT_RANGE_GROUPS)
		return err_set(err, ERR_INVALID, "too many constraint groups (max %d)",
			       LIMIT_RANGE_GROUPS);
	struct semver_range *range = ARENA_NEW(arena, struct semver_range);
	for (bool more = true; more;) {
		struct str group = cut_group(&rest, &more);
		switch (read_group(group, arena, VEC_ADD(arena, &range->groups))) {
		case TERM_TAKEN:
			break;
		case TERM_IMPROPER:
			return fail_improper(group, err);
		case TERM_BAD_BASE:
			return err_set(err, ERR_INVALID, "constraint parser error");
		}
	}
	*out = range;
	return 0;
}
