/* SPDX-License-Identifier: MIT */
/* What the commands on one repository share. */
#ifndef CMD_REPO_OPTIONS_H
#define CMD_REPO_OPTIONS_H

#include "app/report.h"
#include "cmd/opt.h"

/* The row for -C/--repo; the options struct has a field `const char *repo`. */
#define OPT_REPO_ROW(type_name)                           \
	OPT_TEXT_ROW('C', "repo", type_name, repo, "DIR", \
		     "the repository (default: the current directory)")

/* The rows for -n/--namespace and --cluster of commands on one object; fields `namespace`
 * and `cluster`. */
#define OPT_NAMESPACE_ROW(type_name)                               \
	OPT_TEXT_ROW('n', "namespace", type_name, namespace, "NS", \
		     "the object's namespace (default: imagehook.namespace)")
#define OPT_CLUSTER_ROW(type_name)                                   \
	OPT_TEXT_ROW(0, "cluster", type_name, cluster, "FOLDER",     \
		     "the cluster, as imagehook.path has it, where " \
		     "several have such an object")

/* How long a command that sends waits for another one that is sending. */
enum {
	SEND_WAIT_MS = 5000
};

/* Progress on stderr when it is a terminal and the work takes over a second; ctx is a
 * struct progress. */
struct progress {
	int64_t began_ms;
	bool shown;
};

/* Shows what is done now on a terminal, once it has taken a while; `ctx` is a struct
 * progress. */
void progress_show(void *ctx, const char *text);
/* Wipes the progress line. */
void progress_end(struct progress *progress);

/* Opens the session as the repository's owner when called by root. */
int open_as_owner(struct session *session, const char *repo, struct err *err) MUST_CHECK;

#endif
