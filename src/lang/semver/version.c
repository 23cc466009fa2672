/* SPDX-License-Identifier: MIT */
/* What a version is, in three grammars, and which of two comes first. */
#include "base/cursor.h"
#include "base/limits.h"
#include "lang/semver/semver.h"

enum problem {
	VERSION_FINE,
	VERSION_EMPTY,
	VERSION_TOO_LONG,
	VERSION_MALFORMED,
	VERSION_BAD_CHARACTER,
	VERSION_BAD_PRE,
	VERSION_BAD_META,
	VERSION_ZERO_LED,
	VERSION_NO_NUMBER,
	VERSION_OVERFLOW
};

/* Why a text is no version, and the number that was too large. */
struct diagnosis {
	enum problem problem;
	struct str digits;
};

static const char *const problem_texts[] = {
	[VERSION_FINE] = "",
	[VERSION_EMPTY] = "version string empty",
	[VERSION_TOO_LONG] = "version string is too long",
	[VERSION_MALFORMED] = "invalid semantic version",
	[VERSION_BAD_CHARACTER] = "invalid characters in version",
	[VERSION_BAD_PRE] = "invalid prerelease string",
	[VERSION_BAD_META] = "invalid metadata string",
	[VERSION_ZERO_LED] = "version segment starts with 0",
	[VERSION_NO_NUMBER] = "strconv.ParseUint: parsing \"\": invalid syntax",
	[VERSION_OVERFLOW] = "value out of range",
};

static inline bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static inline bool is_identifier_char(char c)
{
	return is_digit(c) || (unsigned char)((c | 0x20) - 'a') < 26 || c == '-';
}

/* The front of a text that is being read. Lists of tags are long, so reading a version is
 * kept free of calls. */
struct scan {
	const char *at;
	const char *end;
};

static inline struct scan start_scan(struct str text)
{
	const char *begin = text.ptr ? text.ptr : "";
	return (struct scan){ begin, begin + text.len };
}

static inline bool take_char(struct scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

/* Takes one or more digits; `overflow` gets the first run above uint64 and stays. */
static inline bool take_number(struct scan *scan, uint64_t *out, struct str *overflow)
{
	const char *begin = scan->at;
	uint64_t value = 0;
	bool fits = true;
	for (; scan->at < scan->end && is_digit(*scan->at); scan->at++) {
		uint64_t digit = (uint64_t)(*scan->at - '0');
		/* 19 digits always fit */
		if (scan->at - begin < 19)
			value = value * 10 + digit;
		else if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
			 __builtin_add_overflow(value, digit, &value))
			fits = false;
	}
	if (!fits && !overflow->ptr)
		*overflow = (struct str){ begin, (size_t)(scan->at - begin) };
	*out = value;
	return scan->at > begin;
}

/* Takes dot-separated identifiers; false when one is empty. `zero_led` tells that a
 * number among them begins with a needless 0. */
static inline bool take_identifiers(struct scan *scan, struct str *out, bool *zero_led)
{
	const char *all = scan->at;
	const char *begin = scan->at;
	bool numeric = true;
	for (;; scan->at++) {
		bool more = scan->at < scan->end;
		if (more && is_identifier_char(*scan->at)) {
			numeric = numeric && is_digit(*scan->at);
			continue;
		}
		if (scan->at == begin)
			return false;
		if (numeric && scan->at - begin > 1 && *begin == '0')
			*zero_led = true;
		if (!more || *scan->at != '.')
			break;
		begin = scan->at + 1;
		numeric = true;
	}
	*out = (struct str){ all, (size_t)(scan->at - all) };
	return true;
}

/* Masterminds matches the whole text first and judges numbers and zeros afterwards. */
static struct diagnosis read_loose(struct str text, struct semver *out)
{
	struct diagnosis bad = { VERSION_MALFORMED, { NULL, 0 } };
	struct scan scan = start_scan(text);
	struct str overflow = { NULL, 0 };
	bool zero_led = false;
	bool ignored = false;
	(void)take_char(&scan, 'v');
	if (!take_number(&scan, &out->major, &overflow))
		return bad;
	if (take_char(&scan, '.') && !take_number(&scan, &out->minor, &overflow))
		return bad;
	if (take_char(&scan, '.') && !take_number(&scan, &out->patch, &overflow))
		return bad;
	if (take_char(&scan, '-') && !take_identifiers(&scan, &out->pre, &zero_led))
		return bad;
	if (take_char(&scan, '+') && !take_identifiers(&scan, &out->meta, &ignored))
		return bad;
	if (scan.at != scan.end)
		return bad;
	if (overflow.ptr)
		return (struct diagnosis){ VERSION_OVERFLOW, overflow };
	bad.problem = zero_led ? VERSION_ZERO_LED : VERSION_FINE;
	return bad;
}

/* Identifiers over the whole text, judged one after the other as upstream does. */
static enum problem judge_identifiers(struct str text, bool is_pre)
{
	struct str piece;
	while (str_split(&text, '.', &piece)) {
		struct scan scan = start_scan(piece);
		bool zero_led = false;
		if (!take_identifiers(&scan, &piece, &zero_led) || scan.at != scan.end)
			return is_pre ? VERSION_BAD_PRE : VERSION_BAD_META;
		if (is_pre && zero_led)
			return VERSION_ZERO_LED;
	}
	return VERSION_FINE;
}

static enum problem judge_number(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_digit(text.ptr[i]))
			return VERSION_BAD_CHARACTER;
	return text.len > 1 && text.ptr[0] == '0' ? VERSION_ZERO_LED : VERSION_FINE;
}

/* Cuts `text` at the first `mark`; *tail is what stands behind it. */
static bool cut_tail(struct str *text, char mark, struct str *tail)
{
	size_t at = str_find_char(*text, mark);
	if (at == text->len)
		return false;
	*tail = str_from(*text, at + 1);
	/* never NULL, so that an empty tail is still split into one empty piece */
	tail->ptr = text->ptr + at + 1;
	*text = str_slice(*text, 0, at);
	return true;
}

static struct diagnosis read_strict(struct str text, struct semver *out)
{
	struct diagnosis bad = { VERSION_EMPTY, { NULL, 0 } };
	struct str parts[3];
	if (text.len == 0)
		return bad;
	bad.problem = VERSION_MALFORMED;
	if (!cut_tail(&text, '.', &parts[1]))
		return bad;
	parts[0] = text;
	if (!cut_tail(&parts[1], '.', &parts[2]))
		return bad;
	bad.problem = VERSION_FINE;
	if (cut_tail(&parts[2], '+', &out->meta))
		bad.problem = judge_identifiers(out->meta, false);
	if (!bad.problem && cut_tail(&parts[2], '-', &out->pre))
		bad.problem = judge_identifiers(out->pre, true);
	for (size_t i = 0; i < 3 && !bad.problem; i++)
		bad.problem = judge_number(parts[i]);
	uint64_t *const numbers[] = { &out->major, &out->minor, &out->patch };
	for (size_t i = 0; i < 3 && !bad.problem; i++) {
		struct scan scan = start_scan(parts[i]);
		if (!take_number(&scan, numbers[i], &bad.digits))
			bad.problem = VERSION_NO_NUMBER;
		else if (bad.digits.ptr)
			bad.problem = VERSION_OVERFLOW;
	}
	return bad;
}

static bool has_two_dots(struct str text)
{
	size_t n = 0;
	for (size_t i = 0; i < text.len && n < 2; i++)
		n += text.ptr[i] == '.';
	return n == 2;
}

static struct diagnosis diagnose(struct str text, enum semver_grammar grammar,
				 struct semver *out)
{
	if (grammar == SEMVER_FLUX && !has_two_dots(text))
		return (struct diagnosis){ VERSION_MALFORMED, { NULL, 0 } };
	if (text.len > LIMIT_VERSION_BYTES)
		return (struct diagnosis){ VERSION_TOO_LONG, { NULL, 0 } };
	return grammar == SEMVER_STRICT ? read_strict(text, out) : read_loose(text, out);
}

bool semver_read(struct str text, enum semver_grammar grammar, struct semver *out)
{
	struct semver version = { 0 };
	if (diagnose(text, grammar, &version).problem != VERSION_FINE)
		return false;
	*out = version;
	return true;
}

int semver_parse(struct str text, enum semver_grammar grammar, struct semver *out,
		 struct err *err)
{
	struct semver version = { 0 };
	struct diagnosis bad = diagnose(text, grammar, &version);
	if (bad.problem == VERSION_FINE) {
		*out = version;
		return 0;
	}
	const char *why = problem_texts[bad.problem];
	if (bad.problem == VERSION_OVERFLOW)
		return err_set(
		    err, ERR_INVALID, "%sstrconv.ParseUint: parsing \"%.*s\": %s",
		    grammar == SEMVER_STRICT ? "" : "error parsing version segment: ",
		    STR_ARG(bad.digits), why);
	if (bad.problem == VERSION_TOO_LONG)
		return err_set(err, ERR_INVALID, "%s (max %d bytes)", why,
			       LIMIT_VERSION_BYTES);
	return err_set(err, ERR_INVALID, "%s", why);
}

static int compare_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_identifier(struct str a, struct str b)
{
	uint64_t m = 0;
	uint64_t n = 0;
	bool a_counts = number_parse(a, UINT64_MAX, &m);
	bool b_counts = number_parse(b, UINT64_MAX, &n);
	if (a_counts && b_counts)
		return compare_number(m, n);
	if (a_counts != b_counts)
		return a_counts ? -1 : 1;
	return str_cmp(a, b);
}

int semver_compare_pre(struct str a, struct str b)
{
	if (a.len == 0 || b.len == 0)
		return (a.len == 0) - (b.len == 0);
	struct str x;
	struct str y;
	for (;;) {
		bool more_a = str_split(&a, '.', &x);
		bool more_b = str_split(&b, '.', &y);
		if (!more_a || !more_b)
			return (int)more_a - (int)more_b;
		int order = compare_identifier(x, y);
		if (order != 0)
			return order;
	}
}

int semver_compare(const struct semver *a, const struct semver *b)
{
	int order = compare_number(a->major, b->major);
	if (order == 0)
		order = compare_number(a->minor, b->minor);
	if (order == 0)
		order = compare_number(a->patch, b->patch);
	return order != 0 ? order : semver_compare_pre(a->pre, b->pre);
}

void semver_write(struct buf *out, const struct semver *version)
{
	(void)buf_printf(out, "%llu.%llu.%llu", (unsigned long long)version->major,
			 (unsigned long long)version->minor,
			 (unsigned long long)version->patch);
	if (version->pre.len)
		(void)buf_printf(out, "-%.*s", STR_ARG(version->pre));
	if (version->meta.len)
		(void)buf_printf(out, "+%.*s", STR_ARG(version->meta));
}
