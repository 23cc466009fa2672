/* SPDX-License-Identifier: MIT */
/*
 * The admin's configuration: section [imagehook] of the system file and of a repository's
 * own config, in Git's syntax, by one table. Includes are not followed; unknown keys and
 * bad values are errors that name file and key.
 */
#ifndef ADMIN_CONFIG_H
#define ADMIN_CONFIG_H

#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/vec.h"

/* One row per key: identifier, name, type, default, multi-valued, widens trust (TRUST
 * 15). */
enum config_key {
	CONFIG_ENABLED,       /* bool, true */
	CONFIG_WRITE,         /* direct, local-push, remote-push, none; "" = by host */
	CONFIG_BRANCH,        /* text, "" = what HEAD names */
	CONFIG_PATH,          /* multi text */
	CONFIG_NAMESPACE,     /* text, flux-system */
	CONFIG_FOREGROUND,    /* duration, 5s */
	CONFIG_ALLOW_HOST,    /* multi text */
	CONFIG_INSECURE_HOST, /* multi text */
	CONFIG_DENY_ADDRESS,  /* multi CIDR */
	CONFIG_PUSH_BRANCH,   /* multi glob */
	CONFIG_SOURCE,        /* multi `NAME=DIR` */
	CONFIG_AUTHOR_EMAIL,  /* multi glob */
	CONFIG_COMMITTER,     /* text `Name <mail>` */
	CONFIG_MAX_COMMITS,   /* int, 6 */
	CONFIG_MAX_WORKERS,   /* int, 4 */
	CONFIG_RUN_HOOKS,     /* bool, true */
	CONFIG_HOOK_TIMEOUT,  /* duration, 10m */
	CONFIG_STATE,         /* path: the home */
	CONFIG_SECRETS,       /* path: an extra folder of secrets */
	CONFIG_CA_FILE,       /* path */
	CONFIG_PROXY,         /* URL */
	CONFIG_REMIND_AFTER,  /* duration, 0s: never */
	CONFIG_NOTIFY_HOST,   /* multi glob, none = any */
	CONFIG_STATUS,        /* multi glob: further names of commit statuses */
	CONFIG_SUSPEND,       /* multi `[CLUSTER/]KIND/NS/NAME` */
	CONFIG_ID,            /* the repository's id, written by install */
	CONFIG_KEYS
};

#define CONFIG_SYSTEM_PATH "/etc/imagehook/config"

struct config;

/*
 * Reads the system file (CONFIG_SYSTEM_PATH, or `system_path`; missing is empty)
 * and, when git_dir is not NULL, `<git_dir>/config`. Trust-widening keys of a repository
 * count only if file and folder are writable by the owner or root alone. Mistakes are
 * findings; ERR_IO, ERR_LIMIT.
 */
int config_load(const char *system_path, const char *git_dir, struct arena *arena,
		struct config **out, struct finding_list *findings,
		struct err *err) MUST_CHECK;

/* What the key is set to, or its default, by the type of its row; durations in
 * milliseconds. Lives as long as the configuration. */
const char *config_text(const struct config *config,
			enum config_key key); /* never NULL */
bool config_bool(const struct config *config, enum config_key key);
int64_t config_int(const struct config *config, enum config_key key);
int64_t config_ms(const struct config *config, enum config_key key);
const struct strings *config_list(const struct config *config, enum config_key key);
/* "default", the system file's path or the repository's config path. */
const char *config_source(const struct config *config, enum config_key key);
/* Whether refs must not move and nothing may be sent, and why: `enabled = false` or
 * `write = none`, which win over everything in the system file (TRUST 35), or a mistake
 * in either file, because nobody knows what it was meant to say. */
bool config_is_stopped(const struct config *config, const char **why);

/* The home of this Unix user: imagehook.state; /var/lib/imagehook where it is this user's
 * or can be made; else .local/state/imagehook in the home folder that the user database
 * names. Created, and made 0700. ERR_DENIED when it belongs to somebody else. */
int config_home(const struct config *config, struct arena *arena, const char **out,
		struct err *err) MUST_CHECK;

const char *config_key_name(enum config_key key); /* "imagehook.branch" */
const char *config_key_help(enum config_key key);
/* Whether the key may stand several times; its value is then config_list(). */
bool config_key_is_multi(enum config_key key);
/* Every key with value, source and meaning, as `imagehook config` prints it. */
void config_write_table(const struct config *config, struct buf *out);
void config_write_manual(struct buf *out); /* scdoc */

#endif
