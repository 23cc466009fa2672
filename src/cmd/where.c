/* SPDX-License-Identifier: MIT */
/* Finding the repository that a host command is about, as the right Unix user. */
#include "cmd/where.h"
#include "app/owner.h"
#include "app/session.h"
#include <unistd.h>

int where_load(struct where *where, const char *repo, struct err *err)
{
	int code = session_git_dir(repo, where->arena, &where->git_dir, err);
	/* a linked work tree is of no repository that we serve */
	if ((code == ERR_NOTFOUND || code == ERR_UNSUPPORTED) && !repo)
		code = 0;
	/* another user may look at what is configured, but not at what root may read */
	if (!code && where->git_dir && geteuid() == 0)
		code = owner_become(where->git_dir, err);
	where->findings = (struct finding_list)FINDING_LIST_INIT(where->arena);
	if (!code)
		code = config_load(NULL, where->git_dir, where->arena, &where->config,
				   &where->findings, err);
	return code;
}

/* The first mistake of the configuration as an error. */
static int first_mistake(const struct where *where, struct err *err)
{
	for (size_t i = 0; i < where->findings.len; i++) {
		const struct finding *finding = &where->findings.items[i];
		if (finding->severity < SEVERITY_ERROR)
			continue;
		(void)err_set(err, ERR_INVALID, "%s", finding->text);
		return err_at(err, arena_strndup(where->arena, finding->place.path),
			      finding->place.line, finding->place.col);
	}
	return 0;
}

int where_home(const struct where *where, const char **id, const char **home,
	       struct err *err)
{
	if (!where->git_dir)
		return err_set(err, ERR_NOTFOUND,
			       "this is no git repository; name one with --repo DIR");
	int code = first_mistake(where, err);
	if (code)
		return code;
	code = owner_become(where->git_dir, err);
	if (code)
		return code;
	*id = config_text(where->config, CONFIG_ID);
	if (!**id)
		return session_not_installed(where->git_dir, err);
	return config_home(where->config, where->arena, home, err);
}

int where_owner_home(const struct where *where, const char **home, struct err *err)
{
	int code = first_mistake(where, err);
	if (!code && where->git_dir)
		code = owner_become(where->git_dir, err);
	return code ? code : config_home(where->config, where->arena, home, err);
}

void where_print_findings(const struct where *where)
{
	for (size_t i = 0; i < where->findings.len; i++) {
		const struct finding *finding = &where->findings.items[i];
		(void)fprintf(stderr, "%.*s:%u: %s: %s [%s]\n",
			      STR_ARG(finding->place.path), (unsigned)finding->place.line,
			      severity_name(finding->severity), finding->text,
			      finding->id);
		if (finding->hint)
			(void)fprintf(stderr, "hint: %s\n", finding->hint);
	}
}
