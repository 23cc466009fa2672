/* SPDX-License-Identifier: MIT */
/* Which repositories may use a shared secret: a file of globs beside the secrets. */
#include "admin/secret.h"
#include "admin/secret_dir.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include <errno.h>
#include <unistd.h>

static const char folder[] = SECRET_SHARED "/repositories";

bool secret_globs_match(const struct strings *globs, const char *path)
{
	for (size_t i = 0; i < globs->len; i++)
		if (text_glob(str_of(globs->items[i]), str_of(path)))
			return true;
	return false;
}

int secret_shared_with(const char *home, const char *namespace, const char *name,
		       struct arena *arena, struct strings *out, struct err *err)
{
	int home_fd FD_CLEANUP = -1;
	int fd FD_CLEANUP = -1;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	struct str line;
	*out = (struct strings){ NULL, 0, 0 };
	int code = secret_check_names(namespace, name, NULL, err);
	if (!code)
		code = dir_open(home, &home_fd, err);
	if (!code)
		code = file_open_below(
		    home_fd, arena_printf(arena, "%s/%s/%s", folder, namespace, name),
		    &fd, err);
	if (code)
		return code == ERR_NOTFOUND ? 0 : code;
	code = file_read_fd(fd, &text, err);
	struct str rest = buf_str(&text);
	while (!code && str_line(&rest, &line))
		if (str_trim(line).len)
			strings_add(arena, out, arena_strndup(arena, str_trim(line)));
	return code;
}

static int check_glob(const char *glob, struct err *err)
{
	for (const char *c = glob; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return err_set(err, ERR_INVALID,
				       "the pattern of a repository has a control "
				       "character");
	if (*glob != '/' && !str_starts(str_of(glob), STR("**")))
		return err_set(err, ERR_INVALID,
			       "'%s' is not the pattern of an absolute path, such as "
			       "/srv/git/team/*.git",
			       glob);
	return 0;
}

int secret_share(const char *home, const char *namespace, const char *name,
		 const struct strings *globs, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	int home_fd FD_CLEANUP = -1;
	int fd FD_CLEANUP = -1;
	int code = secret_check_names(namespace, name, NULL, err);
	for (size_t i = 0; i < globs->len && !code; i++) {
		code = check_glob(globs->items[i], err);
		if (!code && !buf_printf(&text, "%s\n", globs->items[i]))
			code = err_set(err, ERR_LIMIT, LIMIT_FMT,
				       LIMIT_ARG(LIMIT_CONFIG_BYTES));
	}
	if (!code)
		code = dir_open(home, &home_fd, err);
	if (!code)
		code = dir_open_below(home_fd,
				      arena_printf(&arena, "%s/%s", folder, namespace),
				      globs->len ? DIR_MAKE : DIR_EXISTING, &fd, err);
	if (code)
		return code == ERR_NOTFOUND && !globs->len ? 0 : code;
	if (globs->len)
		return dir_write(fd, name, buf_str(&text), err);
	if (unlinkat(fd, name, 0) != 0 && errno != ENOENT)
		return err_errno(err, "cannot remove who may use the secret");
	return fsync(fd) == 0 ? 0 : err_errno(err, "cannot sync a shared folder");
}
