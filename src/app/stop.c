/* SPDX-License-Identifier: MIT */
/* One line of configuration stops a repository or a host. */
#include "app/stop.h"
#include "base/file.h"

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

/* Whether the files that permitted the last step are there as they were. */
static bool is_still_permitted(const struct session *session)
{
	if (!session->is_permitted)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(session->permitted); i++)
		if (!file_identity_holds(&session->permitted[i]))
			return false;
	return true;
}

/* This is asked before every send: files that are the same are not read again. */
int stop_check(struct session *session, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct config *config = NULL;
	if (is_still_permitted(session))
		return 0;
	const char *own = file_join(&session->arena, session->git_dir, "config");
	file_identity_take(CONFIG_SYSTEM_PATH, &session->permitted[0]);
	file_identity_take(own, &session->permitted[1]);
	session->is_permitted = false;
	int code = config_load(NULL, session->git_dir, &arena, &config, &findings, err);
	if (code)
		return code;
	const char *why = reason_of(&arena, config);
	session->is_permitted = !why;
	return why ? err_set(err, ERR_DENIED, "stopped: %s", why) : 0;
}
