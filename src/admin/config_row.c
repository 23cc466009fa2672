/* SPDX-License-Identifier: MIT */
/* Every configuration key, and which values each type takes. */
#include "admin/config_row.h"
#include "base/cursor.h"
#include "base/gitconfig.h"
#include "base/text.h"
#include "base/when.h"
#include <arpa/inet.h>

static bool is_bool(struct str s)
{
	char text[16];
	bool ignored = false;
	if (s.len >= sizeof(text))
		return false;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	return gitconfig_bool(text, &ignored);
}

static bool is_duration(struct str s)
{
	int64_t ns = 0;
	return duration_parse_ns(s, &ns) && ns >= 0;
}

static bool is_number(struct str s)
{
	uint64_t number = 0;
	return number_parse(s, 1000000, &number);
}

static bool is_any(struct str s)
{
	(void)s;
	return true;
}

static bool is_write_mode(struct str s)
{
	return str_is(s, "direct") || str_is(s, "local-push") ||
	       str_is(s, "remote-push") || str_is(s, "none");
}

/* Git's rules for a branch name, as far as a look at the text decides them. */
static bool is_branch(struct str s)
{
	static const char *const forbidden[] = { "..", "//", "@{", "/.", ".lock/" };
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
		if (str_find(s, str_of(forbidden[i])) < s.len)
			return false;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || strchr("~^:?*[\\\x7f", s.ptr[i]))
			return false;
	char first = s.ptr[0];
	char last = s.ptr[s.len - 1];
	return first != '-' && first != '/' && first != '.' && last != '/' &&
	       last != '.' && !str_ends(s, STR(".lock")) && !str_is(s, "@") &&
	       !str_starts(s, STR("refs/"));
}

/* A folder inside the tree. */
static bool is_tree_path(struct str s)
{
	struct str rest = s;
	struct str part;
	if (s.ptr[0] == '/')
		return false;
	while (str_split(&rest, '/', &part))
		if (str_is(part, ".."))
			return false;
	return true;
}

static bool is_absolute(struct str s)
{
	return s.ptr[0] == '/';
}

static bool is_address_range(struct str s)
{
	char text[64];
	unsigned char address[16];
	struct str rest = s;
	struct str host;
	(void)str_split(&rest, '/', &host);
	if (host.len >= sizeof(text))
		return false;
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	bool is_v4 = inet_pton(AF_INET, text, address) == 1;
	if (!is_v4 && inet_pton(AF_INET6, text, address) != 1)
		return false;
	uint64_t bits = 0;
	return !rest.ptr || number_parse(rest, is_v4 ? 32 : 128, &bits);
}

/* `[USE=]HOST[:PORT][/PATH]`: the HTTP engine interprets it, here only the shape counts.
 */
static bool is_host_entry(struct str s)
{
	struct str rest = s;
	if (cursor_text(&rest, "scan=") || cursor_text(&rest, "notify="))
		s = rest;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || strchr("=@?#\\", s.ptr[i]))
			return false;
	return s.len > 0 && s.ptr[0] != '/' && str_find(s, STR("://")) == s.len;
}

static bool is_proxy(struct str s)
{
	static const char *const schemes[] = { "http://", "https://", "socks5://",
					       "socks5h://" };
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_starts(s, str_of(schemes[i])))
			return s.len > strlen(schemes[i]) &&
			       str_find_char(s, ' ') == s.len;
	return false;
}

static bool is_mapping(struct str s)
{
	struct str rest = s;
	struct str name;
	return str_split(&rest, '=', &name) && text_is_dns_subdomain(name) && rest.ptr &&
	       rest.len && rest.ptr[0] == '/';
}

static bool is_identity(struct str s)
{
	size_t open = str_find_char(s, '<');
	size_t close = str_find_char(s, '>');
	return open > 1 && s.ptr[open - 1] == ' ' && close > open + 1 &&
	       close + 1 == s.len;
}

/* A misspelt kind would suspend nothing, and nobody would know. */
static bool is_kind(struct str s)
{
	static const char *const kinds[] = {
		"Provider",
		"Alert",
#define EVENT_KIND(name, api_version) name,
#include "model/event_kinds.list"
#undef EVENT_KIND
	};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_is(s, kinds[i]))
			return true;
	return false;
}

/* Cuts off what stands behind the last slash. */
static struct str take_last(struct str *path)
{
	size_t slash = str_rfind_char(*path, '/');
	bool found = slash < path->len;
	struct str last = found ? str_from(*path, slash + 1) : *path;
	*path = str_slice(*path, 0, found ? slash : 0);
	return last;
}

/* `[CLUSTER/]KIND/NS/NAME` */
static bool is_object(struct str s)
{
	struct str rest = s;
	struct str name = take_last(&rest);
	struct str namespace = take_last(&rest);
	return text_is_dns_subdomain(name) && text_is_dns_label(namespace) &&
	       is_kind(take_last(&rest));
}

static bool is_repository_id(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_digit(s.ptr[i]) && (s.ptr[i] < 'a' || s.ptr[i] > 'f'))
			return false;
	return s.len == 32;
}

const struct config_type config_type_bool = { "boolean",
					      "a boolean such as true or false", is_bool,
					      true };
const struct config_type config_type_duration = { "duration",
						  "a duration such as 5s or 1m30s",
						  is_duration, false };
const struct config_type config_type_number = { "number", "a number from 0 to 1000000",
						is_number, false };
static const struct config_type type_write = {
	"mode", "one of direct, local-push, remote-push, none", is_write_mode, true
};
static const struct config_type type_branch = {
	"branch", "a branch name such as main, without 'refs/heads/'", is_branch, true
};
static const struct config_type type_tree_path = { "path", "a path inside the repository",
						   is_tree_path, true };
static const struct config_type type_namespace = {
	"name", "a namespace of letters a-z, digits and '-'", text_is_dns_label, true
};
static const struct config_type type_host = {
	"host", "a host such as registry.internal:5000/team-a/ or scan=registry.internal",
	is_host_entry, true
};
static const struct config_type type_range = {
	"range", "an address range such as 10.0.0.0/8 or fd00::/8", is_address_range,
	false
};
static const struct config_type type_glob = { "glob", "a pattern", is_any, true };
static const struct config_type type_mapping = {
	"NAME=DIR", "a mapping such as infra=/srv/git/infra.git", is_mapping, true
};
static const struct config_type type_identity = {
	"identity", "an identity such as 'Image Bot <bot@example.com>'", is_identity, true
};
static const struct config_type type_absolute = { "path", "an absolute path", is_absolute,
						  true };
static const struct config_type type_proxy = {
	"URL", "a proxy such as http://proxy.internal:3128", is_proxy, true
};
static const struct config_type type_object = {
	"object", "an object such as ImagePolicy/flux-system/web", is_object, true
};
static const struct config_type type_id = {
	"id", "an id of 32 hex digits; 'imagehook install' writes it", is_repository_id,
	false
};

const struct config_row config_rows[CONFIG_KEYS] = {
	[CONFIG_ENABLED] = {
		.name = "imagehook.enabled", .type = &config_type_bool, .fallback = "true",
		.help = "Whether imagehook does anything at all. 'false' in the system "
			"file stops every repository of the host and cannot be "
			"overruled.",
	},
	[CONFIG_WRITE] = {
		.name = "imagehook.write", .type = &type_write, .fallback = "", .widens = true,
		.fallback_text = "as the Git host needs it; direct on a plain repository",
		.help = "How commits reach the branch. 'none' does everything but commit "
			"and send; in the system file it cannot be overruled. 'direct' "
			"written here also permits writing past hooks that guard the "
			"repository.",
	},
	[CONFIG_BRANCH] = {
		.name = "imagehook.branch", .type = &type_branch, .fallback = "", .widens = true,
		.fallback_text = "the branch that HEAD names",
		.help = "The one branch whose documents count.",
	},
	[CONFIG_PATH] = {
		.name = "imagehook.path", .type = &type_tree_path, .fallback = "", .multi = true,
		.fallback_text = "the whole tree",
		.help = "A folder below which documents are read. Each value is a cluster "
			"with names of its own.",
	},
	[CONFIG_NAMESPACE] = {
		.name = "imagehook.namespace", .type = &type_namespace, .fallback = "flux-system",
		.help = "The namespace of documents that name none.",
	},
	[CONFIG_FOREGROUND] = {
		.name = "imagehook.foreground", .type = &config_type_duration, .fallback = "5s",
		.help = "How long a push waits for the run that it started. After that "
			"the run goes on in the background.",
	},
	[CONFIG_ALLOW_HOST] = {
		.name = "imagehook.allowHost", .type = &type_host, .fallback = "", .multi = true,
		.widens = true, .fallback_text = "none",
		.help = "A host that may be contacted although it is on a private or "
			"loopback address or on an unusual port. May name a use (scan=, "
			"notify=), a port and the beginning of a path.",
	},
	[CONFIG_INSECURE_HOST] = {
		.name = "imagehook.insecureHost", .type = &type_host, .fallback = "", .multi = true,
		.widens = true, .fallback_text = "none",
		.help = "A host to which 'insecure: true' may speak plain HTTP.",
	},
	[CONFIG_DENY_ADDRESS] = {
		.name = "imagehook.denyAddress", .type = &type_range, .fallback = "", .multi = true,
		.widens = true, .fallback_text = "none beside the built-in ones",
		.help = "Addresses that are never contacted, whatever name leads there.",
	},
	[CONFIG_PUSH_BRANCH] = {
		.name = "imagehook.pushBranch", .type = &type_glob, .fallback = "", .multi = true,
		.widens = true,
		.fallback_text = "the documents' branch and branches made by imagehook",
		.help = "Further branches that an automation may push to.",
	},
	[CONFIG_SOURCE] = {
		.name = "imagehook.source", .type = &type_mapping, .fallback = "", .multi = true,
		.widens = true, .fallback_text = "every name is this repository",
		.help = "Maps the name of a GitRepository to another bare repository of "
			"this host.",
	},
	[CONFIG_AUTHOR_EMAIL] = {
		.name = "imagehook.authorEmail", .type = &type_glob, .fallback = "", .multi = true,
		.fallback_text = "any",
		.help = "The author addresses that documents may use.",
	},
	[CONFIG_COMMITTER] = {
		.name = "imagehook.committer", .type = &type_identity, .fallback = "",
		.fallback_text = "the author",
		.help = "The committer of every commit.",
	},
	[CONFIG_MAX_COMMITS] = {
		.name = "imagehook.maxCommits", .type = &config_type_number, .fallback = "6",
		.help = "The most commits of one automation within an hour.",
	},
	[CONFIG_MAX_WORKERS] = {
		.name = "imagehook.maxWorkers", .type = &config_type_number, .fallback = "4",
		.help = "The most pushes that are worked on at once; the rest wait for the "
			"next run.",
	},
	[CONFIG_RUN_HOOKS] = {
		.name = "imagehook.runHooks", .type = &config_type_bool, .fallback = "true",
		.widens = true,
		.help = "Whether the repository's own post-receive and post-update hooks "
			"run for commits made by imagehook.",
	},
	[CONFIG_HOOK_TIMEOUT] = {
		.name = "imagehook.hookTimeout", .type = &config_type_duration, .fallback = "10m",
		.help = "How long such a hook may run.",
	},
	[CONFIG_STATE] = {
		.name = "imagehook.state", .type = &type_absolute, .fallback = "", .widens = true,
		.fallback_text = "/var/lib/imagehook where this user may write, else "
				 "~/.local/state/imagehook",
		.help = "The folder that keeps state and secrets. 'run --all' finds the "
			"repositories of the one that the system file names, or of the "
			"default: a repository with one of its own is not among them.",
	},
	[CONFIG_SECRETS] = {
		.name = "imagehook.secrets", .type = &type_absolute, .fallback = "", .widens = true,
		.fallback_text = "none",
		.help = "A further folder of secrets, NAMESPACE/NAME/KEY.",
	},
	[CONFIG_CA_FILE] = {
		.name = "imagehook.caFile", .type = &type_absolute, .fallback = "", .widens = true,
		.fallback_text = "the system's certificates alone",
		.help = "Certificates to trust beside the system's, PEM.",
	},
	[CONFIG_PROXY] = {
		.name = "imagehook.proxy", .type = &type_proxy, .fallback = "", .widens = true,
		.fallback_text = "none",
		.help = "The proxy for scans and deliveries.",
	},
	[CONFIG_REMIND_AFTER] = {
		.name = "imagehook.remindAfter", .type = &config_type_duration, .fallback = "0s",
		.help = "How often alerts are told again of a failure that lasts, as long as its document is there. '0s' is never.",
	},
	[CONFIG_NOTIFY_HOST] = {
		.name = "imagehook.notifyHost", .type = &type_glob, .fallback = "", .multi = true,
		.widens = true, .fallback_text = "any",
		.help = "The hosts that deliveries may go to.",
	},
	[CONFIG_STATUS] = {
		.name = "imagehook.statusContext", .type = &type_glob, .fallback = "",
		.multi = true, .widens = true, .fallback_text = "those below imagehook/",
		.help = "Further names that a Provider's commitStatusExpr may give a commit "
			"status. A name that a build uses would let a push pass for a "
			"built one.",
	},
	[CONFIG_SUSPEND] = {
		.name = "imagehook.suspend", .type = &type_object, .fallback = "", .multi = true,
		.fallback_text = "none",
		.help = "An object that is left alone as if its document said 'suspend: "
			"true'; written by 'imagehook suspend'. Without a cluster it is "
			"meant in every one.",
	},
	[CONFIG_ID] = {
		.name = "imagehook.id", .type = &type_id, .fallback = "", .repository = true,
		.fallback_text = "not installed",
		.help = "What state and secrets are kept under; written by 'imagehook "
			"install'.",
	},
};
