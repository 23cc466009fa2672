/* SPDX-License-Identifier: MIT */
/*
 * Our file among a repository's hooks. A foreign post-receive is never overwritten: it
 * moves to post-receive.d/, from where the hook program runs it, or, when it is itself a
 * driver of that folder, ours goes there beside the others.
 */
#ifndef APP_HOOK_FILE_H
#define APP_HOOK_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

enum hook_kind {
	HOOK_ABSENT,
	HOOK_OURS,
	HOOK_FOREIGN, /* a file or link of somebody else */
	HOOK_ODD      /* a folder, a device */
};

struct hook_look {
	enum hook_kind kind;
	const char *version; /* of ours, "" otherwise */
	bool is_executable;
};

/* What is at `path`. Texts live in the arena. Reads the file. */
void hook_file_look(const char *path, struct arena *arena, struct hook_look *out);

/* How our hook stands in the hooks folder; what uninstall needs is recorded of it. */
struct hook_place {
	const char *folder;   /* the hooks folder, absolute */
	const char *hook;     /* absolute path of our file */
	const char *previous; /* the foreign hook's name in post-receive.d/, NULL: none */
	bool made_chain;
	bool made_hooks;
};

enum hook_change {
	HOOK_NEW,
	HOOK_UNCHANGED,
	HOOK_UPDATED
};

/*
 * Puts `program` (the bytes of the hook program) into place->folder, which is made when
 * it is missing; modes and group as objects/ of git_dir has them. In: folder, and what an
 * earlier install recorded, or zeros. Out: the rest of *place, *change. At no moment is
 * there no hook. ERR_UNSUPPORTED when something odd is in the way; ERR_DENIED, ERR_IO.
 */
int hook_file_put(struct hook_place *place, const char *git_dir, struct str program,
		  struct arena *arena, enum hook_change *change,
		  struct err *err) MUST_CHECK;
/*
 * Takes ours away and the previous one back, byte for byte, and removes folders of our
 * making when they are empty. *was_ours is false when a foreign file is at place->hook:
 * it stays, and so does the previous one.
 */
int hook_file_remove(const struct hook_place *place, struct arena *arena, bool *was_ours,
		     struct err *err) MUST_CHECK;
/* Where our hook is in a folder without a record: fills hook and previous. */
void hook_file_find(struct hook_place *place, struct arena *arena);
/* Executable files of post-receive.d/ that our hook runs, in that order. */
void hook_file_chain(const char *folder, struct arena *arena, struct strings *out);

#endif
