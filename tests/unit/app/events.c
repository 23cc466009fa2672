/* SPDX-License-Identifier: MIT */
/* Who hears of what and how often: failures, repetitions, recoveries, reminders. */
#include "app/reminder.h"
#include "state/outbox.h"
#include "tests/unit/admin/admin.h"

#define REPO   "0123456789abcdef0123456789abcdef"
#define COMMIT "0123456789012345678901234567890123456789"
#define PROVIDER(name, type)                                                        \
	"---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Provider\n" \
	"metadata: {name: " name "}\nspec: {type: " type                            \
	", address: 'https://h.example/"                                            \
	"org/" name "', secretRef: {name: s}}\n"
#define ALERT(name, provider, more)                                               \
	"---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Alert\n"  \
	"metadata: {name: " name "}\nspec: {providerRef: {name: " provider "},\n" \
	"  eventSources: [{kind: Kustomization, name: '*'}]" more "}\n"
#define ERRORS ", eventSeverity: error"

enum {
	MINUTE = 60 * 1000,
	HOUR = 60 * MINUTE
};

/* A repository's memory, and a clock. */
struct bench {
	struct place_of_test *place;
	struct session session;
	struct document_set set;
	struct audience audience;
	int64_t seen; /* the last row that was looked at */
};

static void release_bench(struct bench *bench)
{
	store_free(bench->session.store);
	arena_clear(&bench->session.arena);
}

#define BENCH_CLEANUP CLEANUP(release_bench)

/* The documents as they are from now on. */
static void write_documents(struct bench *bench, const char *text)
{
	static const struct document_options options = { "flux-system", { NULL, 0, 0 } };
	struct arena *arena = &bench->session.arena;
	const struct document_file file = { STR("a.yaml"), str_of(text) };
	struct finding_list findings = FINDING_LIST_INIT(arena);
	bench->set = (struct document_set){ .arena = arena };
	document_decode(&file, 1, &options, &bench->set, &findings);
	for (size_t i = 0; i < findings.len; i++)
		if (findings.items[i].severity == SEVERITY_ERROR)
			fail_msg("%s", findings.items[i].text);
}

static void open_bench(struct bench *bench)
{
	struct err err = ERR_INIT;
	bool lost = false;
	if (store_open(bench->place->dir, &bench->session.store, &lost, &err))
		fail_msg("%s", err.text);
}

static void make_bench(struct bench *bench, void **state, const char *config,
		       const char *documents)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	*bench = (struct bench){ .place = place };
	struct session *session = &bench->session;
	session->git_dir = "/srv/git/fleet.git";
	session->id = REPO;
	session->home = place->dir;
	session->findings.arena = &session->arena;
	place_write(place, "config", config, 0600);
	if (config_load(place_file(place, "config"), NULL, &session->arena,
			&session->config, &session->findings, &err))
		fail_msg("%s", err.text);
	open_bench(bench);
	write_documents(bench, documents);
	bench->audience = (struct audience){ .session = session,
					     .documents = &bench->set,
					     .now_ms = 1700000000000 };
}

/* What one check of apps says at the bench's time. */
static void emit(struct bench *bench, enum emission_mode mode,
		 enum event_severity severity, const char *message)
{
	struct err err = ERR_INIT;
	struct session *session = &bench->session;
	struct event event = events_new(session, "Kustomization", "flux-system", "apps",
					bench->audience.now_ms);
	event.severity = severity;
	event.reason = severity == EVENT_ERROR ? "BuildFailed" : "Succeeded";
	event.message = message;
	events_put_commit(session, &event, "main", COMMIT);
	struct emission emission = { .event = event, .cluster = "", .mode = mode };
	if (events_emit(&bench->audience, &emission, NULL, &err))
		fail_msg("%s", err.text);
}

static void fail_with(struct bench *bench, const char *message)
{
	emit(bench, EMIT_CHECK, EVENT_ERROR, message);
}

static void succeed(struct bench *bench)
{
	emit(bench, EMIT_CHECK, EVENT_INFO, "Checked revision: main@sha1:" COMMIT);
}

/* `alert>provider severity message` of each row since the last look, oldest first. */
static const char *queued(struct bench *bench)
{
	struct arena *arena = &bench->session.arena;
	struct outbox_rows rows = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	const char *out = "";
	if (outbox_list(bench->session.store, &(struct outbox_filter){ REPO, 1000 }, -1,
			arena, &rows, &err))
		fail_msg("%s", err.text);
	for (size_t i = rows.len; i > 0; i--) {
		const struct outbox_row *row = &rows.items[i - 1];
		struct delivery delivery = { 0 };
		if (row->row <= bench->seen)
			continue;
		bench->seen = row->row;
		if (delivery_from_json(row->payload, arena, &delivery, &err))
			fail_msg("%s", err.text);
		out = arena_printf(arena, "%s%s%s>%s %s %.20s", out, *out ? "\n" : "",
				   *row->alert ? strrchr(row->alert, '/') + 1 : "",
				   strrchr(row->provider, '/') + 1,
				   delivery.event.severity == EVENT_ERROR ? "error"
									  : "info",
				   delivery.event.message);
	}
	return out;
}

static void test_a_failure_is_told_once_and_its_end_once(void **state)
{
	struct bench bench BENCH_CLEANUP;
	make_bench(&bench, state, "", PROVIDER("p", "generic") ALERT("a", "p", ERRORS));
	succeed(&bench);
	assert_string_equal(queued(&bench), "");
	fail_with(&bench, "waited 3.2s at 2026-06-06T12:00:00Z for "
			  "6ba7b810-9dad-11d1-80b4-00c04fd430c8 of 0a1b2c3d4e");
	assert_string_equal(queued(&bench), "a>p error waited 3.2s at 2026-");
	/* what differs from run to run makes no news */
	fail_with(&bench, "waited 11m5s at 2026-06-07T07:10:00Z for "
			  "6ba7b811-9dad-11d1-80b4-00c04fd430c9 of ffeeddcc01");
	assert_string_equal(queued(&bench), "");
	/* nor does a process that begins anew */
	store_free(bench.session.store);
	open_bench(&bench);
	fail_with(&bench, "waited 1s at 2026-06-07T07:11:00Z for "
			  "6ba7b811-9dad-11d1-80b4-00c04fd430c9 of ffeeddcc02");
	assert_string_equal(queued(&bench), "");
	fail_with(&bench, "something else");
	assert_string_equal(queued(&bench), "a>p error something else");
	bench.audience.now_ms += MINUTE;
	succeed(&bench);
	assert_string_equal(queued(&bench), "a>p info Checked revision: ma");
	bench.audience.now_ms += MINUTE;
	succeed(&bench);
	assert_string_equal(queued(&bench), "");
	/* the first failure again is news again */
	bench.audience.now_ms += MINUTE;
	fail_with(&bench, "something else");
	assert_string_equal(queued(&bench), "a>p error something else");
}

static void test_a_reported_failure_is_told_once(void **state)
{
	struct bench bench BENCH_CLEANUP;
	make_bench(&bench, state, "",
		   PROVIDER("p", "generic") PROVIDER("g", "github") ALERT("a", "p", "")
		       ALERT("b", "g", ""));
	emit(&bench, EMIT_REPORT, EVENT_ERROR, "apply failed after 2.1s");
	assert_string_equal(queued(&bench), "a>p error apply failed after 2\n"
					    "b>g error apply failed after 2");
	/* as a cron job has it; the commit's status follows */
	bench.audience.now_ms += MINUTE;
	emit(&bench, EMIT_REPORT, EVENT_ERROR, "apply failed after 3.4s");
	assert_string_equal(queued(&bench), "b>g error apply failed after 3");
	emit(&bench, EMIT_REPORT, EVENT_ERROR, "something else");
	assert_string_equal(queued(&bench), "a>p error something else\n"
					    "b>g error something else");
	/* each success is news */
	emit(&bench, EMIT_REPORT, EVENT_INFO, "applied");
	assert_string_equal(queued(&bench), "a>p info applied\nb>g info applied");
	bench.audience.now_ms += MINUTE;
	emit(&bench, EMIT_REPORT, EVENT_INFO, "applied");
	assert_string_equal(queued(&bench), "a>p info applied\nb>g info applied");
}

static void test_equal_deliveries_are_one(void **state)
{
	struct bench bench BENCH_CLEANUP;
	make_bench(&bench, state, "",
		   PROVIDER("p", "generic") PROVIDER("q", "generic")
		       ALERT("a", "p", ERRORS) ALERT("b", "p", "") ALERT("c", "q", "")
			   ALERT("d", "p", ", summary: of d"));
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "a>p error broken\n"
					    "c>q error broken\nd>p error broken");
	succeed(&bench);
	assert_string_equal(
	    queued(&bench),
	    "b>p info Checked revision: ma\n"
	    "c>q info Checked revision: ma\nd>p info Checked revision: ma");
}

static void test_every_alert_that_reported_hears_of_the_end(void **state)
{
	struct bench bench BENCH_CLEANUP;
	make_bench(&bench, state, "",
		   PROVIDER("p", "generic") ALERT("a", "p", ERRORS)
		       ALERT("b", "p", ERRORS));
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "a>p error broken");
	/* the one whose name the delivery bears goes; the other one reported too */
	write_documents(&bench, PROVIDER("p", "generic") ALERT("b", "p", ERRORS));
	succeed(&bench);
	assert_string_equal(queued(&bench), "b>p info Checked revision: ma");
}

static void test_lists_of_an_alert_and_the_end_of_a_failure(void **state)
{
	struct bench bench BENCH_CLEANUP;
	make_bench(&bench, state, "",
		   PROVIDER("p", "generic") PROVIDER("q", "generic")
		       PROVIDER("r", "generic") PROVIDER("s", "generic")
		   /* what it wants to hear of names the failure only */
		   ALERT("a", "p", ERRORS ", inclusionList: ['^broken']")
		       ALERT("b", "q", ", inclusionList: ['^broken']")
		   /* said so: not this message */
		   ALERT("c", "r", ERRORS ", exclusionList: ['^Checked']")
		   /* never heard of it */
		   ALERT("d", "s", ERRORS ", exclusionList: ['^broken']"));
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench),
			    "a>p error broken\nb>q error broken\nc>r error broken");
	succeed(&bench);
	assert_string_equal(queued(&bench), "a>p info Checked revision: ma\n"
					    "b>q info Checked revision: ma");
}

static void test_documents_that_change_in_between(void **state)
{
	struct bench bench BENCH_CLEANUP;
	static const char before[] = PROVIDER("p", "generic") PROVIDER("q", "generic")
	    ALERT("a", "p", ERRORS) ALERT("b", "q", ERRORS);
	make_bench(&bench, state, "", before);
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "a>p error broken\nb>q error broken");
	/* one alert went, the other has another provider */
	write_documents(&bench, PROVIDER("r", "generic") ALERT("b", "r", ERRORS));
	succeed(&bench);
	assert_string_equal(queued(&bench), "b>r info Checked revision: ma");
	/* what is suspended hears nothing, and nothing later either */
	write_documents(&bench, before);
	bench.audience.now_ms += MINUTE;
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "a>p error broken\nb>q error broken");
	write_documents(
	    &bench,
	    PROVIDER("p", "generic") ALERT(
		"a", "p",
		ERRORS
		", suspend: true") "---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\n"
				   "kind: Provider\nmetadata: {name: q}\nspec: {type: generic, "
				   "suspend: true, address: 'https://h.example/'}\n" ALERT(
				       "b", "q", ERRORS));
	succeed(&bench);
	assert_string_equal(queued(&bench), "");
	write_documents(&bench, before);
	bench.audience.now_ms += MINUTE;
	succeed(&bench);
	assert_string_equal(queued(&bench), "");
}

static void test_each_revision_has_its_status(void **state)
{
	struct bench bench BENCH_CLEANUP;
	make_bench(&bench, state, "",
		   PROVIDER("p", "generic") PROVIDER("g", "github")
		       ALERT("a", "p", ERRORS) ALERT("b", "g", ""));
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "a>p error broken\nb>g error broken");
	bench.audience.now_ms += MINUTE;
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "b>g error broken");
	bench.audience.now_ms += MINUTE;
	succeed(&bench);
	assert_string_equal(queued(&bench), "b>g info Checked revision: ma\n"
					    "a>p info Checked revision: ma");
	bench.audience.now_ms += MINUTE;
	succeed(&bench);
	assert_string_equal(queued(&bench), "b>g info Checked revision: ma");
}

static void test_a_reminder_when_it_is_wanted(void **state)
{
	struct bench bench BENCH_CLEANUP;
	make_bench(&bench, state, "[imagehook]\n\tremindAfter = 1h\n",
		   PROVIDER("p", "generic") ALERT("a", "p", ERRORS));
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "a>p error broken");
	bench.audience.now_ms += HOUR - 1;
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "");
	bench.audience.now_ms += 1;
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "a>p error broken");
	bench.audience.now_ms += MINUTE;
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "");
	bench.audience.now_ms += HOUR;
	succeed(&bench);
	assert_string_equal(queued(&bench), "a>p info Checked revision: ma");
	bench.audience.now_ms += 2 * HOUR;
	succeed(&bench);
	assert_string_equal(queued(&bench), "");
}

/* Of what is judged once for each revision nothing is emitted again: it is told from
 * memory. */
static void test_reminders_from_memory(void **state)
{
	struct bench bench BENCH_CLEANUP;
	struct err err = ERR_INIT;
	static const char kustomization[] =
	    "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
	    "metadata: {name: apps}\nspec: {path: ./apps, interval: 5m, prune: true,"
	    " sourceRef: {kind: GitRepository, name: flux-system}}\n";
	int64_t next_ms = 0;
	make_bench(&bench, state, "[imagehook]\n\tremindAfter = 1h\n", "");
	const char *documents =
	    arena_printf(&bench.session.arena, "%s%s", kustomization,
			 PROVIDER("p", "generic") ALERT("a", "p", ERRORS));
	write_documents(&bench, documents);
	int64_t began_ms = bench.audience.now_ms;
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "a>p error broken");
	bench.audience.now_ms += HOUR - 1;
	assert_int_equal(reminder_tell(&bench.audience, &next_ms, &err), 0);
	assert_int_equal(next_ms, began_ms + HOUR);
	assert_string_equal(queued(&bench), "");
	bench.audience.now_ms += 1;
	for (int i = 0; i < 2; i++)
		assert_int_equal(reminder_tell(&bench.audience, &next_ms, &err), 0);
	assert_int_equal(next_ms, began_ms + 2 * HOUR);
	assert_string_equal(queued(&bench), "a>p error broken");
	/* a document that is gone fails no longer */
	bench.audience.now_ms += HOUR;
	write_documents(&bench, PROVIDER("p", "generic") ALERT("a", "p", ERRORS));
	assert_int_equal(reminder_tell(&bench.audience, &next_ms, &err), 0);
	assert_true(next_ms == INT64_MAX);
	assert_string_equal(queued(&bench), "");
	write_documents(&bench, documents);
	succeed(&bench);
	assert_string_equal(queued(&bench), "a>p info Checked revision: ma");
	bench.audience.now_ms += 2 * HOUR;
	assert_int_equal(reminder_tell(&bench.audience, &next_ms, &err), 0);
	assert_string_equal(queued(&bench), "");
}

/* An event knows its object's labels and annotations, wherever it comes from. */
static void test_labels_and_annotations_of_the_object(void **state)
{
	struct bench bench BENCH_CLEANUP;
	make_bench(
	    &bench, state, "",
	    "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
	    "metadata: {name: apps, labels: {team: a}, annotations: {\n"
	    "  event.toolkit.fluxcd.io/change_request: '7',\n"
	    "  event.toolkit.fluxcd.io/originRevision: forged}}\n"
	    "spec: {path: ./apps, interval: 5m, prune: true,"
	    " sourceRef: {kind: GitRepository, name: flux-system}}\n" PROVIDER(
		"p",
		"generic") "---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\n"
			   "kind: Alert\nmetadata: {name: a}\nspec:\n"
			   "  providerRef: {name: p}\n  eventSources: [{kind: Kustomization, "
			   "name: '*', matchLabels: {team: a}}]\n"
			   "---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\n"
			   "kind: Alert\nmetadata: {name: b}\nspec:\n"
			   "  providerRef: {name: p}\n  eventSources: [{kind: Kustomization, "
			   "name: '*', matchLabels: {team: b}}]\n");
	struct outbox_rows rows = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	fail_with(&bench, "broken");
	if (outbox_list(bench.session.store, &(struct outbox_filter){ REPO, 10 }, -1,
			&bench.session.arena, &rows, &err))
		fail_msg("%s", err.text);
	assert_int_equal(rows.len, 1);
	assert_string_equal(rows.items[0].alert, "/flux-system/a");
	assert_non_null(
	    strstr(rows.items[0].payload,
		   "\"metadata\":{\"branch\":\"main\",\"change_request\":\"7\","
		   "\"commit\":\"" COMMIT "\",\"revision\":\"main@sha1:" COMMIT "\"}"));
}

static void test_a_stopped_repository_queues_nothing(void **state)
{
	struct bench bench BENCH_CLEANUP;
	make_bench(&bench, state, "", PROVIDER("p", "generic") ALERT("a", "p", ERRORS));
	bench.audience.silent = true;
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "");
	bench.audience.silent = false;
	fail_with(&bench, "broken");
	assert_string_equal(queued(&bench), "a>p error broken");
}

/* An event from outside brings its own time, which tells nothing of the outbox. */
static void test_rows_live_by_our_own_clock(void **state)
{
	struct bench bench BENCH_CLEANUP;
	struct outbox_rows rows = { NULL, 0, 0 };
	struct event_records records = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	make_bench(&bench, state, "", PROVIDER("p", "generic") ALERT("a", "p", ""));
	int64_t now_ms = bench.audience.now_ms;
	struct event event =
	    events_new(&bench.session, "Kustomization", "flux-system", "apps", 86400000);
	event.message = "of long ago";
	struct emission emission = { .event = event, .mode = EMIT_ALWAYS };
	if (events_emit(&bench.audience, &emission, NULL, &err) ||
	    outbox_due(bench.session.store, &(struct outbox_filter){ REPO, 10 }, now_ms,
		       &bench.session.arena, &rows, &err))
		fail_msg("%s", err.text);
	assert_int_equal(rows.len, 1);
	assert_int_equal(rows.items[0].created_ms, now_ms);
	assert_int_equal(rows.items[0].expires_ms, now_ms + 24 * (int64_t)HOUR);
	assert_non_null(strstr(rows.items[0].payload, "\"1970-01-02T00:00:00Z\""));
	struct event_filter filter = { .repo_id = REPO };
	if (store_event_list(bench.session.store, &filter, &bench.session.arena, &records,
			     &err))
		fail_msg("%s", err.text);
	assert_int_equal(records.len, 1);
	assert_int_equal(records.items[0].time_ms, now_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_failure_is_told_once_and_its_end_once),
		TEST(test_a_reported_failure_is_told_once),
		TEST(test_equal_deliveries_are_one),
		TEST(test_every_alert_that_reported_hears_of_the_end),
		TEST(test_lists_of_an_alert_and_the_end_of_a_failure),
		TEST(test_documents_that_change_in_between),
		TEST(test_each_revision_has_its_status),
		TEST(test_a_reminder_when_it_is_wanted),
		TEST(test_reminders_from_memory),
		TEST(test_labels_and_annotations_of_the_object),
		TEST(test_a_stopped_repository_queues_nothing),
		TEST(test_rows_live_by_our_own_clock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
