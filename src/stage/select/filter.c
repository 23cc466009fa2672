/* SPDX-License-Identifier: MIT */
/*
 * Tags on their way from the registry's list to the policy: dropped by exclusionList,
 * matched by filterTags.pattern, turned into keys by filterTags.extract.
 */
#include "stage/select/filter.h"
#include "base/cursor.h"
#include "stage/select/select.h"

enum {
	DIGEST_HEX = 64
};

const char *const select_default_exclusions[2] = {
	DOCUMENT_EXCLUDE_SIGNATURES,
	DOCUMENT_EXCLUDE_DIGESTS,
};

/* The defaults stand before nearly every selection: answered without an engine. */
static bool is_signature(struct str tag)
{
	if (tag.len == 0 || tag.ptr[tag.len - 1] != 'g')
		return false;
	return str_ends(tag, STR(".sig")) && str_find_char(tag, '\n') == tag.len;
}

static bool is_digest_tag(struct str tag)
{
	if (tag.len == 0 || tag.ptr[0] != 's' || !str_starts(tag, STR("sha256-")))
		return false;
	size_t off = STR("sha256-").len;
	size_t end = off + DIGEST_HEX;
	for (; off < end; off++)
		if (off >= tag.len || !char_is_hex(tag.ptr[off]) ||
		    char_lower(tag.ptr[off]) != tag.ptr[off])
			return false;
	if (off == tag.len)
		return true;
	if (tag.ptr[off++] != '.' || off == tag.len)
		return false;
	for (; off < tag.len; off++)
		if (tag.ptr[off] < 'a' || tag.ptr[off] > 'z')
			return false;
	return true;
}

static bool (*const default_matchers[])(struct str tag) = { is_signature, is_digest_tag };

static int open_exclusion(struct exclusion *out, const char *text, struct err *err)
{
	out->text = text;
	for (size_t i = 0; i < ARRAY_LEN(select_default_exclusions); i++)
		if (strcmp(text, select_default_exclusions[i]) == 0)
			out->matches = default_matchers[i];
	if (out->matches)
		return 0;
	int code = regex_new(str_of(text), &out->regex, err);
	return code ? err_prefix(err, "scan failed: failed to compile regex %.900s", text)
		    : 0;
}

int filter_open_exclusions(struct filter *filter, const struct strings *exclusions,
			   struct err *err)
{
	size_t n = exclusions ? exclusions->len : 0;
	if (n > LIMIT_EXCLUSIONS)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_EXCLUSIONS));
	for (size_t i = 0; i < n; i++) {
		struct exclusion *exclusion = VEC_ADD(filter->arena, &filter->exclusions);
		int code = open_exclusion(exclusion, exclusions->items[i], err);
		if (code)
			return code;
	}
	return 0;
}

/* Judges the extract template against the groups of the pattern. */
static void check_extract(struct filter *filter, const struct image_policy *policy,
			  struct finding_list *findings)
{
	struct str unknown;
	size_t known = regex_template_refs(filter->pattern, filter->extract, &unknown);
	if (known == 0) {
		if (findings)
			finding_add(findings, SEVERITY_WARNING, "extract-without-group",
				    policy->extract_place,
				    "filterTags.extract '%.*s' refers to no group of "
				    "the pattern '%s': ordering by the whole tag",
				    STR_ARG(filter->extract), policy->pattern)
			    ->hint = "put the wanted part of the pattern into a group, "
				     "such as (?P<ts>[0-9]+), and extract '$ts'";
		filter->extract = (struct str){ NULL, 0 };
	} else if (unknown.ptr && findings) {
		finding_add(findings, SEVERITY_WARNING, "extract-unknown-group",
			    policy->extract_place,
			    "filterTags.extract '%.*s' refers to group '%.*s', which the "
			    "pattern '%s' does not have: it stands for nothing",
			    STR_ARG(filter->extract), STR_ARG(unknown), policy->pattern);
	}
}

int filter_open_pattern(struct filter *filter, const struct image_policy *policy,
			struct finding_list *findings, struct err *err)
{
	if (!policy->has_filter)
		return 0;
	const char *pattern = policy->pattern ? policy->pattern : "";
	int code = regex_new(str_of(pattern), &filter->pattern, err);
	if (code)
		return err_prefix(err,
				  "failed to filter tags: invalid regular expression "
				  "pattern '%.900s'",
				  pattern);
	filter->extract = str_of(policy->extract);
	if (filter->extract.len > LIMIT_EXTRACT_BYTES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_EXTRACT_BYTES));
	if (filter->extract.len)
		check_extract(filter, policy, findings);
	size_t group = 0;
	filter->is_span = regex_template_group(filter->pattern, filter->extract, &group);
	filter->n_groups =
	    filter->is_span ? group + 1 : regex_group_count(filter->pattern) + 1;
	filter->groups = ARENA_ARRAY(filter->arena, struct regex_group, filter->n_groups);
	return 0;
}

const char *filter_excludes(const struct filter *filter, struct str tag)
{
	for (size_t i = 0; i < filter->exclusions.len; i++) {
		const struct exclusion *exclusion = &filter->exclusions.items[i];
		if (exclusion->matches ? exclusion->matches(tag)
				       : regex_matches(exclusion->regex, tag))
			return exclusion->text;
	}
	return NULL;
}

/* Groups cost more than the plain question, so they are asked for at once only while most
 * tags match. */
static bool find_groups(struct filter *filter, struct str tag)
{
	bool likely = filter->n_matched * 2 >= filter->n_seen;
	filter->n_seen++;
	if (!likely && !regex_matches(filter->pattern, tag))
		return false;
	if (!regex_find(filter->pattern, tag, 0, filter->groups, filter->n_groups))
		return false;
	filter->n_matched++;
	return true;
}

bool filter_key(struct filter *filter, struct str tag, struct str *key)
{
	*key = tag;
	if (!filter->pattern)
		return true;
	if (filter->extract.len == 0)
		return regex_matches(filter->pattern, tag);
	if (!find_groups(filter, tag))
		return false;
	if (filter->is_span) {
		*key = filter->groups[filter->n_groups - 1].text;
		return true;
	}
	buf_truncate(&filter->scratch, 0);
	regex_expand(filter->pattern, &filter->scratch, filter->extract, filter->groups);
	*key = buf_str(&filter->scratch);
	return true;
}

void filter_release(struct filter *filter)
{
	for (size_t i = 0; i < filter->exclusions.len; i++)
		regex_free(filter->exclusions.items[i].regex);
	filter->exclusions.len = 0;
	regex_free(filter->pattern);
	filter->pattern = NULL;
	buf_release(&filter->scratch);
}
