/* SPDX-License-Identifier: MIT */
/* Which secrets a repository has, what they are good for, and which documents name them.
 */
#include "cmd/secret_list.h"
#include "adapter/json/json.h"
#include "app/load.h"
#include "base/limits.h"
#include "model/event.h"

static int add_rows(const char *home, const char *id, const char *git_dir,
		    struct arena *arena, struct secret_rows *out, struct err *err)
{
	struct secret_names names = { NULL, 0, 0 };
	bool is_shared = strcmp(id, SECRET_SHARED) == 0;
	int code = secret_list(home, id, arena, &names, err);
	for (size_t i = 0; i < names.len && !code; i++) {
		const struct secret_name *name = &names.items[i];
		struct secret_row row = { .name = *name, .is_shared = is_shared };
		code = grant_list(
		    &(struct secret_id){ home, id, name->namespace, name->name }, arena,
		    &row.grants, err);
		if (!code && is_shared)
			code = secret_shared_with(home, name->namespace, name->name,
						  arena, &row.globs, err);
		if (!code &&
		    (!is_shared || !git_dir || secret_globs_match(&row.globs, git_dir)))
			VEC_PUSH(arena, out, row);
	}
	return code;
}

struct naming {
	struct arena *arena;
	struct secret_rows *rows;
};

/* A shared secret behind an own one of its name is named by nobody. */
static void name_secret(const struct naming *naming, const char *kind,
			const struct object_meta *meta, const char *secret)
{
	struct arena *arena = naming->arena;
	for (size_t i = 0; i < naming->rows->len && secret && *secret; i++) {
		struct secret_row *row = &naming->rows->items[i];
		if (strcmp(row->name.name, secret) != 0 ||
		    strcmp(row->name.namespace, meta->namespace) != 0)
			continue;
		const char *text =
		    arena_printf(arena, "%s/%s/%s", kind, meta->namespace, meta->name);
		size_t n = row->documents.len;
		if (n == 0 || strcmp(row->documents.items[n - 1], text) != 0)
			strings_add(arena, &row->documents, text);
		return;
	}
}

/* A repository that cannot be read now has a list without documents. */
static void add_documents(const char *git_dir, const struct naming *naming)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct loaded loaded = { 0 };
	struct err ignored = ERR_INIT;
	if (session_open(&session, git_dir, &ignored) ||
	    load_documents(&session, &loaded, &ignored))
		return;
	for (size_t i = 0; i < naming->rows->len; i++)
		naming->rows->items[i].has_documents = true;
	for (size_t i = 0; i < loaded.documents.repositories.len; i++) {
		const struct image_repository *at =
		    &loaded.documents.repositories.items[i];
		name_secret(naming, "ImageRepository", &at->meta, at->secret_ref);
		name_secret(naming, "ImageRepository", &at->meta, at->cert_secret_ref);
		name_secret(naming, "ImageRepository", &at->meta, at->proxy_secret_ref);
	}
	for (size_t i = 0; i < loaded.documents.providers.len; i++) {
		const struct provider *at = &loaded.documents.providers.items[i];
		name_secret(naming, "Provider", &at->meta, at->secret_ref);
		name_secret(naming, "Provider", &at->meta, at->cert_secret_ref);
		name_secret(naming, "Provider", &at->meta, at->proxy_secret_ref);
	}
}

int secret_rows_read(const char *home, const char *id, const char *git_dir,
		     struct arena *arena, struct secret_rows *out, struct err *err)
{
	struct naming naming = { arena, out };
	int code = add_rows(home, id, git_dir, arena, out, err);
	if (!code && git_dir)
		code = add_rows(home, SECRET_SHARED, git_dir, arena, out, err);
	if (!code && git_dir && out->len)
		add_documents(git_dir, &naming);
	return code;
}

static struct value *texts_value(struct arena *arena, const struct strings *texts)
{
	struct value *list = value_new(arena, VALUE_LIST);
	for (size_t i = 0; i < texts->len; i++)
		value_append(arena, list, value_text(arena, texts->items[i]));
	return list;
}

static struct value *grants_value(struct arena *arena, const struct grants *grants)
{
	struct value *list = value_new(arena, VALUE_LIST);
	for (size_t i = 0; i < grants->len; i++) {
		struct value *row = value_new(arena, VALUE_MAP);
		value_set(arena, row, "use", value_text(arena, grants->items[i].use));
		value_set(arena, row, "address",
			  value_text(arena, grants->items[i].address));
		value_append(arena, list, row);
	}
	return list;
}

void secret_rows_json(const struct secret_rows *rows, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(64 * LIMIT_CONFIG_BYTES);
	struct value *list = value_new(arena, VALUE_LIST);
	for (size_t i = 0; i < rows->len; i++) {
		const struct secret_row *at = &rows->items[i];
		struct value *row = value_new(arena, VALUE_MAP);
		value_set(arena, row, "namespace", value_text(arena, at->name.namespace));
		value_set(arena, row, "name", value_text(arena, at->name.name));
		value_set(arena, row, "keys", texts_value(arena, &at->name.keys));
		value_set(arena, row, "grants", grants_value(arena, &at->grants));
		if (at->is_shared)
			value_set(arena, row, "repositories",
				  texts_value(arena, &at->globs));
		if (at->has_documents)
			value_set(arena, row, "documents",
				  texts_value(arena, &at->documents));
		value_append(arena, list, row);
	}
	json_write(&out, list, JSON_PRETTY);
	printf("%s\n", buf_cstr(&out));
}

static void print_texts(const char *before, const struct strings *texts,
			const char *between)
{
	for (size_t i = 0; i < texts->len; i++)
		printf("%s%s", i ? between : before, texts->items[i]);
}

/* `  for github https://github.com/org/repo, pagerduty` */
static void print_grants(const struct grants *grants)
{
	for (size_t i = 0; i < grants->len; i++)
		printf("%s%s%s%s", i ? ", " : "  for ", grants->items[i].use,
		       *grants->items[i].address ? " " : "", grants->items[i].address);
}

static const char *full_name(struct arena *arena, const struct secret_row *row)
{
	return arena_printf(arena, "%s/%s", row->name.namespace, row->name.name);
}

void secret_rows_text(const struct secret_rows *rows, struct arena *arena)
{
	size_t width = strlen("NAME");
	for (size_t i = 0; i < rows->len; i++) {
		size_t len = strlen(full_name(arena, &rows->items[i]));
		width = len > width ? len : width;
	}
	if (rows->len)
		printf("%-*s  KEYS\n", (int)width, "NAME");
	for (size_t i = 0; i < rows->len; i++) {
		const struct secret_row *row = &rows->items[i];
		printf("%-*s", (int)width, full_name(arena, row));
		print_texts("  ", &row->name.keys, ",");
		print_grants(&row->grants);
		if (row->is_shared)
			printf("%s", row->globs.len ? "" : "  shared with nobody");
		print_texts("  shared with ", &row->globs, ", ");
		print_texts("  named by ", &row->documents, ", ");
		printf("\n");
	}
}
