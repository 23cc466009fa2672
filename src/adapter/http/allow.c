/* SPDX-License-Identifier: MIT */
/* Reading and matching of entries of imagehook.allowHost and imagehook.insecureHost. */
#include "adapter/http/allow.h"
#include "adapter/http/address.h"
#include "base/cursor.h"
#include "base/text.h"

struct entry {
	struct str use; /* empty: any */
	struct str host;
	unsigned port;   /* 0: any */
	struct str path; /* empty: any */
};

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_host_char(char c)
{
	return char_is_alnum(c) || strchr("-._*?", c);
}

static bool is_ipv6_char(char c)
{
	return char_is_hex(c) || c == ':' || c == '.';
}

/* False when the text is not an entry. */
static bool parse_entry(struct str text, struct entry *out)
{
	struct entry entry = { 0 };
	struct str rest = text;
	struct str use = cursor_while(&rest, is_lower);
	if (use.len && cursor_char(&rest, '='))
		entry.use = use;
	else
		rest = text;
	const char *host = rest.ptr;
	if (cursor_char(&rest, '[')) {
		(void)cursor_while(&rest, is_ipv6_char);
		if (!cursor_char(&rest, ']'))
			return false;
	} else {
		(void)cursor_while(&rest, is_host_char);
	}
	entry.host = (struct str){ host, (size_t)(rest.ptr - host) };
	if (cursor_char(&rest, ':')) {
		uint64_t port = 0;
		if (!cursor_number(&rest, 65535, &port) || port == 0)
			return false;
		entry.port = (unsigned)port;
	}
	if (rest.len && rest.ptr[0] != '/')
		return false;
	entry.path = rest;
	*out = entry;
	return entry.host.len > 0;
}

/* The host in one form: lower case, without a last dot, an address as it prints. */
static struct str plain_host(struct str host, char out[256])
{
	struct address address;
	if (host.len > 1 && host.ptr[host.len - 1] == '.')
		host.len--;
	if (address_parse(host, &address)) {
		address_format(&address, out);
		return str_of(out);
	}
	size_t len = host.len < 255 ? host.len : 255;
	for (size_t i = 0; i < len; i++)
		out[i] = char_lower(host.ptr[i]);
	return (struct str){ out, len };
}

/* The next byte of a path as a server may read it, as far as it matters for folders. */
static char take_path_char(struct str *path)
{
	static const struct {
		const char *text;
		char c;
	} escaped[] = { { "%2e", '.' }, { "%2f", '/' }, { "%5c", '/' }, { "\\", '/' } };

	for (size_t i = 0; i < ARRAY_LEN(escaped); i++) {
		const char *at = escaped[i].text;
		size_t len = 0;
		while (len < path->len && at[len] &&
		       char_lower(path->ptr[len]) == at[len])
			len++;
		if (at[len])
			continue;
		*path = str_from(*path, len);
		return escaped[i].c;
	}
	char c = path->ptr[0];
	*path = str_from(*path, 1);
	return c;
}

/* Whether a part of the path is `..`, or begins so: some servers drop what follows. */
static bool climbs(struct str path)
{
	size_t dots = 0; /* at the part's beginning; 3: it begins otherwise */
	while (path.len) {
		char c = take_path_char(&path);
		if (c == '/')
			dots = 0;
		else if (c != '.' && dots < 2)
			dots = 3;
		else if (c == '.' && dots < 2)
			dots++;
		if (dots == 2)
			return true;
	}
	return false;
}

static bool path_is_below(struct str path, struct str prefix)
{
	if (prefix.len && prefix.ptr[prefix.len - 1] == '/')
		prefix.len--;
	if (prefix.len == 0)
		return true;
	return str_starts(path, prefix) && !climbs(path) &&
	       (path.len == prefix.len || path.ptr[prefix.len] == '/');
}

static bool entry_matches(const struct entry *entry, const struct allow_target *target)
{
	char entry_host[256];
	char target_host[256];
	if (entry->use.len && !str_is(entry->use, target->use))
		return false;
	if (entry->port && entry->port != target->port)
		return false;
	if (!path_is_below(target->path, entry->path))
		return false;
	return text_glob(plain_host(entry->host, entry_host),
			 plain_host(target->host, target_host));
}

bool allow_matches(const struct strings *entries, const struct allow_target *target)
{
	for (size_t i = 0; i < entries->len; i++) {
		struct entry entry;
		if (parse_entry(str_of(entries->items[i]), &entry) &&
		    entry_matches(&entry, target))
			return true;
	}
	return false;
}

int allow_check(const char *text, struct err *err)
{
	struct entry entry;
	if (!parse_entry(str_of(text), &entry))
		return err_set(err, ERR_INVALID,
			       "'%s' is not [USE=]HOST[:PORT][/PATH] such as "
			       "registry.internal:5000/team-a/",
			       text);
	if (entry.use.len && !str_is(entry.use, "scan") && !str_is(entry.use, "notify"))
		return err_set(err, ERR_INVALID, "'%s': the use is scan or notify", text);
	return 0;
}
