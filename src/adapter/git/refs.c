/* SPDX-License-Identifier: MIT */
/*
 * Reads refs from their files (loose before packed, as git does), so that a look at a
 * branch costs no child; decides what a ref name is. Nothing here writes.
 */
#include "adapter/git/internal.h"
#include "base/file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SYMREF_DEPTH = 5,
	REF_FILE_BYTES = 4096
};

static bool is_bad_ref_byte(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f || strchr(" ~^:?*[\\", c) != NULL;
}

static bool is_ref_component(struct str part)
{
	if (part.len == 0 || part.ptr[0] == '.' || str_ends(part, STR(".lock")))
		return false;
	for (size_t i = 0; i < part.len; i++) {
		if (is_bad_ref_byte(part.ptr[i]))
			return false;
		if (i + 1 < part.len && ((part.ptr[i] == '.' && part.ptr[i + 1] == '.') ||
					 (part.ptr[i] == '@' && part.ptr[i + 1] == '{')))
			return false;
	}
	return true;
}

bool repo_is_ref_name(const char *full_ref)
{
	struct str rest = str_of(full_ref);
	struct str part;
	size_t parts = 0;
	if (rest.len > LIMIT_PATH_BYTES / 2 || !str_starts(rest, STR("refs/")) ||
	    str_ends(rest, STR(".")) || !str_is_utf8(rest, NULL))
		return false;
	for (; str_split(&rest, '/', &part); parts++)
		if (!is_ref_component(part))
			return false;
	return parts >= 2;
}

int ref_judge(struct str text, const char *name, struct arena *arena, const char **target,
	      struct raw_oid *out, struct err *err)
{
	struct str line = str_trim(text);
	*target = NULL;
	if (str_starts(line, STR("ref:"))) {
		*target = arena_strndup(arena, str_trim(str_from(line, 4)));
		if (repo_is_ref_name(*target))
			return 0;
	} else if (raw_oid_parse(str_slice(line, 0, OID_HEX_LEN), out) &&
		   !raw_oid_is_zero(out) &&
		   (line.len == OID_HEX_LEN || strchr(" \t\n", line.ptr[OID_HEX_LEN]))) {
		return 0;
	}
	return err_set(err, ERR_INVALID, "ref '%s' is damaged", name);
}

int ref_read_loose(struct repo *repo, const char *name, struct arena *arena,
		   const char **target, struct raw_oid *out, struct err *err)
{
	const char *path = file_join(arena, repo->facts.git_dir, name);
	char link[REF_FILE_BYTES];
	struct buf text BUF_CLEANUP = BUF_INIT(REF_FILE_BYTES);
	struct stat st;
	if (lstat(path, &st) != 0)
		return errno == ENOTDIR ? err_set(err, ERR_NOTFOUND, "no ref '%s'", name)
					: err_errno(err, "ref '%s'", name);
	if (S_ISLNK(st.st_mode)) { /* how HEAD was made symbolic once */
		ssize_t n = readlink(path, link, sizeof(link) - 1);
		if (n > 0 && (size_t)n < sizeof(link) - 1) {
			link[n] = '\0';
			*target = arena_strdup(arena, link);
			if (repo_is_ref_name(*target))
				return 0;
		}
		return err_set(err, ERR_INVALID, "ref '%s' is a link to elsewhere", name);
	}
	if (!S_ISREG(st.st_mode)) /* a folder of refs */
		return err_set(err, ERR_NOTFOUND, "no ref '%s'", name);
	int code = file_read(path, &text, err);
	if (code)
		return code;
	return ref_judge(buf_str(&text), name, arena, target, out, err);
}

/* --- packed-refs --- */

static int read_packed(struct repo *repo, struct buf *out, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	int code =
	    file_read(file_join(&arena, repo->facts.git_dir, "packed-refs"), out, err);
	return code == ERR_NOTFOUND ? 0 : code;
}

bool ref_next_packed(struct str *rest, struct packed_ref *out)
{
	struct str line;
	while (str_line(rest, &line)) {
		*out = (struct packed_ref){ .has_peeled = false };
		if (line.len <= OID_HEX_LEN + 1 || line.ptr[OID_HEX_LEN] != ' ' ||
		    !raw_oid_parse(str_slice(line, 0, OID_HEX_LEN), &out->oid))
			continue;
		out->name = str_from(line, OID_HEX_LEN + 1);
		struct str next = *rest;
		if (next.len && next.ptr[0] == '^' && str_line(&next, &line) &&
		    raw_oid_parse(str_from(line, 1), &out->peeled)) {
			out->has_peeled = true;
			*rest = next;
		}
		return true;
	}
	return false;
}

static int find_packed(struct repo *repo, const char *name, struct raw_oid *out,
		       struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_PACKED_REFS_BYTES);
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	int code = read_packed(repo, &text, err);
	if (code)
		return code;
	struct str needle = str_of(arena_printf(&arena, " %s\n", name));
	struct str rest = buf_str(&text);
	for (size_t at = 0; (at = str_find(rest, needle)) < rest.len;
	     rest = str_from(rest, at + 1)) {
		bool at_line =
		    at == OID_HEX_LEN
			? rest.ptr == text.ptr || rest.ptr[-1] == '\n'
			: at > OID_HEX_LEN && rest.ptr[at - OID_HEX_LEN - 1] == '\n';
		if (at_line &&
		    raw_oid_parse(str_slice(rest, at - OID_HEX_LEN, OID_HEX_LEN), out))
			return 0;
	}
	return err_set(err, ERR_NOTFOUND, "no ref '%s'", name);
}

static int resolve_raw(struct repo *repo, const char *name, struct raw_oid *out,
		       struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	for (int depth = 0; depth < SYMREF_DEPTH; depth++) {
		const char *target = NULL;
		int code = ref_read_loose(repo, name, &arena, &target, out, err);
		if (code == ERR_NOTFOUND) {
			code = find_packed(repo, name, out, err);
			/* it may have been unpacked between the two looks */
			if (code == ERR_NOTFOUND)
				code =
				    ref_read_loose(repo, name, &arena, &target, out, err);
		}
		if (code || !target)
			return code;
		name = target;
	}
	return err_set(err, ERR_INVALID, "ref '%s' is a loop of symbolic refs", name);
}

int repo_resolve(struct repo *repo, const char *full_ref, struct oid *out,
		 struct err *err)
{
	struct raw_oid raw;
	if (strcmp(full_ref, "HEAD") != 0 && !repo_is_ref_name(full_ref))
		return err_set(err, ERR_INVALID, "'%s' is no ref name", full_ref);
	int code = resolve_raw(repo, full_ref, &raw, err);
	if (code == ERR_NOTFOUND)
		return err_set(err, ERR_NOTFOUND, "'%s' does not exist", full_ref);
	if (!code)
		raw_oid_format(&raw, out);
	return code;
}

int repo_head_branch(struct repo *repo, struct arena *arena, const char **out,
		     struct err *err)
{
	static const char heads[] = "refs/heads/";
	const char *target = NULL;
	struct raw_oid raw;
	int code = ref_read_loose(repo, "HEAD", arena, &target, &raw, err);
	if (code)
		return code;
	if (!target)
		return err_set(err, ERR_NOTFOUND, "HEAD names no branch: it is detached");
	if (!str_starts(str_of(target), STR("refs/heads/")))
		return err_set(err, ERR_NOTFOUND, "HEAD names '%s', which is no branch",
			       target);
	*out = target + sizeof(heads) - 1;
	return 0;
}

/* --- lists --- */

struct listing {
	struct repo *repo;
	struct arena *arena;
	struct str prefix;
	struct repo_refs *out;
};

static int add_ref(struct listing *listing, const char *name, const struct raw_oid *oid,
		   struct err *err)
{
	if (listing->out->len >= LIMIT_REFS)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_REFS));
	struct repo_ref *ref = VEC_ADD(listing->arena, listing->out);
	ref->name = name;
	raw_oid_format(oid, &ref->oid);
	return 0;
}

/* The id of a ref as a list shows it: tags peeled, others as they are. */
static void peel_tag(struct repo *repo, const char *name, struct raw_oid *oid)
{
	struct err ignored = ERR_INIT;
	struct raw_oid peeled;
	if (str_starts(str_of(name), STR("refs/tags/")) &&
	    object_peel(repo, oid, &peeled, &ignored) == 0)
		*oid = peeled;
}

static int list_folder(struct listing *listing, const char *folder, int depth,
		       struct err *err);

static int list_entry(struct listing *listing, const char *name, int depth,
		      struct err *err)
{
	const char *path = file_join(listing->arena, listing->repo->facts.git_dir, name);
	struct err ignored = ERR_INIT;
	struct raw_oid oid;
	struct str prefix = listing->prefix;
	size_t shared = strlen(name) < prefix.len ? strlen(name) : prefix.len;
	if (memcmp(name, prefix.ptr, shared) != 0)
		return 0;
	if (file_is_dir(path, false))
		return list_folder(listing, name, depth + 1, err);
	if (!repo_is_ref_name(name) || !str_starts(str_of(name), prefix) ||
	    resolve_raw(listing->repo, name, &oid, &ignored))
		return 0;
	peel_tag(listing->repo, name, &oid);
	return add_ref(listing, name, &oid, err);
}

static void close_folder(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* Recursion is bounded by LIMIT_TREE_DEPTH. */
static int list_folder(struct listing *listing, const char *folder, int depth,
		       struct err *err)
{
	DIR *dir CLEANUP(close_folder) =
	    opendir(file_join(listing->arena, listing->repo->facts.git_dir, folder));
	if (!dir || depth > LIMIT_TREE_DEPTH)
		return 0;
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		if (e->d_name[0] == '.')
			continue;
		const char *name = file_join(listing->arena, folder, e->d_name);
		int code = list_entry(listing, name, depth, err);
		if (code)
			return code;
	}
	return 0;
}

static int compare_refs(const void *a, const void *b)
{
	const struct repo_ref *left = a;
	const struct repo_ref *right = b;
	return strcmp(left->name, right->name);
}

/* Adds the packed refs that no loose ref overrides; `loose` is sorted. */
static int list_packed(struct listing *listing, const struct repo_refs *loose,
		       struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_PACKED_REFS_BYTES);
	struct packed_ref packed;
	int code = read_packed(listing->repo, &text, err);
	struct str rest = buf_str(&text);
	while (!code && ref_next_packed(&rest, &packed)) {
		if (!str_starts(packed.name, listing->prefix))
			continue;
		struct repo_ref key = { .name =
					    arena_strndup(listing->arena, packed.name) };
		if (!repo_is_ref_name(key.name) ||
		    (loose->len &&
		     bsearch(&key, loose->items, loose->len, sizeof(key), compare_refs)))
			continue;
		if (!packed.has_peeled)
			peel_tag(listing->repo, key.name, &packed.oid);
		code = add_ref(listing, key.name,
			       packed.has_peeled ? &packed.peeled : &packed.oid, err);
	}
	return code;
}

int repo_list_refs(struct repo *repo, const char *prefix, struct arena *arena,
		   struct repo_refs *out, struct err *err)
{
	struct repo_refs found = { NULL, 0, 0 };
	struct listing listing = { repo, arena, str_of(prefix), &found };
	int code = list_folder(&listing, "refs", 1, err);
	if (code)
		return code;
	VEC_SORT(&found, compare_refs);
	struct repo_refs loose = { found.items, found.len, found.len };
	struct repo_refs all = { NULL, 0, 0 };
	for (size_t i = 0; i < loose.len; i++)
		VEC_PUSH(arena, &all, loose.items[i]);
	listing.out = &all;
	code = list_packed(&listing, &loose, err);
	if (code)
		return code;
	VEC_SORT(&all, compare_refs);
	*out = all;
	return 0;
}
