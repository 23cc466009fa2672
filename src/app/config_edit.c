/* SPDX-License-Identifier: MIT */
/* git writes its own files: it locks them and keeps comments and order. */
#include "app/config_edit.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/text.h"

enum {
	GIT_TIMEOUT_MS = 30000,
	ARGS_MAX = 6,
	STATUS_NOTHING_THERE = 5
};

int config_edit(struct arena *arena, const char *git_dir, const char *const *args,
		struct err *err)
{
	const char *file = file_join(arena, git_dir, "config");
	const char *argv[4 + ARGS_MAX + 1] = { "git", "config", "--file", file };
	struct buf errors BUF_CLEANUP = BUF_INIT(4096);
	struct proc_spec spec = { .argv = argv,
				  .timeout_ms = GIT_TIMEOUT_MS,
				  .errors = &errors };
	int status = 0;
	for (size_t i = 0; i < ARGS_MAX && args[i]; i++)
		argv[4 + i] = args[i];
	int code = proc_run(&spec, &status, err);
	if (code || status == 0)
		return code;
	return err_set(err, status == STATUS_NOTHING_THERE ? ERR_NOTFOUND : ERR_IO,
		       "git cannot change '%s': %s", file,
		       text_clean(arena, str_trim(buf_str(&errors)), 400));
}
