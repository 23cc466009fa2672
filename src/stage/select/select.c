/* SPDX-License-Identifier: MIT */
/*
 * Walks the tags once and keeps the best so far. Flux visits the keys one by one and its
 * ties depend on that order; here the order of visiting is descending bytes, and ties are
 * settled by comparing bytes, so that nothing has to be sorted.
 */
#include "stage/select/select.h"
#include "stage/select/filter.h"
#include "stage/select/order.h"
#include "stage/select/verdict.h"
#include <math.h>

static const char text_no_tags[] = "retrying in 30s error: no tags in database";
static const char text_empty[] = "version list argument cannot be empty";
static const char text_none[] = "unable to determine latest version from provided list";

/* Upstream's condition reasons by how the message begins; anything else is "Failure". */
static const struct {
	const char *begin;
	const char *reason;
	bool stalled;
} reasons[] = {
	{ "scan failed: ", "ReadOperationFailed", false },
	{ "invalid policy: ", "InvalidPolicy", true },
	{ "failed to filter tags: ", "InvalidPolicy", true },
	{ text_no_tags, "DependencyNotReady", false },
};

/* A tag that could be chosen; `key` owns its bytes, which the rank views. */
struct champion {
	bool present;
	struct str tag;
	struct buf key;
	struct rank rank;
};

struct contest {
	struct filter filter;
	struct order order;
	struct champion best;
	struct champion bad;   /* the key that is no number, which upstream meets first */
	struct champion limit; /* numerical: the nan that upstream meets last */
	bool limited;          /* only what upstream visits after `limit` counts */
	struct arena *arena;
	struct tag_verdict_list *verdicts; /* NULL: not wanted */
	size_t n_stored;
	size_t n_candidates;
};

#define CHAMPION_INIT                                   \
	{                                               \
		.key = BUF_INIT(LIMIT_FILE_BYTES * 64L) \
	}

static void release_contest(struct contest *contest)
{
	filter_release(&contest->filter);
	buf_release(&contest->best.key);
	buf_release(&contest->bad.key);
	buf_release(&contest->limit.key);
}

static void crown(struct contest *contest, struct champion *champion, struct str tag,
		  struct str key)
{
	champion->present = true;
	champion->tag = tag;
	buf_truncate(&champion->key, 0);
	(void)buf_append(&champion->key, key);
	(void)order_read(&contest->order, buf_str(&champion->key), &champion->rank);
}

/* Of two tags with one key the byte-smallest survives, because upstream meets it last. */
static bool takes_over(const struct champion *champion, struct str tag)
{
	return str_cmp(tag, champion->tag) < 0;
}

/* Whether a candidate displaces the best. A tie between different keys goes, by
 * upstream's order of visiting, to the first (semver) or to the last (numerical). */
static bool beats(const struct contest *contest, struct str tag, struct str key,
		  const struct rank *rank)
{
	const struct champion *best = &contest->best;
	if (!best->present)
		return true;
	struct str best_key = buf_str(&best->key);
	int order = order_compare(&contest->order, key, rank, best_key, &best->rank);
	if (order != 0)
		return order > 0;
	int bytes = str_cmp(key, best_key);
	if (bytes == 0)
		return takes_over(best, tag);
	return contest->order.kind == POLICY_SEMVER ? bytes > 0 : bytes < 0;
}

/* nan never compares as smaller, so upstream drops whatever it held when it meets one. */
static bool is_cut_off(struct contest *contest, struct str tag, struct str key,
		       const struct rank *rank)
{
	if (contest->order.kind != POLICY_NUMERICAL)
		return false;
	struct champion *limit = &contest->limit;
	if (contest->limited)
		return str_cmp(key, buf_str(&limit->key)) >= 0;
	if (!isnan(rank->number))
		return false;
	int bytes = limit->present ? str_cmp(key, buf_str(&limit->key)) : -1;
	if (bytes < 0 || (bytes == 0 && takes_over(limit, tag)))
		crown(contest, limit, tag, key);
	return true;
}

static void enter(struct contest *contest, struct str tag, struct str key,
		  enum tag_fate *fate)
{
	struct rank rank = { 0 };
	*fate = order_read(&contest->order, key, &rank);
	if (*fate == TAG_NOT_A_NUMBER) {
		struct champion *bad = &contest->bad;
		if (!bad->present || str_cmp(key, buf_str(&bad->key)) > 0)
			crown(contest, bad, tag, key);
	} else if (*fate == TAG_OLDER && !is_cut_off(contest, tag, key, &rank) &&
		   beats(contest, tag, key, &rank)) {
		crown(contest, &contest->best, tag, key);
	}
}

static void record(struct contest *contest, struct str tag, enum tag_fate fate,
		   struct str key, const char *by)
{
	if (!contest->verdicts)
		return;
	struct tag_verdict verdict = { tag, fate, key, str_of(by) };
	if (key.len && key.ptr != tag.ptr)
		verdict.key = arena_str(contest->arena, key);
	VEC_PUSH(contest->arena, contest->verdicts, verdict);
}

/* Takes one tag through all steps. ERR_LIMIT for a key that is too long. */
static int judge(struct contest *contest, struct str tag, struct err *err)
{
	static const struct str none = { NULL, 0 };
	const char *by = filter_excludes(&contest->filter, tag);
	if (by) {
		record(contest, tag, TAG_EXCLUDED, none, by);
		return 0;
	}
	contest->n_stored++;
	struct str key;
	if (!filter_key(&contest->filter, tag, &key)) {
		record(contest, tag, TAG_NO_MATCH, none, NULL);
		return 0;
	}
	if (contest->filter.scratch.full)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_KEY_BYTES));
	contest->n_candidates++;
	enum tag_fate fate = TAG_OLDER;
	enter(contest, tag, key, &fate);
	record(contest, tag, fate, key, NULL);
	return 0;
}

static int judge_all(struct contest *contest, const struct tag_list *tags,
		     struct err *err)
{
	int code = 0;
	for (size_t i = 0; i < tags->len && !code; i++)
		code = judge(contest, tags->items[i], err);
	return code;
}

/* Walks again without what the last nan cut off; if nothing is left, the nan has won. */
static int settle_nan(struct contest *contest, const struct tag_list *tags,
		      struct err *err)
{
	struct tag_verdict_list *verdicts = contest->verdicts;
	contest->verdicts = NULL;
	contest->limited = true;
	contest->best.present = false;
	int code = judge_all(contest, tags, err);
	contest->verdicts = verdicts;
	if (!contest->best.present)
		crown(contest, &contest->best, contest->limit.tag,
		      buf_str(&contest->limit.key));
	return code;
}

/* Why nothing was chosen although the policy and the expressions are fine. */
static int find_failure(const struct contest *contest, struct err *err)
{
	if (contest->n_stored == 0)
		return err_set(err, ERR_NOTFOUND, "%s", text_no_tags);
	if (contest->n_candidates == 0)
		return err_set(err, ERR_NOTFOUND, "%s", text_empty);
	if (contest->bad.present)
		return err_set(err, ERR_INVALID,
			       "failed to parse invalid numeric value '%s'",
			       buf_cstr(&contest->bad.key));
	if (!contest->best.present)
		return err_set(err, ERR_NOTFOUND, "%s", text_none);
	return 0;
}

static bool has_stored(const struct filter *filter, const struct tag_list *tags)
{
	for (size_t i = 0; i < tags->len; i++)
		if (!filter_excludes(filter, tags->items[i]))
			return true;
	return false;
}

static int run_contest(struct contest *contest, const struct tag_list *tags,
		       struct err *err)
{
	int code = judge_all(contest, tags, err);
	if (!code && contest->limit.present)
		code = settle_nan(contest, tags, err);
	return code ? code : find_failure(contest, err);
}

int select_tag(const struct select_terms *terms, struct arena *arena,
	       struct selection *out, struct tag_verdict_list *verdicts,
	       struct finding_list *findings, struct err *err)
{
	struct contest contest CLEANUP(release_contest) = {
		.filter = FILTER_INIT(arena),
		.best = CHAMPION_INIT,
		.bad = CHAMPION_INIT,
		.limit = CHAMPION_INIT,
		.arena = arena,
		.verdicts = verdicts,
	};
	int code = filter_open_exclusions(&contest.filter, terms->exclusions, err);
	if (!code)
		code = order_open(&contest.order, terms->policy, arena, err);
	if (code)
		return code;
	code = filter_open_pattern(&contest.filter, terms->policy, findings, err);
	/* upstream looks at the pattern only when there is something to match */
	if (code)
		return has_stored(&contest.filter, terms->tags)
			   ? code
			   : err_set(err, ERR_NOTFOUND, "%s", text_no_tags);
	code = run_contest(&contest, terms->tags, err);
	struct str chosen = code ? (struct str){ NULL, 0 } : contest.best.tag;
	if (verdicts)
		verdict_settle(verdicts, chosen, arena);
	if (code)
		return code;
	*out = (struct selection){ chosen, buf_to_arena(&contest.best.key, arena) };
	return 0;
}

int select_check(const struct image_policy *policy, struct finding_list *findings,
		 struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct filter filter FILTER_CLEANUP = FILTER_INIT(&arena);
	struct order order;
	int code = order_open(&order, policy, &arena, err);
	return code ? code : filter_open_pattern(&filter, policy, findings, err);
}

int select_compare(const struct image_policy *policy, struct str old_tag,
		   struct str new_tag)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct filter filter FILTER_CLEANUP = FILTER_INIT(&arena);
	struct err ignored = ERR_INIT;
	struct order order;
	struct str old_key;
	struct str new_key;
	struct rank old_rank = { 0 };
	struct rank new_rank = { 0 };
	if (order_open(&order, policy, &arena, &ignored) ||
	    filter_open_pattern(&filter, policy, NULL, &ignored) ||
	    !filter_key(&filter, old_tag, &old_key))
		return 0;
	old_key = arena_str(&arena, old_key);
	if (!filter_key(&filter, new_tag, &new_key))
		return 0;
	/* a version outside the range is still older or newer */
	enum tag_fate old_fate = order_read(&order, old_key, &old_rank);
	enum tag_fate new_fate = order_read(&order, new_key, &new_rank);
	if (old_fate == TAG_NOT_A_VERSION || old_fate == TAG_NOT_A_NUMBER ||
	    new_fate == TAG_NOT_A_VERSION || new_fate == TAG_NOT_A_NUMBER)
		return 0;
	return order_compare(&order, old_key, &old_rank, new_key, &new_rank);
}

const char *select_reason(const struct err *err, bool *stalled)
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		if (!str_starts(str_of(err->text), str_of(reasons[i].begin)))
			continue;
		*stalled = reasons[i].stalled;
		return reasons[i].reason;
	}
	*stalled = false;
	return "Failure";
}

const char *select_fate_name(enum tag_fate fate)
{
	static const char *const names[] = {
		[TAG_CHOSEN] = "chosen",
		[TAG_OLDER] = "older",
		[TAG_EXCLUDED] = "excluded",
		[TAG_NO_MATCH] = "no-match",
		[TAG_SHADOWED] = "shadowed",
		[TAG_NOT_A_VERSION] = "not-a-version",
		[TAG_OUT_OF_RANGE] = "out-of-range",
		[TAG_NOT_A_NUMBER] = "not-a-number",
	};
	return names[fate];
}
