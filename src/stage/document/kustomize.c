/* SPDX-License-Identifier: MIT */
/* Which files of the tree kustomizations use as patches or components: those look like
 * objects and are none. */
#include "stage/document/tree.h"

static struct str folder_of(struct str path)
{
	size_t slash = str_rfind_char(path, '/');
	return slash == path.len ? str_slice(path, 0, 0) : str_slice(path, 0, slash);
}

static void add_path(struct kustomize_paths *paths, struct strings *list,
		     struct str folder, const struct value *value)
{
	if (!value || value->kind != VALUE_STRING)
		return;
	struct str path = value->string;
	/* an inline patch, a remote component, an absolute path */
	if (path.len == 0 || path.ptr[0] == '/' || memchr(path.ptr, '\n', path.len) ||
	    memchr(path.ptr, '\0', path.len) || str_find(path, STR("://")) < path.len)
		return;
	const char *clean = screen_clean_path(paths->arena, folder, path);
	if (clean && clean[0])
		strings_add(paths->arena, list, clean);
}

static void add_list(struct kustomize_paths *paths, struct str folder,
		     const struct value *root, const char *key)
{
	const struct value *list = value_get(root, key);
	bool folders = strcmp(key, "components") == 0;
	if (!list || list->kind != VALUE_LIST)
		return;
	for (size_t i = 0; i < list->list.len; i++) {
		const struct value *item = list->list.items[i];
		add_path(paths, folders ? &paths->folders : &paths->files, folder,
			 item->kind == VALUE_MAP ? value_get(item, "path") : item);
	}
}

size_t kustomize_read(struct kustomize_paths *paths, struct str path, struct str text)
{
	static const char *const keys[] = { "patches", "patchesStrategicMerge",
					    "patchesJson6902", "components" };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct yaml_documents documents = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	if (yaml_load(text, &arena, &documents, NULL, &err))
		return arena.total_bytes;
	for (size_t i = 0; i < documents.len; i++) {
		const struct value *root = documents.items[i].root;
		if (!root || root->kind != VALUE_MAP)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			add_list(paths, folder_of(path), root, keys[k]);
	}
	return arena.total_bytes;
}

void kustomize_finish(struct kustomize_paths *paths)
{
	strings_sort(&paths->files);
	strings_sort(&paths->folders);
}

bool kustomize_excludes(const struct kustomize_paths *paths, struct str path)
{
	if (strings_sorted_contain(&paths->files, path))
		return true;
	for (struct str up = path; up.len; up = folder_of(up))
		if (strings_sorted_contain(&paths->folders, up))
			return true;
	return false;
}
