/* SPDX-License-Identifier: MIT */
/* What install does, in which order, and what it refuses. */
#include "app/install.h"
#include "adapter/crypto/crypto.h"
#include "app/hook_file.h"
#include "app/site.h"
#include "base/file.h"
#include "base/handover.h"
#include "base/when.h"
#include <sys/stat.h>
#include <unistd.h>

struct install {
	struct install_options *options;
	struct site *site;
	struct programs programs;
	struct hook_place place;
	struct buf *report;
};

static void add_row(struct buf *report, const char *label, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static void add_row(struct buf *report, const char *label, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	(void)buf_printf(report, "  %-9s ", label);
	(void)buf_vprintf(report, fmt, ap);
	(void)buf_putc(report, '\n');
	va_end(ap);
}

static int check_configuration(const struct site *site, struct err *err)
{
	for (size_t i = 0; i < site->findings.len; i++) {
		const struct finding *finding = &site->findings.items[i];
		char path[ERR_PATH_BYTES];
		if (finding->severity < SEVERITY_ERROR)
			continue;
		(void)snprintf(path, sizeof(path), "%.*s", STR_ARG(finding->place.path));
		(void)err_set(err, ERR_INVALID, "%s", finding->text);
		return err_at(err, path, finding->place.line, finding->place.col);
	}
	return 0;
}

/* A hooks folder that others use: named, and touched only on request. */
static int check_folder(const struct install *install, struct err *err)
{
	struct site *site = install->site;
	struct strings users = { NULL, 0, 0 };
	if (!site->folder.is_outside)
		return 0;
	hooks_folder_users(&site->folder, site->git_dir, &site->arena, &users);
	add_row(install->report, "shared", "%s is outside this repository",
		site->folder.path);
	if (*site->folder.scope)
		add_row(install->report, "", "core.hooksPath is set %s",
			strcmp(site->folder.scope, "local") == 0
			    ? "in this repository's configuration"
			    : "for every repository of this user or host");
	for (size_t i = 0; i < users.len; i++)
		add_row(install->report, "", "also used by %s", users.items[i]);
	if (!install->options->shared)
		return err_set(err, ERR_DENIED,
			       "the hooks folder '%s' is outside the repository; "
			       "'--shared' installs there, for all who use it",
			       site->folder.path);
	return 0;
}

static int check_site(const struct install *install, struct err *err)
{
	struct site *site = install->site;
	const struct repo_facts *facts = repo_facts(site->repo);
	const struct host *host = NULL;
	int code = host_require(site->git_dir, &host, err);
	if (!code)
		code = check_configuration(site, err);
	if (code)
		return code;
	if (!facts->bare)
		return err_set(err, ERR_UNSUPPORTED,
			       "'%s' has a work tree; imagehook serves bare repositories",
			       site->git_dir);
	if (facts->mirror)
		return err_set(err, ERR_UNSUPPORTED,
			       "'%s' is a mirror: what is written here would be "
			       "overwritten",
			       site->git_dir);
	if (access(install->programs.program, X_OK) != 0)
		return err_errno(err,
				 "the owner of '%s' cannot run '%s'; install imagehook "
				 "where every user can",
				 site->git_dir, install->programs.program);
	return check_folder(install, err);
}

/* The id that the repository shall have; "" asks for a new one. */
static int judge_id(const struct install *install, const char **id, struct err *err)
{
	const struct site *site = install->site;
	const struct repository_record *record = site->record;
	*id = config_text(site->config, CONFIG_ID);
	switch (site->verdict) {
	case REGISTRY_KNOWN:
	case REGISTRY_MOVED:
	case REGISTRY_NEW:
		break;
	case REGISTRY_UNKNOWN:
		/* uninstalled with its state kept, and still the same folder: the number
		 * alone may be that of a folder made after it was deleted */
		if (!**id && record && record->uninstalled && site->born_ns &&
		    record->born_ns == site->born_ns &&
		    record->device == site->st.st_dev && record->inode == site->st.st_ino)
			*id = record->id;
		break;
	case REGISTRY_COPY:
		if (!install->options->adopt && !install->options->new_id)
			return err_set(err, ERR_CONFLICT,
				       "its id belongs to '%s', which exists: use "
				       "'--new-id' if this is a copy, '--adopt' if it "
				       "takes the other's place",
				       record->path);
		break;
	}
	if (install->options->new_id)
		*id = "";
	return 0;
}

static int set_id(const struct install *install, const char **id, struct err *err)
{
	struct site *site = install->site;
	char fresh[REPOSITORY_ID_DIGITS + 1];
	int code = judge_id(install, id, err);
	if (code)
		return code;
	if (!**id) {
		random_hex(REPOSITORY_ID_DIGITS / 2, fresh);
		*id = arena_strdup(&site->arena, fresh);
	}
	if (strcmp(*id, config_text(site->config, CONFIG_ID)) == 0)
		return 0;
	return site_set(site, config_key_name(CONFIG_ID), *id, err);
}

static int put_record(const struct install *install, const char *id, struct err *err)
{
	struct site *site = install->site;
	const struct repository_record *old = site->record;
	struct repository_record record = {
		.id = id,
		.path = site->git_dir,
		.device = site->st.st_dev,
		.inode = site->st.st_ino,
		.born_ns = site->born_ns,
		.installed_ms = when_now_ms(),
		.host = site->host->name,
		.hook = install->place.hook,
		.previous = install->place.previous,
		.made_chain = install->place.made_chain,
		.made_hooks = install->place.made_hooks,
	};
	bool takes_over =
	    old && strcmp(old->path, site->git_dir) != 0 && strcmp(old->id, id) == 0;
	if (old && !takes_over && strcmp(old->id, id) == 0 && !old->uninstalled)
		record.installed_ms = old->installed_ms;
	int code = registry_put(site->home, &record, err);
	/* moved here, or adopted: the other path is not installed any more */
	if (!code && takes_over)
		code = registry_remove(site->home, old->path, err);
	return code;
}

/* Until the first run knows the branches that matter, all do. */
static int write_watch(const struct install *install, struct err *err)
{
	struct site *site = install->site;
	struct arena *arena = &site->arena;
	struct err ignored = ERR_INIT;
	struct watch watch = { .program = install->programs.program,
			       .foreground_ms =
				   config_ms(site->config, CONFIG_FOREGROUND),
			       .every_branch = true };
	struct watch old;
	/* what a run found out is kept while the program is the same */
	if (watch_read(site->git_dir, arena, &old, &ignored) == 0 &&
	    strcmp(old.program, watch.program) == 0 &&
	    old.foreground_ms == watch.foreground_ms && !old.every_branch)
		return 0;
	return watch_write(site->git_dir, &watch, err);
}

static void report_hook(const struct install *install, enum hook_change change)
{
	static const char *const words[] = { [HOOK_NEW] = "new",
					     [HOOK_UNCHANGED] = "up to date",
					     [HOOK_UPDATED] = "updated" };
	struct site *site = install->site;
	struct strings chain = { NULL, 0, 0 };
	struct strings by_config = { NULL, 0, 0 };
	add_row(install->report, "hook", "%s (%s)", install->place.hook, words[change]);
	hook_file_chain(install->place.folder, &site->arena, &chain);
	for (size_t i = 0; i < chain.len; i++)
		if (!str_ends(str_of(install->place.hook),
			      str_of(arena_printf(&site->arena, "/%s", chain.items[i]))))
			add_row(install->report, i ? "" : "before it",
				"post-receive.d/%s%s", chain.items[i],
				install->place.previous && strcmp(install->place.previous,
								  chain.items[i]) == 0
				    ? " (the hook that was there)"
				    : "");
	hooks_folder_config_hooks(site->git_dir, &site->arena, &by_config);
	for (size_t i = 0; i < by_config.len; i++)
		add_row(install->report, "", "hook.%s of the configuration",
			by_config.items[i]);
}

/* How commits will be written, and who stands in the way. */
static void report_write(const struct install *install)
{
	struct site *site = install->site;
	struct strings guards = { NULL, 0, 0 };
	struct err ignored = ERR_INIT;
	const char *mode = install->options->write;
	bool chosen = mode || *config_text(site->config, CONFIG_WRITE);
	if (!mode)
		mode =
		    chosen ? config_text(site->config, CONFIG_WRITE) : site->host->write;
	add_row(install->report, "write", "%s", mode);
	if (chosen ||
	    repo_guarding_hooks(site->repo, &site->arena, &guards, &ignored) != 0 ||
	    guards.len == 0)
		return;
	for (size_t i = 0; i < guards.len; i++)
		add_row(install->report, "", "guarded by the hook %s", guards.items[i]);
	add_row(install->report, "",
		"nothing is written past it; to allow that: --write direct");
}

static void report_findings(const struct finding_list *findings, struct buf *report)
{
	for (size_t i = 0; i < findings->len; i++) {
		(void)buf_printf(report, "%s: %s\n",
				 severity_name(findings->items[i].severity),
				 findings->items[i].text);
		if (findings->items[i].hint)
			(void)buf_printf(report, "hint: %s\n", findings->items[i].hint);
	}
}

static int arm(struct install *install, struct err *err)
{
	struct site *site = install->site;
	const char *id = NULL;
	enum hook_change change = HOOK_NEW;
	struct finding_list findings = FINDING_LIST_INIT(&site->arena);
	int code = set_id(install, &id, err);
	if (!code && install->options->write)
		code = site_set(site, config_key_name(CONFIG_WRITE),
				install->options->write, err);
	if (!code)
		code = write_watch(install, err);
	/* the record of what the hook replaced comes right behind it, and the hook last
	 * of what can fail */
	if (!code)
		code = hook_file_put(&install->place, site->git_dir,
				     install->programs.bytes, &site->arena, &change, err);
	if (!code)
		code = put_record(install, id, err);
	if (code)
		return code;
	report_hook(install, change);
	add_row(install->report, "program", "%s", install->programs.program);
	add_row(install->report, "id", "%s", id);
	add_row(install->report, "state", "%s", site->home);
	report_write(install);
	site_check_branch(site, &findings);
	site_check_home(site, &findings);
	report_findings(&findings, install->report);
	return 0;
}

int install_repository(struct install_options *options, struct buf *report,
		       struct err *err)
{
	struct site site SITE_CLEANUP = { .makes_home = true };
	struct install install = { .options = options, .site = &site, .report = report };
	int code = programs_find(&site.arena, &install.programs, err);
	if (!code)
		code = site_open(&site, options->git_dir, err);
	if (code)
		return code;
	(void)buf_printf(report, "%s\n", site.git_dir);
	code = check_site(&install, err);
	if (code)
		return code;
	install.place.folder = site.folder.real;
	/* also of a repository that was moved or copied, with its hooks folder */
	if (site.record && !site.record->uninstalled && site.verdict != REGISTRY_NEW) {
		install.place.previous = site.record->previous;
		install.place.made_chain = site.record->made_chain;
		install.place.made_hooks = site.record->made_hooks;
	}
	code = arm(&install, err);
	options->installed = arena_strdup(options->arena, site.git_dir);
	return code;
}
