/* SPDX-License-Identifier: MIT */
/* Which rows a lane has, how many of them it may send, and which is next. */
#include "app/lane.h"
#include "app/events.h"
#include "app/stop.h"
#include "base/when.h"

static const struct provider *find_provider(const struct drain *drain, const char *path)
{
	const struct provider_list *list = &drain->loaded.documents.providers;
	for (size_t i = 0; i < list->len; i++)
		if (object_is_at(&list->items[i].meta, path))
			return &list->items[i];
	return NULL;
}

static struct lane *find_lane(struct drain *drain, const char *path)
{
	for (size_t i = 0; i < drain->lanes.len; i++)
		if (strcmp(drain->lanes.items[i]->path, path) == 0)
			return drain->lanes.items[i];
	return NULL;
}

static struct lane *add_lane(struct drain *drain, const char *path,
			     const struct outbox_uses *uses)
{
	struct lane *lane = ARENA_NEW(drain->arena, struct lane);
	VEC_PUSH(drain->arena, &drain->lanes, lane);
	lane->drain = drain;
	lane->path = path;
	lane->provider = find_provider(drain, path);
	for (size_t i = 0; i < uses->len; i++)
		if (strcmp(uses->items[i].provider, path) == 0)
			lane->allowance.spent = uses->items[i].count;
	return lane;
}

static int by_spent(const void *a_ptr, const void *b_ptr)
{
	size_t a = (*(struct lane *const *)a_ptr)->allowance.spent;
	size_t b = (*(struct lane *const *)b_ptr)->allowance.spent;
	return (a > b) - (a < b);
}

/* Who got the least so far comes first, where the last of a budget is given out. */
static void share_out(struct drain *drain)
{
	size_t wanted = 0;
	for (size_t i = 0; i < drain->lanes.len; i++) {
		struct lane *lane = drain->lanes.items[i];
		lane->allowance.wanted = lane->rows.len;
		wanted += budget_claim(&lane->allowance);
	}
	size_t share = budget_share(drain->spent, wanted, drain->lanes.len);
	for (size_t i = 0; i < drain->lanes.len; i++)
		drain->lanes.items[i]->allowance.share = share;
	VEC_SORT(&drain->lanes, by_spent);
}

int lanes_make(struct drain *drain, const struct outbox_rows *rows, struct err *err)
{
	struct session *session = drain->session;
	struct outbox_uses uses = { 0 };
	drain->lanes.len = 0;
	drain->lanes.cap = 0;
	drain->spent = 0;
	int code =
	    outbox_used(session->store, session->id, when_now_ms() - BUDGET_WINDOW_MS,
			drain->arena, &uses, err);
	if (code)
		return code;
	for (size_t i = 0; i < uses.len; i++)
		drain->spent += uses.items[i].count;
	for (size_t i = 0; i < rows->len; i++) {
		struct lane *lane = find_lane(drain, rows->items[i].provider);
		if (!lane)
			lane = add_lane(drain, rows->items[i].provider, &uses);
		VEC_PUSH(drain->arena, &lane->rows, &rows->items[i]);
	}
	share_out(drain);
	return 0;
}

void lane_start_next(struct lane *lane)
{
	struct drain *drain = lane->drain;
	struct err err = ERR_INIT;
	lane->again = true;
	if (lane->is_starting)
		return;
	lane->is_starting = true;
	while (lane->again && lane->at < lane->rows.len &&
	       lane->at < lane->allowance.share && !drain->code &&
	       !drain->report->stopped) {
		/* read before every send: one line stops a host (TRUST 35) */
		if (stop_check(drain->session, &err)) {
			drain->report->stopped =
			    arena_strdup(&drain->session->arena, err.text);
			break;
		}
		lane->again = false;
		if (!flight_take_off(lane, lane->rows.items[lane->at++]))
			lane->again = true;
	}
	lane->is_starting = false;
}
