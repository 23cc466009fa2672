/* SPDX-License-Identifier: MIT */
/*
 * The program that Git calls as post-receive. It decides whether a push matters, leaves a
 * job, starts imagehook beside the push and passes on what it says. Whatever goes wrong
 * here or there, the push is neither failed nor held up.
 */
#include "base/file.h"
#include "base/handover.h"
#include "base/limits.h"
#include "base/refline.h"
#include "base/version.h"
#include "base/when.h"
#include "hooks/account.h"
#include "hooks/chain.h"
#include "hooks/launch.h"
#include "hooks/say.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DEFAULT_FOREGROUND_MS = 5000,
	LONGEST_FOREGROUND_MS = 600000,
	/* beyond the budget: then the process ends, wherever it hangs */
	LAST_RESORT_S = 3,
	JOB_LINES = 1000
};

/* How install and status know this program, and which version, by its bytes. */
static const char identity[] = HANDOVER_HOOK_MARK IMAGEHOOK_VERSION "\n";

/* Where a program is looked for when no watch file names it. */
static const char *const usual_programs[] = { "/usr/local/bin/imagehook",
					      "/usr/bin/imagehook" };

static void give_up(int number)
{
	(void)number;
	_exit(0);
}

/* So that nothing opened later becomes descriptor 0, 1 or 2. True when stdin was open. */
static bool open_standard_descriptors(void)
{
	bool had_stdin = fcntl(STDIN_FILENO, F_GETFD) >= 0;
	int fd = 0;
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
	return had_stdin;
}

static int introduce(void)
{
	say("this is a Git hook (post-receive), called by Git after a push");
	say_detail("there is nothing to do without one; see 'imagehook help'");
	return 0;
}

/* Reads all there is; what exceeds the limit is read and dropped. */
static void read_input(struct buf *input)
{
	char *chunk = NULL;
	char spare[4096];
	for (;;) {
		size_t room = input->len < 65536 ? 16384 : input->len;
		if (room > input->max - input->len)
			room = input->max - input->len;
		chunk = room ? buf_reserve(input, room) : spare;
		ssize_t n = read(STDIN_FILENO, chunk, room ? room : sizeof(spare));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		if (room)
			input->len += (size_t)n;
		else
			input->full = true;
	}
}

/* Whether the objects of this push may still vanish (git, or Gitaly without git's own
 * variable). */
static bool is_in_quarantine(const char *git_dir)
{
	const char *objects = getenv("GIT_OBJECT_DIRECTORY");
	char ours[LIMIT_PATH_BYTES];
	struct stat given;
	struct stat own;
	if (getenv("GIT_QUARANTINE_PATH"))
		return true;
	if (!objects)
		return false;
	(void)snprintf(ours, sizeof(ours), "%s/objects", git_dir);
	return stat(objects, &given) != 0 || stat(ours, &own) != 0 ||
	       given.st_dev != own.st_dev || given.st_ino != own.st_ino;
}

/* The lines that touch a watched ref, as a job keeps them; *hit whether there is any. */
static void select_lines(struct str input, const struct watch *watch, struct arena *arena,
			 struct strings *lines, bool *hit)
{
	struct refline line;
	size_t bad = 0;
	char name[LIMIT_PATH_BYTES];
	while (lines->len < JOB_LINES && refline_next(&input, &line, &bad)) {
		int n = snprintf(name, sizeof(name), "%.*s", STR_ARG(line.ref));
		if (n >= (int)sizeof(name) || !watch_covers(watch, name))
			continue;
		strings_add(arena, lines,
			    arena_printf(arena, "%.*s %.*s %s", STR_ARG(line.old_oid),
					 STR_ARG(line.new_oid), name));
		*hit = true;
	}
}

/* Who pushed, as the transport claims: for the log alone. */
static const char *claimed_pusher(void)
{
	static const char *const names[] = { "GL_USERNAME",       "GL_USER",
					     "GITEA_PUSHER_NAME", "GOGS_AUTH_USER_NAME",
					     "REMOTE_USER",       "USER" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return value;
	}
	return "";
}

static const char *find_program(const struct watch *watch)
{
	if (watch->program)
		return watch->program;
	for (size_t i = 0; i < ARRAY_LEN(usual_programs); i++)
		if (access(usual_programs[i], X_OK) == 0)
			return usual_programs[i];
	return NULL;
}

/* Root opens nothing below a repository: it becomes the owner first. */
static bool become_owner(const struct stat *owner)
{
	if (geteuid() != 0 || owner->st_uid == 0)
		return true;
	return setgroups(0, NULL) == 0 && setgid(owner->st_gid) == 0 &&
	       setuid(owner->st_uid) == 0;
}

static void say_who_runs_it(uid_t owner, bool noted, struct arena *arena)
{
	struct account account;
	const char *name = account_find(owner, arena, &account)
			       ? account.name
			       : arena_printf(arena, "%lu", (unsigned long)owner);
	say(noted ? "noted; user '%s' runs it with the next timer"
		  : "not noted here; user '%s' finds it with the next timer",
	    name);
}

static void start(const struct watch *watch, const char *git_dir)
{
	struct worker worker;
	struct err err = ERR_INIT;
	const char *program = find_program(watch);
	int64_t budget_ms = watch->foreground_ms;
	if (!program) {
		say("the program is not installed; tell this server's admin");
		return;
	}
	if (budget_ms > LONGEST_FOREGROUND_MS)
		budget_ms = LONGEST_FOREGROUND_MS;
	if (worker_launch(program, git_dir, &worker, &err)) {
		say("the program cannot run; tell this server's admin");
		say_detail("%s", err.text);
		return;
	}
	int64_t deadline_ms = when_monotonic_ms() + budget_ms;
	say_until(deadline_ms);
	(void)signal(SIGALRM, give_up);
	(void)alarm((unsigned)(budget_ms / 1000) + LAST_RESORT_S);
	worker_relay(&worker, deadline_ms);
}

/* A push to a watched ref: leaves the job, then starts the program as its owner. */
static void hand_over(const char *git_dir, const struct watch *watch,
		      const struct stat *owner, const struct strings *lines)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	const char *real = NULL;
	if (file_real_path(git_dir, &arena, &real, &err)) {
		say("this repository cannot be found; tell this server's admin");
		say_detail("%s", err.text);
		return;
	}
	int code = job_write(real, lines, claimed_pusher(), &err);
	if (geteuid() != owner->st_uid) {
		say_who_runs_it(owner->st_uid, code == 0, &arena);
		return;
	}
	if (code) {
		say("this push cannot be noted; tell this server's admin");
		say_detail("%s", err.text);
	}
	start(watch, real);
}

/*
 * Whether this repository was never installed: its hooks are in a folder that it shares
 * with one that was, and it has no folder of ours.
 */
static bool is_stranger(const char *git_dir)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err ignored = ERR_INIT;
	const char *self = NULL;
	const char *real = NULL;
	if (file_exists(file_join(&arena, git_dir, "imagehook")) ||
	    file_real_path("/proc/self/exe", &arena, &self, &ignored) ||
	    file_real_path(git_dir, &arena, &real, &ignored))
		return false;
	return !str_starts(str_of(self), str_of(file_join(&arena, real, "")));
}

static void look(const char *git_dir, struct str input, bool cut)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct watch watch = { .every_branch = true,
			       .foreground_ms = DEFAULT_FOREGROUND_MS };
	struct err err = ERR_INIT;
	struct strings lines = { NULL, 0, 0 };
	struct stat owner;
	bool hit = cut;
	if (stat(git_dir, &owner) != 0 || !become_owner(&owner)) {
		say("cannot become the repository's owner; tell the admin");
		return;
	}
	int code = watch_read(git_dir, &arena, &watch, &err);
	select_lines(input, &watch, &arena, &lines, &hit);
	if (!hit || (code == ERR_NOTFOUND && is_stranger(git_dir)))
		return;
	if (code == ERR_INVALID) {
		say("%s; tell this server's admin", err.text);
		say_detail("'imagehook install' writes it anew");
	}
	hand_over(git_dir, &watch, &owner, &lines);
}

int main(int argc, char **argv)
{
	struct buf input BUF_CLEANUP = BUF_INIT(LIMIT_HOOK_STDIN_BYTES);
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction at_entry = { .sa_handler = SIG_DFL };
	bool had_stdin = open_standard_descriptors();
	(void)sigaction(SIGPIPE, &ignore, &at_entry);
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		(void)!write(STDOUT_FILENO, identity, sizeof(identity) - 1);
		return 0;
	}
	if (!had_stdin || isatty(STDIN_FILENO))
		return introduce();
	read_input(&input);
	if (!input.len)
		return introduce();
	const char *git_dir = getenv("GIT_DIR");
	if (!git_dir || !*git_dir)
		git_dir = ".";
	if (is_in_quarantine(git_dir)) {
		say("called before the push was accepted; nothing is done here");
		say_detail("this program is for post-receive; tell the admin");
		return 0;
	}
	int status = chain_run(buf_str(&input), &at_entry);
	if (input.full)
		say("more refs than %d bytes; every branch counts as pushed",
		    LIMIT_HOOK_STDIN_BYTES);
	look(git_dir, buf_str(&input), input.full);
	return status;
}
