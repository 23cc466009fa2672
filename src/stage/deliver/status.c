/* SPDX-License-Identifier: MIT */
/* The dialogue about one commit status; see status.h. */
#include "stage/deliver/status.h"
#include "adapter/crypto/crypto.h"
#include "base/text.h"
#include "stage/deliver/words.h"

enum {
	SHA1_DIGITS = 40,
	SHA256_DIGITS = 64,
	DESCRIPTION_UNITS = 140,
	DESCRIPTION_BYTES = 4 * DESCRIPTION_UNITS,
	CONTEXT_UNITS = 255
};

enum step {
	STEP_BEGIN,
	STEP_LOOK,
	STEP_SET,
	STEP_END
};

static int find_commit(const struct deliver_state *state, const char **out,
		       struct err *err)
{
	static const char *const keys[] = { "commit", "originRevision", "revision" };
	const char *text = NULL;
	for (size_t i = 0; i < ARRAY_LEN(keys) && !text; i++)
		text = words_get(&state->delivery->event, keys[i]);
	if (!text)
		return err_set(err, ERR_INVALID, "missing revision metadata");
	struct str revision = str_of(text);
	size_t colon = str_rfind_char(revision, ':');
	size_t slash = str_rfind_char(revision, '/');
	if (colon < revision.len)
		revision = str_from(revision, colon + 1);
	else if (slash < revision.len)
		revision = str_from(revision, slash + 1);
	if (revision.len != SHA1_DIGITS && revision.len != SHA256_DIGITS)
		return err_set(err, ERR_INVALID,
			       "failed to extract commit hash from '%s' revision",
			       text_clean(state->arena, str_of(text), 200));
	*out = url_segment(arena_strndup(state->arena, revision), state->arena);
	return 0;
}

/* What upstream makes of it: the namespace is not part of it. */
static const char *default_context(const struct deliver_state *state)
{
	const struct event *event = &state->delivery->event;
	struct str uid = str_of(state->delivery->provider->uid);
	uid = str_slice(uid, 0, str_find_char(uid, '-'));
	return words_lower(arena_printf(state->arena, "%s/%s/%.*s", event->object.kind,
					event->object.name, STR_ARG(uid)),
			   state->arena);
}

static int make_status(const struct deliver_state *state, const struct status_form *form,
		       struct status *out, struct err *err)
{
	struct arena *arena = state->arena;
	const struct event *event = &state->delivery->event;
	int code = find_commit(state, &out->commit, err);
	if (code)
		return code;
	if (event->severity == EVENT_TRACE)
		return err_set(err, ERR_INVALID, "can't convert to %s state",
			       form->forge);
	out->state = words_is_error(event) ? form->failure : form->success;
	if (words_is_progressing(event))
		out->state = form->pending;
	const char *text = state->delivery->status_text;
	text = text ? text_clean(arena, str_of(text), DESCRIPTION_BYTES)
		    : words_reason(event->reason, arena);
	out->description = words_cut(text, DESCRIPTION_UNITS, arena);
	out->context = state->delivery->commit_status ? state->delivery->commit_status
						      : default_context(state);
	out->context = words_cut(out->context, CONTEXT_UNITS, arena);
	return 0;
}

bool status_in_list(struct deliver_state *state, const struct value *list,
		    const struct status *status)
{
	if (!list || list->kind != VALUE_LIST)
		return false;
	for (size_t i = 0; i < list->list.len; i++) {
		const struct value *item = list->list.items[i];
		/* Gitea calls the state `status` where it lists them */
		const char *key = value_get(item, "state") ? "state" : "status";
		if (forge_has(state, item, "context", status->context))
			return forge_has(state, item, key, status->state) &&
			       forge_has(state, item, "description", status->description);
	}
	return false;
}

const char *status_key(const struct deliver_state *state, const struct status *status)
{
	char hash[HASH_MAX_HEX];
	hash_hex(HASH_SHA1, str_of(status->context), hash);
	return arena_strdup(state->arena, hash);
}

static int look(struct deliver_state *state, const struct status_form *form,
		const struct status *status, struct http_request *request,
		struct err *err)
{
	int code = form->look(state, status, request, err);
	state->what = form->looking;
	state->any_status = form->may_lack;
	state->step = STEP_SET;
	return code;
}

static int set(struct deliver_state *state, const struct status_form *form,
	       const struct status *status, struct http_request *request, struct err *err)
{
	int code = form->set(state, status, request, err);
	state->what = form->setting;
	state->step = STEP_END;
	return code;
}

/* What was found: nothing is to be done, or an answer that is none. */
static int judge(struct deliver_state *state, const struct status_form *form,
		 const struct status *status, const struct http_response *answer,
		 struct err *err)
{
	if (answer->status / 100 != 2 && answer->status != 404)
		return err_set(err, ERR_NETWORK, "%sstatus code %d", form->looking,
			       answer->status);
	state->skipped = form->is_same(state, deliver_answer(state, answer), status);
	return 0;
}

int status_step(struct deliver_state *state, const struct status_form *form,
		const struct http_response *answer, struct http_request *request,
		enum deliver_next *next, struct err *err)
{
	struct status status = { 0 };
	if (words_is_progressing(&state->delivery->event) && !form->pending)
		return deliver_skip(state, next);
	int code = make_status(state, form, &status, err);
	if (code)
		return code;
	switch ((enum step)state->step) {
	case STEP_BEGIN:
		if (form->begin) {
			state->step = STEP_LOOK;
			return form->begin(state, request, err);
		}
		return look(state, form, &status, request, err);
	case STEP_LOOK:
		return look(state, form, &status, request, err);
	case STEP_SET:
		code = judge(state, form, &status, answer, err);
		if (code || !state->skipped)
			return code ? code : set(state, form, &status, request, err);
		break;
	case STEP_END:
		break;
	}
	*next = DELIVER_DONE;
	return 0;
}
