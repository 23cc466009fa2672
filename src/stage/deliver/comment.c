/* SPDX-License-Identifier: MIT */
/* The dialogue about one comment; see comment.h. */
#include "stage/deliver/comment.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/text.h"
#include "stage/deliver/words.h"

enum {
	COMMENT_UNITS = 60000,
	PAGE = 100 /* what query or query_rest asks for */
};

enum step {
	STEP_LOGIN,
	STEP_NAMED,
	STEP_LISTED,
	STEP_END
};

static int read_change(const struct deliver_state *state, const char **out,
		       struct err *err)
{
	const char *text = words_get(&state->delivery->event, "change_request");
	uint64_t number = 0;
	if (!text)
		return err_set(err, ERR_INVALID,
			       "missing \"change_request\" metadata key");
	if (!number_parse(str_of(text), INT32_MAX, &number))
		return err_set(err, ERR_INVALID,
			       "invalid \"change_request\" metadata value \"%s\"",
			       text_clean(state->arena, str_of(text), 100));
	*out = arena_printf(state->arena, "%llu", (unsigned long long)number);
	return 0;
}

static const char *marker_of(const struct deliver_state *state,
			     const struct comment_form *form)
{
	const struct event *event = &state->delivery->event;
	return arena_printf(state->arena, "<!-- %s:%s/%s/%s/%s -->", form->key,
			    state->delivery->provider->uid, event->object.kind,
			    event->object.namespace, event->object.name);
}

static const char *text_of(const struct deliver_state *state,
			   const struct comment_form *form)
{
	struct event event = state->delivery->event;
	event.message = words_cut(event.message, COMMENT_UNITS / 2, state->arena);
	return words_cut(arena_printf(state->arena, "%s\n\n%s", marker_of(state, form),
				      words_comment(&event, state->arena)),
			 COMMENT_UNITS, state->arena);
}

/* The first comment of ours with the marker; 0 when there is none. */
static int64_t find_id(const struct deliver_state *state, const struct comment_form *form,
		       const struct forge *forge, const struct value *list)
{
	const char *marker = marker_of(state, form);
	for (size_t i = 0; i < list->list.len; i++) {
		const struct value *item = list->list.items[i];
		const struct value *id = value_get(item, "id");
		const char *body = value_get_text(item, "body", state->arena);
		const struct value *author = value_get(item, form->author);
		if (id && id->kind == VALUE_INT && body && strstr(body, marker) &&
		    forge_has(state, author, form->login, forge->login))
			return id->integer;
	}
	return 0;
}

static int ask_page(struct deliver_state *state, const struct comment_form *form,
		    const struct forge *forge, struct http_request *request,
		    struct err *err)
{
	struct arena *a = state->arena;
	const char *page = forge->page > 1 || form->page_always
			       ? arena_printf(a, "&page=%u", forge->page)
			       : "";
	const char *path =
	    arena_printf(a, "%s/%s/%s%s%s%s", form->changes, forge->change,
			 form->comments, form->query, page, form->query_rest);
	int code = form->request(state, "GET", path, NULL, request, err);
	state->what = arena_printf(a, "failed to list %ss: ", form->name);
	return code;
}

static int write_one(struct deliver_state *state, const struct comment_form *form,
		     const struct forge *forge, int64_t id, struct http_request *request,
		     struct err *err)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	const char *path = form->changes;
	if (!id || form->edit_below_change)
		path = arena_printf(a, "%s/%s", path, forge->change);
	path = arena_printf(a, "%s/%s", path, form->comments);
	if (id)
		path = arena_printf(a, "%s/%lld", path, (long long)id);
	json_text(a, body, "body", text_of(state, form));
	int code = form->request(state, id ? form->edit_method : "POST", path, body,
				 request, err);
	state->what =
	    arena_printf(a, "failed to %s %s: ", id ? "update" : "create", form->name);
	return code;
}

/* Whether another page may follow. Where pages may be smaller than was asked for, or are
 * all the same, an empty page or a known first comment is the end. */
static bool has_more(const struct comment_form *form, struct forge *forge,
		     const struct value *list)
{
	if (!form->page_any_size)
		return list->list.len >= PAGE;
	const struct value *id =
	    list->list.len ? value_get(list->list.items[0], "id") : NULL;
	int64_t first = id && id->kind == VALUE_INT ? id->integer : 0;
	bool is_new = first && first != forge->first_id;
	forge->first_id = first;
	return is_new;
}

static int look(struct deliver_state *state, const struct comment_form *form,
		struct forge *forge, const struct http_response *answer,
		struct http_request *request, struct err *err)
{
	const struct value *list = deliver_answer(state, answer);
	bool is_list = list && list->kind == VALUE_LIST;
	int64_t id = is_list ? find_id(state, form, forge, list) : 0;
	if (is_list && !id && has_more(form, forge, list) &&
	    forge->page < LIMIT_COMMENT_PAGES) {
		forge->page++;
		return ask_page(state, form, forge, request, err);
	}
	state->step = STEP_END;
	return write_one(state, form, forge, id, request, err);
}

static int take_login(struct deliver_state *state, const struct comment_form *form,
		      struct forge *forge, const struct http_response *answer,
		      struct err *err)
{
	forge->login =
	    value_get_text(deliver_answer(state, answer), form->login, state->arena);
	if (!forge->login && !state->dry_run)
		return err_set(err, ERR_NETWORK, "no %s in the answer for the user",
			       form->login);
	forge->login = forge->login ? forge->login : "";
	return 0;
}

static int ask_login(struct deliver_state *state, const struct comment_form *form,
		     struct http_request *request, struct err *err)
{
	int code = form->request(state, "GET", "/user", NULL, request, err);
	state->what = "failed to get authenticated user info: ";
	return code;
}

int comment_step(struct deliver_state *state, const struct comment_form *form,
		 struct forge *forge, const struct http_response *answer,
		 struct http_request *request, enum deliver_next *next, struct err *err)
{
	int code = 0;
	if (state->step < STEP_NAMED && !forge->login) {
		state->step = STEP_NAMED;
		return ask_login(state, form, request, err);
	}
	if (state->step == STEP_NAMED)
		code = take_login(state, form, forge, answer, err);
	if (code == 0 && state->step < STEP_LISTED) {
		code = read_change(state, &forge->change, err);
		state->step = STEP_LISTED;
		forge->page = 1;
		return code ? code : ask_page(state, form, forge, request, err);
	}
	if (code == 0 && state->step == STEP_LISTED)
		return look(state, form, forge, answer, request, err);
	*next = DELIVER_DONE;
	return code;
}
