/* SPDX-License-Identifier: MIT */
/*
 * Moves a branch by one transaction of `git update-ref`, so that locks, reflogs, shared
 * permissions and reference-transaction hooks are git's own; before it, everything is
 * refused that a push into this repository would be refused, and told apart after it are
 * a moved tip, a held lock and a hook's no.
 */
#include "adapter/git/internal.h"
#include "base/file.h"
#include "base/when.h"
#include <dirent.h>
#include <unistd.h>

enum {
	LOCK_WAIT_MS = 2000,
	PAUSE_MIN_MS = 10,
	PAUSE_SPAN_MS = 190
};

static const char zeros[] = "0000000000000000000000000000000000000000";

static int deny(struct err *err, const char *ref, const char *why)
{
	return err_set(err, ERR_DENIED, "'%s' %s", ref, why);
}

/* --- what binds a push --- */

/* git's rule for one value of transfer.hideRefs; `!` takes back, `^` is the full name. */
static bool hides(const char *value, const char *ref, bool *negated)
{
	*negated = value[0] == '!';
	value += *negated;
	value += value[0] == '^';
	size_t n = strlen(value);
	while (n && value[n - 1] == '/')
		n--;
	return n && strncmp(ref, value, n) == 0 && (ref[n] == '\0' || ref[n] == '/');
}

static bool is_hidden(const struct gitconfig *config, const char *ref)
{
	for (size_t i = config->len; i-- > 0;) {
		const struct gitconfig_entry *entry = &config->items[i];
		bool negated = false;
		if (!entry->value || !(gitconfig_is(entry, "transfer.hiderefs") ||
				       gitconfig_is(entry, "receive.hiderefs")))
			continue;
		if (hides(entry->value, ref, &negated))
			return !negated;
	}
	return false;
}

static bool is_on(const struct gitconfig *config, const char *key)
{
	bool yes = false;
	const char *value = gitconfig_get(config, key);
	return value && gitconfig_bool(value, &yes) && yes;
}

static int check_fast_forward(struct repo *repo, const struct gitconfig *config,
			      const struct repo_move *move, struct err *err)
{
	if (!move->old_oid.hex[0] || !is_on(config, "receive.denynonfastforwards") ||
	    repo_is_ancestor(repo, &move->old_oid, &move->new_oid))
		return 0;
	return deny(err, move->ref,
		    "cannot be rewritten: receive.denyNonFastForwards is set");
}

/* Whether a file that names a branch names this one. */
static bool file_names(const char *path, const char *ref)
{
	struct err ignored = ERR_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_PATH_BYTES);
	if (file_read(path, &text, &ignored))
		return false;
	struct str line = str_trim(buf_str(&text));
	if (str_starts(line, STR("ref:")))
		line = str_trim(str_from(line, 4));
	return str_is(line, ref);
}

static void close_folder(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* Whether some work tree has the branch checked out, or is rebasing it. */
static bool is_checked_out(const struct repo *repo, const char *ref, struct arena *arena)
{
	static const char *const files[] = { "HEAD", "rebase-merge/head-name",
					     "rebase-apply/head-name" };
	const char *folder = file_join(arena, repo->facts.git_dir, "worktrees");
	if (!repo->facts.bare)
		for (size_t i = 0; i < ARRAY_LEN(files); i++)
			if (file_names(file_join(arena, repo->facts.git_dir, files[i]),
				       ref))
				return true;
	DIR *dir CLEANUP(close_folder) = opendir(folder);
	for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
		if (e->d_name[0] == '.')
			continue;
		const char *worktree = file_join(arena, folder, e->d_name);
		for (size_t i = 0; i < ARRAY_LEN(files); i++)
			if (file_names(file_join(arena, worktree, files[i]), ref))
				return true;
	}
	return false;
}

static int check_allowed(struct repo *repo, const struct repo_move *move,
			 struct arena *arena, struct err *err)
{
	const struct gitconfig *config = NULL;
	const char *target = NULL;
	struct raw_oid raw;
	int code = repo_check_writable(repo, err);
	if (code)
		return code;
	if (!repo_is_ref_name(move->ref) ||
	    !str_starts(str_of(move->ref), STR("refs/heads/")))
		return err_set(err, ERR_INVALID, "'%s' is no branch", move->ref);
	if (raw_oid_of(&move->new_oid, &raw, err) ||
	    (move->old_oid.hex[0] && raw_oid_of(&move->old_oid, &raw, err)))
		return err->code;
	code = ref_read_loose(repo, move->ref, arena, &target, &raw, err);
	if (code && code != ERR_NOTFOUND)
		return code;
	if (!code && target)
		return deny(err, move->ref, "is a symbolic ref");
	if (is_checked_out(repo, move->ref, arena))
		return deny(err, move->ref, "is checked out in a work tree");
	code = repo_effective_config(repo, &config, err);
	if (code)
		return code;
	if (is_hidden(config, move->ref))
		return deny(err, move->ref, "is a hidden ref (transfer.hideRefs)");
	return check_fast_forward(repo, config, move, err);
}

/* --- the transaction --- */

static void put_line(struct buf *out, const char *verb, const char *ref,
		     const char *first, const char *second)
{
	const char *parts[] = { first, second };
	(void)buf_printf(out, "%s %s", verb, ref);
	(void)buf_putc(out, '\0');
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (!parts[i])
			continue;
		(void)buf_puts(out, parts[i]);
		(void)buf_putc(out, '\0');
	}
}

static void put_command(struct buf *out, const char *verb)
{
	(void)buf_puts(out, verb);
	(void)buf_putc(out, '\0');
}

static int refuse_moved(struct err *err, const char *ref)
{
	return err_set(err, ERR_CONFLICT, "'%s' was moved by somebody else", ref);
}

/* A tag was read peeled, but its ref is compared as it is. */
static int put_verify(struct repo *repo, const struct repo_ref *ref, struct buf *out,
		      struct err *err)
{
	struct oid now = ref->oid;
	struct raw_oid raw;
	struct raw_oid peeled;
	struct oid hex;
	if (!repo_is_ref_name(ref->name))
		return err_set(err, ERR_INVALID, "'%s' is no ref name", ref->name);
	if (ref->oid.hex[0] && str_starts(str_of(ref->name), STR("refs/tags/"))) {
		int code = repo_resolve(repo, ref->name, &now, err);
		if (code == ERR_NOTFOUND)
			return refuse_moved(err, ref->name);
		if (!code)
			code = raw_oid_of(&now, &raw, err);
		if (!code)
			code = object_peel(repo, &raw, &peeled, err);
		if (code)
			return code;
		raw_oid_format(&peeled, &hex);
		if (strcmp(hex.hex, ref->oid.hex) != 0 &&
		    strcmp(now.hex, ref->oid.hex) != 0)
			return refuse_moved(err, ref->name);
	}
	put_line(out, "verify", ref->name, now.hex[0] ? now.hex : zeros, NULL);
	return 0;
}

static int build_input(struct repo *repo, const struct repo_move *move, struct buf *out,
		       struct err *err)
{
	put_command(out, "start");
	for (size_t i = 0; i < move->n_verify; i++) {
		const struct repo_ref *ref = &move->verify[i];
		if (!ref->name)
			continue;
		if (strcmp(ref->name, move->ref) == 0) {
			if (strcmp(ref->oid.hex, move->old_oid.hex) != 0)
				return refuse_moved(err, ref->name);
			continue;
		}
		bool repeated = false;
		for (size_t k = 0; k < i; k++)
			repeated =
			    repeated || (move->verify[k].name &&
					 strcmp(move->verify[k].name, ref->name) == 0);
		int code = repeated ? 0 : put_verify(repo, ref, out, err);
		if (code)
			return code;
	}
	put_line(out, "update", move->ref, move->new_oid.hex,
		 move->old_oid.hex[0] ? move->old_oid.hex : zeros);
	put_command(out, "prepare");
	put_command(out, "commit");
	if (out->full)
		return err_set(err, ERR_LIMIT, "too many refs to verify");
	return 0;
}

static bool says(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* What git's complaint means for the caller. */
static int judge_complaint(struct repo *repo, const struct repo_move *move,
			   const struct buf *errors, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const char *text = buf_cstr(errors);
	const char *first = git_complaint(errors, &arena);
	struct oid now = { "" };
	struct err ignored = ERR_INIT;
	if (says(text, ".lock': File exists"))
		return err_set(err, ERR_BUSY, "'%s' is locked by another process",
			       move->ref);
	if (says(text, "but expected") || says(text, "reference already exists") ||
	    says(text, "unable to resolve reference"))
		return refuse_moved(err, move->ref);
	if (says(text, "aborted by hook") || says(text, "aborted by the reference"))
		return deny(err, move->ref,
			    "was refused by the reference-transaction hook");
	if (says(text, "quarantine") || says(text, "Permission denied"))
		return err_set(err, ERR_DENIED, "cannot move '%s': %s", move->ref, first);
	/* killed between its commit and its goodbye: the ref tells */
	if (repo_resolve(repo, move->ref, &now, &ignored) == 0 &&
	    strcmp(now.hex, move->new_oid.hex) == 0)
		return 0;
	if (says(text, "exists; cannot create"))
		return err_set(err, ERR_INVALID, "cannot create '%s': %s", move->ref,
			       first);
	return err_set(err, ERR_IO, "cannot move '%s': %s", move->ref, first);
}

/* GIT_COMMITTER_*: the reflog's identity is that of the commit. */
static int build_identity(struct repo *repo, const struct oid *commit,
			  struct arena *arena, const char *env[4], struct err *err)
{
	struct repo_commit read;
	int code = repo_read_commit(repo, commit, arena, &read, err);
	if (code)
		return code;
	env[0] = arena_printf(arena, "GIT_COMMITTER_NAME=%s", read.committer.name);
	env[1] = arena_printf(arena, "GIT_COMMITTER_EMAIL=%s", read.committer.email);
	env[2] = arena_printf(arena, "GIT_COMMITTER_DATE=@%lld +0000",
			      (long long)read.committer.time_s);
	env[3] = NULL;
	return 0;
}

static int try_once(struct repo *repo, const struct repo_move *move,
		    const struct git_command *command, struct err *err)
{
	struct buf errors BUF_CLEANUP = BUF_INIT(8192);
	int status = 0;
	int code = git_run(repo, command, &errors, &status, err);
	if (code || status == 0)
		return code;
	return judge_complaint(repo, move, &errors, err);
}

/* Between two tries at a lock, so that two of us do not stay in step. */
static void pause_jittered(void)
{
	unsigned ms =
	    PAUSE_MIN_MS +
	    (unsigned)((when_monotonic_ms() ^ (int64_t)getpid() * 7919) % PAUSE_SPAN_MS);
	(void)usleep(ms * 1000);
}

int repo_move_ref(struct repo *repo, const struct repo_move *move, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf input BUF_CLEANUP = BUF_INIT(1 << 20);
	const char *env[4];
	const char *args[] = { "update-ref",
			       "--stdin",
			       "-z",
			       "-m",
			       move->reason ? move->reason : "imagehook",
			       NULL };
	int code = check_allowed(repo, move, &arena, err);
	if (!code)
		code = build_input(repo, move, &input, err);
	if (!code)
		code = build_identity(repo, &move->new_oid, &arena, env, err);
	if (code)
		return code;
	struct git_command command = { .kind = GIT_CHILD_WRITES,
				       .args = args,
				       .env = env,
				       .input = buf_str(&input),
				       .timeout_ms = 600000 };
	int64_t deadline_ms = when_monotonic_ms() + LOCK_WAIT_MS;
	while ((code = try_once(repo, move, &command, err)) == ERR_BUSY &&
	       when_monotonic_ms() < deadline_ms)
		pause_jittered();
	return code;
}
