/* SPDX-License-Identifier: MIT */
/*
 * Image references. Decides what is one: the strict grammar that both Go libraries accept
 * (spaces, `..` components or odd hosts would reach the URL otherwise). For spec.image
 * the upstream parser, which is laxer, is asked first, so that what it refuses is refused
 * in its words.
 */
#include "stage/scan/reference.h"
#include "base/cursor.h"

enum {
	PATH_MAX_BYTES = 255,
	TAG_MAX_BYTES = 128,
	PORT_MAX = 65535,
	DIGEST_HEX = 64
};

#define HUB         "index.docker.io"
#define HUB_CONNECT "registry-1.docker.io"

/* A reference cut into its parts, nothing checked yet. */
struct parts {
	struct str host; /* ptr NULL: none */
	struct str path;
	struct str tag;    /* ptr NULL: none */
	struct str digest; /* ptr NULL: none */
};

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || char_is_digit(c);
}

static bool is_lower_hex(char c)
{
	return char_is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_tag_char(char c)
{
	return char_is_alnum(c) || c == '_' || c == '.' || c == '-';
}

bool reference_is_tag(struct str tag)
{
	if (tag.len == 0 || tag.len > TAG_MAX_BYTES || tag.ptr[0] == '.' ||
	    tag.ptr[0] == '-')
		return false;
	for (size_t i = 0; i < tag.len; i++)
		if (!is_tag_char(tag.ptr[i]))
			return false;
	return true;
}

bool reference_is_digest(struct str digest)
{
	struct str rest = digest;
	if (!cursor_text(&rest, "sha256:") || rest.len != DIGEST_HEX)
		return false;
	(void)cursor_while(&rest, is_lower_hex);
	return rest.len == 0;
}

/* Whether the text before the first slash is a host (spec of the Docker reference). */
static bool names_host(struct str first)
{
	return str_find_char(first, '.') < first.len ||
	       str_find_char(first, ':') < first.len || str_is(first, "localhost");
}

static struct parts split_reference(struct str text)
{
	struct parts parts = { 0 };
	size_t at = str_find_char(text, '@');
	if (at < text.len)
		parts.digest = (struct str){ text.ptr + at + 1, text.len - at - 1 };
	struct str rest = str_slice(text, 0, at);
	size_t slash = str_find_char(rest, '/');
	if (slash < rest.len && names_host(str_slice(rest, 0, slash))) {
		parts.host = str_slice(rest, 0, slash);
		rest = str_from(rest, slash + 1);
	}
	size_t colon = str_find_char(rest, ':');
	if (colon < rest.len)
		parts.tag = (struct str){ rest.ptr + colon + 1, rest.len - colon - 1 };
	parts.path = str_slice(rest, 0, colon);
	return parts;
}

static bool is_label(struct str label)
{
	if (label.len == 0 || label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!char_is_alnum(label.ptr[i]) && label.ptr[i] != '-')
			return false;
	return true;
}

static bool is_ipv6_literal(struct str name)
{
	if (name.len < 3 || name.ptr[0] != '[' || name.ptr[name.len - 1] != ']')
		return false;
	for (size_t i = 1; i + 1 < name.len; i++)
		if (!char_is_hex(name.ptr[i]) && name.ptr[i] != ':')
			return false;
	return true;
}

/* NULL when the host is well formed, else what is wrong. */
static const char *check_host(struct str host)
{
	size_t colon = str_rfind_char(host, ':');
	size_t bracket = str_rfind_char(host, ']');
	struct str name = host;
	if (colon < host.len && (bracket == host.len || bracket < colon)) {
		uint64_t port = 0;
		name = str_slice(host, 0, colon);
		if (!number_parse(str_from(host, colon + 1), PORT_MAX, &port) ||
		    port == 0)
			return "the port is not a number from 1 to 65535";
	}
	if (name.len && name.ptr[0] == '[')
		return is_ipv6_literal(name) ? NULL : "the host is not well formed";
	struct str label;
	if (name.len == 0)
		return "the host is not well formed";
	while (str_split(&name, '.', &label))
		if (!is_label(label))
			return "the host is not well formed";
	return NULL;
}

/* 1*alnum *( separator 1*alnum ), separator one of `.`, `_`, `__`, dashes. */
static bool is_component(struct str component)
{
	struct str rest = component;
	if (cursor_while(&rest, is_lower_alnum).len == 0)
		return false;
	while (rest.len) {
		if (cursor_char(&rest, '-')) {
			while (cursor_char(&rest, '-'))
				;
		} else if (cursor_char(&rest, '_')) {
			(void)cursor_char(&rest, '_');
		} else if (!cursor_char(&rest, '.')) {
			return false;
		}
		if (cursor_while(&rest, is_lower_alnum).len == 0)
			return false;
	}
	return true;
}

static bool is_path(struct str path)
{
	struct str component;
	if (path.len == 0 || path.len > PATH_MAX_BYTES)
		return false;
	while (str_split(&path, '/', &component))
		if (!is_component(component))
			return false;
	return true;
}

static bool is_image_id(struct str text)
{
	(void)cursor_while(&text, is_lower_hex);
	return text.len == 0;
}

static const char *check_parts(const struct parts *parts, struct str text,
			       struct str repository)
{
	if (text.len == 0)
		return "it is empty";
	if (str_find(text, STR("://")) < text.len)
		return "it has a URL scheme";
	if (text.len == DIGEST_HEX && is_image_id(text))
		return "it is an image id, not a name";
	if (parts->digest.ptr && !reference_is_digest(parts->digest))
		return "the digest is not 'sha256:' and 64 lower-case hex digits";
	const char *wrong = parts->host.ptr ? check_host(parts->host) : NULL;
	if (wrong)
		return wrong;
	if (parts->tag.ptr && !reference_is_tag(parts->tag))
		return "the tag is not [A-Za-z0-9_] and up to 127 of [A-Za-z0-9_.-]";
	if (!is_path(repository))
		return "the path is not lower-case words of [a-z0-9] joined by '.', '_', "
		       "'__', '-' and '/', at most 255 bytes";
	return NULL;
}

static const char *lower_host(struct arena *arena, struct str host)
{
	char *copy = arena_strndup(arena, host);
	for (size_t i = 0; i < host.len; i++)
		copy[i] = char_lower(copy[i]);
	return copy;
}

/* Fills *out; NULL or what is wrong. */
static const char *parse_strict(struct str text, struct arena *arena,
				struct reference *out)
{
	struct parts parts = split_reference(text);
	struct reference reference = { 0 };
	reference.registry = parts.host.ptr ? lower_host(arena, parts.host) : HUB;
	if (strcmp(reference.registry, "docker.io") == 0)
		reference.registry = HUB;
	bool is_hub = strcmp(reference.registry, HUB) == 0;
	reference.connect = is_hub ? HUB_CONNECT : reference.registry;
	bool is_library = is_hub && str_find_char(parts.path, '/') == parts.path.len;
	reference.repository = arena_printf(arena, "%s%.*s", is_library ? "library/" : "",
					    STR_ARG(parts.path));
	const char *wrong = check_parts(&parts, text, str_of(reference.repository));
	if (wrong)
		return wrong;
	if (parts.path.len == 0)
		return "the path is empty";
	reference.tag = parts.tag.ptr ? arena_strndup(arena, parts.tag) : NULL;
	reference.digest = parts.digest.ptr ? arena_strndup(arena, parts.digest) : NULL;
	reference.canonical =
	    arena_printf(arena, "%s/%s", reference.registry, reference.repository);
	*out = reference;
	return NULL;
}

int reference_parse(const char *text, struct arena *arena, struct reference *out,
		    struct err *err)
{
	const char *wrong = parse_strict(str_of(text), arena, out);
	if (wrong)
		return err_set(err, ERR_INVALID, "could not parse reference: %s (%s)",
			       text, wrong);
	return 0;
}

/* What upstream's parser accepts as host: what survives as the authority of a URL. */
static bool upstream_accepts_host(struct str host)
{
	size_t colon = str_rfind_char(host, ':');
	size_t bracket = str_rfind_char(host, ']');
	struct str name = host;
	if (colon < host.len && (bracket == host.len || bracket < colon)) {
		struct str port = str_from(host, colon + 1);
		(void)cursor_while(&port, char_is_digit);
		if (port.len)
			return false;
		name = str_slice(host, 0, colon);
	}
	if (name.len && name.ptr[0] == '[')
		return name.ptr[name.len - 1] == ']';
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if ((unsigned char)c < 0x80 && !char_is_alnum(c) &&
		    !strchr("-_.~!$&'()*+,;=:[]<>\"", c))
			return false;
	}
	return true;
}

static bool upstream_accepts_name(struct str name, struct str *registry)
{
	struct str path = name;
	size_t slash = str_find_char(name, '/');
	*registry = STR(HUB);
	if (slash < name.len && names_host(str_slice(name, 0, slash))) {
		*registry = str_slice(name, 0, slash);
		path = str_from(name, slash + 1);
		if (!upstream_accepts_host(*registry))
			return false;
	}
	if (path.len == 0 || path.len > PATH_MAX_BYTES)
		return false;
	for (size_t i = 0; i < path.len; i++)
		if (!is_lower_alnum(path.ptr[i]) && !strchr("_./-", path.ptr[i]))
			return false;
	return true;
}

static bool upstream_accepts_tagged(struct str text, struct str *registry)
{
	size_t colon = str_rfind_char(text, ':');
	struct str tag = str_from(text, colon + 1);
	if (colon == text.len || str_find_char(tag, '/') < tag.len)
		return upstream_accepts_name(text, registry);
	if (tag.len == 0 || tag.len > TAG_MAX_BYTES)
		return false;
	(void)cursor_while(&tag, is_tag_char);
	return tag.len == 0 && upstream_accepts_name(str_slice(text, 0, colon), registry);
}

/* First as name:tag, then as name[:tag]@digest; *registry is set when it is one. */
static bool upstream_accepts(struct str text, struct str *registry)
{
	if (upstream_accepts_tagged(text, registry))
		return true;
	size_t at = str_find_char(text, '@');
	return at < text.len && reference_is_digest(str_from(text, at + 1)) &&
	       upstream_accepts_tagged(str_slice(text, 0, at), registry);
}

int reference_parse_image(const char *text, struct arena *arena, struct reference *out,
			  struct err *err)
{
	struct str image = str_of(text);
	struct str registry = { 0 };
	size_t scheme = str_find(image, STR("://"));
	if (scheme < image.len)
		return err_set(
		    err, ERR_INVALID,
		    "image '%s' should not include URL scheme; remove '%.*s://'", text,
		    STR_ARG(str_slice(image, 0, scheme)));
	if (!upstream_accepts(image, &registry))
		return err_set(err, ERR_INVALID, "could not parse reference: %s", text);
	struct str rest = image;
	if (str_starts(rest, registry))
		rest = str_from(rest, registry.len);
	size_t colon = str_find_char(rest, ':');
	if (colon < rest.len)
		return err_set(err, ERR_INVALID,
			       "image '%s' should not include a tag; remove ':%.*s'",
			       text, STR_ARG(str_from(rest, colon + 1)));
	return reference_parse(text, arena, out, err);
}
