/* SPDX-License-Identifier: MIT */
/*
 * The registry as a text of blocks, one line per field, `repository ID` first. Unknown
 * fields of a newer program are skipped on reading and lost on writing.
 */
#include "state/registry.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/limits.h"
#include <sys/stat.h>

#define REGISTRY_HEAD "imagehook repositories 1"
#define REGISTRY_FILE "repositories"

enum {
	LOCK_WAIT_MS = 5000
};

static bool is_id(struct str id)
{
	if (id.len != REPOSITORY_ID_DIGITS)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!char_is_hex(id.ptr[i]))
			return false;
	return true;
}

static bool take_field(struct str line, struct arena *arena,
		       struct repository_record *out)
{
	struct str value = line;
	if (cursor_text(&value, "path ")) {
		out->path = arena_strndup(arena, value);
		return value.len && value.ptr[0] == '/';
	}
	if (cursor_text(&value, "device "))
		return number_parse(value, UINT64_MAX, &out->device);
	if (cursor_text(&value, "inode "))
		return number_parse(value, UINT64_MAX, &out->inode);
	if (cursor_text(&value, "born "))
		return number_parse_signed(value, INT64_MAX, &out->born_ns);
	if (cursor_text(&value, "installed "))
		return number_parse_signed(value, INT64_MAX, &out->installed_ms);
	if (cursor_text(&value, "host "))
		out->host = arena_strndup(arena, value);
	else if (cursor_text(&value, "hook "))
		out->hook = arena_strndup(arena, value);
	else if (cursor_text(&value, "previous "))
		out->previous = arena_strndup(arena, value);
	else if (str_is(line, "made-chain"))
		out->made_chain = true;
	else if (str_is(line, "made-hooks"))
		out->made_hooks = true;
	else if (str_is(line, "uninstalled"))
		out->uninstalled = true;
	return true;
}

static int damaged(struct err *err, uint32_t line)
{
	(void)err_set(err, ERR_INVALID, "the list of installed repositories is damaged");
	return err_at(err, REGISTRY_FILE, line, 0);
}

int registry_parse(struct str text, struct arena *arena, struct repository_list *out,
		   struct err *err)
{
	struct repository_list list = { NULL, 0, 0 };
	struct repository_record *record = NULL;
	struct str rest = text;
	struct str line;
	uint32_t at = 1;
	if (!text.len) {
		*out = list;
		return 0;
	}
	if (!str_line(&rest, &line) || !str_is(line, REGISTRY_HEAD))
		return damaged(err, at);
	while (str_line(&rest, &line)) {
		at++;
		if (line.len && memchr(line.ptr, '\0', line.len))
			return damaged(err, at);
		if (cursor_text(&line, "repository ")) {
			if (!is_id(line) || (record && !record->path))
				return damaged(err, at);
			record = VEC_ADD(arena, &list);
			record->id = arena_strndup(arena, line);
			record->host = "plain";
			record->hook = "";
		} else if (!record || !take_field(line, arena, record)) {
			return damaged(err, at);
		}
	}
	if (record && !record->path)
		return damaged(err, at);
	*out = list;
	return 0;
}

int registry_read(const char *home, struct arena *arena, struct repository_list *out,
		  struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_REGISTRY_BYTES);
	char *path = file_join(arena, home, REGISTRY_FILE);
	int code = file_read(path, &text, err);
	if (code == ERR_NOTFOUND)
		code = 0;
	if (code)
		return code;
	return registry_parse(buf_str(&text), arena, out, err);
}

static void format_record(const struct repository_record *record, struct buf *out)
{
	(void)buf_printf(out,
			 "repository %s\npath %s\ndevice %llu\ninode %llu\n"
			 "born %lld\ninstalled %lld\nhost %s\nhook %s\n",
			 record->id, record->path, (unsigned long long)record->device,
			 (unsigned long long)record->inode, (long long)record->born_ns,
			 (long long)record->installed_ms, record->host, record->hook);
	if (record->previous)
		(void)buf_printf(out, "previous %s\n", record->previous);
	if (record->made_chain)
		(void)buf_puts(out, "made-chain\n");
	if (record->made_hooks)
		(void)buf_puts(out, "made-hooks\n");
	if (record->uninstalled)
		(void)buf_puts(out, "uninstalled\n");
}

static int compare_paths(const void *a, const void *b)
{
	const struct repository_record *left = a;
	const struct repository_record *right = b;
	return strcmp(left->path, right->path);
}

static int write_list(const char *home, struct arena *arena,
		      const struct repository_list *list, struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_REGISTRY_BYTES);
	(void)buf_puts(&text, REGISTRY_HEAD "\n");
	for (size_t i = 0; i < list->len; i++)
		format_record(&list->items[i], &text);
	if (text.full)
		return err_set(err, ERR_LIMIT, "too many repositories (" LIMIT_FMT ")",
			       LIMIT_ARG(LIMIT_REGISTRY_BYTES));
	return file_write_atomic(file_join(arena, home, REGISTRY_FILE), buf_str(&text),
				 0600, FILE_DURABLE, err);
}

/* Replaces the record of `path` by `record`, or by nothing. */
static int change(const char *home, const char *path,
		  const struct repository_record *record, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct repository_list list;
	struct repository_list kept = { NULL, 0, 0 };
	int lock FD_CLEANUP = -1;
	int code = file_lock(file_join(&arena, home, REGISTRY_FILE ".lock"), LOCK_WAIT_MS,
			     &lock, err);
	if (!code)
		code = registry_read(home, &arena, &list, err);
	if (code)
		return code;
	for (size_t i = 0; i < list.len; i++)
		if (strcmp(list.items[i].path, path) != 0)
			VEC_PUSH(&arena, &kept, list.items[i]);
	if (record)
		VEC_PUSH(&arena, &kept, *record);
	VEC_SORT(&kept, compare_paths);
	return write_list(home, &arena, &kept, err);
}

int registry_put(const char *home, const struct repository_record *record,
		 struct err *err)
{
	if (!is_id(str_of(record->id)))
		return err_set(err, ERR_INVALID,
			       "'%s' is not a repository id (32 hex digits)", record->id);
	if (record->path[0] != '/' || strchr(record->path, '\n') ||
	    strchr(record->hook, '\n') ||
	    (record->previous && strchr(record->previous, '\n')))
		return err_set(err, ERR_INVALID,
			       "a path with a line feed, or not an absolute one, cannot "
			       "be installed");
	return change(home, record->path, record, err);
}

int registry_remove(const char *home, const char *path, struct err *err)
{
	return change(home, path, NULL, err);
}

const struct repository_record *registry_find_path(const struct repository_list *list,
						   const char *path)
{
	for (size_t i = 0; i < list->len; i++)
		if (strcmp(list->items[i].path, path) == 0)
			return &list->items[i];
	return NULL;
}

const struct repository_record *registry_find_id(const struct repository_list *list,
						 const char *id)
{
	for (size_t i = 0; i < list->len; i++)
		if (strcmp(list->items[i].id, id) == 0)
			return &list->items[i];
	return NULL;
}

enum registry_verdict registry_judge(const struct repository_list *list, const char *path,
				     const char *id,
				     const struct repository_record **record)
{
	const struct repository_record *ignored = NULL;
	const struct repository_record **found = record ? record : &ignored;
	struct stat st;
	*found = registry_find_path(list, path);
	if (!*id)
		return REGISTRY_UNKNOWN;
	if (*found && strcmp((*found)->id, id) == 0)
		return (*found)->uninstalled ? REGISTRY_UNKNOWN : REGISTRY_KNOWN;
	const struct repository_record *here = *found;
	*found = registry_find_id(list, id);
	if (!*found) {
		*found = here;
		return here ? REGISTRY_NEW : REGISTRY_UNKNOWN;
	}
	/* the same inode under two names is one repository (a bind mount), which is not
	 * known by this name */
	if (stat((*found)->path, &st) == 0)
		return REGISTRY_COPY;
	return REGISTRY_MOVED;
}

const char *registry_verdict_name(enum registry_verdict verdict)
{
	switch (verdict) {
	case REGISTRY_UNKNOWN:
		return "not installed";
	case REGISTRY_KNOWN:
		return "installed";
	case REGISTRY_MOVED:
		return "moved";
	case REGISTRY_COPY:
		return "copy";
	case REGISTRY_NEW:
		return "new";
	}
	return "?";
}
