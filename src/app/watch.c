/* SPDX-License-Identifier: MIT */
/* What the hook needs to know to leave at once: the branches that matter. */
#include "app/pipeline.h"
#include "base/file.h"
#include "base/handover.h"

static void add_ref(struct arena *arena, struct watch *watch, const char *prefix,
		    const char *name)
{
	if (!name || !*name)
		return;
	const char *ref = arena_printf(arena, "%s%s", prefix, name);
	/* what is no name is never pushed, and its document was found wrong */
	if (repo_is_ref_name(ref) && !strings_contain(&watch->refs, ref))
		strings_add(arena, &watch->refs, ref);
}

static void add_automation(struct arena *arena, struct watch *watch,
			   const struct image_update_automation *automation)
{
	const struct checkout_ref *checkout = &automation->checkout;
	add_ref(arena, watch, "refs/heads/", automation->push_branch);
	add_ref(arena, watch, "refs/heads/", checkout->branch);
	add_ref(arena, watch, "refs/tags/", checkout->tag);
	add_ref(arena, watch, "", checkout->name);
	/* any tag may become the newest version; a name with a slash at its end is a
	 * prefix */
	if (checkout->semver && *checkout->semver)
		strings_add(arena, &watch->refs, "refs/tags/");
}

static void add_origin(struct arena *arena, struct watch *watch, const char *path)
{
	struct file_identity *identity = VEC_ADD(arena, &watch->made_from);
	file_identity_take(path, identity);
}

int run_write_watch(struct session *session, const struct loaded *loaded, struct err *err)
{
	struct arena *arena = &session->arena;
	struct watch watch = { .foreground_ms =
				   config_ms(session->config, CONFIG_FOREGROUND) };
	const char *program = NULL;
	int code = file_real_path("/proc/self/exe", arena, &program, err);
	if (code)
		return code;
	watch.program = program;
	add_ref(arena, &watch, "", loaded->ref);
	for (size_t i = 0; i < loaded->documents.automations.len; i++)
		add_automation(arena, &watch, &loaded->documents.automations.items[i]);
	add_origin(arena, &watch, file_join(arena, session->git_dir, "HEAD"));
	add_origin(arena, &watch, file_join(arena, session->git_dir, "config"));
	add_origin(arena, &watch, CONFIG_SYSTEM_PATH);
	code = watch_write(session->git_dir, &watch, err);
	if (code != ERR_LIMIT)
		return code;
	/* too many names: each push is looked at by the program then */
	watch.refs = (struct strings){ 0 };
	strings_add(arena, &watch.refs, "refs/");
	return watch_write(session->git_dir, &watch, err);
}
