/* SPDX-License-Identifier: MIT */
/* Which rows a lane has, how many of them it may send, and which is next. */
#include "app/lane.h"
#include "app/events.h"
#include "app/stop.h"
#include "base/when.h"

/* Memory: of so many rows at once, and so few of one lane that those of many receivers
 * that are away leave room for the next. */
enum {
	ROWS = 2000,
	ROWS_OF_LANE = 24
};

static const struct provider *find_provider(const struct drain *drain, const char *path)
{
	const struct provider_list *list = &drain->loaded.documents.providers;
	for (size_t i = 0; i < list->len; i++)
		if (object_is_at(&list->items[i].meta, path))
			return &list->items[i];
	return NULL;
}

static struct lane *find_lane(const struct drain *drain, const char *path)
{
	for (size_t i = 0; i < drain->lanes.len; i++)
		if (strcmp(drain->lanes.items[i]->path, path) == 0)
			return drain->lanes.items[i];
	return NULL;
}

static struct lane *add_lane(struct drain *drain, const char *path)
{
	struct lane *lane = ARENA_NEW(&drain->arena, struct lane);
	VEC_PUSH(&drain->arena, &drain->lanes, lane);
	lane->drain = drain;
	lane->path = arena_strdup(&drain->arena, path);
	return lane;
}

static int by_spent(const void *a_ptr, const void *b_ptr)
{
	size_t a = (*(struct lane *const *)a_ptr)->allowance.spent;
	size_t b = (*(struct lane *const *)b_ptr)->allowance.spent;
	return (a > b) - (a < b);
}

static int count_spent(struct drain *drain, struct err *err)
{
	struct session *session = drain->session;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct outbox_uses uses = { 0 };
	int code = outbox_used(session->store, session->id,
			       when_now_ms() - BUDGET_WINDOW_MS, &arena, &uses, err);
	if (code)
		return code;
	drain->spent = 0;
	for (size_t i = 0; i < drain->lanes.len; i++)
		drain->lanes.items[i]->allowance.spent = 0;
	for (size_t i = 0; i < uses.len; i++) {
		struct lane *lane = find_lane(drain, uses.items[i].provider);
		drain->spent += uses.items[i].count;
		if (lane)
			lane->allowance.spent = uses.items[i].count;
	}
	return 0;
}

/* Who got the least so far comes first, where the last of a budget is given out. */
static void share_out(struct drain *drain)
{
	size_t n = 0;
	size_t n_free = 0;
	size_t reserved = 0;
	size_t wanted = 0;
	for (size_t i = 0; i < drain->lanes.len; i++)
		n += drain->lanes.items[i]->allowance.wanted > 0;
	for (size_t i = 0; i < drain->lanes.len; i++) {
		struct lane *lane = drain->lanes.items[i];
		if (lane->is_busy) {
			lane->allowance.share = budget_reserve(&lane->allowance, n);
			reserved += lane->allowance.share;
		} else if (lane->allowance.wanted) {
			wanted += budget_claim(&lane->allowance);
			n_free++;
		}
	}
	VEC_SORT(&drain->lanes, by_spent);
	for (size_t i = 0; i < drain->lanes.len; i++) {
		struct allowance *own = &drain->lanes.items[i]->allowance;
		if (drain->lanes.items[i]->is_busy)
			continue;
		own->share = budget_share(drain->spent, reserved, wanted, n_free);
		if (own->wanted == 0 || own->share == SIZE_MAX)
			continue;
		/* what was given is no more there for the next */
		size_t claim = budget_claim(own);
		reserved += own->share < claim ? own->share : claim;
		wanted -= claim;
		n_free--;
	}
}

static void copy_row(const struct outbox_row *row, struct arena *arena,
		     struct outbox_row *out)
{
	*out = *row;
	out->id = arena_strdup(arena, row->id);
	out->repo_id = arena_strdup(arena, row->repo_id);
	out->provider = arena_strdup(arena, row->provider);
	out->alert = arena_strdup(arena, row->alert);
	out->payload = arena_strdup(arena, row->payload);
	out->last_error = arena_strdup(arena, row->last_error);
}

/* Empties the lanes that are not busy; what the others hold is the result. */
static size_t clear_lanes(struct drain *drain)
{
	size_t held = 0;
	for (size_t i = 0; i < drain->lanes.len; i++) {
		struct lane *lane = drain->lanes.items[i];
		held += lane->is_busy ? lane->rows.len : 0;
		if (lane->is_busy)
			continue;
		arena_clear(&lane->arena);
		lane->rows = (struct outbox_rows){ 0 };
		lane->at = 0;
		lane->allowance.wanted = 0;
	}
	return held;
}

bool lanes_want(const struct drain *drain, const struct outbox_rows *rows)
{
	for (size_t i = 0; i < rows->len; i++) {
		const struct lane *lane = find_lane(drain, rows->items[i].provider);
		if (!lane || !lane->is_busy)
			return true;
	}
	return false;
}

int lanes_load(struct drain *drain, const struct outbox_rows *rows, struct err *err)
{
	size_t held = clear_lanes(drain);
	for (size_t i = 0; i < rows->len; i++) {
		const struct outbox_row *row = &rows->items[i];
		struct lane *lane = find_lane(drain, row->provider);
		if (!lane)
			lane = add_lane(drain, row->provider);
		if (lane->is_busy)
			continue;
		if (lane->allowance.wanted++ == 0)
			lane->provider = find_provider(drain, lane->path);
		if (held >= ROWS || lane->rows.len >= ROWS_OF_LANE)
			continue;
		copy_row(row, &lane->arena, VEC_ADD(&lane->arena, &lane->rows));
		held++;
	}
	int code = count_spent(drain, err);
	if (!code)
		share_out(drain);
	return code;
}

void lanes_start(struct drain *drain)
{
	for (size_t i = 0; i < drain->lanes.len; i++)
		if (!drain->lanes.items[i]->is_busy)
			lane_start_next(drain->lanes.items[i]);
}

void lanes_release(struct drain *drain)
{
	for (size_t i = 0; i < drain->lanes.len; i++)
		arena_clear(&drain->lanes.items[i]->arena);
	arena_clear(&drain->arena);
	memset(&drain->lanes, 0, sizeof(drain->lanes));
}

void lane_start_next(struct lane *lane)
{
	struct drain *drain = lane->drain;
	struct err err = ERR_INIT;
	lane->again = true;
	if (lane->is_starting)
		return;
	lane->is_starting = true;
	while (lane->again && lane->at < lane->rows.len && lane->allowance.share > 0 &&
	       !drain->code && !drain->report->stopped) {
		/* read before every send: one line stops a host (TRUST 35) */
		if (stop_check(drain->session, &err)) {
			drain->report->stopped =
			    arena_strdup(&drain->session->arena, err.text);
			break;
		}
		lane->again = false;
		if (lane->allowance.wanted)
			lane->allowance.wanted--;
		/* before it starts: others may be given their shares meanwhile */
		lane->allowance.share--;
		if (!flight_take_off(lane, &lane->rows.items[lane->at++])) {
			lane->allowance.share++;
			lane->again = true;
		}
	}
	lane->is_starting = false;
}
