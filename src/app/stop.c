/* SPDX-License-Identifier: MIT */
/* One line of configuration stops a repository or a host. */
#include "app/stop.h"

static const char *reason_of(struct arena *arena, const struct config *config)
{
	const char *why = NULL;
	const char *mode = config_text(config, CONFIG_WRITE);
	if (config_is_stopped(config, &why))
		return arena_strdup(arena, why);
	if (!config_bool(config, CONFIG_ENABLED))
		return "imagehook.enabled is false";
	if (strcmp(mode, "none") == 0)
		return "imagehook.write is none";
	if (*mode && strcmp(mode, "direct") != 0)
		return arena_printf(arena, "imagehook.write = %s is not supported yet",
				    mode);
	return NULL;
}

const char *stop_reason(struct session *session)
{
	return reason_of(&session->arena, session->config);
}

const char *stop_is_off(struct session *session)
{
	return config_bool(session->config, CONFIG_ENABLED)
		   ? NULL
		   : reason_of(&session->arena, session->config);
}

int stop_check(struct session *session, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct config *config = NULL;
	int code = config_load(NULL, session->git_dir, &arena, &config, &findings, err);
	if (code)
		return code;
	const char *why = reason_of(&arena, config);
	return why ? err_set(err, ERR_DENIED, "stopped: %s", why) : 0;
}
