/* SPDX-License-Identifier: MIT */
/* What waits is counted once and then kept up, as a run may queue very much. */
#include "app/backlog.h"
#include "app/budget.h"
#include "stage/event/event.h"

static struct backlog_line *find_line(struct backlog *backlog, struct arena *arena,
				      const char *provider)
{
	for (size_t i = 0; i < backlog->lines.len; i++)
		if (strcmp(backlog->lines.items[i].provider, provider) == 0)
			return &backlog->lines.items[i];
	struct backlog_line *line = VEC_ADD(arena, &backlog->lines);
	line->provider = arena_strdup(arena, provider);
	return line;
}

static int read_counts(struct backlog *backlog, struct session *session, struct err *err)
{
	struct outbox_tallies waiting = { NULL, 0, 0 };
	struct arena *arena = &session->arena;
	if (backlog->is_read)
		return 0;
	int code = outbox_backlog(session->store, session->id, arena, &waiting, err);
	for (size_t i = 0; i < waiting.len && !code; i++) {
		const struct outbox_tally *tally = &waiting.items[i];
		find_line(backlog, arena, tally->provider)->waiting = tally->waiting;
		backlog->total += tally->waiting;
	}
	backlog->is_read = code == 0;
	return code;
}

/* Why nothing more may wait; NULL: it may. */
static const char *find_limit(const struct backlog *backlog,
			      const struct backlog_line *line, struct arena *arena)
{
	if (line->waiting >= BACKLOG_PROVIDER)
		return arena_printf(arena,
				    "%d deliveries to it wait, as many as can be "
				    "sent in a day",
				    BACKLOG_PROVIDER);
	if (backlog->total >= BACKLOG_REPOSITORY)
		return arena_printf(arena,
				    "%d deliveries of this repository wait, as "
				    "many as can be sent in a day",
				    BACKLOG_REPOSITORY);
	return NULL;
}

static int refuse(struct session *session, const struct provider *provider,
		  const struct outbox_row *row, const char *why, struct err *err)
{
	struct arena *arena = &session->arena;
	const struct object_meta *meta = &provider->meta;
	struct outbox_row refused = *row;
	char id[37];
	event_uid(session->id, "refused", "", row->provider, id);
	refused.id = id;
	refused.last_error =
	    arena_printf(arena,
			 "not queued, nor what came after it: %s; 'imagehook events' "
			 "has everything",
			 why);
	struct finding *finding =
	    finding_add(&session->findings, SEVERITY_WARNING, "outbox-full", meta->place,
			"Provider %s/%s: %s; further events are kept, but not sent",
			meta->namespace, meta->name, why);
	finding->object =
	    arena_printf(arena, "Provider/%s/%s", meta->namespace, meta->name);
	return outbox_refuse(session->store, &refused, err);
}

bool backlog_is_over(const struct backlog *backlog, const char *provider)
{
	for (size_t i = 0; i < backlog->lines.len; i++)
		if (strcmp(backlog->lines.items[i].provider, provider) == 0)
			return backlog->lines.items[i].is_over;
	return false;
}

int backlog_add(struct backlog *backlog, struct session *session,
		const struct provider *provider, const struct outbox_row *row,
		bool *queued, struct err *err)
{
	*queued = false;
	int code = read_counts(backlog, session, err);
	if (code)
		return code;
	struct backlog_line *line = find_line(backlog, &session->arena, row->provider);
	if (line->is_over)
		return 0;
	const char *why = find_limit(backlog, line, &session->arena);
	if (why) {
		line->is_over = true;
		return refuse(session, provider, row, why, err);
	}
	code = outbox_add(session->store, row, err);
	if (code)
		return code;
	line->waiting++;
	backlog->total++;
	*queued = true;
	return 0;
}
