/* SPDX-License-Identifier: MIT */
/* What status looks at, as one map, and how a person reads it. */
#include "app/status.h"
#include "app/hook_file.h"
#include "app/session.h"
#include "app/site.h"
#include "base/file.h"
#include "base/handover.h"
#include "base/text.h"
#include "base/version.h"
#include "base/when.h"
#include <unistd.h>

struct status {
	struct site site;
	struct arena *arena;
	struct value *map;
	struct finding_list findings;
};

static void set_text(struct status *status, struct value *map, const char *key,
		     const char *text)
{
	value_set(status->arena, map, key, value_text(status->arena, text));
}

static void set_bool(struct status *status, struct value *map, const char *key, bool yes)
{
	value_set(status->arena, map, key, value_bool(status->arena, yes));
}

static void set_list(struct status *status, struct value *map, const char *key,
		     const struct strings *texts)
{
	struct value *list = value_new(status->arena, VALUE_LIST);
	for (size_t i = 0; i < texts->len; i++)
		value_append(status->arena, list,
			     value_text(status->arena, texts->items[i]));
	value_set(status->arena, map, key, list);
}

static struct value *add_map(struct status *status, const char *key)
{
	struct value *map = value_new(status->arena, VALUE_MAP);
	value_set(status->arena, status->map, key, map);
	return map;
}

static struct finding *complain(struct status *status, enum severity severity,
				const char *id, const char *text)
{
	struct place nowhere = { { NULL, 0 }, 0, 0 };
	return finding_add(&status->findings, severity, id, nowhere, "%s", text);
}

static const char *hook_state(const struct hook_look *look)
{
	switch (look->kind) {
	case HOOK_ABSENT:
		return "absent";
	case HOOK_FOREIGN:
	case HOOK_ODD:
		return "foreign";
	case HOOK_OURS:
		break;
	}
	if (!look->is_executable)
		return "not executable";
	return strcmp(look->version, IMAGEHOOK_VERSION) == 0 ? "present"
							     : "other version";
}

static void look_at_hook(struct status *status, bool is_installed)
{
	struct site *site = &status->site;
	struct value *map = add_map(status, "hook");
	struct hook_place place = { .folder = site->folder.real };
	struct hook_look look;
	struct strings chain = { NULL, 0, 0 };
	struct strings by_config = { NULL, 0, 0 };
	hook_file_find(&place, status->arena);
	hook_file_look(place.hook, status->arena, &look);
	hook_file_chain(place.folder, status->arena, &chain);
	hooks_folder_config_hooks(site->git_dir, status->arena, &by_config);
	set_text(status, map, "path", place.hook);
	set_text(status, map, "state", hook_state(&look));
	set_text(status, map, "version", look.version);
	set_list(status, map, "chain", &chain);
	set_list(status, map, "configHooks", &by_config);
	set_text(status, map, "hooksPath", site->folder.scope);
	set_bool(status, map, "shared", site->folder.is_outside);
	if (!is_installed)
		return;
	if (look.kind != HOOK_OURS)
		complain(
		    status, SEVERITY_ERROR, "hook-missing",
		    "the hook is not ours: pushes start nothing, only the timer does")
		    ->hint = "run 'imagehook install' again";
	else if (!look.is_executable)
		complain(status, SEVERITY_ERROR, "hook-mode",
			 "the hook is not executable: Git ignores it")
		    ->hint = "run 'imagehook install' again";
	else if (strcmp(look.version, IMAGEHOOK_VERSION) != 0)
		complain(status, SEVERITY_WARNING, "hook-version",
			 "the hook is of another version than this program")
		    ->hint = "run 'imagehook install' again";
}

static void look_at_handover(struct status *status, bool is_installed)
{
	const char *git_dir = status->site.git_dir;
	struct value *map = add_map(status, "watch");
	struct watch watch;
	struct job_list jobs = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	int code = watch_read(git_dir, status->arena, &watch, &err);
	const char *state = "up to date";
	if (code)
		state = code == ERR_NOTFOUND ? "missing" : "damaged";
	else if (watch.every_branch)
		state = "every branch";
	set_text(status, map, "state", state);
	set_text(status, map, "program", code ? "" : watch.program);
	set_list(status, map, "refs",
		 code ? &(struct strings){ NULL, 0, 0 } : &watch.refs);
	if (!code && access(watch.program, X_OK) != 0)
		complain(status, SEVERITY_ERROR, "program-missing",
			 "the program that the hook starts cannot be run")
		    ->hint = "run 'imagehook install' again with the program's new place";
	if (code && is_installed)
		complain(status, SEVERITY_WARNING, "watch",
			 "the watch file is missing or damaged: every push starts a run")
		    ->hint = "the next run writes it anew";
	if (job_list(git_dir, status->arena, &jobs, &err) != 0)
		jobs.len = 0;
	value_set(status->arena, status->map, "waitingJobs",
		  value_int(status->arena, (int64_t)jobs.len));
}

static void look_at_write(struct status *status)
{
	struct site *site = &status->site;
	struct value *map = add_map(status, "write");
	struct strings guards = { NULL, 0, 0 };
	struct err ignored = ERR_INIT;
	const char *mode = config_text(site->config, CONFIG_WRITE);
	const char *why = NULL;
	bool chosen = *mode;
	if (repo_guarding_hooks(site->repo, status->arena, &guards, &ignored))
		guards.len = 0;
	set_text(status, map, "mode", chosen ? mode : site->host->write);
	set_text(status, map, "source",
		 chosen ? config_source(site->config, CONFIG_WRITE) : "host");
	set_list(status, map, "guardingHooks", &guards);
	if (config_is_stopped(site->config, &why))
		complain(status, SEVERITY_INFO, "stopped", why);
	if (!chosen && guards.len && !site->host->refusal)
		complain(status, SEVERITY_WARNING, "guarded",
			 "hooks of others guard this repository: nothing is written")
		    ->hint = "'imagehook install --write direct' writes past them";
}

/* NULL where the host is refused, which another finding says. */
static const char *install_hint(const struct site *site)
{
	if (session_is_clone(site->git_dir))
		return "name the bare repository that is pushed to";
	return site->host->refusal ? NULL : "run 'imagehook install'";
}

static void look_at_identity(struct status *status)
{
	struct site *site = &status->site;
	const char *other = site->record ? site->record->path : "";
	set_text(status, status->map, "id", config_text(site->config, CONFIG_ID));
	set_text(status, status->map, "state", registry_verdict_name(site->verdict));
	set_text(status, status->map, "home", site->home);
	const char *outer = NULL;
	if (!session_is_clone(site->git_dir))
		outer = site_outer(site->git_dir, status->arena);
	if (outer)
		complain(
		    status, SEVERITY_WARNING, "inside-another",
		    arena_printf(status->arena,
				 "it lies inside the repository or work tree '%s': the "
				 "timer leaves it alone",
				 outer))
		    ->hint = "move it out, then run 'imagehook install'";
	switch (site->verdict) {
	case REGISTRY_KNOWN:
		break;
	case REGISTRY_UNKNOWN:
		complain(status, SEVERITY_ERROR, "not-installed",
			 "imagehook is not installed here")
		    ->hint = install_hint(site);
		break;
	case REGISTRY_NEW:
		complain(status, SEVERITY_ERROR, "other-id",
			 "another repository was installed at this path")
		    ->hint = "run 'imagehook install'";
		break;
	case REGISTRY_MOVED:
		complain(status, SEVERITY_WARNING, "moved",
			 arena_printf(status->arena,
				      "it was installed at '%s', which is gone", other))
		    ->hint = "run 'imagehook install' to record its new place";
		break;
	case REGISTRY_COPY:
		complain(status, SEVERITY_ERROR, "copy",
			 arena_printf(status->arena,
				      "its id belongs to '%s', which exists: nothing is "
				      "sent or written",
				      other))
		    ->hint =
		    "'imagehook install --new-id' if this is a copy, '--adopt' if it "
		    "takes the other's place";
		break;
	}
}

/* Findings of the configuration and ours, as Flux-like maps. */
static void put_findings(struct status *status)
{
	struct value *list = value_new(status->arena, VALUE_LIST);
	for (size_t i = 0; i < status->findings.len; i++) {
		const struct finding *finding = &status->findings.items[i];
		struct value *map = value_new(status->arena, VALUE_MAP);
		set_text(status, map, "severity", severity_name(finding->severity));
		set_text(status, map, "id", finding->id);
		set_text(status, map, "text", finding->text);
		set_text(status, map, "hint", finding->hint ? finding->hint : "");
		value_append(status->arena, list, map);
	}
	value_set(status->arena, status->map, "findings", list);
}

static void release_status(struct status *status)
{
	site_release(&status->site);
}

int status_look(const char *git_dir, struct arena *arena, struct value **out,
		bool *is_well, struct err *err)
{
	struct status status CLEANUP(release_status) = {
		.arena = arena,
		.map = value_new(arena, VALUE_MAP),
		.findings = FINDING_LIST_INIT(arena),
	};
	struct site *site = &status.site;
	int code = site_open(site, git_dir, err);
	if (code)
		return code;
	bool is_installed = site->verdict != REGISTRY_UNKNOWN;
	set_text(&status, status.map, "repository", site->git_dir);
	set_text(&status, status.map, "host", site->host->name);
	look_at_identity(&status);
	look_at_hook(&status, is_installed);
	look_at_handover(&status, is_installed);
	look_at_write(&status);
	if (site->host->refusal)
		complain(&status, SEVERITY_ERROR, "host", site->host->refusal);
	for (size_t i = 0; i < site->findings.len; i++)
		complain(&status, site->findings.items[i].severity,
			 arena_strdup(arena, site->findings.items[i].id),
			 site->findings.items[i].text);
	site_check_branch(site, &status.findings);
	if (is_installed)
		site_check_home(site, &status.findings);
	put_findings(&status);
	*is_well = finding_count(&status.findings, SEVERITY_ERROR) == 0;
	*out = status.map;
	return 0;
}

static const char *text_of(const struct value *map, const char *key, struct arena *arena)
{
	const char *text = value_get_text(map, key, arena);
	return text ? text : "";
}

static void print_row(struct buf *out, const char *label, const char *text,
		      const char *note)
{
	(void)buf_printf(out, "  %-10s ", label);
	text_escape(out, str_of(text), false);
	(void)buf_printf(out, "%s%s%s\n", *note ? " (" : "", note, *note ? ")" : "");
}

static void print_list(struct buf *out, const char *label, const struct value *list,
		       struct arena *arena)
{
	if (!list || list->kind != VALUE_LIST)
		return;
	for (size_t i = 0; i < list->list.len; i++)
		print_row(out, i ? "" : label,
			  arena_strndup(arena, list->list.items[i]->string), "");
}

void status_print(const struct value *status, struct buf *out)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const struct value *hook = value_get(status, "hook");
	const struct value *watch = value_get(status, "watch");
	const struct value *write = value_get(status, "write");
	const struct value *jobs = value_get(status, "waitingJobs");
	const struct value *findings = value_get(status, "findings");
	(void)buf_printf(out, "%s\n", text_of(status, "repository", &arena));
	print_row(out, "state", text_of(status, "state", &arena), "");
	print_row(out, "host", text_of(status, "host", &arena), "");
	print_row(out, "id", text_of(status, "id", &arena), "");
	print_row(out, "hook", text_of(hook, "path", &arena),
		  text_of(hook, "state", &arena));
	print_list(out, "chain", value_get(hook, "chain"), &arena);
	print_list(out, "by config", value_get(hook, "configHooks"), &arena);
	if (*text_of(hook, "hooksPath", &arena))
		print_row(out, "hooksPath", text_of(hook, "hooksPath", &arena), "");
	print_row(out, "watch", text_of(watch, "state", &arena), "");
	print_list(out, "", value_get(watch, "refs"), &arena);
	print_row(out, "program", text_of(watch, "program", &arena), "");
	if (jobs && jobs->kind == VALUE_INT)
		(void)buf_printf(out, "  %-10s %lld waiting\n", "jobs",
				 (long long)jobs->integer);
	print_row(out, "write", text_of(write, "mode", &arena),
		  text_of(write, "source", &arena));
	print_list(out, "guarded by", value_get(write, "guardingHooks"), &arena);
	print_row(out, "home", text_of(status, "home", &arena), "");
	for (size_t i = 0; findings && i < findings->list.len; i++) {
		const struct value *finding = findings->list.items[i];
		const char *hint = text_of(finding, "hint", &arena);
		(void)buf_printf(out, "%s: ", text_of(finding, "severity", &arena));
		text_escape(out, str_of(text_of(finding, "text", &arena)), false);
		(void)buf_printf(out, " [%s]\n", text_of(finding, "id", &arena));
		if (!*hint)
			continue;
		(void)buf_puts(out, "hint: ");
		text_escape(out, str_of(hint), false);
		(void)buf_putc(out, '\n');
	}
}
