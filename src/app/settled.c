/* SPDX-License-Identifier: MIT */
/*
 * The memory of passes that changed nothing, one file an automation: a line with the key,
 * then `BLOB PATH NUL` in the order of the paths. It is never trusted further than blob
 * and path agree, and never synced: without it every marked file is read.
 */
#include "app/settled.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/version.h"

enum {
	SETTLED_BYTES_MAX = 256 << 20,
	BLOB_LEN = 40
};

/* Everything but text and path that decides what a rewrite does. */
static void make_key(struct settled *settled, const struct attempt *attempt)
{
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	(void)buf_printf(&text, "%s\n%s\n%s\n%s\n", IMAGEHOOK_VERSION, attempt->name,
			 attempt->automation->meta.namespace,
			 attempt->automation->meta.spec_hash);
	for (size_t i = 0; i < attempt->choices.len; i++) {
		const struct image_choice *choice = &attempt->choices.items[i];
		(void)buf_printf(&text, "%s/%s=%s:%s@%s\n", choice->namespace,
				 choice->policy, choice->ref.name, choice->ref.tag,
				 choice->ref.digest ? choice->ref.digest : "");
	}
	for (size_t i = 0; i < attempt->known_policies.len; i++)
		(void)buf_printf(&text, "%s\n", attempt->known_policies.items[i]);
	const struct strings *namespaces = &attempt->run->namespaces;
	for (size_t i = 0; i < namespaces->len; i++)
		(void)buf_printf(&text, "%s/\n", namespaces->items[i]);
	hash_hex(HASH_SHA256, buf_str(&text), settled->key);
}

static void advance(struct settled *settled)
{
	struct str record = STR("");
	settled->path = STR("");
	settled->blob = STR("");
	if (!settled->rest.len || !str_split(&settled->rest, '\0', &record))
		return;
	settled->blob = str_slice(record, 0, BLOB_LEN);
	settled->path = str_from(record, BLOB_LEN + 1);
}

void settled_load(struct settled *settled, const struct attempt *attempt)
{
	struct session *session = attempt->run->session;
	struct err ignored = ERR_INIT;
	char hash[HASH_MAX_HEX];
	struct str line = STR("");
	*settled = (struct settled){ .old = BUF_INIT(SETTLED_BYTES_MAX),
				     .next = BUF_INIT(SETTLED_BYTES_MAX) };
	if (attempt->run->options->dry_run)
		return;
	const char *dir = file_join(&session->arena, session->dir, "settled");
	if (file_make_dirs(dir, 0700, &ignored))
		return;
	hash_hex(HASH_SHA256, str_of(attempt->name), hash);
	settled->file = arena_printf(&session->arena, "%s/%.16s", dir, hash);
	make_key(settled, attempt);
	(void)buf_printf(&settled->next, "%s\n", settled->key);
	if (file_read(settled->file, &settled->old, &ignored))
		return;
	settled->rest = buf_str(&settled->old);
	if (!str_line(&settled->rest, &line) || !str_is(line, settled->key))
		settled->rest = STR("");
	advance(settled);
}

bool settled_has(struct settled *settled, const struct snapshot_file *file)
{
	while (settled->path.len && str_cmp(settled->path, file->path) < 0)
		advance(settled);
	return str_eq(settled->path, file->path) && str_is(settled->blob, file->blob.hex);
}

void settled_add(struct settled *settled, const struct snapshot_file *file)
{
	(void)buf_printf(&settled->next, "%s %.*s", file->blob.hex, STR_ARG(file->path));
	(void)buf_putc(&settled->next, '\0');
}

void settled_save(const struct settled *settled)
{
	struct err ignored = ERR_INIT;
	struct str next = buf_str(&settled->next);
	if (settled->file && !settled->next.full && !str_eq(next, buf_str(&settled->old)))
		(void)!file_write_atomic(settled->file, next, 0600, FILE_FAST, &ignored);
}

void settled_release(struct settled *settled)
{
	buf_release(&settled->old);
	buf_release(&settled->next);
}
