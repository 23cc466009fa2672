/* SPDX-License-Identifier: MIT */
/* `imagehook deliver`: sends what waits in the outbox, and shows, retries and drops what
 * could not be sent. */
#include "adapter/json/json.h"
#include "app/all.h"
#include "app/drain.h"
#include "base/when.h"
#include "cmd/repo_options.h"
#include "cmd/table.h"
#include "state/outbox.h"

enum {
	LISTED = 20000
};

struct deliver_options {
	const char *repo;
	const char *retry;
	const char *drop;
	const char *output;
	bool all;
	bool list;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct deliver_options),
	OPT_FLAG_ROW(0, "all", struct deliver_options, all,
		     "every installed repository of this user (below ROOT)"),
	OPT_FLAG_ROW(0, "list", struct deliver_options, list,
		     "show what waits and what was given up; send nothing"),
	OPT_TEXT_ROW(0, "retry", struct deliver_options, retry, "ID|all",
		     "make a delivery due now, also one that was given up; all: every "
		     "one that was given up"),
	OPT_TEXT_ROW(0, "drop", struct deliver_options, drop, "ID|all",
		     "forget a delivery that was not sent; all: every one that was "
		     "given up"),
	OPT_CHOICE_ROW('o', "output", struct deliver_options, output, "text|json",
		       "list: how to print it"),
};

extern const struct command command_deliver;

static const char *status_text(enum outbox_status status)
{
	static const char *const names[] = { "waiting", "sent", "dead" };
	return names[status];
}

static const char *time_text(struct arena *arena, int64_t ms)
{
	char text[32] = "";
	if (ms)
		when_format_rfc3339(ms, text);
	return arena_strdup(arena, text);
}

static void print_json(struct arena *arena, const struct outbox_rows *rows)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct value *list = value_new(arena, VALUE_LIST);
	for (size_t i = 0; i < rows->len; i++) {
		const struct outbox_row *row = &rows->items[i];
		struct value *map = value_new(arena, VALUE_MAP);
		value_set(arena, map, "id", value_text(arena, row->id));
		value_set(arena, map, "status",
			  value_text(arena, status_text(row->status)));
		value_set(arena, map, "provider", value_text(arena, row->provider));
		value_set(arena, map, "alert", value_text(arena, row->alert));
		value_set(arena, map, "attempts", value_int(arena, row->attempts));
		value_set(arena, map, "createdAt",
			  value_text(arena, time_text(arena, row->created_ms)));
		value_set(arena, map, "dueAt",
			  value_text(arena, time_text(arena, row->due_ms)));
		value_set(arena, map, "expiresAt",
			  value_text(arena, time_text(arena, row->expires_ms)));
		value_set(arena, map, "lastError", value_text(arena, row->last_error));
		value_append(arena, list, map);
	}
	json_write(&out, list, JSON_PRETTY);
	printf("%s\n", buf_cstr(&out));
}

static void print_table(struct arena *arena, const struct outbox_rows *rows)
{
	static const char *const columns[] = { "ID",       "STATUS", "PROVIDER",
					       "ATTEMPTS", "DUE",    "LAST ERROR" };
	struct table table = { .arena = arena };
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		table_column(&table, columns[i]);
	for (size_t i = 0; i < rows->len; i++) {
		const struct outbox_row *row = &rows->items[i];
		struct table_row *cells = table_row(&table);
		cells->cells[0] = row->id;
		cells->cells[1] = status_text(row->status);
		cells->cells[2] =
		    *row->provider == '/' ? row->provider + 1 : row->provider;
		cells->cells[3] = arena_printf(arena, "%u", row->attempts);
		cells->cells[4] = time_text(arena, row->due_ms);
		cells->cells[5] = row->last_error;
	}
	table_write(&table, true, &out);
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
}

static int list_rows(struct session *session, const struct deliver_options *options,
		     struct err *err)
{
	const struct outbox_filter own = { session->id, LISTED };
	struct outbox_rows rows = { 0 };
	int code =
	    outbox_list(session->store, &own, OUTBOX_UNSENT, &session->arena, &rows, err);
	if (code)
		return code;
	if (rows.len == LISTED)
		(void)fprintf(stderr, "imagehook: only the newest %d are listed\n",
			      LISTED);
	if (options->output && strcmp(options->output, "json") == 0)
		print_json(&session->arena, &rows);
	else if (rows.len)
		print_table(&session->arena, &rows);
	else
		printf("imagehook: nothing waits, nothing was given up\n");
	return 0;
}

static void on_row(void *ctx, const char *provider, const char *id, const char *verdict)
{
	(void)ctx;
	printf("%s %s: %s\n", *provider == '/' ? provider + 1 : provider, id, verdict);
}

/* The list has what waits for what; here is said for how long. */
static int print_next(const struct session *session, struct err *err)
{
	int64_t due_ms;
	int code = outbox_next_due(session->store, session->id, &due_ms, err);
	if (!code && due_ms != INT64_MAX && due_ms > when_now_ms()) {
		char text[32];
		when_format_rfc3339(due_ms, text);
		printf("hint: the next is due at %s; see 'imagehook deliver --list'\n",
		       text);
	}
	return code;
}

static int send_due(struct session *session, struct err *err)
{
	struct drain_options options = { .on_row = on_row, .wait_ms = SEND_WAIT_MS };
	struct drain_report report = { 0 };
	int code = drain_run(session, &options, &report, err);
	if (code)
		return code;
	if (report.stopped)
		return err_set(err, ERR_DENIED, "nothing was sent: %s", report.stopped);
	if (report.joined)
		printf("imagehook: a delivery is under way\n");
	else
		printf("imagehook: %zu sent, %zu waiting, %zu given up\n", report.sent,
		       report.waiting, report.dead);
	if (report.failed || report.dead)
		return err_set(err, ERR_NETWORK,
			       "not everything could be sent; see 'imagehook deliver "
			       "--list'");
	return report.waiting && !report.joined ? print_next(session, err) : 0;
}

/* The id, or NULL for every delivery that was given up. */
static const char *named(const char *word)
{
	return strcmp(word, "all") == 0 ? NULL : word;
}

static int deliver_one(const struct deliver_options *options)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct err err = ERR_INIT;
	int code = open_as_owner(&session, options->repo, &err);
	if (!code && options->drop) {
		code = outbox_drop(session.store, session.id, named(options->drop), &err);
		return code ? command_fail(&err) : EXIT_DONE;
	}
	if (!code && options->list)
		code = list_rows(&session, options, &err);
	if (!code && options->retry)
		code = outbox_retry(session.store, session.id, named(options->retry),
				    when_now_ms(), &err);
	/* who calls has just changed what they could */
	if (!code && !options->list)
		code = outbox_wake(session.store, session.id, when_now_ms(), &err);
	if (!code && !options->list)
		code = send_due(&session, &err);
	return code ? command_fail(&err) : EXIT_DONE;
}

static int run_deliver(void *options_ptr, const struct strings *words)
{
	const struct deliver_options *options = options_ptr;
	if (words->len > (options->all ? 1U : 0U))
		return command_usage(&command_deliver, "unexpected '%s'",
				     words->items[words->len - 1]);
	if (options->all + options->list + (options->retry != NULL) +
		(options->drop != NULL) >
	    1)
		return command_usage(&command_deliver,
				     "one of --all, --list, --retry and --drop");
	if (options->output && !options->list)
		return command_usage(&command_deliver, "--output goes with --list");
	if (options->all)
		return all_deliver(words->len ? words->items[0] : NULL) ? EXIT_FAILED
									: EXIT_DONE;
	return deliver_one(options);
}

const struct command command_deliver = {
	.name = "deliver",
	.usage = "[--all [ROOT]] [--list] [--retry ID|all] [--drop ID|all] [options]",
	.summary = "Sends what waits in the outbox; lists, retries and drops deliveries.",
	.details =
	    "Runs and pushes send by themselves; this is for receivers that were away. A\n"
	    "delivery is given up when the receiver refuses it or after a day; it stays in the\n"
	    "list until it is retried or dropped. A status of 200 to 299 is a success,\n"
	    "whatever comes behind it; no answer, 429 and 5xx are tried again, as late as\n"
	    "Retry-After asks. At most 60 attempts an hour go to a provider and 600 out of a\n"
	    "repository; the others wait.",
	.example = "imagehook deliver --list\nimagehook deliver --all\n"
		   "imagehook deliver --retry all\n"
		   "imagehook deliver --retry 1b4e28ba-2fa1-5d2c-883f-0016d3cca427",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct deliver_options),
	.run = run_deliver,
};
