/* SPDX-License-Identifier: MIT */
/* `imagehook scan IMAGE`: the scan stage alone. Whoever types the command permits what it
 * names, so the image's host is listed for this call, and reasons are shown in full. */
#include "stage/scan/scan.h"
#include "adapter/json/json.h"
#include "app/print.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/opt.h"
#include "stage/scan/reference.h"
#include <unistd.h>

enum {
	TICK_MS = 200,
	QUIET_MS = 1000
};

struct scan_options {
	bool insecure;
	const char *secret;
	const char *ca_file;
	const char *cert;
	const char *key;
	const char *proxy;
	int64_t timeout_ms;
	const char *output;
};

struct display {
	const char *image;
	int64_t since_ms;
	bool shown;
	struct scan_progress progress;
};

static const struct opt scan_opts[] = {
	OPT_FLAG_ROW(0, "insecure", struct scan_options, insecure,
		     "plain HTTP where the registry speaks no TLS"),
	OPT_TEXT_ROW(0, "secret", struct scan_options, secret, "DOCKER-CONFIG-FILE",
		     "credentials, as in a .dockerconfigjson secret"),
	OPT_TEXT_ROW(0, "ca-file", struct scan_options, ca_file, "FILE",
		     "PEM certificates trusted beside the system's"),
	OPT_TEXT_ROW(0, "cert", struct scan_options, cert, "FILE",
		     "client certificate, PEM"),
	OPT_TEXT_ROW(0, "key", struct scan_options, key, "FILE",
		     "the client certificate's key, PEM"),
	OPT_TEXT_ROW(0, "proxy", struct scan_options, proxy, "URL",
		     "http://, https:// or socks5:// proxy"),
	OPT_DURATION_ROW(0, "timeout", struct scan_options, timeout_ms, "DURATION",
			 "for the whole scan; 60s by default"),
	OPT_CHOICE_ROW('o', "output", struct scan_options, output, "text|json",
		       "one tag a line, or everything as JSON"),
};

static int read_text(const char *path, struct arena *arena, const char **out,
		     struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES);
	if (!path)
		return 0;
	int code = file_read_given(path, &text, err);
	if (code)
		return code;
	if (text.len && memchr(text.ptr, '\0', text.len))
		return err_set(err, ERR_INVALID, "'%s' is not a text", path);
	*out = arena_strndup(arena, buf_str(&text));
	return 0;
}

/* `%40` and the like of a URL's user and password. */
static const char *decode(struct arena *arena, struct str text)
{
	char *out = arena_strndup(arena, text);
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		unsigned byte = (unsigned char)text.ptr[i];
		if (byte == '%' && i + 2 < text.len && char_is_hex(text.ptr[i + 1]) &&
		    char_is_hex(text.ptr[i + 2])) {
			byte = 0;
			for (int k = 0; k < 2; k++) {
				char c = char_lower(text.ptr[++i]);
				byte =
				    byte * 16 +
				    (unsigned)(char_is_digit(c) ? c - '0' : c - 'a' + 10);
			}
		}
		out[len++] = (char)(unsigned char)byte;
	}
	out[len] = '\0';
	return out;
}

/* Cuts `scheme://[user[:password]@]host...` and gives the host for the list. */
static const char *take_proxy(const char *url, struct arena *arena,
			      struct http_connection *out)
{
	struct str text = str_of(url);
	size_t scheme = str_find(text, STR("://"));
	if (scheme == text.len) {
		out->proxy_url = url;
		return url;
	}
	struct str rest = str_from(text, scheme + 3);
	struct str authority = str_slice(rest, 0, str_find_char(rest, '/'));
	size_t at = str_rfind_char(authority, '@');
	if (at < authority.len) {
		struct str user = str_slice(authority, 0, at);
		size_t colon = str_find_char(user, ':');
		out->proxy_username = decode(arena, str_slice(user, 0, colon));
		out->proxy_password = decode(arena, str_from(user, colon + 1));
		authority = str_from(authority, at + 1);
	}
	const char *host = arena_strndup(arena, authority);
	out->proxy_url =
	    arena_printf(arena, "%.*s://%s", STR_ARG(str_slice(text, 0, scheme)), host);
	return host;
}

/* The host without its port: whoever named it permits each of its ports, because a token
 * server often listens on another one. */
static const char *host_only(struct arena *arena, const char *connect)
{
	struct str host = str_of(connect);
	size_t colon = str_rfind_char(host, ':');
	size_t bracket = str_rfind_char(host, ']');
	if (colon < host.len && (bracket == host.len || bracket < colon))
		host.len = colon;
	return arena_strndup(arena, host);
}

static bool is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       strncmp(host, "127.", 4) == 0;
}

static void permit(struct arena *arena, const char *connect, struct strings *out)
{
	static const char *const loopback[] = { "localhost", "127.0.0.1", "[::1]" };
	const char *host = host_only(arena, connect);
	strings_add(arena, out, host);
	/* the names of this machine are one host */
	for (size_t i = 0; i < ARRAY_LEN(loopback) && is_loopback(host); i++)
		strings_add(arena, out, loopback[i]);
}

static void show_progress(void *ctx)
{
	struct display *display = ctx;
	int64_t elapsed = when_monotonic_ms() - display->since_ms;
	if (elapsed < QUIET_MS)
		return;
	display->shown = true;
	(void)fprintf(stderr, "\rscanning %s: %zu tags on %zu pages, %llds\033[K",
		      display->image, display->progress.tags, display->progress.pages,
		      (long long)(elapsed / 1000));
	(void)fflush(stderr);
}

static int scan_one(const struct http_policy *policy, const struct scan_request *request,
		    struct arena *arena, struct display *display,
		    struct scan_result *result, struct err *err)
{
	struct http *http = NULL;
	int code = http_new(policy, &http, err);
	if (code)
		return code;
	if (isatty(STDERR_FILENO))
		http_on_tick(http, TICK_MS, show_progress, display);
	code = scan_run(http, request, 1, arena, result, err);
	http_free(http);
	if (display->shown)
		(void)fputs("\r\033[K", stderr);
	if (code == 0 && result->code)
		code = err_set(err, result->code, "%s",
			       result->detail ? result->detail : result->err.text);
	return code;
}

static void print_text(const struct scan_result *result)
{
	for (size_t i = 0; i < result->tags.len; i++) {
		(void)fwrite(result->tags.items[i].ptr, 1, result->tags.items[i].len,
			     stdout);
		(void)putchar('\n');
	}
}

static void print_json(const char *image, const struct scan_result *result)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	(void)buf_puts(&out, "{\"image\":");
	json_write_string(&out, str_of(image));
	(void)buf_puts(&out, ",\"canonical\":");
	json_write_string(&out, str_of(result->canonical));
	(void)buf_puts(&out, ",\"tags\":[");
	for (size_t i = 0; i < result->tags.len; i++) {
		(void)buf_puts(&out, i ? "," : "");
		json_write_string(&out, result->tags.items[i]);
	}
	(void)buf_printf(&out, "],\"dropped\":%zu}\n", result->dropped);
	(void)fwrite(out.ptr, 1, out.len, stdout);
}

static int prepare(const struct scan_options *options, struct arena *arena,
		   struct scan_request *request, struct http_policy *policy,
		   struct err *err)
{
	struct reference reference = { 0 };
	int code = reference_parse_image(request->image, arena, &reference, err);
	if (code == 0)
		code = read_text(options->secret, arena, &request->docker_config, err);
	if (code == 0)
		code =
		    read_text(options->ca_file, arena, &request->connection.ca_pem, err);
	if (code == 0)
		code =
		    read_text(options->cert, arena, &request->connection.cert_pem, err);
	if (code == 0)
		code = read_text(options->key, arena, &request->connection.key_pem, err);
	if (code)
		return code;
	permit(arena, reference.connect, &policy->allow_hosts);
	if (options->insecure)
		policy->insecure_hosts = policy->allow_hosts;
	if (options->proxy) {
		struct strings hosts = policy->allow_hosts;
		policy->allow_hosts = (struct strings){ 0 };
		for (size_t i = 0; i < hosts.len; i++)
			strings_add(arena, &policy->allow_hosts, hosts.items[i]);
		strings_add(arena, &policy->allow_hosts,
			    take_proxy(options->proxy, arena, &request->connection));
	}
	return 0;
}

extern const struct command command_scan;

static int run_scan(void *opts, const struct strings *words)
{
	const struct scan_options *options = opts;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct http_policy policy = { 0 };
	struct scan_result result = { 0 };
	if (words->len != 1)
		return command_usage(&command_scan, "expected one IMAGE, got %zu",
				     words->len);
	if (!options->cert != !options->key)
		return command_usage(&command_scan, "--cert and --key go together");
	struct display display = { .image =
				       text_clean(&arena, str_of(words->items[0]), 60),
				   .since_ms = when_monotonic_ms() };
	struct scan_request request = { .image = words->items[0],
					.insecure = options->insecure,
					.timeout_ms = options->timeout_ms,
					.progress = &display.progress };
	int code = prepare(options, &arena, &request, &policy, &err);
	if (code)
		return command_fail(&err);
	if (request.docker_config &&
	    scan_check_docker_config(str_of(request.docker_config), &err) != 0)
		print_line(stderr, "imagehook: warning: %s: %s", options->secret,
			   err.text);
	code = scan_one(&policy, &request, &arena, &display, &result, &err);
	if (code)
		return command_fail(&err);
	if (options->output && strcmp(options->output, "json") == 0)
		print_json(request.image, &result);
	else
		print_text(&result);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		(void)err_errno(&err, "cannot write the tags");
		return command_fail(&err);
	}
	return EXIT_DONE;
}

const struct command command_scan = {
	.name = "scan",
	.usage = "IMAGE [options]",
	.summary = "Lists the tags of an image, by bytes descending.",
	.details =
	    "Asks the image's registry for its tags: every valid one, none twice, nothing "
	    "excluded. What the command line names is permitted: the image's host also on "
	    "loopback or a private network and on any port. A list that stops half-way "
	    "is a failure.",
	.example = "imagehook scan ghcr.io/stefanprodan/podinfo | imagehook select "
		   "--semver '>=6.0.0'",
	.opts = scan_opts,
	.n_opts = ARRAY_LEN(scan_opts),
	.options_bytes = sizeof(struct scan_options),
	.run = run_scan,
};
