/* SPDX-License-Identifier: MIT */
/* Which files of post-receive.d/ are hooks, and how one is run. */
#include "hooks/chain.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"
#include "hooks/say.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHAIN_FOLDER "post-receive.d"

enum {
	EXIT_CANNOT_RUN = 127,
	EXIT_SIGNAL_BASE = 128
};

/* `<folder of this program>/post-receive.d`; false when this program cannot be found. */
static bool find_folder(char path[LIMIT_PATH_BYTES], struct stat *self)
{
	ssize_t n =
	    readlink("/proc/self/exe", path, LIMIT_PATH_BYTES - sizeof(CHAIN_FOLDER));
	if (n <= 0 || n >= (ssize_t)(LIMIT_PATH_BYTES - sizeof(CHAIN_FOLDER)))
		return false;
	path[n] = '\0';
	if (stat("/proc/self/exe", self) != 0)
		return false;
	char *slash = strrchr(path, '/');
	if (!slash)
		return false;
	memcpy(slash + 1, CHAIN_FOLDER, sizeof(CHAIN_FOLDER));
	return true;
}

/* A link to an executable counts, as it does for git; this program itself does not. */
static bool is_hook(int dir_fd, const char *name, const struct stat *self)
{
	struct stat st;
	return fstatat(dir_fd, name, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       !(st.st_dev == self->st_dev && st.st_ino == self->st_ino) &&
	       faccessat(dir_fd, name, X_OK, AT_EACCESS) == 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void list_hooks(DIR *dir, const struct stat *self, struct arena *arena,
		       struct strings *out)
{
	const struct dirent *entry = NULL;
	while ((entry = readdir(dir)) != NULL)
		if (is_hook(dirfd(dir), entry->d_name, self))
			strings_add(arena, out, entry->d_name);
	VEC_SORT(out, compare_names);
}

NORETURN static void become_hook(const char *path, int in,
				 const struct sigaction *at_entry)
{
	/* execvp() hands a script without an interpreter line to the shell, as git does
	 */
	char *argv[] = { (char *)(uintptr_t)path, NULL };
	(void)sigaction(SIGPIPE, at_entry, NULL);
	if (dup2(in, STDIN_FILENO) == STDIN_FILENO)
		(void)execvp(path, argv);
	say("a hook before ours cannot run (%s)", strerror(errno));
	say_detail("%s", path);
	_exit(EXIT_CANNOT_RUN);
}

/* A hook that does not read its input is no failure: the pipe breaks when it ends. */
static void feed(int fd, struct str input)
{
	struct err ignored = ERR_INIT;
	(void)!file_write_fd(fd, input, &ignored);
}

static int run_hook(const char *path, struct str input, const struct sigaction *at_entry)
{
	int ends[2];
	int status = 0;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return EXIT_CANNOT_RUN;
	pid_t pid = fork();
	if (pid == 0)
		become_hook(path, ends[0], at_entry);
	(void)close(ends[0]);
	if (pid > 0)
		feed(ends[1], input);
	(void)close(ends[1]);
	if (pid < 0) {
		say("a hook before ours cannot run (%s)", strerror(errno));
		say_detail("%s", path);
		return EXIT_CANNOT_RUN;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	say("a hook before ours died of signal %d", WTERMSIG(status));
	say_detail("%s", path);
	return EXIT_SIGNAL_BASE + WTERMSIG(status);
}

int chain_run(struct str input, const struct sigaction *at_entry)
{
	char folder[LIMIT_PATH_BYTES];
	struct stat self;
	if (!find_folder(folder, &self))
		return 0;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct strings names = { NULL, 0, 0 };
	DIR *dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return 0;
	}
	list_hooks(dir, &self, &arena, &names);
	(void)closedir(dir);
	int first = 0;
	for (size_t i = 0; i < names.len; i++) {
		char *path = file_join(&arena, folder, names.items[i]);
		int status = run_hook(path, input, at_entry);
		if (!first)
			first = status;
	}
	return first;
}
