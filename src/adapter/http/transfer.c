/* SPDX-License-Identifier: MIT */
/*
 * One transfer: which libcurl options it gets, what its callbacks let through, and how
 * libcurl's result reads. The queue around it is in http.c.
 */
#include "adapter/http/engine.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/version.h"
#include "base/when.h"
#include <dirent.h>
#include <netinet/in.h>
#include <unistd.h>

enum {
	CONNECT_TIMEOUT_MS = 10000,
	EXCHANGE_TIMEOUT_MS = 60000,
	HTTPS_PORT = 443,
	HTTP_PORT = 80,
	CA_BUNDLE_BYTES = 4194304
};

/* Whether the policy lets a socket to that address and port be opened. */
static bool permits(struct exchange *exchange, const struct address *address,
		    unsigned port)
{
	struct http *http = exchange->http;
	bool proxied = exchange->request.connection.proxy_url != NULL;
	bool listed = proxied ? exchange->proxy_listed : exchange->listed;
	if (!http->local_known) {
		address_local(&http->arena, &http->local);
		http->local_known = true;
	}
	enum address_class class = address_judge(address, &http->denied, &http->local);
	unsigned usual = exchange->is_plain && !proxied ? HTTP_PORT : HTTPS_PORT;
	if (class == ADDRESS_PUBLIC && (listed || port == usual))
		return true;
	if (class == ADDRESS_LISTED && listed)
		return true;
	address_format(address, exchange->denied);
	return false;
}

static unsigned port_of(const struct sockaddr *sockaddr)
{
	if (sockaddr->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, sockaddr, sizeof(in));
		return ntohs(in.sin_port);
	}
	struct sockaddr_in6 in6;
	memcpy(&in6, sockaddr, sizeof(in6));
	return ntohs(in6.sin6_port);
}

static curl_socket_t on_open_socket(void *ctx, curlsocktype purpose,
				    struct curl_sockaddr *at)
{
	struct exchange *exchange = ctx;
	struct address address;
	if (purpose != CURLSOCKTYPE_IPCXN || !address_of(&at->addr, &address) ||
	    !permits(exchange, &address, port_of(&at->addr)))
		return CURL_SOCKET_BAD;
	return socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol);
}

/* Before each request, also on a connection that another exchange opened. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the signature is curl's */
static int on_request(void *ctx, char *remote_ip, char *local_ip, int remote_port,
		      int local_port)
{
	struct exchange *exchange = ctx;
	struct address address;
	(void)local_ip;
	(void)local_port;
	if (address_parse(str_of(remote_ip), &address) &&
	    permits(exchange, &address, (unsigned)remote_port))
		return CURL_PREREQFUNC_OK;
	return CURL_PREREQFUNC_ABORT;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the signature is curl's */
static size_t on_header(char *data, size_t size, size_t n, void *ctx)
{
	struct exchange *exchange = ctx;
	if (headers_take(exchange, (struct str){ data, size * n }))
		return size * n;
	exchange->headers_too_large = true;
	return 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the signature is curl's */
static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct exchange *exchange = ctx;
	struct str chunk = { data, size * n };
	return buf_append(&exchange->body, chunk) ? size * n : 0;
}

/* Collects the first failure of a row of options. */
#define SET(option, value)                                                          \
	do {                                                                        \
		if (code == CURLE_OK)                                               \
			code = curl_easy_setopt(exchange->easy, (option), (value)); \
	} while (0)

static CURLcode set_blob(CURL *easy, CURLoption option, const char *text)
{
	struct curl_blob blob = { .len = strlen(text), .flags = CURL_BLOB_COPY };
	/* libcurl only reads; its struct has no const */
	memcpy(&blob.data, &text, sizeof(text));
	return curl_easy_setopt(easy, option, &blob);
}

static bool is_hash_link(const char *name)
{
	struct str rest = str_of(name);
	return cursor_while(&rest, char_is_hex).len == 8 && cursor_char(&rest, '.') &&
	       number_parse(rest, 99, &(uint64_t){ 0 });
}

static void close_dir(DIR *const *dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* The system's folder of CA certificates by hash, if it is one: OpenSSL reads only what
 * a chain needs from it, where the bundle costs 30 ms before the first byte. */
static const char *hashed_folder(struct http *http)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	if (http->ca_looked_for)
		return http->ca_folder;
	http->ca_looked_for = true;
	DIR *dir CLEANUP(close_dir) = info->capath ? opendir(info->capath) : NULL;
	const struct dirent *entry = NULL;
	while (dir && !http->ca_folder && (entry = readdir(dir)) != NULL)
		if (is_hash_link(entry->d_name))
			http->ca_folder = info->capath;
	return http->ca_folder;
}

/*
 * The system's CAs and beside them, or in their place, the request's own. Both are set as
 * options that libcurl compares before it uses a connection again, which a callback would
 * not be.
 */
static CURLcode set_ca(struct exchange *exchange)
{
	const char *ca_pem = exchange->request.connection.ca_pem;
	bool alone = ca_pem && exchange->request.connection.ca_alone;
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	const char *folder = alone ? NULL : hashed_folder(exchange->http);
	struct buf bundle BUF_CLEANUP = BUF_INIT(CA_BUNDLE_BYTES);
	struct err ignored = ERR_INIT;
	CURLcode code = CURLE_OK;
	SET(CURLOPT_CAPATH, folder);
	if (folder || alone)
		SET(CURLOPT_CAINFO, NULL);
	if (!ca_pem || code != CURLE_OK)
		return code;
	if (folder || alone)
		return set_blob(exchange->easy, CURLOPT_CAINFO_BLOB, ca_pem);
	if (info->cainfo && file_read(info->cainfo, &bundle, &ignored) != 0)
		buf_truncate(&bundle, 0);
	(void)buf_putc(&bundle, '\n');
	(void)buf_puts(&bundle, ca_pem);
	return set_blob(exchange->easy, CURLOPT_CAINFO_BLOB, buf_cstr(&bundle));
}

/* NOLINTNEXTLINE(readability-function-size): each SET is a statement of many */
static CURLcode set_tls(struct exchange *exchange)
{
	const struct http_connection *connection = &exchange->request.connection;
	CURLcode code = CURLE_OK;
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (code == CURLE_OK)
		code = set_ca(exchange);
	if (!connection->cert_pem || !connection->key_pem || code != CURLE_OK)
		return code;
	/* The key stands in the certificate's blob as well: libcurl compares that one
	 * alone before it reuses a connection, and whoever knows only the certificate
	 * must not get one. */
	const char *both = arena_printf(&exchange->own, "%s\n%s", connection->cert_pem,
					connection->key_pem);
	SET(CURLOPT_KEYPASSWD, ""); /* else OpenSSL would ask the terminal */
	SET(CURLOPT_SSLCERTTYPE, "PEM");
	SET(CURLOPT_SSLKEYTYPE, "PEM");
	if (code == CURLE_OK)
		code = set_blob(exchange->easy, CURLOPT_SSLCERT_BLOB, both);
	if (code == CURLE_OK)
		code = set_blob(exchange->easy, CURLOPT_SSLKEY_BLOB, connection->key_pem);
	return code;
}

static CURLcode set_proxy(struct exchange *exchange)
{
	const struct http_connection *connection = &exchange->request.connection;
	const char *url = connection->proxy_url;
	CURLcode code = CURLE_OK;
	SET(CURLOPT_NOPROXY, ""); /* neither variable of the environment counts */
	if (!url || !url[0]) {
		SET(CURLOPT_PROXY, "");
		return code;
	}
	/* the proxy resolves the name, as upstream has it */
	if (strncmp(url, "socks5://", 9) == 0)
		url = arena_printf(&exchange->own, "socks5h://%s", url + 9);
	SET(CURLOPT_PROXY, url);
	if (!connection->proxy_username || !connection->proxy_username[0])
		return code;
	SET(CURLOPT_PROXYUSERNAME, connection->proxy_username);
	SET(CURLOPT_PROXYPASSWORD,
	    connection->proxy_password ? connection->proxy_password : "");
	SET(CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
	/* libcurl does not compare these credentials before it reuses a tunnel */
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	return code;
}

static bool add_header(struct exchange *exchange, const char *line)
{
	struct curl_slist *list = curl_slist_append(exchange->header_list, line);
	if (list)
		exchange->header_list = list;
	return list != NULL;
}

static CURLcode set_headers(struct exchange *exchange)
{
	const struct http_headers *headers = &exchange->request.headers;
	CURLcode code = CURLE_OK;
	bool ok = add_header(exchange, "Expect:");
	for (size_t i = 0; i < headers->len; i++)
		ok = ok &&
		     add_header(
			 exchange,
			 arena_printf(&exchange->own,
				      headers->items[i].value[0] ? "%s: %s" : "%s;%s",
				      headers->items[i].name, headers->items[i].value));
	if (!ok)
		return CURLE_OUT_OF_MEMORY;
	SET(CURLOPT_HTTPHEADER, exchange->header_list);
	return code;
}

static CURLcode set_method(struct exchange *exchange)
{
	const struct http_request *request = &exchange->request;
	CURLcode code = CURLE_OK;
	if (strcmp(request->method, "HEAD") == 0) {
		SET(CURLOPT_NOBODY, 1L);
	} else if (strcmp(request->method, "GET") == 0) {
		SET(CURLOPT_HTTPGET, 1L);
	} else {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
		SET(CURLOPT_POSTFIELDS, request->body.ptr ? request->body.ptr : "");
		SET(CURLOPT_CUSTOMREQUEST, request->method);
	}
	return code;
}

static CURLcode set_times(struct exchange *exchange)
{
	const struct http_request *request = &exchange->request;
	int64_t whole =
	    request->timeout_ms > 0 ? request->timeout_ms : EXCHANGE_TIMEOUT_MS;
	CURLcode code = CURLE_OK;
	if (request->deadline_ms) {
		int64_t left = request->deadline_ms - when_monotonic_ms();
		whole = left < whole ? left : whole;
	}
	whole = whole < 1 ? 1 : whole;
	int64_t connect = whole < CONNECT_TIMEOUT_MS ? whole : CONNECT_TIMEOUT_MS;
	SET(CURLOPT_TIMEOUT_MS, (long)whole);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)connect);
	return code;
}

/* NOLINTNEXTLINE(readability-function-size): each SET is a statement of many */
static CURLcode set_rest(struct exchange *exchange)
{
	const struct http_request *request = &exchange->request;
	const char *agent = exchange->http->policy->user_agent;
	CURLcode code = CURLE_OK;
	SET(CURLOPT_URL, request->url);
	SET(CURLOPT_PROTOCOLS_STR, exchange->is_plain ? "http" : "https");
	SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_HTTP_VERSION, (long)(exchange->http1_only ? CURL_HTTP_VERSION_1_1
							      : CURL_HTTP_VERSION_2TLS));
	/* without TLS nothing says early that a connection cannot be shared, and all
	 * would wait for the first answer */
	SET(CURLOPT_PIPEWAIT, exchange->is_plain ? 0L : 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_SHARE, exchange->http->share);
	SET(CURLOPT_USERAGENT, agent ? agent : "imagehook/" IMAGEHOOK_VERSION);
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(CURLOPT_ERRORBUFFER, exchange->curl_text);
	SET(CURLOPT_PRIVATE, exchange);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	SET(CURLOPT_OPENSOCKETDATA, exchange);
	SET(CURLOPT_PREREQFUNCTION, on_request);
	SET(CURLOPT_PREREQDATA, exchange);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, exchange);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, exchange);
	if (strcmp(request->method, "HEAD") != 0 && !request->status_suffices)
		SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)exchange->body.max);
	return code;
}

int transfer_prepare(struct exchange *exchange, struct err *err)
{
	CURLcode code = set_rest(exchange);
	if (code == CURLE_OK)
		code = set_method(exchange);
	if (code == CURLE_OK)
		code = set_headers(exchange);
	if (code == CURLE_OK)
		code = set_times(exchange);
	if (code == CURLE_OK)
		code = set_proxy(exchange);
	if (code == CURLE_OK)
		code = set_tls(exchange);
	if (code != CURLE_OK)
		return err_set(err, ERR_INTERNAL, "libcurl refuses an option: %s",
			       curl_easy_strerror(code));
	return 0;
}

static const struct {
	CURLcode curl;
	int code;
	enum http_fault fault;
	const char *text; /* %s: the host */
} results[] = {
	{ CURLE_COULDNT_RESOLVE_PROXY, ERR_NETWORK, HTTP_FAULT_PROXY,
	  "the proxy has no address" },
	{ CURLE_COULDNT_RESOLVE_HOST, ERR_NETWORK, HTTP_FAULT_RESOLVE,
	  "the host has no address" },
	{ CURLE_COULDNT_CONNECT, ERR_NETWORK, HTTP_FAULT_CONNECT, "cannot connect" },
	{ CURLE_PROXY, ERR_NETWORK, HTTP_FAULT_PROXY, "the proxy failed" },
	{ CURLE_SSL_CONNECT_ERROR, ERR_NETWORK, HTTP_FAULT_HANDSHAKE,
	  "the TLS handshake failed" },
	{ CURLE_PEER_FAILED_VERIFICATION, ERR_DENIED, HTTP_FAULT_CERTIFICATE,
	  "the server's certificate is not trusted" },
	{ CURLE_SSL_CACERT_BADFILE, ERR_INVALID, HTTP_FAULT_CERTIFICATE,
	  "the CA certificates cannot be read" },
	{ CURLE_SSL_CERTPROBLEM, ERR_INVALID, HTTP_FAULT_CERTIFICATE,
	  "the client certificate or its key cannot be used" },
	{ CURLE_FILESIZE_EXCEEDED, ERR_LIMIT, HTTP_FAULT_LIMIT,
	  "the answer is too large" },
	{ CURLE_GOT_NOTHING, ERR_NETWORK, HTTP_FAULT_BROKEN,
	  "the connection was closed without an answer" },
	{ CURLE_PARTIAL_FILE, ERR_NETWORK, HTTP_FAULT_BROKEN,
	  "the connection was closed within the answer" },
	{ CURLE_RECV_ERROR, ERR_NETWORK, HTTP_FAULT_BROKEN, "the connection was lost" },
	{ CURLE_SEND_ERROR, ERR_NETWORK, HTTP_FAULT_BROKEN, "the connection was lost" },
};

static int result_text(const struct exchange *exchange, CURLcode result,
		       enum http_fault *fault, struct err *err)
{
	curl_off_t connected = 0;
	if (result == CURLE_OPERATION_TIMEDOUT) {
		(void)curl_easy_getinfo(exchange->easy, CURLINFO_CONNECT_TIME_T,
					&connected);
		if (connected == 0) /* on a connection that stood already */
			(void)curl_easy_getinfo(exchange->easy,
						CURLINFO_PRETRANSFER_TIME_T, &connected);
		*fault = connected ? HTTP_FAULT_TIMEOUT : HTTP_FAULT_CONNECT;
		return err_set(err, ERR_TIMEOUT,
			       connected ? "no answer in time" : "no connection in time");
	}
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		if (results[i].curl != result)
			continue;
		*fault = results[i].fault;
		return err_set(err, results[i].code, "%s", results[i].text);
	}
	*fault = HTTP_FAULT_BROKEN;
	return err_set(err, ERR_NETWORK, "%s", curl_easy_strerror(result));
}

/* What our own callbacks stopped; false when libcurl's result tells the story. */
static bool stopped_by_us(struct exchange *exchange, CURLcode result, struct err *err)
{
	enum http_fault *fault = &exchange->response.fault;
	if (exchange->denied[0] &&
	    (result == CURLE_COULDNT_CONNECT || result == CURLE_ABORTED_BY_CALLBACK)) {
		*fault = HTTP_FAULT_DENIED;
		(void)err_set(err, ERR_DENIED, "address %s is not permitted",
			      exchange->denied);
	} else if (exchange->headers_too_large) {
		*fault = HTTP_FAULT_LIMIT;
		(void)err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_HEADER_BYTES));
	} else if (exchange->body.full) {
		*fault = HTTP_FAULT_LIMIT;
		(void)err_set(err, ERR_LIMIT, "limit: %zu bytes of one answer",
			      exchange->body.max);
	} else {
		return false;
	}
	return true;
}

/* What libcurl adds to its result; OpenSSL's words for bytes that are no TLS record name
 * what nobody would look for. */
static const char *explain(const struct exchange *exchange)
{
	return strstr(exchange->curl_text, "wrong version number")
		   ? "what answers is not TLS, perhaps plain HTTP"
		   : exchange->curl_text;
}

int transfer_result(struct exchange *exchange, CURLcode result, struct err *err)
{
	struct http_response *response = &exchange->response;
	long status = 0;
	response->elapsed_ms = when_monotonic_ms() - exchange->started_ms;
	if (exchange->easy)
		(void)curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
	response->status = (int)status;
	response->body = buf_to_arena(&exchange->body, exchange->arena);
	if (result == CURLE_OK || (exchange->request.status_suffices && status >= 200))
		return 0;
	bool ours = stopped_by_us(exchange, result, err);
	if (!ours) {
		(void)result_text(exchange, result, &response->fault, err);
		if (exchange->curl_text[0])
			(void)err_set(
			    err, err->code, "%s: %s",
			    arena_strdup(exchange->arena, err->text),
			    text_clean(exchange->arena, str_of(explain(exchange)), 300));
	}
	return err->code;
}
