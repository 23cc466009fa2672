/* SPDX-License-Identifier: MIT */
/* `imagehook suspend|resume KIND NAME...`: as flux does it, on the server and not in Git.
 */
#include "app/suspend.h"
#include "app/wanted.h"
#include "cmd/kinds.h"
#include "cmd/repo_options.h"

struct suspend_options {
	const char *repo;
	const char *namespace;
	const char *cluster;
	bool all;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct suspend_options),
	OPT_NAMESPACE_ROW(struct suspend_options),
	OPT_CLUSTER_ROW(struct suspend_options),
	OPT_FLAG_ROW(0, "all", struct suspend_options, all,
		     "every object of the kind in that namespace"),
};

/* What differs between the two. */
struct verb {
	const struct command *command;
	const char *doing, *done;
	int (*change)(struct session *session, const struct object_meta *meta,
		      struct err *err);
};

struct task {
	const struct verb *verb;
	const struct kind_row *kind;
	struct session *session;
	struct loaded loaded;
	struct wanted wanted;
};

static int change_one(const struct task *task, const struct object_meta *meta,
		      struct err *err)
{
	const struct verb *verb = task->verb;
	const char *human = task->kind->human;
	(void)fprintf(stderr, "\xe2\x96\xba %s %s %s in %s namespace\n", verb->doing,
		      human, meta->name, meta->namespace);
	int code = verb->change(task->session, meta, err);
	if (!code)
		(void)fprintf(stderr, "\xe2\x9c\x94 %s %s\n", human, verb->done);
	return code;
}

static int change_named(struct task *task, const char *name, struct err *err)
{
	const struct object_meta *meta = NULL;
	task->wanted.name = name;
	int code = wanted_one(&task->wanted, &task->loaded.documents, &meta, err);
	return code ? code : change_one(task, meta, err);
}

static int change_all(const struct task *task, struct err *err)
{
	struct metas metas = { 0 };
	wanted_list(&task->wanted, &task->loaded.documents, &metas);
	int code = metas.len ? 0 : wanted_none(&task->wanted, err);
	for (size_t i = 0; i < metas.len && !code; i++)
		code = change_one(task, metas.items[i], err);
	return code;
}

static int run(const struct verb *verb, const struct suspend_options *options,
	       const struct strings *words)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct kind_group group = { 0 };
	struct err err = ERR_INIT;
	size_t used = kinds_find(words, &group);
	if (!used || group.n > 1)
		return command_usage(verb->command, "expected KIND NAME");
	if (options->all != (words->len == used))
		return command_usage(verb->command, "either names or --all is expected");
	struct task task = { .verb = verb,
			     .kind = group.kinds,
			     .session = &session,
			     .wanted = { .kind = group.kinds->kind,
					 .cluster = options->cluster,
					 .namespace = options->namespace } };
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = wanted_begin(&session, &task.wanted, &err);
	if (!code)
		code = load_documents(&session, &task.loaded, &err);
	if (!code && options->all)
		code = change_all(&task, &err);
	for (size_t i = used; i < words->len && !code; i++)
		code = change_named(&task, words->items[i], &err);
	return code ? command_fail(&err) : EXIT_DONE;
}

extern const struct command command_suspend;
extern const struct command command_resume;

static int run_suspend(void *options, const struct strings *words)
{
	static const struct verb verb = { &command_suspend, "suspending", "suspended",
					  suspend_add };
	return run(&verb, options, words);
}

static int run_resume(void *options, const struct strings *words)
{
	static const struct verb verb = { &command_resume, "resuming", "resumed",
					  suspend_remove };
	return run(&verb, options, words);
}

#define USAGE                                                                          \
	"image repository|policy|update | source git | kustomization | helmrelease | " \
	"alert-provider | alert NAME... [options]"

const struct command command_suspend = {
	.name = "suspend",
	.usage = USAGE,
	.summary = "Leaves an object alone until it is resumed.",
	.details =
	    "It works on this server alone, as if the document said 'suspend: true'; the "
	    "document in Git stays as it is. The object is kept in imagehook.suspend of "
	    "the repository's configuration.",
	.example = "imagehook suspend image update flux-system\n"
		   "imagehook suspend alert on-call-slack failures-slack\n"
		   "imagehook suspend image policy --all",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct suspend_options),
	.run = run_suspend,
};

const struct command command_resume = {
	.name = "resume",
	.usage = USAGE,
	.summary = "Takes a suspended object up again.",
	.details = "The next run, by a push or by the timer, looks at it; 'imagehook "
		   "reconcile' does at once. A document that says 'suspend: true' itself "
		   "has to be changed in Git.",
	.example = "imagehook resume image update flux-system",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct suspend_options),
	.run = run_resume,
};
