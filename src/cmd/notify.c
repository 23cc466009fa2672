/* SPDX-License-Identifier: MIT */
/*
 * `imagehook notify`: the event and deliver stages alone. Alerts and providers come from
 * files, secrets from a folder, one event from standard input. Whoever types the command
 * permits the hosts that it names.
 */
#include "adapter/json/json.h"
#include "admin/secret.h"
#include "app/finding_text.h"
#include "app/post.h"
#include "app/subject.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "cmd/notify_test.h"
#include "stage/document/document.h"
#include "stage/event/event.h"
#include <unistd.h>

struct notify_options {
	bool dry_run;
	bool mask;
	struct strings allow_hosts;
	const char *output;
	struct strings files;
	const char *secrets;
	const char *provider;
	bool no_cross_namespace;
	const char *test;
	const char *repo;
	const char *cluster;
};

static const struct opt opts[] = {
	OPT_FLAG_ROW(0, "dry-run", struct notify_options, dry_run,
		     "send nothing; print each request as one line of JSON"),
	OPT_FLAG_ROW(0, "mask", struct notify_options, mask,
		     "with --dry-run: hide secrets"),
	OPT_LIST_ROW(0, "allow-host", struct notify_options, allow_hosts, "HOST",
		     "permit a private host, another port or plain HTTP"),
	OPT_CHOICE_ROW('o', "output", struct notify_options, output, "text|json",
		       "how to tell what became of each delivery"),
	OPT_LIST_ROW('f', "file", struct notify_options, files, "FILE",
		     "Providers and Alerts"),
	OPT_TEXT_ROW(0, "secrets", struct notify_options, secrets, "DIR",
		     "secrets as files DIR/NS/NAME/KEY"),
	OPT_TEXT_ROW(0, "provider", struct notify_options, provider, "NS/NAME",
		     "to this provider, whatever the alerts say"),
	OPT_FLAG_ROW(0, "no-cross-namespace-refs", struct notify_options,
		     no_cross_namespace,
		     "alerts refuse objects of other namespaces, as Flux's controllers "
		     "do with this flag"),
	OPT_TEXT_ROW(0, "test", struct notify_options, test, "NS/NAME",
		     "send a test event through this provider of the repository"),
	OPT_REPO_ROW(struct notify_options),
	OPT_CLUSTER_ROW(struct notify_options),
};

/* Everything that one call needs, in one arena. */
struct errand {
	const struct notify_options *options;
	struct arena *arena;
	struct document_set set;
	struct finding_list findings;
	struct event event;
	struct delivery_list deliveries;
	struct provider_secret *secrets; /* of each delivery */
	struct err err;                  /* the last failure */
	int code;
};

/* A failure of one delivery does not stop the others: all but the last are told here. */
static void fail(struct errand *errand, int code, const struct err *err)
{
	if (errand->code)
		(void)command_fail(&errand->err);
	errand->code = code;
	errand->err = *err;
}

static int read_files(struct errand *errand, struct err *err)
{
	const struct strings *names = &errand->options->files;
	struct document_file *files =
	    ARENA_ARRAY(errand->arena, struct document_file, names->len);
	struct document_options options = { .default_namespace = "flux-system" };
	for (size_t i = 0; i < names->len; i++) {
		struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
		int code = file_read_given(names->items[i], &text, err);
		if (code)
			return code;
		files[i].path = str_of(names->items[i]);
		files[i].text = buf_to_arena(&text, errand->arena);
	}
	errand->set.arena = errand->arena;
	errand->findings.arena = errand->arena;
	document_decode(files, names->len, &options, &errand->set, &errand->findings);
	event_fill_uids("", &errand->set);
	return 0;
}

static int read_event(struct errand *errand, struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_EVENT_BYTES);
	if (file_read_fd(STDIN_FILENO, &text, err) ||
	    event_parse(buf_str(&text), errand->arena, &errand->event, err))
		return err_prefix(err, "standard input");
	return 0;
}

/* What is missing in the files may be elsewhere in the tree that they are from, and of
 * other documents only the labels count here. */
static bool is_ours(const struct finding *finding)
{
	struct str object = str_of(finding->object ? finding->object : "Alert/");
	return (str_starts(object, STR("Alert/")) ||
		str_starts(object, STR("Provider/"))) &&
	       strcmp(finding->id, "unused-provider") != 0 &&
	       strcmp(finding->id, "source-matches-nothing") != 0;
}

static void print_findings(const struct errand *errand)
{
	for (size_t i = 0; i < errand->findings.len; i++) {
		struct buf line BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
		if (errand->findings.items[i].severity < SEVERITY_WARNING ||
		    !is_ours(&errand->findings.items[i]))
			continue;
		finding_write(&line, &errand->findings.items[i]);
		(void)fprintf(stderr, "%s%s", buf_cstr(&line),
			      str_ends(buf_str(&line), STR("\n")) ? "" : "\n");
	}
}

static int use_provider(struct errand *errand, struct err *err)
{
	const char *wanted = errand->options->provider;
	for (size_t i = 0; i < errand->set.providers.len; i++) {
		const struct provider *provider = &errand->set.providers.items[i];
		const char *name =
		    arena_printf(errand->arena, "%s/%s", provider->meta.namespace,
				 provider->meta.name);
		if (strcmp(name, wanted) != 0)
			continue;
		if (!provider->meta.valid)
			return err_set(err, ERR_INVALID, "%s", provider->meta.message);
		struct delivery *delivery = VEC_ADD(errand->arena, &errand->deliveries);
		delivery->provider = provider;
		delivery->event = errand->event;
		if (!provider->commit_status_expr)
			return 0;
		return event_status_context(delivery, errand->arena,
					    &delivery->commit_status, err);
	}
	return err_set(err, ERR_NOTFOUND, "the files have no Provider '%s'", wanted);
}

/* Errors of documents and of alerts are failures too, after everybody else was served. */
static void use_alerts(struct errand *errand)
{
	struct event_rules rules = { .no_cross_namespace =
					 errand->options->no_cross_namespace };
	/* for matchLabels, if the files have the event's object */
	subject_fill(&errand->event,
		     subject_find(&errand->set, NULL, &errand->event.object), false,
		     errand->arena);
	event_dispatch(&errand->event, &errand->set, &rules, errand->arena,
		       &errand->deliveries, &errand->findings);
	for (size_t i = 0; i < errand->findings.len; i++) {
		struct err err = ERR_INIT;
		if (errand->findings.items[i].severity < SEVERITY_ERROR ||
		    !is_ours(&errand->findings.items[i]))
			continue;
		(void)err_set(&err, ERR_INVALID, "%s", errand->findings.items[i].text);
		errand->code = ERR_INVALID;
		errand->err = err;
	}
}

static int read_secret(struct errand *errand, const struct provider *provider,
		       const struct deliver_ref *ref, struct provider_secret *out)
{
	struct secret secret = { 0 };
	struct err *err = &(struct err)ERR_INIT;
	const char *namespace = provider->meta.namespace;
	int code = 0;
	if (!ref->name || !*ref->name)
		return 0;
	if (!errand->options->secrets)
		code = err_set(err, ERR_NOTFOUND,
			       "secret '%s/%s' is not there: name its "
			       "folder with --secrets",
			       namespace, ref->name);
	else
		code = secret_read_dir(errand->options->secrets, namespace, ref->name,
				       errand->arena, &secret, err);
	struct deliver_key *keys =
	    ARENA_ARRAY(errand->arena, struct deliver_key, secret.len + 1);
	for (size_t i = 0; i < secret.len; i++)
		keys[i] =
		    (struct deliver_key){ secret.items[i].key, secret.items[i].value };
	if (code == 0)
		code = ref->read(keys, secret.len, errand->arena, out, err);
	if (code)
		fail(errand, code, err);
	return code;
}

static int read_secrets(struct errand *errand, const struct provider *provider,
			struct provider_secret *out)
{
	struct deliver_ref refs[DELIVER_REFS];
	int code = 0;
	deliver_refs(provider, refs);
	for (size_t i = 0; i < DELIVER_REFS && !code; i++)
		code = read_secret(errand, provider, &refs[i], out);
	return code;
}

/* Headers that tell nothing. */
static const char *const public_headers[] = { "Accept",
					      "Content-Type",
					      "Gotk-Component",
					      "X-Atlassian-Token",
					      "X-GitHub-Api-Version",
					      "X-Requested-With",
					      "X-TFS-FedAuthRedirect" };

bool notify_is_public_header(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(public_headers); i++)
		if (strcmp(name, public_headers[i]) == 0)
			return true;
	return false;
}

static const char *mask(const struct errand *errand, const struct provider_secret *secret,
			struct str text)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES * 2);
	if (!errand->options->mask)
		return arena_strndup(errand->arena, text);
	deliver_mask(secret, text, &out);
	return arena_strndup(errand->arena, buf_str(&out));
}

static void add_headers(const struct errand *errand, const struct http_request *request,
			struct value *out)
{
	for (size_t i = 0; i < request->headers.len; i++) {
		const struct http_header *header = &request->headers.items[i];
		bool hidden =
		    errand->options->mask && !notify_is_public_header(header->name);
		value_set(errand->arena, out, header->name,
			  value_text(errand->arena, hidden ? "*****" : header->value));
	}
}

static void write_request(const struct errand *errand, const struct deliver_state *state,
			  const struct http_request *request, struct buf *out)
{
	struct arena *arena = errand->arena;
	struct err ignored = ERR_INIT;
	struct value *line = value_new(arena, VALUE_MAP);
	struct value *headers = value_new(arena, VALUE_MAP);
	struct value *body = value_new(arena, VALUE_NULL);
	const struct object_meta *meta = &state->delivery->provider->meta;
	const char *url = request->url;
	if (state->written_url && !errand->options->mask)
		url = state->written_url;
	value_set(
	    arena, line, "provider",
	    value_text(arena, arena_printf(arena, "%s/%s", meta->namespace, meta->name)));
	value_set(arena, line, "method", value_text(arena, request->method));
	value_set(arena, line, "url",
		  value_text(arena, mask(errand, state->secret, str_of(url))));
	add_headers(errand, request, headers);
	value_set(arena, line, "headers", headers);
	const char *text = mask(errand, state->secret, request->body);
	if (text[0] && json_parse(str_of(text), arena, &body, &ignored) != 0)
		body = value_text(arena, text);
	value_set(arena, line, "body", body);
	json_write(out, line, JSON_COMPACT);
	(void)buf_putc(out, '\n');
}

/* Look-ups are answered with an empty list, everything else with success. */
static int show_one(struct errand *errand, const struct delivery *delivery,
		    const struct provider_secret *secret, struct buf *out,
		    struct err *err)
{
	static const struct http_response answer = { .status = 200, .body = { "[]", 2 } };
	struct deliver_state state = { .delivery = delivery,
				       .secret = secret,
				       .arena = errand->arena,
				       .dry_run = true };
	struct http_request request = { 0 };
	enum deliver_next next = DELIVER_SEND;
	int code = deliver_step(&state, NULL, &request, &next, err);
	while (code == 0 && next == DELIVER_SEND) {
		write_request(errand, &state, &request, out);
		code = deliver_step(&state, &answer, &request, &next, err);
	}
	return code;
}

static void mask_err(const struct provider_secret *secret, struct err *err)
{
	struct buf out BUF_CLEANUP = BUF_INIT(sizeof(err->text) * 2);
	deliver_mask(secret, str_of(err->text), &out);
	(void)err_set(err, err->code, "%s", buf_cstr(&out));
}

static void show_all(struct errand *errand)
{
	for (size_t i = 0; i < errand->deliveries.len; i++) {
		struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
		struct err err = ERR_INIT;
		const struct delivery *delivery = &errand->deliveries.items[i];
		struct provider_secret *secret = &errand->secrets[i];
		if (read_secrets(errand, delivery->provider, secret))
			continue;
		int code = show_one(errand, delivery, secret, &out, &err);
		(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
		if (code) {
			mask_err(secret, &err);
			fail(errand, code, &err);
		}
	}
}

static void tell(const struct errand *errand, const struct post *post)
{
	const struct object_meta *meta = &post->delivery->provider->meta;
	const char *what = post->skipped ? "skipped" : "sent";
	if (!errand->options->output || strcmp(errand->options->output, "json") != 0) {
		(void)printf("%s/%s: %s\n", meta->namespace, meta->name, what);
		return;
	}
	(void)printf("{\"provider\":\"%s/%s\",\"outcome\":\"%s\",\"status\":%d,"
		     "\"requests\":%u}\n",
		     meta->namespace, meta->name, what, post->status, post->requests);
}

static void report(struct errand *errand, struct post *posts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct post *post = &posts[i];
		if (post->code == 0) {
			tell(errand, post);
			continue;
		}
		if (post->detail)
			(void)err_set(&post->err, post->code, "%s", post->detail);
		mask_err(post->secret, &post->err);
		fail(errand, post->code, &post->err);
	}
}

static void send_all(struct errand *errand)
{
	struct http *http = NULL;
	struct err err = ERR_INIT;
	struct http_policy policy = { .allow_hosts = errand->options->allow_hosts,
				      .insecure_hosts = errand->options->allow_hosts };
	struct post *posts =
	    ARENA_ARRAY(errand->arena, struct post, errand->deliveries.len);
	size_t n = 0;
	for (size_t i = 0; i < errand->deliveries.len; i++) {
		const struct delivery *delivery = &errand->deliveries.items[i];
		if (read_secrets(errand, delivery->provider, &errand->secrets[i]))
			continue;
		posts[n].delivery = delivery;
		posts[n++].secret = &errand->secrets[i];
	}
	int code = http_new(&policy, &http, &err);
	if (code == 0)
		code = post_all(http, posts, n, errand->arena, &err);
	if (code)
		fail(errand, code, &err);
	else
		report(errand, posts, n);
	http_free(http);
}

static int prepare(struct errand *errand, struct err *err)
{
	for (size_t i = 0; i < errand->options->allow_hosts.len; i++) {
		int code =
		    http_check_host_entry(errand->options->allow_hosts.items[i], err);
		if (code)
			return code;
	}
	int code = read_files(errand, err);
	if (code == 0)
		code = read_event(errand, err);
	if (code == 0 && errand->options->provider)
		code = use_provider(errand, err);
	else if (code == 0)
		use_alerts(errand);
	errand->secrets =
	    ARENA_ARRAY(errand->arena, struct provider_secret, errand->deliveries.len);
	return code;
}

/* What does not go together; NULL when all does. */
static const char *find_conflict(const struct notify_options *options)
{
	bool is_test = options->test != NULL;
	if (is_test && (options->files.len || options->dry_run || options->provider ||
			options->no_cross_namespace || options->secrets))
		return "--test goes with -C and --cluster only";
	if (!is_test && (options->repo || options->cluster))
		return "-C and --cluster go with --test";
	if (!is_test && !options->files.len)
		return "-f FILE is missing";
	if (!is_test && options->mask && !options->dry_run)
		return "--mask goes with --dry-run";
	if (options->provider && options->no_cross_namespace)
		return "--no-cross-namespace-refs is about alerts, which --provider "
		       "passes by";
	return NULL;
}

extern const struct command command_notify;

static int run_notify(void *options, const struct strings *words)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct errand errand = { .options = options, .arena = &arena };
	const char *conflict = find_conflict(options);
	if (words->len)
		return command_usage(&command_notify, "'%s' is not expected",
				     words->items[0]);
	if (conflict)
		return command_usage(&command_notify, "%s", conflict);
	if (errand.options->test)
		return notify_test(errand.options->repo, errand.options->test,
				   errand.options->cluster);
	int code = prepare(&errand, &err);
	print_findings(&errand);
	if (code)
		return command_fail(&err);
	if (errand.options->dry_run)
		show_all(&errand);
	else
		send_all(&errand);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		(void)err_errno(&err, "cannot write the result");
		return command_fail(&err);
	}
	return errand.code ? command_fail(&errand.err) : EXIT_DONE;
}

const struct command command_notify = {
	.name = "notify",
	.usage = "-f FILE... [options] < event.json | --test NS/NAME [-C DIR]",
	.summary = "Sends one event through alerts, or to one provider.",
	.details =
	    "Reads an event in Flux's JSON shape from standard input and the Providers and "
	    "Alerts of the files. Without --provider every alert that takes the event "
	    "sends it on; with it the event goes to that provider as it is. --dry-run "
	    "prints the requests, taking look-ups as answered with an empty list. "
	    "matchLabels are judged by documents of the files. Private "
	    "hosts, other ports than 443 and plain HTTP need --allow-host. --test takes "
	    "the provider, its secrets and its rules from a repository and prints what "
	    "was sent (secrets masked) and answered.",
	.example = "imagehook notify --dry-run -f notification.yaml --secrets DIR < "
		   "event.json\n"
		   "imagehook notify --test flux-system/on-call-slack -C fleet.git",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct notify_options),
	.run = run_notify,
};
