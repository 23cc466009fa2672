/* SPDX-License-Identifier: MIT */
/*
 * The border to RE2, the only C++ of the project: compiling, searching, and its errors in
 * Go's words. Nothing throws, and nothing of RE2 is seen outside.
 */
#include <re2/re2.h>

#include <algorithm>
#include <new>
#include <vector>

extern "C" {
#include "adapter/regex/pattern.h"
#include "adapter/regex/regex.h"
#include "base/limits.h"
}

using re2::RE2;
using re2::StringPiece;

struct regex {
	RE2 engine;
	/* by index from 1; an unnamed group has nullptr */
	std::vector<const char *> names;
	/* of the last search: to prepare them for each would cost as much as the search
	 */
	mutable std::vector<StringPiece> spans;

	regex(const StringPiece &pattern, const RE2::Options &options)
	    : engine(pattern, options)
	{
	}
};

/* Go's text for each way in which a pattern can be malformed. */
static const struct {
	RE2::ErrorCode code;
	const char *text;
} error_texts[] = {
	{ RE2::ErrorBadEscape, "invalid escape sequence" },
	{ RE2::ErrorBadCharClass, "invalid character class" },
	{ RE2::ErrorBadCharRange, "invalid character class range" },
	{ RE2::ErrorMissingBracket, "missing closing ]" },
	{ RE2::ErrorMissingParen, "missing closing )" },
	{ RE2::ErrorUnexpectedParen, "unexpected )" },
	{ RE2::ErrorTrailingBackslash, "trailing backslash at end of expression" },
	{ RE2::ErrorRepeatArgument, "missing argument to repetition operator" },
	{ RE2::ErrorRepeatSize, "invalid repeat count" },
	{ RE2::ErrorRepeatOp, "invalid nested repetition operator" },
	{ RE2::ErrorBadPerlOp, "invalid or unsupported Perl syntax" },
	{ RE2::ErrorBadUTF8, "invalid UTF-8" },
	{ RE2::ErrorBadNamedCapture, "invalid named capture" },
	{ RE2::ErrorPatternTooLarge, "expression too large" },
};

static RE2::Options quiet_options()
{
	RE2::Options options;
	options.set_log_errors(false);
	options.set_max_mem(LIMIT_REGEX_MEMORY);
	return options;
}

static StringPiece piece_of(struct str s)
{
	return StringPiece(s.ptr ? s.ptr : "", s.len);
}

static int fail_parse(struct err *err, const char *text, struct str fragment)
{
	return err_set(err, ERR_INVALID, "error parsing regexp: %s: `%.*s`", text,
		       STR_ARG(fragment));
}

static const char *find_error_text(const RE2 &engine)
{
	for (const auto &row : error_texts)
		if (row.code == engine.error_code())
			return row.text;
	return engine.error().c_str();
}

/*
 * Says in Go's words what the engine refuses. Where Go judges in another order or shows
 * more or less of the pattern, Go's way.
 */
static int fail_engine(const RE2 &engine, struct str pattern, struct err *err)
{
	const char *text = find_error_text(engine);
	struct str fragment = { engine.error_arg().data(), engine.error_arg().size() };
	struct str count = { nullptr, 0 };
	switch (engine.error_code()) {
	case RE2::ErrorMissingParen:
	case RE2::ErrorUnexpectedParen:
	case RE2::ErrorPatternTooLarge:
		/* about the whole, which is the pattern as it was given */
		fragment = pattern;
		break;
	case RE2::ErrorRepeatSize:
	case RE2::ErrorRepeatOp:
		if (pattern_bad_count(fragment, &count)) {
			text = "invalid repeat count";
			fragment = count;
		}
		break;
	case RE2::ErrorBadEscape:
		if ((str_is(fragment, "\\p") || str_is(fragment, "\\P")) &&
		    str_ends(pattern, fragment))
			text = "invalid character class range";
		break;
	case RE2::ErrorBadUTF8:
		/* RE2 says so of `\x{` without an end as well */
		if (str_is_utf8(pattern, nullptr)) {
			text = "invalid escape sequence";
			fragment = pattern_last_hex(pattern);
		}
		break;
	default:
		break;
	}
	return fail_parse(err, text, fragment);
}

/* A fault that only Go sees; but what stands before it may be wrong in both dialects. The
 * first character of the fault goes along, for errors that it completes. */
static int fail_fault(const struct pattern_fault *fault, struct str pattern,
		      struct buf *before, struct err *err)
{
	(void)buf_putc(before, pattern.ptr[fault->off]);
	RE2 engine(piece_of(buf_str(before)), quiet_options());
	if (engine.ok() || engine.error_code() == RE2::ErrorMissingParen ||
	    engine.error_code() == RE2::ErrorTrailingBackslash)
		return fail_parse(err, fault->text, fault->fragment);
	return fail_engine(engine, pattern, err);
}

static void read_groups(struct regex *regex)
{
	regex->names.assign(regex_group_count(regex) + 1, nullptr);
	regex->spans.resize(regex->names.size());
	for (const auto &entry : regex->engine.CapturingGroupNames())
		regex->names[static_cast<size_t>(entry.first)] = entry.second.c_str();
}

extern "C" int regex_new(struct str pattern, struct regex **out, struct err *err)
{
	if (pattern.len > LIMIT_REGEX_BYTES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_REGEX_BYTES));
	struct buf text BUF_CLEANUP = BUF_INIT(2 * LIMIT_REGEX_BYTES);
	struct pattern_fault fault;
	pattern_rewrite(pattern, &text, &fault);
	if (fault.text)
		return fail_fault(&fault, pattern, &text, err);
	struct regex *made =
	    new (std::nothrow) regex(piece_of(buf_str(&text)), quiet_options());
	if (!made)
		die_out_of_memory();
	if (!made->engine.ok()) {
		int code = fail_engine(made->engine, pattern, err);
		regex_free(made);
		return code;
	}
	read_groups(made);
	*out = made;
	return 0;
}

extern "C" void regex_free(struct regex *regex)
{
	delete regex;
}

extern "C" void regex_cleanup(struct regex *const *regex)
{
	regex_free(*regex);
}

extern "C" bool regex_matches(const struct regex *regex, struct str subject)
{
	return regex->engine.Match(piece_of(subject), 0, subject.len, RE2::UNANCHORED,
				   nullptr, 0);
}

extern "C" bool regex_find(const struct regex *regex, struct str subject, size_t start,
			   struct regex_group *groups, size_t n_groups)
{
	const size_t n_known = std::min(n_groups, regex->spans.size());
	if (start > subject.len ||
	    !regex->engine.Match(piece_of(subject), start, subject.len, RE2::UNANCHORED,
				 regex->spans.data(), static_cast<int>(n_known)))
		return false;
	for (size_t i = 0; i < n_known; i++)
		groups[i].text = str{ regex->spans[i].data(), regex->spans[i].size() };
	for (size_t i = n_known; i < n_groups; i++)
		groups[i].text = str{ nullptr, 0 };
	return true;
}

extern "C" size_t regex_group_count(const struct regex *regex)
{
	return static_cast<size_t>(regex->engine.NumberOfCapturingGroups());
}

extern "C" const char *regex_group_name(const struct regex *regex, size_t i)
{
	return i < regex->names.size() ? regex->names[i] : nullptr;
}

extern "C" bool pattern_is_word(uint32_t code_point)
{
	static const RE2 word("[\\pL\\p{Nd}]", quiet_options());
	char bytes[4];
	size_t n = str_utf8_encode(code_point, bytes);
	return RE2::FullMatch(StringPiece(bytes, n), word);
}
