/* SPDX-License-Identifier: MIT */
/* Opening and closing what a run stands on, with errors that say what to do. */
#include "app/session.h"
#include "base/file.h"
#include "base/log.h"
#include "host/host.h"
#include "state/registry.h"
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

int session_git_dir(const char *path, struct arena *arena, const char **out,
		    struct err *err)
{
	const char *real = NULL;
	int code = file_real_path(path ? path : ".", arena, &real, err);
	if (!code)
		code = repo_find(real, arena, out, err);
	if (code != ERR_NOTFOUND || !real)
		return code;
	return err_set(err, code, "'%s' is no git repository; name one with --repo DIR",
		       real);
}

/* The first error among the configuration's findings, as an error. */
static int check_configuration(const struct finding_list *findings, struct err *err)
{
	for (size_t i = 0; i < findings->len; i++) {
		const struct finding *finding = &findings->items[i];
		if (finding->severity < SEVERITY_ERROR)
			continue;
		(void)err_set(err, ERR_INVALID, "%s", finding->text);
		char path[ERR_PATH_BYTES];
		(void)snprintf(path, sizeof(path), "%.*s", STR_ARG(finding->place.path));
		return err_at(err, path, finding->place.line, finding->place.col);
	}
	return 0;
}

bool session_is_clone(const char *git_dir)
{
	return str_ends(str_of(git_dir), STR("/.git"));
}

int session_not_installed(const char *git_dir, struct err *err)
{
	if (session_is_clone(git_dir))
		return err_set(err, ERR_NOTFOUND,
			       "'%s' is that of a work tree; name the bare repository "
			       "that is pushed to with --repo DIR",
			       git_dir);
	return err_set(err, ERR_NOTFOUND,
		       "'%s' is not installed; run 'imagehook install %s' first", git_dir,
		       git_dir);
}

/* Whether the effective user owns the repository. */
static bool is_owner(const struct session *session)
{
	return repo_facts(session->repo)->owner_uid == geteuid();
}

static int check_owner(const struct session *session, struct err *err)
{
	if (is_owner(session))
		return 0;
	unsigned uid = repo_facts(session->repo)->owner_uid;
	const struct passwd *pw = getpwuid(uid);
	char name[64];
	(void)snprintf(name, sizeof(name), "%u", uid);
	return err_set(err, ERR_DENIED,
		       "'%s' belongs to the user '%s': run this as that user or as root",
		       session->git_dir, pw ? pw->pw_name : name);
}

/* The id at a second existing path is a copy: nothing is sent or written (TRUST 12). */
static int check_identity(struct session *session, struct err *err)
{
	struct repository_list list = { 0 };
	const struct repository_record *record = NULL;
	int code = registry_read(session->home, &session->arena, &list, err);
	if (code)
		return code;
	/* what is installed is what install recorded, never what a folder says of itself
	 */
	enum registry_verdict verdict =
	    registry_judge(&list, session->git_dir, session->id, &record);
	if (verdict == REGISTRY_KNOWN || verdict == REGISTRY_MOVED)
		return 0;
	if (verdict != REGISTRY_COPY)
		return session_not_installed(session->git_dir, err);
	return err_set(
	    err, ERR_DENIED,
	    "'%s' has the id of '%s': a copy; say 'imagehook install --new-id' "
	    "or --adopt",
	    session->git_dir, record ? record->path : "another repository");
}

enum {
	LOG_FILE_BYTES = 16 * 1024 * 1024
};

/* To syslog; where there is none, to a file in the home, of which one older is kept. */
static void open_log(struct session *session)
{
	struct stat st;
	const char *path = file_join(&session->arena, session->home, "log");
	if (file_exists("/dev/log")) {
		log_open(LOG_LEVEL_INFO, NULL);
		return;
	}
	if (stat(path, &st) == 0 && st.st_size > LOG_FILE_BYTES)
		(void)rename(path, arena_printf(&session->arena, "%s.1", path));
	log_open(LOG_LEVEL_INFO, path);
}

static int open_state(struct session *session, struct err *err)
{
	bool was_lost = false;
	session->id = config_text(session->config, CONFIG_ID);
	if (!*session->id)
		return session_not_installed(session->git_dir, err);
	int code = config_home(session->config, &session->arena, &session->home, err);
	if (!code)
		code = check_identity(session, err);
	if (code)
		return code;
	open_log(session);
	session->dir = file_join(&session->arena, session->home, session->id);
	code = file_make_dirs(session->dir, 0700, err);
	if (!code)
		code = store_open(session->home, &session->store, &was_lost, err);
	if (!code && was_lost)
		(void)finding_add(
		    &session->findings, SEVERITY_WARNING, "state-lost",
		    (struct place){ 0 },
		    "the state file was damaged; it was moved aside and begun anew");
	return code;
}

static int read_configuration(struct session *session, struct finding_list *findings,
			      struct err *err)
{
	struct arena *arena = &session->arena;
	const char *own = file_join(arena, session->git_dir, "config");
	/* before it is read: what changes meanwhile counts as changed */
	file_identity_take(CONFIG_SYSTEM_PATH, &session->config_files[0]);
	file_identity_take(own, &session->config_files[1]);
	int code =
	    config_load(NULL, session->git_dir, arena, &session->config, findings, err);
	return code ? code : check_configuration(findings, err);
}

int session_open(struct session *session, const char *path, struct err *err)
{
	*session = (struct session){ 0 };
	session->findings.arena = &session->arena;
	int code = session_git_dir(path, &session->arena, &session->git_dir, err);
	const struct host *host = NULL;
	if (!code)
		code = host_require(session->git_dir, &host, err);
	if (!code)
		code = repo_open(session->git_dir, &session->repo, err);
	if (!code)
		code = check_owner(session, err);
	if (!code)
		code = read_configuration(session, &session->findings, err);
	return code ? code : open_state(session, err);
}

int session_refresh(struct session *session, bool *changed, struct err *err)
{
	struct finding_list findings = FINDING_LIST_INIT(&session->arena);
	*changed = !file_identity_holds(&session->config_files[0]) ||
		   !file_identity_holds(&session->config_files[1]);
	return *changed ? read_configuration(session, &findings, err) : 0;
}

void session_release(struct session *session)
{
	store_free(session->store);
	repo_free(session->repo);
	arena_clear(&session->arena);
	session->store = NULL;
	session->repo = NULL;
}
