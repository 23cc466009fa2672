/* SPDX-License-Identifier: MIT */
/*
 * Who hears of an event and when. A failure is told once, and once more when it is over,
 * to everybody who heard of it; a repetition is only counted. Everything is written in
 * one transaction with whatever the caller has open.
 */
#include "app/events.h"
#include "adapter/json/json.h"
#include "app/budget.h"
#include "app/recovery.h"
#include "app/source.h"
#include "app/subject.h"
#include "base/limits.h"
#include "base/when.h"
#include "stage/deliver/deliver.h"
#include "stage/event/event.h"
#include "state/outbox.h"
#include <unistd.h>

enum news {
	NEWS,
	NEWS_REPEATED,
	NEWS_RECOVERED
};

/* One event on its way. */
struct passage {
	const struct audience *audience;
	const struct emission *emission;
	struct arena *arena; /* of this event alone */
	struct event event;
	struct alert_state state;
	enum news news;
	size_t queued;
	struct backlog backlog; /* unless the audience has one */
};

static const char *api_version_of(const char *kind)
{
	static const struct {
		const char *kind;
		const char *api_version;
	} rows[] = {

#define EVENT_KIND(name, api_version) { name, api_version },
#include "model/event_kinds.list"
#undef EVENT_KIND
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].kind, kind) == 0)
			return rows[i].api_version;
	return "";
}

struct event events_new(struct session *session, const char *kind, const char *namespace,
			const char *name, int64_t now_ms)
{
	char uid[37];
	char host[256] = "";
	event_uid(session->id, kind, namespace, name, uid);
	(void)gethostname(host, sizeof(host) - 1);
	return (struct event){
		.object = { .kind = kind,
			    .namespace = namespace,
			    .name = name,
			    .uid = arena_strdup(&session->arena, uid),
			    .api_version = api_version_of(kind),
			    .resource_version = "",
			    .field_path = "" },
		.severity = EVENT_INFO,
		.timestamp_ms = now_ms,
		.message = "",
		.reason = "",
		.reporting_controller = "imagehook",
		.reporting_instance = arena_strdup(&session->arena, host),
	};
}

static void put_label(struct arena *arena, struct label_list *list, const char *key,
		      const char *value)
{
	for (size_t i = 0; i < list->len; i++)
		if (strcmp(list->items[i].key, key) == 0) {
			list->items[i].value = value;
			return;
		}
	struct label *label = VEC_ADD(arena, list);
	label->key = key;
	label->value = value;
}

void events_put(struct session *session, struct event *event, const char *key,
		const char *value)
{
	struct str group = str_of(event->object.api_version);
	if (!value || !*value)
		return;
	group = str_slice(group, 0, str_find_char(group, '/'));
	put_label(&session->arena, &event->metadata,
		  arena_printf(&session->arena, "%.*s/%s", STR_ARG(group), key), value);
}

void events_put_commit(struct session *session, struct event *event, const char *branch,
		       const char *commit)
{
	struct arena *arena = &session->arena;
	if (!commit || !*commit)
		return;
	put_label(arena, &event->metadata, EVENT_GROUP "commit", commit);
	events_put(session, event, "revision", load_revision(arena, branch, commit));
	events_put(session, event, "branch", branch);
}

static const char *metadata_json(const struct event *event, struct arena *arena)
{
	struct value *map = value_new(arena, VALUE_MAP);
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	for (size_t i = 0; i < event->metadata.len; i++)
		value_set(arena, map, event->metadata.items[i].key,
			  value_text(arena, event->metadata.items[i].value));
	json_write(&out, map, JSON_COMPACT);
	return buf_to_arena(&out, arena).ptr;
}

static const char *transition_name(enum news news)
{
	static const char *const names[] = { [NEWS] = "new",
					     [NEWS_REPEATED] = "repetition",
					     [NEWS_RECOVERED] = "recovery" };
	return names[news];
}

static int keep_event(struct passage *passage, struct err *err)
{
	const struct event *event = &passage->event;
	struct event_record record = {
		.repo_id = passage->audience->session->id,
		.kind = event->object.kind,
		.namespace = event->object.namespace,
		.name = event->object.name,
		.severity = event_severity_name(event->severity),
		.reason = event->reason,
		.message = event->message,
		.metadata = metadata_json(event, passage->arena),
		.transition = transition_name(passage->news),
		.time_ms = passage->audience->now_ms,
	};
	return store_event_add(passage->audience->session->store, &record, err);
}

/* Judges the event against what was last told of its object, and makes it the last. */
static void judge(struct passage *passage, bool known)
{
	const struct event *event = &passage->event;
	struct alert_state *state = &passage->state;
	int64_t now_ms = passage->audience->now_ms;
	bool failing = event->severity == EVENT_ERROR;
	/* of scans and choices every change is news, also of a checksum */
	bool masks = failing || passage->emission->mode == EMIT_CHECK;
	const char *text =
	    masks ? event_normalise(event->message, passage->arena) : event->message;
	int64_t remind_ms =
	    config_ms(passage->audience->session->config, CONFIG_REMIND_AFTER);
	bool same =
	    known && state->failing == failing && strcmp(state->normalised, text) == 0;
	enum emission_mode mode = passage->emission->mode;
	bool may_repeat = mode != EMIT_ALWAYS && (mode != EMIT_REPORT || failing);
	bool reminds =
	    same && failing && remind_ms > 0 && now_ms - state->told_ms >= remind_ms;
	passage->news = NEWS;
	if (known && state->failing && !failing)
		passage->news = NEWS_RECOVERED;
	else if (same && !reminds && may_repeat)
		passage->news = NEWS_REPEATED;
	if (!known || state->failing != failing)
		state->since_ms = now_ms;
	if (passage->news != NEWS_REPEATED)
		state->told_ms = now_ms;
	state->failing = failing;
	state->normalised = text;
}

/* The valid alerts and providers of one cluster. */
static void pick_cluster(const struct passage *passage, const char *cluster,
			 struct document_set *out)
{
	const struct document_set *set = passage->audience->documents;
	for (size_t i = 0; i < set->alerts.len; i++)
		if (strcmp(set->alerts.items[i].meta.cluster, cluster) == 0 &&
		    set->alerts.items[i].meta.valid)
			VEC_PUSH(passage->arena, &out->alerts, set->alerts.items[i]);
	for (size_t i = 0; i < set->providers.len; i++)
		if (strcmp(set->providers.items[i].meta.cluster, cluster) == 0 &&
		    set->providers.items[i].meta.valid)
			VEC_PUSH(passage->arena, &out->providers,
				 set->providers.items[i]);
}

static bool sets_status(const struct provider *provider)
{
	const struct deliver_type *type = deliver_find(provider->type);
	return type && (type->flags & PROVIDER_COMMIT_STATUS);
}

/* The same delivery of the same news has the same id, whoever makes it. */
static const char *delivery_id(struct passage *passage, const struct delivery *delivery,
			       const char *alert)
{
	char id[37];
	const struct event *event = &passage->event;
	const char *seed = passage->emission->seed;
	if (!seed)
		seed = arena_printf(passage->arena, "%lld/%s/%s",
				    (long long)event->timestamp_ms, event->reason,
				    event->message);
	event_uid(passage->audience->session->id,
		  object_path(passage->arena, &delivery->provider->meta), alert,
		  arena_printf(passage->arena, "%s/%s/%s/%s/%s", event->object.kind,
			       event->object.namespace, event->object.name,
			       delivery->commit_status ? delivery->commit_status : "",
			       seed),
		  id);
	return arena_strdup(passage->arena, id);
}

static int queue(struct passage *passage, struct delivery *delivery, bool *queued,
		 struct err *err)
{
	struct session *session = passage->audience->session;
	struct arena *arena = passage->arena;
	int64_t now_ms = passage->audience->now_ms;
	struct backlog *backlog =
	    passage->audience->backlog ? passage->audience->backlog : &passage->backlog;
	const char *provider = object_path(arena, &delivery->provider->meta);
	/* nothing is made of what nobody takes */
	if (backlog_is_over(backlog, provider))
		return 0;
	const char *alert =
	    delivery->alert ? object_path(arena, &delivery->alert->meta) : "";
	struct outbox_row row = {
		.id = delivery_id(passage, delivery, alert),
		.repo_id = session->id,
		.provider = provider,
		.alert = alert,
		.payload = delivery_to_json(delivery, arena),
		.created_ms = now_ms,
		.due_ms = now_ms,
		.expires_ms = now_ms + DELIVERY_EXPIRY_MS,
	};
	int code = backlog_add(backlog, session, delivery->provider, &row, queued, err);
	passage->queued += *queued;
	return code;
}

/* Every alert that the delivery speaks for has told of it. */
static void note_told(const struct passage *passage, const struct delivery *delivery,
		      struct strings *told)
{
	struct arena *arena = passage->arena;
	if (delivery->alert)
		strings_add(arena, told, object_path(arena, &delivery->alert->meta));
	for (size_t i = 0; i < delivery->also.len; i++)
		strings_add(arena, told,
			    object_path(arena, &delivery->also.items[i]->meta));
}

static int dispatch_cluster(struct passage *passage, const char *cluster,
			    struct strings *told, struct err *err)
{
	struct session *session = passage->audience->session;
	struct document_set heard = { .arena = passage->arena };
	struct delivery_list deliveries = { 0 };
	/* commit and revision of a run are the run's own (TRUST 32) */
	struct event_rules rules = { .of_run = !passage->emission->is_foreign,
				     .cache = passage->audience->cache };
	struct recovery recovery = { &passage->event, &passage->state, &rules,
				     passage->arena };
	int code = 0;
	pick_cluster(passage, cluster, &heard);
	event_dispatch(&passage->event, &heard, &rules, passage->arena, &deliveries,
		       &session->findings);
	if (passage->news == NEWS_RECOVERED)
		recovery_add(&recovery, &heard, &deliveries);
	if (passage->news != NEWS_REPEATED)
		recovery_attach(&recovery, &deliveries);
	for (size_t i = 0; i < deliveries.len && !code; i++) {
		struct delivery *delivery = &deliveries.items[i];
		bool queued = false;
		if (passage->news == NEWS_REPEATED && !sets_status(delivery->provider) &&
		    passage->event.severity == EVENT_ERROR)
			continue;
		code = queue(passage, delivery, &queued, err);
		if (queued)
			note_told(passage, delivery, told);
	}
	return code;
}

/* Every cluster that has an alert, once. */
static void list_clusters(const struct document_set *set, struct arena *arena,
			  struct strings *out)
{
	for (size_t i = 0; i < set->alerts.len; i++)
		if (!strings_contain(out, set->alerts.items[i].meta.cluster))
			strings_add(arena, out, set->alerts.items[i].meta.cluster);
}

static int dispatch(struct passage *passage, struct err *err)
{
	struct strings clusters = { 0 };
	struct strings told = { 0 };
	int code = 0;
	bool repeats = passage->news == NEWS_REPEATED;
	if (passage->event.severity == EVENT_TRACE)
		return 0;
	/* a status on each commit, and silence everywhere else, as upstream marks it */
	if (repeats && passage->event.severity == EVENT_INFO)
		events_put(passage->audience->session, &passage->event, "commit_status",
			   "update");
	if (passage->emission->cluster)
		strings_add(passage->arena, &clusters, passage->emission->cluster);
	else
		list_clusters(passage->audience->documents, passage->arena, &clusters);
	for (size_t i = 0; i < clusters.len && !code; i++)
		code = dispatch_cluster(passage, clusters.items[i], &told, err);
	if (passage->event.severity != EVENT_ERROR) {
		passage->state.told = (struct strings){ 0 };
		passage->state.failures = (struct strings){ 0 };
		return code;
	}
	if (!repeats)
		recovery_remember(&passage->state, &passage->event, passage->arena);
	for (size_t i = 0; i < told.len; i++)
		if (!strings_contain(&passage->state.told, told.items[i]))
			strings_add(passage->arena, &passage->state.told, told.items[i]);
	return code;
}

static int emit(struct passage *passage, struct err *err)
{
	struct session *session = passage->audience->session;
	const struct emission *emission = passage->emission;
	struct object_key key = { session->id, emission->cluster ? emission->cluster : "",
				  passage->event.object.kind,
				  passage->event.object.namespace,
				  passage->event.object.name };
	int code = store_alert_state_get(session->store, &key, passage->arena,
					 &passage->state, err);
	bool known = code == 0;
	if (code && code != ERR_NOTFOUND)
		return code;
	if (emission->mode == EMIT_RECOVERY && !(known && passage->state.failing))
		return 0;
	judge(passage, known);
	bool repeats = passage->news == NEWS_REPEATED;
	code = repeats && passage->event.severity != EVENT_ERROR
		   ? 0
		   : keep_event(passage, err);
	if (code || passage->audience->silent ||
	    (repeats && emission->mode != EMIT_CHECK && emission->mode != EMIT_REPORT))
		return code;
	code = dispatch(passage, err);
	if (!code)
		code = store_alert_state_put(session->store, &key, &passage->state, err);
	return code;
}

int events_emit(const struct audience *audience, const struct emission *emission,
		size_t *queued, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct passage passage = { .audience = audience,
				   .emission = emission,
				   .arena = &arena,
				   .event = emission->event };
	subject_fill(
	    &passage.event,
	    subject_find(audience->documents, emission->cluster, &emission->event.object),
	    !emission->is_foreign, &arena);
	int code = emit(&passage, err);
	if (!code && queued)
		*queued += passage.queued;
	return code;
}

int events_tell(const struct audience *audience, const struct emission *emission,
		size_t *queued, struct err *err)
{
	struct store *store = audience->session->store;
	int code = store_begin(store, err);
	if (code)
		return code;
	code = events_emit(audience, emission, queued, err);
	if (!code)
		return store_commit(store, err);
	store_rollback(store);
	return code;
}

/* What a status needs of the metadata, as providers see it. */
static struct label_list commit_of(const struct event *event, struct arena *arena)
{
	struct label_list out = { 0 };
	const char *commit = event_metadata(event, EVENT_GROUP "commit");
	if (commit)
		put_label(arena, &out, "commit", commit);
	return out;
}

/* Whether a provider may know the commit: it is usable, and not certainly of another
 * project. An address that a secret gives is not looked at. */
static bool takes_status(const struct provider *provider, const struct own_status *status)
{
	return provider->meta.valid && !provider->suspend && sets_status(provider) &&
	       !(status->project && source_is_other(status->project, provider->address));
}

int events_status(const struct audience *audience, const struct own_status *status,
		  struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const struct document_set *set = audience->documents;
	const struct event *event = status->event;
	struct emission emission = { .event = *event,
				     .cluster = "",
				     .seed = status->seed };
	struct passage passage = { .audience = audience,
				   .emission = &emission,
				   .arena = &arena,
				   .event = *event };
	struct label_list bare = commit_of(event, &arena);
	int code = 0;
	for (size_t i = 0; i < set->providers.len && !audience->silent && !code; i++) {
		const struct provider *provider = &set->providers.items[i];
		struct delivery delivery = { .provider = provider,
					     .event = *event,
					     .commit_status = status->context,
					     .status_text = status->text };
		if (!takes_status(provider, status))
			continue;
		bool queued = false;
		delivery.event.metadata = bare;
		code = queue(&passage, &delivery, &queued, err);
	}
	return code;
}
