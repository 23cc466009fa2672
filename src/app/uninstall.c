/* SPDX-License-Identifier: MIT */
/* Leaving a repository as it was. */
#include "app/hook_file.h"
#include "app/install.h"
#include "app/site.h"
#include "base/file.h"
#include "base/handover.h"
#include "state/store.h"
#include <ftw.h>
#include <unistd.h>

enum {
	OPEN_FOLDERS = 16
};

/* Where our hook and the one before it are: as recorded, else as found. */
static struct hook_place find_place(struct site *site)
{
	struct hook_place place = { .folder = site->folder.real };
	const struct repository_record *record = site->record;
	bool recorded =
	    record && !record->uninstalled && strcmp(record->path, site->git_dir) == 0;
	if (recorded) {
		place.previous = record->previous;
		place.made_chain = record->made_chain;
		place.made_hooks = record->made_hooks;
	} else {
		/* an empty one is removed, which nobody misses */
		place.made_chain = true;
	}
	hook_file_find(&place, &site->arena);
	return place;
}

static int remove_hook(struct site *site, struct buf *report, struct err *err)
{
	bool was_ours = false;
	struct hook_place place = find_place(site);
	struct hook_look look;
	hook_file_look(place.hook, &site->arena, &look);
	int code = hook_file_remove(&place, &site->arena, &was_ours, err);
	if (code)
		return code;
	if (!was_ours)
		(void)buf_printf(report, "  hook      %s is not ours and stays\n",
				 place.hook);
	else if (place.previous)
		(void)buf_printf(report, "  hook      %s is the previous one again\n",
				 place.hook);
	else if (look.kind == HOOK_OURS)
		(void)buf_printf(report, "  hook      %s removed\n", place.hook);
	else
		(void)buf_puts(report, "  hook      there was none\n");
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int kind,
			struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

/* A store that is not there, or damaged, has nothing to forget. */
static int forget_in_store(struct site *site, const char *id, struct err *err)
{
	struct store *store STORE_CLEANUP = NULL;
	bool was_lost = false;
	if (!file_exists(file_join(&site->arena, site->home, "state.db")))
		return 0;
	int code = store_open(site->home, &store, &was_lost, err);
	return code ? code : store_forget(store, id, err);
}

/* Drops what the home holds of this repository, or remembers that it may come back. */
static int settle_state(struct site *site, bool purge, struct buf *report,
			struct err *err)
{
	const struct repository_record *record = site->record;
	if (!record && purge)
		(void)buf_printf(report, "  state     none in %s\n", site->home);
	/* a copy that is uninstalled leaves the original's record and state alone */
	if (!record || site->verdict == REGISTRY_COPY ||
	    (site->verdict == REGISTRY_NEW && !purge))
		return 0;
	if (!purge) {
		struct repository_record kept = *record;
		kept.path = site->git_dir;
		kept.uninstalled = true;
		kept.previous = NULL;
		kept.made_chain = false;
		kept.made_hooks = false;
		(void)buf_printf(report, "  state     kept in %s (--purge drops it)\n",
				 site->home);
		int code = registry_put(site->home, &kept, err);
		if (!code && strcmp(record->path, site->git_dir) != 0)
			code = registry_remove(site->home, record->path, err);
		return code;
	}
	const char *folder = file_join(&site->arena, site->home, record->id);
	if (file_exists(folder) &&
	    nftw(folder, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) != 0)
		return err_errno(err, "cannot remove '%s'", folder);
	int code = forget_in_store(site, record->id, err);
	if (code)
		return code;
	(void)buf_printf(report, "  state     removed from %s\n", site->home);
	return registry_remove(site->home, record->path, err);
}

int uninstall_repository(const struct uninstall_options *options, struct buf *report,
			 struct err *err)
{
	/* the configuration that named the home went with an earlier uninstall */
	struct site site SITE_CLEANUP = { .makes_home = options->purge };
	int code = site_open(&site, options->git_dir, err);
	if (code)
		return code;
	(void)buf_printf(report, "%s\n", site.git_dir);
	code = remove_hook(&site, report, err);
	if (!code)
		code = handover_remove(site.git_dir, err);
	if (!code)
		code = settle_state(&site, options->purge, report, err);
	if (!code)
		code = site_forget_section(&site, err);
	return code;
}
