/* SPDX-License-Identifier: MIT */
/* What is remembered between runs, as plain structs; state/ keeps them, app/ fills them.
 */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include "model/image.h"

/* Names one object of one repository. */
struct object_key {
	const char *repo_id;
	const char *cluster;
	const char *kind; /* `ImagePolicy` */
	const char *namespace;
	const char *name;
};

/* The readiness of an object, in Flux's terms. */
struct condition {
	bool ready;
	bool stalled;
	const char *reason;
	const char *message;
	int64_t changed_ms;
};

/* An ImageRepository's last good list and last attempt. */
struct scan_record {
	struct condition condition;
	const char *canonical;    /* "" before the first good scan */
	const char *request_hash; /* of image, credential, CA, proxy, scheme: another one
				     is due now */
	const char *spec_hash;
	int64_t scanned_ms;            /* last good scan; 0: never */
	int64_t attempted_ms;          /* last attempt */
	int64_t retry_ms;              /* not before this, after a failure */
	uint32_t failures;             /* in a row */
	struct strings exclusion_list; /* observed */
	size_t tag_count;              /* after exclusion */
	const char *revision;          /* checksum of the list after exclusion */
	size_t dropped;                /* tags outside the OCI grammar */
	struct str tags; /* all valid tags, newline-joined, descending bytes */
	const char *handled_request; /* reconcile.fluxcd.io/requestedAt */
};

/* An ImagePolicy's latestRef and observedPreviousRef; ref.name NULL: none yet. */
struct choice_record {
	struct condition condition;
	struct image_ref latest;
	struct image_ref previous;
	const char *spec_hash;
	const char *scan_revision; /* the list it was chosen from */
	int64_t digest_ms;         /* when the digest was last fetched */
};

/* An ImageUpdateAutomation's last run. */
struct automation_record {
	struct condition condition;
	int64_t run_ms;
	int64_t push_ms;
	const char *push_commit;     /* full oid, "" when none */
	const char *source_revision; /* `main@sha1:...` */
	const char *spec_hash;
	const char *choices_hash; /* of the policies used: another one means a full run */
};

/* A commit that was built and is about to be, or was, put on a branch (DESIGN 4.6). */
struct intent {
	int64_t id;
	const char *repo_id;
	const char *automation; /* `cluster/ns/name` */
	const char
	    *git_dir;    /* whose ref, when the admin mapped the source; "": its own */
	const char *ref; /* `refs/heads/main` */
	const char *old_oid; /* zeros: the branch is created */
	const char *new_oid;
	const char *payload; /* JSON: what events need; opaque to state/ */
	bool hooks_pending;  /* the repository's own hooks have not been run for it yet */
	bool confirmed;      /* the ref moved */
	int64_t created_ms;
};

/* A value that a commit of ours replaced, for the ping-pong guard (TRUST 8). */
struct written_value {
	const char *path;
	const char *setter;
	const char *old_value;
	const char *new_value;
	int64_t written_ms;
};

/* What install recorded of a repository (TRUST 12). */
struct repository_record {
	const char *id;   /* 32 hex digits */
	const char *path; /* real path of the git directory */
	uint64_t device, inode;
	int64_t born_ns; /* creation of the folder, which inodes outlive; 0: unknown */
	int64_t installed_ms;
	const char *host; /* "plain", "gitolite", ... */
	const char *hook; /* absolute path of our hook file */
	/* a foreign hook that ours replaced: its name in post-receive.d/, NULL: none */
	const char *previous;
	bool made_chain; /* post-receive.d/ is of our making */
	bool made_hooks; /* the hooks folder is */
	/* the uninstall kept its state: not installed, only remembered */
	bool uninstalled;
};

#endif
