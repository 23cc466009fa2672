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

static const char *marker_of(const struct comment *comment)
{
	const struct delivery *delivery = comment->state->delivery;
	const struct event_object *object = &delivery->event.object;
	return arena_printf(comment->state->arena, "<!-- %s:%s/%s/%s/%s -->",
			    comment->form->key, delivery->provider->uid, object->kind,
			    object->namespace, object->name);
}

static const char *text_of(const struct comment *comment)
{
	struct arena *arena = comment->state->arena;
	const char *marker = marker_of(comment);
	size_t taken = words_units(str_of(marker)) + 2;
	return arena_printf(
	    arena, "%s\n\n%s", marker,
	    words_comment(&comment->state->delivery->event,
			  taken < COMMENT_UNITS ? COMMENT_UNITS - taken : 0, arena));
}

/* The first comment of ours with the marker; 0 when there is none. */
static int64_t find_id(const struct comment *comment, const struct value *list)
{
	const struct deliver_state *state = comment->state;
	const struct comment_form *form = comment->form;
	const char *marker = marker_of(comment);
	for (size_t i = 0; i < list->list.len; i++) {
		const struct value *item = list->list.items[i];
		const struct value *id = value_get(item, "id");
		const char *body = value_get_text(item, "body", state->arena);
		const struct value *author = value_get(item, form->author);
		if (id && id->kind == VALUE_INT && body && strstr(body, marker) &&
		    forge_has(state, author, form->login, comment->forge->login))
			return id->integer;
	}
	return 0;
}

static int ask_page(const struct comment *comment, struct http_request *request,
		    struct err *err)
{
	struct deliver_state *state = comment->state;
	const struct comment_form *form = comment->form;
	const struct forge *forge = comment->forge;
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

/* Edits the comment of that id; 0: adds one. */
static int write_one(const struct comment *comment, int64_t id,
		     struct http_request *request, struct err *err)
{
	struct deliver_state *state = comment->state;
	const struct comment_form *form = comment->form;
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	const char *path = form->changes;
	if (!id || form->edit_below_change)
		path = arena_printf(a, "%s/%s", path, comment->forge->change);
	path = arena_printf(a, "%s/%s", path, form->comments);
	if (id)
		path = arena_printf(a, "%s/%lld", path, (long long)id);
	json_text(a, body, "body", text_of(comment));
	int code = form->request(state, id ? form->edit_method : "POST", path, body,
				 request, err);
	state->what =
	    arena_printf(a, "failed to %s %s: ", id ? "update" : "create", form->name);
	return code;
}

/* Whether another page may follow. Where pages may be smaller than was asked for, or are
 * all the same, an empty page or a known first comment is the end. */
static bool has_more(const struct comment *comment, const struct value *list)
{
	struct forge *forge = comment->forge;
	if (!comment->form->page_any_size)
		return list->list.len >= PAGE;
	const struct value *id =
	    list->list.len ? value_get(list->list.items[0], "id") : NULL;
	int64_t first = id && id->kind == VALUE_INT ? id->integer : 0;
	bool is_new = first && first != forge->first_id;
	forge->first_id = first;
	return is_new;
}

static int look(const struct comment *comment, const struct http_response *answer,
		struct http_request *request, struct err *err)
{
	const struct value *list = deliver_answer(comment->state, answer);
	bool is_list = list && list->kind == VALUE_LIST;
	int64_t id = is_list ? find_id(comment, list) : 0;
	if (is_list && !id && has_more(comment, list) &&
	    comment->forge->page < LIMIT_COMMENT_PAGES) {
		comment->forge->page++;
		return ask_page(comment, request, err);
	}
	comment->state->step = STEP_END;
	return write_one(comment, id, request, err);
}

static int take_login(const struct comment *comment, const struct http_response *answer,
		      struct err *err)
{
	const struct deliver_state *state = comment->state;
	const char *key = comment->form->login;
	const char *login =
	    value_get_text(deliver_answer(state, answer), key, state->arena);
	if (!login && !state->dry_run)
		return err_set(err, ERR_NETWORK, "no %s in the answer for the user", key);
	comment->forge->login = login ? login : "";
	return 0;
}

static int ask_login(const struct comment *comment, struct http_request *request,
		     struct err *err)
{
	struct deliver_state *state = comment->state;
	int code = comment->form->request(state, "GET", "/user", NULL, request, err);
	state->what = "failed to get authenticated user info: ";
	return code;
}

int comment_step(const struct comment *comment, const struct http_response *answer,
		 struct http_request *request, enum deliver_next *next, struct err *err)
{
	struct deliver_state *state = comment->state;
	struct forge *forge = comment->forge;
	int code = 0;
	if (state->step < STEP_NAMED && !forge->login) {
		state->step = STEP_NAMED;
		return ask_login(comment, request, err);
	}
	if (state->step == STEP_NAMED)
		code = take_login(comment, answer, err);
	if (code == 0 && state->step < STEP_LISTED) {
		code = read_change(state, &forge->change, err);
		state->step = STEP_LISTED;
		forge->page = 1;
		return code ? code : ask_page(comment, request, err);
	}
	if (code == 0 && state->step == STEP_LISTED)
		return look(comment, answer, request, err);
	*next = DELIVER_DONE;
	return code;
}
