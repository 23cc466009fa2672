/* SPDX-License-Identifier: MIT */
/* Which images are asked for their tags now, with which credentials, and what is kept of
 * the answer. */
#include "adapter/crypto/crypto.h"
#include "adapter/regex/regex.h"
#include "app/net.h"
#include "app/pipeline.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/when.h"
#include "stage/scan/reference.h"
#include "stage/scan/scan.h"

enum {
	/* what one image may take before the others are written without it */
	QUICK_MS = 5000,
	/* back-off after failures in a row, as the upstream controller has it */
	RETRY_FIRST_MS = 750,
	RETRY_MAX_MS = 15 * 60 * 1000,
	RETRY_MAX_DOUBLINGS = 12
};

static int64_t retry_delay_ms(uint32_t failures)
{
	uint32_t doublings = failures ? failures - 1 : 0;
	if (doublings > RETRY_MAX_DOUBLINGS)
		doublings = RETRY_MAX_DOUBLINGS;
	int64_t delay = (int64_t)RETRY_FIRST_MS << doublings;
	return delay < RETRY_MAX_MS ? delay : RETRY_MAX_MS;
}

/* The annotation's value, "" when absent. */
static const char *find_annotation(const struct object_meta *meta, const char *key)
{
	for (size_t i = 0; i < meta->annotations.len; i++)
		if (strcmp(meta->annotations.items[i].key, key) == 0)
			return meta->annotations.items[i].value;
	return "";
}

static bool same_set(const struct strings *a, const struct strings *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (!strings_contain(b, a->items[i]))
			return false;
	return true;
}

/* Splits stored tags back into a list. */
static void unpack_tags(struct arena *arena, struct str packed, struct tag_list *out)
{
	struct str line;
	while (str_line(&packed, &line))
		VEC_PUSH(arena, out, line);
}

void pipeline_tags(struct arena *arena, const struct scan_record *record,
		   struct tag_list *out)
{
	unpack_tags(arena, record->tags, out);
}

static bool is_due(const struct run *run, const struct scan_state *state,
		   const char *request_hash)
{
	const struct scan_record *record = &state->record;
	const struct object_meta *meta = &state->repository->meta;
	const char *requested = find_annotation(meta, "reconcile.fluxcd.io/requestedAt");
	if (!state->known || !record->request_hash ||
	    strcmp(record->request_hash, request_hash) != 0)
		return true;
	/* by this run, before it began anew */
	if (record->attempted_ms == run->now_ms)
		return false;
	if (run_is_forced(run, meta))
		return true;
	if (*requested &&
	    (!record->handled_request || strcmp(requested, record->handled_request) != 0))
		return true;
	if (record->failures)
		return run->now_ms >= record->retry_ms;
	return record->scanned_ms == 0 || record->scanned_ms > run->now_ms ||
	       run->now_ms - record->scanned_ms >= state->repository->interval_ms - 1000;
}

void pipeline_set_condition(struct run *run, struct condition *condition, bool ready,
			    const char *reason, const char *message)
{
	bool changed = condition->ready != ready || !condition->reason ||
		       strcmp(condition->reason, reason) != 0;
	condition->ready = ready;
	condition->stalled = false;
	condition->reason = reason;
	condition->message = arena_strdup(&run->session->arena, message);
	if (changed || condition->changed_ms == 0)
		condition->changed_ms = run->now_ms;
}

static void scan_failed(struct run *run, struct scan_state *state, const char *reason,
			const char *message)
{
	struct scan_record *record = &state->record;
	state->failed = true;
	record->failures++;
	record->attempted_ms = run->now_ms;
	record->retry_ms = run->now_ms + retry_delay_ms(record->failures);
	pipeline_set_condition(run, &record->condition, false, reason, message);
	run_failed(run, &state->repository->meta, reason, record->condition.message);
}

/* Drops what the exclusion list names and takes count and checksum of the rest. */
int pipeline_apply_exclusions(struct arena *arena, const struct strings *exclusions,
			      const struct tag_list *tags, struct tag_list *out,
			      struct err *err)
{
	struct regex *compiled[LIMIT_EXCLUSIONS] = { NULL };
	size_t n =
	    exclusions->len < LIMIT_EXCLUSIONS ? exclusions->len : LIMIT_EXCLUSIONS;
	int code = 0;
	for (size_t i = 0; i < n && !code; i++) {
		code = regex_new(str_of(exclusions->items[i]), &compiled[i], err);
		if (code)
			(void)err_prefix(err, "failed to compile regex %s",
					 exclusions->items[i]);
	}
	for (size_t t = 0; t < tags->len && !code; t++) {
		bool excluded = false;
		for (size_t i = 0; i < n && !excluded; i++)
			excluded = regex_matches(compiled[i], tags->items[t]);
		if (!excluded)
			VEC_PUSH(arena, out, tags->items[t]);
	}
	for (size_t i = 0; i < n; i++)
		regex_free(compiled[i]);
	return code;
}

static const char *checksum(struct arena *arena, const struct tag_list *tags)
{
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	char hex[HASH_MAX_HEX];
	for (size_t i = 0; i < tags->len; i++) {
		(void)buf_append(&text, tags->items[i]);
		(void)buf_putc(&text, '\n');
	}
	hash_hex(HASH_SHA256, buf_str(&text), hex);
	return arena_printf(arena, "sha256:%s", hex);
}

/* Brings count, checksum and condition of a good list up to date with the exclusion list.
 */
static void judge_list(struct run *run, struct scan_state *state,
		       const struct tag_list *tags)
{
	struct arena *arena = &run->session->arena;
	struct scan_record *record = &state->record;
	struct tag_list kept = { 0 };
	struct err err = ERR_INIT;
	const struct strings *exclusions = &state->repository->exclusion_list;
	if (pipeline_apply_exclusions(arena, exclusions, tags, &kept, &err)) {
		scan_failed(run, state, "ReadOperationFailed",
			    arena_printf(arena, "scan failed: %s", err.text));
		return;
	}
	record->tag_count = kept.len;
	record->revision = checksum(arena, &kept);
	record->exclusion_list = *exclusions;
	record->failures = 0;
	record->retry_ms = 0;
	pipeline_set_condition(
	    run, &record->condition, true, "Succeeded",
	    arena_printf(arena, "successful scan: found %zu tags with checksum %s",
			 kept.len, record->revision));
}

static void take_result(struct run *run, struct scan_state *state,
			const struct scan_result *result)
{
	struct arena *arena = &run->session->arena;
	struct scan_record *record = &state->record;
	struct buf packed BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	if (result->code) {
		log_line(LOG_LEVEL_WARNING,
			 LOG_FIELDS({ "repository", run->session->git_dir },
				    { "image", state->repository->image },
				    { "scan", result->detail ? result->detail
							     : result->err.text }));
		scan_failed(run, state, "ReadOperationFailed",
			    arena_printf(arena, "scan failed: %s", result->err.text));
		if (result->retry_after_ms > 0)
			record->retry_ms = run->now_ms + result->retry_after_ms;
		return;
	}
	for (size_t i = 0; i < result->tags.len; i++) {
		(void)buf_append(&packed, result->tags.items[i]);
		(void)buf_putc(&packed, '\n');
	}
	record->tags = buf_to_arena(&packed, arena);
	record->canonical = result->canonical;
	record->dropped = result->dropped;
	record->scanned_ms = run->now_ms;
	record->attempted_ms = run->now_ms;
	state->known = true;
	judge_list(run, state, &result->tags);
}

/* Whether the list that is remembered is that of the image which spec.image names now. */
static bool is_list_of(const struct scan_record *record,
		       const struct image_repository *repository, struct arena *arena)
{
	struct reference now;
	struct err told = ERR_INIT; /* when the documents were checked */
	return reference_parse_image(repository->image, arena, &now, &told) == 0 &&
	       record->canonical && strcmp(record->canonical, now.canonical) == 0;
}

/* What another image has must not be chosen for this one. */
static void forget_list(struct scan_record *record)
{
	record->canonical = "";
	record->tags = STR("");
	record->tag_count = 0;
	record->revision = "";
	record->scanned_ms = 0;
}

/* The state of one repository before anything is asked: from the store, or empty. */
static int recall(struct run *run, const struct image_repository *repository,
		  struct scan_state *state, struct err *err)
{
	struct object_key key = run_key(run, &repository->meta);
	state->repository = repository;
	int code = store_scan_get(run->session->store, &key, &run->session->arena,
				  &state->record, err);
	state->known = code == 0;
	state->failed = state->known && state->record.failures > 0;
	if (code == ERR_NOTFOUND) {
		state->record = (struct scan_record){ .canonical = "" };
		return 0;
	}
	if (!code && !is_list_of(&state->record, repository, &run->session->arena))
		forget_list(&state->record);
	return code;
}

static int remember(struct run *run, struct scan_state *state, struct err *err)
{
	const struct object_meta *meta = &state->repository->meta;
	struct object_key key = run_key(run, meta);
	state->record.spec_hash = meta->spec_hash;
	state->record.handled_request =
	    find_annotation(meta, "reconcile.fluxcd.io/requestedAt");
	return store_scan_put(run->session->store, &key, &state->record, err);
}

static int remember_all(struct run *run, struct err *err)
{
	int code = 0;
	for (size_t i = 0; i < run->scans.len && !code; i++)
		code = remember(run, &run->scans.items[i], err);
	return code;
}

/* A repository that cannot be asked for tags: its document is wrong, or its secrets are.
 */
static void refuse(struct run *run, struct scan_state *state)
{
	const struct object_meta *meta = &state->repository->meta;
	pipeline_set_condition(
	    run, &state->record.condition, false, meta->reason ? meta->reason : "Failed",
	    meta->message ? meta->message : "the document is not valid");
	state->record.condition.stalled = true;
	state->failed = true;
}

struct due_list {
	struct scan_state **items;
	struct scan_request *requests;
	size_t len;
};

/* Whether the repository is to be asked now; fills its request. */
static bool wants_scan(struct run *run, struct scan_state *state,
		       struct scan_request *request)
{
	struct err err = ERR_INIT;
	if (!state->repository->meta.valid) {
		refuse(run, state);
		return false;
	}
	if (state->repository->suspend)
		return false;
	const char *hash = "";
	int code =
	    net_scan_request(run->session, state->repository, request, &hash, &err);
	if (code) {
		scan_failed(run, state, "AuthenticationFailed",
			    arena_printf(&run->session->arena,
					 "failed to configure authentication options: %s",
					 err.text));
		return false;
	}
	bool due = is_due(run, state, hash);
	const struct scan_record *record = &state->record;
	if (!due && record->failures && record->attempted_ms == run->now_ms)
		run_failed(run, &state->repository->meta, record->condition.reason,
			   record->condition.message);
	state->record.request_hash = hash;
	return due;
}

/* A list that is still fresh is judged again when the exclusion list changed. */
static void refresh_exclusions(struct run *run, struct scan_state *state)
{
	struct tag_list tags = { 0 };
	if (!state->known || !state->record.scanned_ms ||
	    same_set(&state->record.exclusion_list, &state->repository->exclusion_list))
		return;
	unpack_tags(&run->session->arena, state->record.tags, &tags);
	judge_list(run, state, &tags);
}

/* Whether the others may be written before this one has answered. */
static bool may_be_late(const struct run *run, const struct scan_state *state)
{
	return !run->is_patient && run->scans.len > 1 &&
	       state->repository->timeout_ms > QUICK_MS;
}

/* Gives everybody a short time, and none to who failed the last time. */
static void leave_slow(struct run *run, struct due_list *due)
{
	size_t kept = 0;
	for (size_t i = 0; i < due->len; i++) {
		struct scan_state *state = due->items[i];
		struct scan_request request = due->requests[i];
		if (may_be_late(run, state)) {
			request.timeout_ms = QUICK_MS;
			state->slow = state->record.failures > 0;
		}
		run->left_slow |= state->slow;
		if (state->slow)
			continue;
		due->items[kept] = state;
		due->requests[kept++] = request;
	}
	due->len = kept;
}

static int ask(struct run *run, struct due_list *due, struct err *err)
{
	struct arena *arena = &run->session->arena;
	leave_slow(run, due);
	if (due->len == 0)
		return 0;
	struct scan_result *results = ARENA_ARRAY(arena, struct scan_result, due->len);
	struct http *http CLEANUP(net_http_cleanup) = NULL;
	run_progress(run, "asking registries about %zu images", due->len);
	int code = net_http(run->session, &http, err);
	if (!code)
		code = scan_run(http, due->requests, due->len, arena, results, err);
	if (code)
		return code;
	for (size_t i = 0; i < due->len; i++) {
		struct scan_state *state = due->items[i];
		state->slow = results[i].code == ERR_TIMEOUT && may_be_late(run, state);
		run->left_slow |= state->slow;
		if (!state->slow)
			take_result(run, state, &results[i]);
	}
	run->report->scanned += due->len;
	net_log_contacted(run->session, http);
	return 0;
}

static void plan_next(struct run *run, const struct scan_state *state)
{
	if (state->repository->suspend || !state->repository->meta.valid)
		return;
	if (state->slow)
		run_due_at(run, run->now_ms);
	else if (state->record.failures)
		run_due_at(run, state->record.retry_ms);
	else
		run_due_at(run,
			   state->record.scanned_ms + state->repository->interval_ms);
}

int run_scans(struct run *run, struct err *err)
{
	struct arena *arena = &run->session->arena;
	const struct document_set *set = &run->report->loaded.documents;
	size_t n = set->repositories.len;
	run->scans.items = ARENA_ARRAY(arena, struct scan_state, n + 1);
	run->scans.len = n;
	struct due_list due = { ARENA_ARRAY(arena, struct scan_state *, n + 1),
				ARENA_ARRAY(arena, struct scan_request, n + 1), 0 };
	for (size_t i = 0; i < n; i++) {
		struct scan_state *state = &run->scans.items[i];
		int code = recall(run, &set->repositories.items[i], state, err);
		if (code)
			return code;
		if (wants_scan(run, state, &due.requests[due.len]))
			due.items[due.len++] = state;
		else if (state->repository->meta.valid && !state->repository->suspend)
			refresh_exclusions(run, state);
	}
	int code = ask(run, &due, err);
	if (!code)
		code = run_remember(run, remember_all, err);
	for (size_t i = 0; i < n && !code; i++)
		plan_next(run, &run->scans.items[i]);
	return code;
}
