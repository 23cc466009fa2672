/* SPDX-License-Identifier: MIT */
/* `imagehook event`: what a deploy script or a cron job has to say goes through the
 * alerts of the repository, as if a controller had said it. */
#include "stage/event/event.h"
#include "app/drain.h"
#include "app/events.h"
#include "app/wanted.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/repo_options.h"
#include <unistd.h>

struct event_options {
	const char *repo;
	const char *cluster;
	const char *kind;
	const char *name;
	const char *namespace;
	const char *severity;
	const char *message;
	const char *reason;
	const char *revision;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct event_options),
	OPT_TEXT_ROW(0, "kind", struct event_options, kind, "KIND",
		     "kind of the object, such as Kustomization; without it an event is "
		     "read from stdin"),
	OPT_TEXT_ROW(0, "name", struct event_options, name, "NAME", "its name"),
	OPT_TEXT_ROW('n', "namespace", struct event_options, namespace, "NS",
		     "its namespace (default: imagehook.namespace)"),
	OPT_CHOICE_ROW(0, "severity", struct event_options, severity, "info|error",
		       "default: info"),
	OPT_TEXT_ROW('m', "message", struct event_options, message, "TEXT",
		     "what happened"),
	OPT_TEXT_ROW(0, "reason", struct event_options, reason, "REASON",
		     "one word in capitals (default: Succeeded, or Failed)"),
	OPT_TEXT_ROW(0, "cluster", struct event_options, cluster, "FOLDER",
		     "to alerts of this cluster, as imagehook.path has it (default: of "
		     "all)"),
	OPT_TEXT_ROW(0, "revision", struct event_options, revision, "REVISION",
		     "such as main@sha1:<commit>; the commit gets a status"),
};

extern const struct command command_event;

/* The commit in `main@sha1:HEX`, `main/HEX` or `HEX`; NULL when there is none. */
static const char *commit_of(const char *revision)
{
	const char *colon = strrchr(revision, ':');
	const char *slash = strrchr(revision, '/');
	const char *commit = colon ? colon + 1 : slash ? slash + 1 : revision;
	size_t len = strlen(commit);
	return len == 40 || len == 64 ? commit : NULL;
}

static int check_text(const char *what, const char *text, struct err *err)
{
	return text_is_printable(str_of(text))
		   ? 0
		   : err_set(err, ERR_INVALID,
			     "%s has a control character or is no UTF-8", what);
}

static int from_options(struct session *session, const struct event_options *options,
			struct event *out, struct err *err)
{
	struct arena *arena = &session->arena;
	const char *namespace = options->namespace
				    ? options->namespace
				    : config_text(session->config, CONFIG_NAMESPACE);
	bool failed = options->severity && strcmp(options->severity, "error") == 0;
	if (!text_is_dns_subdomain(str_of(options->name)) ||
	    !text_is_dns_label(str_of(namespace)))
		return err_set(err, ERR_INVALID,
			       "'%s/%s' is not a name of a-z, 0-9, '-' and '.'",
			       namespace, options->name);
	int code = check_text("the message", options->message, err);
	if (!code && options->reason)
		code = check_text("the reason", options->reason, err);
	if (!code && options->revision)
		code = check_text("the revision", options->revision, err);
	if (code)
		return code;
	*out =
	    events_new(session, options->kind, namespace, options->name, when_now_ms());
	if (!*out->object.api_version)
		return err_set(err, ERR_INVALID,
			       "'%s' is not a kind that alerts know, such as "
			       "Kustomization or HelmRelease",
			       options->kind);
	out->severity = failed ? EVENT_ERROR : EVENT_INFO;
	out->message = options->message;
	out->reason = options->reason ? options->reason : failed ? "Failed" : "Succeeded";
	if (!options->revision)
		return 0;
	events_put(session, out, "revision", options->revision);
	const char *commit = commit_of(options->revision);
	if (commit) {
		struct label *label = VEC_ADD(arena, &out->metadata);
		label->key = EVENT_GROUP "commit";
		label->value = commit;
	}
	return 0;
}

static int from_stdin(struct session *session, struct event *out, struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_EVENT_BYTES);
	int code = file_read_fd(STDIN_FILENO, &text, err);
	if (code == ERR_LIMIT)
		(void)err_set(err, code, LIMIT_FMT, LIMIT_ARG(LIMIT_EVENT_BYTES));
	if (!code)
		code = event_parse(buf_to_arena(&text, &session->arena), &session->arena,
				   out, err);
	if (!code)
		code = event_check(out, err);
	if (code)
		return err_at(err, "stdin", err->line, err->col);
	if (out->timestamp_ms == 0)
		out->timestamp_ms = when_now_ms();
	return 0;
}

static int queue(struct session *session, const struct event *event, const char *cluster,
		 struct loaded *loaded, size_t *queued, struct err *err)
{
	struct wanted wanted = { .cluster = cluster, .any_namespace = true };
	int code = wanted_begin(session, &wanted, err);
	if (!code)
		code = load_documents(session, loaded, err);
	if (code)
		return code;
	struct audience audience = { .session = session,
				     .documents = &loaded->documents,
				     .now_ms = when_now_ms() };
	struct emission emission = { .event = *event,
				     .cluster = wanted.cluster,
				     .is_foreign = true,
				     .mode = EMIT_REPORT };
	return events_tell(&audience, &emission, queued, err);
}

/* Whether an option is given that says something of the event. */
static bool has_fields(const struct event_options *options)
{
	return options->name || options->namespace || options->severity ||
	       options->message || options->reason || options->revision;
}

static int run_event(void *options_ptr, const struct strings *words)
{
	const struct event_options *options = options_ptr;
	struct session session SESSION_CLEANUP = { 0 };
	struct loaded loaded = { 0 };
	struct drain_options drain = { .wait_ms = SEND_WAIT_MS, .loaded = &loaded };
	struct drain_report report = { 0 };
	struct event event = { 0 };
	struct err err = ERR_INIT;
	size_t queued = 0;
	if (words->len)
		return command_usage(&command_event, "unexpected '%s'", words->items[0]);
	if (!options->kind && has_fields(options))
		return command_usage(&command_event, "--kind is missing; without it the "
						     "event is read from stdin alone");
	if (options->kind && (!options->name || !options->message))
		return command_usage(&command_event, "--kind needs --name and --message");
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = options->kind ? from_options(&session, options, &event, &err)
				     : from_stdin(&session, &event, &err);
	if (!code)
		code = queue(&session, &event, options->cluster, &loaded, &queued, &err);
	if (!code)
		code = drain_run(&session, &drain, &report, &err);
	if (code)
		return command_fail(&err);
	printf("imagehook: %zu deliver%s, %zu sent, %zu waiting\n", queued,
	       queued == 1 ? "y" : "ies", report.sent, report.waiting);
	if (queued == 0)
		printf("  no alert takes it, or it was told before and lasts\n");
	return EXIT_DONE;
}

const struct command command_event = {
	.name = "event",
	.usage = "[--kind KIND --name NAME --message TEXT] [options]",
	.summary = "Sends an event of your own through the repository's alerts.",
	.details =
	    "Without --kind an event is read from stdin as Flux's controllers post it "
	    "(JSON). A failure that lasts is told once (see imagehook.remindAfter), each "
	    "success every time.",
	.example =
	    "imagehook event --kind Kustomization --name apps --severity error \\\n"
	    "    --message 'apply failed' --revision main@sha1:$(git rev-parse HEAD)",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct event_options),
	.run = run_event,
};
