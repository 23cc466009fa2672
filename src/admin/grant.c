/* SPDX-License-Identifier: MIT */
/* Which use and which address a grant covers, and the file that says so. */
#include "admin/grant.h"
#include "admin/secret.h"
#include "admin/secret_dir.h"
#include "base/file.h"
#include "base/limits.h"
#include <errno.h>
#include <unistd.h>

/* An address in parts, as views of its text. */
struct target {
	struct str scheme, host, port, path;
};

static struct str without_end(struct str path)
{
	while (path.len && path.ptr[path.len - 1] == '/')
		path.len--;
	if (str_ends(path, STR(".git")))
		path.len -= 4;
	while (path.len && path.ptr[0] == '/')
		path = str_from(path, 1);
	return path;
}

/* `user@host` without the user, and the port behind it. */
static void take_authority(struct str authority, struct target *out)
{
	size_t at = str_rfind_char(authority, '@');
	if (at < authority.len)
		authority = str_from(authority, at + 1);
	size_t colon = str_rfind_char(authority, ':');
	out->host = str_slice(authority, 0, colon);
	out->port = str_from(authority, colon < authority.len ? colon + 1 : colon);
}

/* Where the authority ends for those that connect: a '?', a '#' or a backslash ends it
 * too, and what stands behind them is no host. */
static size_t authority_len(struct str rest)
{
	size_t i = 0;
	while (i < rest.len && !strchr("/?#\\", rest.ptr[i]))
		i++;
	return i;
}

static size_t path_len(struct str path)
{
	size_t i = 0;
	while (i < path.len && path.ptr[i] != '?' && path.ptr[i] != '#')
		i++;
	return i;
}

/* URLs and the scp-like `git@host:org/repo`; what is ssh is compared as https. */
static bool parse_target(const char *address, struct target *out)
{
	struct str text = str_of(address);
	size_t scheme = str_find(text, STR("://"));
	*out = (struct target){ .scheme = STR("https") };
	if (scheme >= text.len) {
		size_t colon = str_find_char(text, ':');
		if (colon >= text.len || str_find_char(text, '/') < colon)
			return false;
		take_authority(str_slice(text, 0, colon), out);
		out->port = STR("");
		out->path = without_end(str_from(text, colon + 1));
		return out->host.len > 0;
	}
	struct str rest = str_from(text, scheme + 3);
	size_t slash = authority_len(rest);
	bool is_ssh = str_is(str_slice(text, 0, scheme), "ssh");
	take_authority(str_slice(rest, 0, slash), out);
	if (is_ssh)
		out->port = STR("");
	else
		out->scheme = str_slice(text, 0, scheme);
	struct str path = str_from(rest, slash);
	out->path = without_end(str_slice(path, 0, path_len(path)));
	return out->host.len > 0;
}

static struct str port_of(const struct target *target)
{
	if (target->port.len)
		return target->port;
	return str_eq_nocase(target->scheme, STR("http")) ? STR("80") : STR("443");
}

static bool covers_host(struct str granted, struct str host)
{
	if (str_eq_nocase(granted, host))
		return true;
	return str_starts(host, STR("api.")) && str_eq_nocase(granted, str_from(host, 4));
}

/* `https://granted?@other/`: whoever cuts at the slash first would connect elsewhere. */
static bool hides_a_host(struct str address)
{
	struct str rest = str_from(address, str_find(address, STR("://")) + 3);
	size_t end = authority_len(rest);
	return end < rest.len && rest.ptr[end] != '/' &&
	       str_find_char(str_from(rest, end), '@') < rest.len - end;
}

static bool covers(const char *granted, const char *address)
{
	struct target own;
	struct target theirs;
	if (!parse_target(granted, &own) || !parse_target(address, &theirs) ||
	    hides_a_host(str_of(address)))
		return false;
	if (!str_eq_nocase(own.scheme, theirs.scheme) ||
	    !covers_host(own.host, theirs.host) ||
	    !str_eq(port_of(&own), port_of(&theirs)))
		return false;
	/* a path that climbs, or may once it is decoded, is not below anything */
	if (str_find(theirs.path, STR("..")) < theirs.path.len ||
	    str_find_char(theirs.path, '%') < theirs.path.len ||
	    str_find_char(theirs.path, '\\') < theirs.path.len)
		return false;
	return own.path.len == 0 || str_eq(own.path, theirs.path) ||
	       (str_starts(theirs.path, own.path) &&
		theirs.path.ptr[own.path.len] == '/');
}

bool grant_permits(const struct grants *grants, const char *use, const char *address)
{
	for (size_t i = 0; i < grants->len; i++) {
		const struct grant *grant = &grants->items[i];
		if (strcmp(grant->use, use) != 0)
			continue;
		bool is_default = !address || !*address;
		if (is_default || !*grant->address ? is_default && !*grant->address
						   : covers(grant->address, address))
			return true;
	}
	return false;
}

static void parse_line(struct str line, struct arena *arena, struct grants *out)
{
	line = str_trim(line);
	size_t blank = str_find_char(line, ' ');
	if (line.len == 0)
		return;
	struct grant *grant = VEC_ADD(arena, out);
	grant->use = arena_strndup(arena, str_slice(line, 0, blank));
	grant->address = arena_strndup(arena, str_trim(str_from(line, blank)));
}

static int read_file(int home_fd, const char *path, struct arena *arena,
		     struct grants *out, struct err *err)
{
	int fd FD_CLEANUP = -1;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	int code = file_open_below(home_fd, path, &fd, err);
	if (code == ERR_NOTFOUND)
		return 0;
	if (!code)
		code = file_read_fd(fd, &text, err);
	if (code)
		return code;
	struct str rest = str_of(arena_strndup(arena, buf_str(&text)));
	struct str line;
	while (str_line(&rest, &line))
		parse_line(line, arena, out);
	return 0;
}

int grant_list(const struct secret_id *id, struct arena *arena, struct grants *out,
	       struct err *err)
{
	int home_fd FD_CLEANUP = -1;
	int own_fd FD_CLEANUP = -1;
	struct err ignored = ERR_INIT;
	int code = secret_check_names(id->namespace, id->name, NULL, err);
	*out = (struct grants){ NULL, 0, 0 };
	if (!code)
		code = dir_open(id->home, &home_fd, err);
	if (code)
		return code == ERR_NOTFOUND ? 0 : code;
	bool is_own = dir_open_below(home_fd,
				     arena_printf(arena, "%s/secrets/%s/%s", id->repo_id,
						  id->namespace, id->name),
				     DIR_EXISTING, &own_fd, &ignored) == 0;
	return read_file(home_fd,
			 arena_printf(arena, "%s/grants/%s/%s",
				      is_own ? id->repo_id : SECRET_SHARED, id->namespace,
				      id->name),
			 arena, out, err);
}

static const char *const uses[] = {
	"scan",
#define PROVIDER_TYPE(file, name, flags) name,
#define PROVIDER_LEFT_OUT(name, why)
#include "model/provider_types.list"
#undef PROVIDER_TYPE
#undef PROVIDER_LEFT_OUT
};

static int check_use(const char *use, struct err *err)
{
	struct buf list BUF_CLEANUP = BUF_INIT(ERR_TEXT_BYTES);
	for (size_t i = 0; i < ARRAY_LEN(uses); i++) {
		if (strcmp(uses[i], use) == 0)
			return 0;
		(void)buf_printf(&list, "%s%s", i ? ", " : "", uses[i]);
	}
	const char *nearest = str_nearest(use, uses, ARRAY_LEN(uses));
	if (nearest)
		return err_set(err, ERR_INVALID,
			       "'%s' is not a use; did you mean '%s'? There are: %s", use,
			       nearest, buf_cstr(&list));
	return err_set(err, ERR_INVALID, "'%s' is not a use; there are: %s", use,
		       buf_cstr(&list));
}

/* Whether the scheme, where there is one, is that of a receiver or a forge. */
static bool has_known_scheme(const char *address)
{
	struct str text = str_of(address);
	size_t scheme = str_find(text, STR("://"));
	if (scheme == text.len)
		return true;
	text.len = scheme;
	return str_eq_nocase(text, STR("https")) || str_eq_nocase(text, STR("http")) ||
	       str_eq_nocase(text, STR("ssh"));
}

int grant_check(const struct grant *grant, struct err *err)
{
	struct target target;
	struct str address = str_of(grant->address);
	int code = check_use(grant->use, err);
	if (code)
		return code;
	for (size_t i = 0; i < address.len; i++)
		if (address.ptr[i] <= ' ' || address.ptr[i] == 0x7f)
			return err_set(err, ERR_INVALID,
				       "the address has a blank or control character");
	if (address.len &&
	    (!has_known_scheme(grant->address) || !parse_target(grant->address, &target)))
		return err_set(err, ERR_INVALID,
			       "'%s' is not an address such as "
			       "https://github.com/org/repo",
			       grant->address);
	return 0;
}

int grant_add(const struct secret_id *id, const struct grant *grant, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	int home_fd FD_CLEANUP = -1;
	int fd FD_CLEANUP = -1;
	struct grants grants = { NULL, 0, 0 };
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	const char *dir =
	    arena_printf(&arena, "%s/grants/%s", id->repo_id, id->namespace);
	int code = secret_check_names(id->namespace, id->name, NULL, err);
	if (!code)
		code = grant_check(grant, err);
	if (!code)
		code = dir_open(id->home, &home_fd, err);
	if (!code)
		code = read_file(home_fd, arena_printf(&arena, "%s/%s", dir, id->name),
				 &arena, &grants, err);
	if (!code)
		code = dir_open_below(home_fd, dir, DIR_MAKE, &fd, err);
	if (code)
		return code;
	for (size_t i = 0; i < grants.len; i++) {
		if (strcmp(grants.items[i].use, grant->use) == 0 &&
		    strcmp(grants.items[i].address, grant->address) == 0)
			return 0;
		(void)buf_printf(&text, "%s %s\n", grants.items[i].use,
				 grants.items[i].address);
	}
	if (!buf_printf(&text, "%s %s\n", grant->use, grant->address))
		return err_set(err, ERR_LIMIT, "too many grants of one secret");
	return dir_write(fd, id->name, buf_str(&text), err);
}

int grant_delete(const struct secret_id *id, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	int home_fd FD_CLEANUP = -1;
	int fd FD_CLEANUP = -1;
	const char *dir =
	    arena_printf(&arena, "%s/grants/%s", id->repo_id, id->namespace);
	int code = secret_check_names(id->namespace, id->name, NULL, err);
	if (!code)
		code = dir_open(id->home, &home_fd, err);
	if (!code)
		code = dir_open_below(home_fd, dir, DIR_EXISTING, &fd, err);
	if (code)
		return code == ERR_NOTFOUND ? 0 : code;
	if (unlinkat(fd, id->name, 0) != 0 && errno != ENOENT)
		return err_errno(err, "cannot remove the grants");
	return fsync(fd) == 0 ? 0 : err_errno(err, "cannot sync the folder of grants");
}
