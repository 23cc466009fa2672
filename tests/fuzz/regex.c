/* SPDX-License-Identifier: MIT */
/* `PATTERN<LF>TEMPLATE<LF>SUBJECT`: searching with and without groups agrees, spans lie
 * within the subject, and a quoted text matches itself. */
#include "adapter/regex/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void search(const struct regex *regex, struct str subject, struct str text)
{
	struct regex_group groups[2048];
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 20);
	size_t n = regex_group_count(regex) + 1;
	size_t group = 0;
	(void)regex_template_refs(regex, text, NULL);
	(void)regex_template_group(regex, text, &group);
	bool found = regex_find(regex, subject, 0, groups, n);
	if (found != regex_matches(regex, subject))
		abort();
	for (size_t i = 0; i < n && found; i++)
		if (groups[i].text.ptr &&
		    (groups[i].text.ptr < subject.ptr ||
		     groups[i].text.ptr + groups[i].text.len > subject.ptr + subject.len))
			abort();
	if (found)
		regex_expand(regex, &out, text, groups);
}

static void check_quote(struct str subject)
{
	struct buf quoted BUF_CLEANUP = BUF_INIT(1 << 20);
	struct regex *regex REGEX_CLEANUP = NULL;
	struct err err = ERR_INIT;
	regex_quote(&quoted, subject);
	if (subject.len > 1000 || !str_is_utf8(subject, NULL))
		return;
	if (regex_new(buf_str(&quoted), &regex, &err) || !regex_matches(regex, subject))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	struct str pattern;
	struct str text = { NULL, 0 };
	struct str subject = STR("");
	struct regex *regex REGEX_CLEANUP = NULL;
	struct err err = ERR_INIT;
	if (!str_split(&rest, '\n', &pattern))
		return 0;
	(void)str_split(&rest, '\n', &text);
	(void)str_split(&rest, '\n', &subject);
	check_quote(subject);
	if (regex_new(pattern, &regex, &err) == 0)
		search(regex, subject, text);
	return 0;
}
