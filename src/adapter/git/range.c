/* SPDX-License-Identifier: MIT */
/* Which commits one branch has that another lacks. */
#include "adapter/git/internal.h"

int repo_list_missing(struct repo *repo, const struct repo_range *range,
		      struct arena *arena, struct repo_oids *out, struct err *err)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(1 << 20);
	struct buf errors BUF_CLEANUP = BUF_INIT(4096);
	struct raw_oid raw;
	struct repo_oids found = { NULL, 0, 0 };
	int status = 0;
	if (raw_oid_of(range->base, &raw, err) || raw_oid_of(range->tip, &raw, err))
		return err->code;
	const char *args[] = { "rev-list",
			       arena_printf(&scratch, "--max-count=%zu", range->max + 1),
			       "--end-of-options",
			       range->tip->hex,
			       arena_printf(&scratch, "^%s", range->base->hex),
			       NULL };
	struct git_command command = { .kind = GIT_CHILD_READS,
				       .args = args,
				       .out = &text };
	int code = git_run(repo, &command, &errors, &status, err);
	if (code)
		return code;
	if (status)
		return err_set(err, ERR_IO, "cannot compare %s and %s: %s",
			       range->base->hex, range->tip->hex,
			       git_complaint(&errors, &scratch));
	struct str rest = buf_str(&text);
	struct str line;
	while (str_line(&rest, &line))
		if (raw_oid_parse(line, &raw))
			raw_oid_format(&raw, VEC_ADD(arena, &found));
	if (found.len > range->max)
		return err_set(err, ERR_LIMIT, "more than %zu commits", range->max);
	*out = found;
	return 0;
}
