/* SPDX-License-Identifier: MIT */
/* Putting the hook program beside, behind or in place of other hooks, and back. */
#include "app/hook_file.h"
#include "base/file.h"
#include "base/handover.h"
#include "base/limits.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOOK_NAME     "post-receive"
#define CHAIN_NAME    "post-receive.d"
#define DROP_IN_NAME  "imagehook"
#define PREVIOUS_NAME "00-previous"

enum {
	HOOK_BYTES_MAX = 16 * 1024 * 1024,
	PREVIOUS_MAX = 100
};

static bool read_hook(const char *path, struct buf *text)
{
	struct err ignored = ERR_INIT;
	return file_read(path, text, &ignored) == 0;
}

static const char *find_version(struct str text, struct arena *arena)
{
	struct str mark = STR(HANDOVER_HOOK_MARK);
	size_t at = str_find(text, mark);
	if (at == text.len)
		return NULL;
	struct str version = str_from(text, at + mark.len);
	return arena_strndup(
	    arena, str_slice(version, 0, str_find_char(str_slice(version, 0, 32), '\n')));
}

void hook_file_look(const char *path, struct arena *arena, struct hook_look *out)
{
	struct stat st;
	struct buf text BUF_CLEANUP = BUF_INIT(HOOK_BYTES_MAX);
	*out = (struct hook_look){ .kind = HOOK_ABSENT, .version = "" };
	if (lstat(path, &st) != 0)
		return;
	out->kind = S_ISREG(st.st_mode) || S_ISLNK(st.st_mode) ? HOOK_FOREIGN : HOOK_ODD;
	out->is_executable = access(path, X_OK) == 0;
	/* ours is installed as a file, so a link is somebody else's, whatever it names */
	const char *version = S_ISREG(st.st_mode) && read_hook(path, &text)
				  ? find_version(buf_str(&text), arena)
				  : NULL;
	if (!version)
		return;
	out->kind = HOOK_OURS;
	out->version = version;
}

/* Whether a foreign post-receive runs post-receive.d/ itself: behind ours it would run
 * itself without end. */
static bool is_driver(const char *path, bool has_chain)
{
	struct buf text BUF_CLEANUP = BUF_INIT(HOOK_BYTES_MAX);
	if (!read_hook(path, &text))
		return false;
	struct str bytes = buf_str(&text);
	return str_find(bytes, STR(CHAIN_NAME)) < bytes.len ||
	       (has_chain && str_find(bytes, STR(".d")) < bytes.len);
}

/* The mode and group that files of ours get: as readable as objects/, writable by the
 * owner. */
struct share {
	mode_t mode;
	gid_t gid;
};

static int look_at_share(const char *git_dir, struct arena *arena, struct share *out,
			 struct err *err)
{
	struct stat st;
	const char *objects = file_join(arena, git_dir, "objects");
	if (stat(objects, &st) != 0)
		return err_errno(err, "cannot look at '%s'", objects);
	out->mode = (st.st_mode & 0555) | 0700;
	out->gid = st.st_gid;
	return 0;
}

static int make_folder(const char *path, const struct share *share, bool *made,
		       struct err *err)
{
	*made = mkdir(path, 0700) == 0;
	if (!*made)
		return errno == EEXIST
			   ? 0
			   : err_errno(err, "cannot make the folder '%s'", path);
	(void)!chown(path, (uid_t)-1, share->gid);
	if (chmod(path, share->mode) != 0)
		return err_errno(err, "cannot set the mode of '%s'", path);
	return 0;
}

static int write_program(const char *path, struct str program, const struct share *share,
			 enum hook_change *change, struct err *err)
{
	struct stat st;
	struct buf old BUF_CLEANUP = BUF_INIT(HOOK_BYTES_MAX);
	bool exists = lstat(path, &st) == 0;
	if (exists && S_ISREG(st.st_mode) && (st.st_mode & 0777) == share->mode &&
	    read_hook(path, &old) && str_eq(buf_str(&old), program)) {
		*change = HOOK_UNCHANGED;
		return 0;
	}
	*change = exists ? HOOK_UPDATED : HOOK_NEW;
	int code = file_write_atomic(path, program, share->mode, FILE_DURABLE, err);
	if (!code)
		(void)!chown(path, (uid_t)-1, share->gid);
	return code;
}

/* The target of a link, NULL when `path` is none. */
static char *read_link(const char *path, struct arena *arena)
{
	char target[LIMIT_PATH_BYTES];
	ssize_t n = readlink(path, target, sizeof(target));
	if (n < 0 || (size_t)n >= sizeof(target))
		return NULL;
	return arena_strndup(arena, (struct str){ target, (size_t)n });
}

/* A free name in the chain for the foreign hook; the name it has already when an install
 * was interrupted. */
static const char *choose_name(const char *chain, const struct stat *foreign,
			       struct arena *arena)
{
	struct stat st;
	for (int i = 0; i < PREVIOUS_MAX; i++) {
		const char *name =
		    i ? arena_printf(arena, PREVIOUS_NAME ".%d", i) : PREVIOUS_NAME;
		if (lstat(file_join(arena, chain, name), &st) != 0 ||
		    (st.st_dev == foreign->st_dev && st.st_ino == foreign->st_ino))
			return name;
	}
	return NULL;
}

/*
 * Gives the foreign hook its second name in the chain. The first stays until ours
 * replaces it, but where links are refused (another user's file): then it moves.
 */
static int keep_foreign(const char *hook, const char *kept, struct arena *arena,
			struct err *err)
{
	const char *target = read_link(hook, arena);
	if (target && target[0] != '/') {
		/* one folder deeper now */
		const char *deeper = arena_printf(arena, "../%s", target);
		if (symlink(deeper, kept) != 0 && errno != EEXIST)
			return err_errno(err, "cannot make the link '%s'", kept);
		return 0;
	}
	if (linkat(AT_FDCWD, hook, AT_FDCWD, kept, 0) == 0 || errno == EEXIST)
		return 0;
	if (rename(hook, kept) != 0)
		return err_errno(err, "cannot move '%s' to '%s'", hook, kept);
	return 0;
}

static int chain_foreign(struct hook_place *place, const struct share *share,
			 struct arena *arena, struct err *err)
{
	struct stat foreign;
	const char *chain = file_join(arena, place->folder, CHAIN_NAME);
	bool made = false;
	int code = make_folder(chain, share, &made, err);
	if (code)
		return code;
	if (lstat(place->hook, &foreign) != 0)
		return err_errno(err, "cannot look at '%s'", place->hook);
	const char *name = choose_name(chain, &foreign, arena);
	if (!name)
		return err_set(err, ERR_UNSUPPORTED, "'%s' holds too many files named %s",
			       chain, PREVIOUS_NAME);
	place->made_chain = place->made_chain || made;
	place->previous = name;
	return keep_foreign(place->hook, file_join(arena, chain, name), arena, err);
}

int hook_file_put(struct hook_place *place, const char *git_dir, struct str program,
		  struct arena *arena, enum hook_change *change, struct err *err)
{
	struct share share;
	struct hook_look look;
	bool made = false;
	int code = look_at_share(git_dir, arena, &share, err);
	if (!code)
		code = make_folder(place->folder, &share, &made, err);
	if (code)
		return code;
	const char *chain = file_join(arena, place->folder, CHAIN_NAME);
	place->made_hooks = place->made_hooks || made;
	place->hook = file_join(arena, place->folder, HOOK_NAME);
	hook_file_look(place->hook, arena, &look);
	if (look.kind == HOOK_ODD)
		return err_set(err, ERR_UNSUPPORTED, "'%s' is no file", place->hook);
	if (look.kind == HOOK_FOREIGN &&
	    is_driver(place->hook, file_is_dir(chain, false))) {
		code = make_folder(chain, &share, &made, err);
		place->made_chain = place->made_chain || made;
		place->hook = file_join(arena, chain, DROP_IN_NAME);
		hook_file_look(place->hook, arena, &look);
		if (!code && look.kind != HOOK_ABSENT && look.kind != HOOK_OURS)
			code = err_set(err, ERR_UNSUPPORTED, "'%s' is somebody else's",
				       place->hook);
	} else if (look.kind == HOOK_FOREIGN) {
		code = chain_foreign(place, &share, arena, err);
	}
	if (!code)
		code = write_program(place->hook, program, &share, change, err);
	if (!code && look.kind != HOOK_OURS)
		*change = HOOK_NEW;
	return code;
}

/* Puts the previous hook back in place of ours. */
static int restore(const struct hook_place *place, struct arena *arena, struct err *err)
{
	const char *kept =
	    arena_printf(arena, "%s/" CHAIN_NAME "/%s", place->folder, place->previous);
	const char *target = read_link(kept, arena);
	if (!target || strncmp(target, "../", 3) != 0) {
		if (rename(kept, place->hook) != 0)
			return err_errno(err, "cannot restore '%s'", place->hook);
		return 0;
	}
	const char *temporary = arena_printf(arena, "%s.restored", place->hook);
	(void)unlink(temporary);
	if (symlink(target + 3, temporary) != 0 || rename(temporary, place->hook) != 0)
		return err_errno(err, "cannot restore '%s'", place->hook);
	(void)unlink(kept);
	return 0;
}

int hook_file_remove(const struct hook_place *place, struct arena *arena, bool *was_ours,
		     struct err *err)
{
	struct hook_look look;
	const char *chain = file_join(arena, place->folder, CHAIN_NAME);
	hook_file_look(place->hook, arena, &look);
	*was_ours = look.kind == HOOK_OURS || look.kind == HOOK_ABSENT;
	bool has_previous =
	    place->previous && file_exists(file_join(arena, chain, place->previous));
	if (*was_ours && has_previous) {
		int code = restore(place, arena, err);
		if (code)
			return code;
	} else if (look.kind == HOOK_OURS && unlink(place->hook) != 0) {
		return err_errno(err, "cannot remove '%s'", place->hook);
	}
	/* only when they are empty */
	if (place->made_chain)
		(void)rmdir(chain);
	if (place->made_hooks)
		(void)rmdir(place->folder);
	return 0;
}

void hook_file_find(struct hook_place *place, struct arena *arena)
{
	struct hook_look look;
	const char *chain = file_join(arena, place->folder, CHAIN_NAME);
	const char *drop_in = file_join(arena, chain, DROP_IN_NAME);
	place->hook = file_join(arena, place->folder, HOOK_NAME);
	hook_file_look(place->hook, arena, &look);
	if (look.kind == HOOK_OURS) {
		if (!place->previous &&
		    file_exists(file_join(arena, chain, PREVIOUS_NAME)))
			place->previous = PREVIOUS_NAME;
		return;
	}
	hook_file_look(drop_in, arena, &look);
	if (look.kind == HOOK_OURS)
		place->hook = drop_in;
}

void hook_file_chain(const char *folder, struct arena *arena, struct strings *out)
{
	const char *chain = file_join(arena, folder, CHAIN_NAME);
	DIR *dir = opendir(chain);
	const struct dirent *entry = NULL;
	struct stat st;
	if (!dir)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 &&
		    S_ISREG(st.st_mode) &&
		    faccessat(dirfd(dir), entry->d_name, X_OK, AT_EACCESS) == 0)
			strings_add(arena, out, entry->d_name);
	(void)closedir(dir);
	strings_sort(out);
}
