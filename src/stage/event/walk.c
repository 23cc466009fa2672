/* SPDX-License-Identifier: MIT */
/* Every file that a kustomization names, directly and by the folders that it names:
 * whether it is there and can be read. What is fetched or made by a plugin is not judged.
 */
#include "stage/event/walk.h"
#include "adapter/yaml/loader.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

/* What a list in a kustomization names. */
enum entry_kind {
	ENTRY_RESOURCE,  /* a YAML file, a folder with a kustomization, or remote */
	ENTRY_COMPONENT, /* a folder, or remote */
	ENTRY_YAML,      /* a YAML file */
	ENTRY_PATCH,     /* a YAML file, or the patch itself */
	ENTRY_FILE,      /* any file */
	ENTRY_KEYED      /* `key=file` or a file */
};

/* Where paths stand: `list`, `list[].key`, `list[].key[]`, or `list.key`. */
static const struct row {
	const char *list, *key;
	enum entry_kind kind;
	const char *noun;
} rows[] = {
	{ "resources", NULL, ENTRY_RESOURCE, "resource" },
	{ "bases", NULL, ENTRY_RESOURCE, "base" },
	{ "components", NULL, ENTRY_COMPONENT, "component" },
	{ "crds", NULL, ENTRY_YAML, "crd" },
	{ "configurations", NULL, ENTRY_YAML, "configuration" },
	{ "generators", NULL, ENTRY_RESOURCE, "generator" },
	{ "transformers", NULL, ENTRY_RESOURCE, "transformer" },
	{ "validators", NULL, ENTRY_RESOURCE, "validator" },
	{ "patches", "path", ENTRY_YAML, "patch" },
	{ "patchesJson6902", "path", ENTRY_YAML, "patch" },
	{ "patchesStrategicMerge", NULL, ENTRY_PATCH, "patch" },
	{ "replacements", "path", ENTRY_YAML, "replacement" },
	{ "configMapGenerator", "files", ENTRY_KEYED, "generator file" },
	{ "configMapGenerator", "envs", ENTRY_FILE, "generator file" },
	{ "configMapGenerator", "env", ENTRY_FILE, "generator file" },
	{ "secretGenerator", "files", ENTRY_KEYED, "generator file" },
	{ "secretGenerator", "envs", ENTRY_FILE, "generator file" },
	{ "secretGenerator", "env", ENTRY_FILE, "generator file" },
	{ "openapi", "path", ENTRY_YAML, "schema" },
	{ "helmCharts", "valuesFile", ENTRY_YAML, "values file" },
};

static const char *const names[] = { "kustomization.yaml", "kustomization.yml",
				     "Kustomization" };

static const char *join(struct arena *arena, struct str folder, struct str path,
			bool clamped)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_PATH_BYTES);
	struct str rest = path;
	struct str part;
	(void)buf_append(&out, folder);
	while (str_split(&rest, '/', &part)) {
		if (part.len == 0 || str_is(part, "."))
			continue;
		if (!str_is(part, "..")) {
			(void)buf_printf(&out, "%s%.*s", out.len ? "/" : "",
					 STR_ARG(part));
			continue;
		}
		if (out.len == 0 && clamped)
			continue;
		if (out.len == 0)
			return NULL;
		size_t slash = str_rfind_char(buf_str(&out), '/');
		buf_truncate(&out, slash == out.len ? 0 : slash);
	}
	return out.full ? NULL : arena_strndup(arena, buf_str(&out));
}

const char *walk_join(struct arena *arena, struct str folder, struct str path)
{
	return join(arena, folder, path, false);
}

const char *walk_join_below(struct arena *arena, struct str folder, struct str path)
{
	return join(arena, folder, path, true);
}

bool walk_is_remote(struct str text)
{
	static const char *const marks[] = { "://",   "git@",      "git::", ".git",
					     "?ref=", "?version=", "//" };
	static const char *const hosts[] = { "github.com/",
					     "github.com:", "www.github.com/", "gh:" };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (str_find(text, str_of(marks[i])) < text.len)
			return true;
	/* of others kustomize wants a scheme: `v1.2/app.yaml` is a path */
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (str_starts(text, str_of(hosts[i])))
			return true;
	return false;
}

static struct visit *find_visit(struct walk *walk, const char *path, bool *is_new)
{
	uint32_t hash = 2166136261U;
	for (const char *c = path; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619U;
	struct visit **at = &walk->buckets[hash % WALK_BUCKETS];
	for (struct visit *visit = *at; visit; visit = visit->next)
		if (strcmp(visit->path, path) == 0) {
			*is_new = false;
			return visit;
		}
	struct visit *visit = ARENA_NEW(walk->arena, struct visit);
	visit->path = arena_strdup(walk->arena, path);
	visit->next = *at;
	*at = visit;
	*is_new = true;
	if (++walk->paths > LIMIT_CHECK_PATHS)
		visit->state = WALK_UNKNOWN;
	return visit;
}

static void fail(struct walk *walk, struct visit *visit, struct place place,
		 const char *text)
{
	const char *path =
	    place.path.len ? text_clean(walk->arena, place.path, 200) : ".";
	visit->state = WALK_BAD;
	visit->place = place;
	visit->text = place.line ? arena_printf(walk->arena, "%s:%lu: %s", path,
						(unsigned long)place.line, text)
				 : arena_printf(walk->arena, "%s: %s", path, text);
}

/* The documents of a file; false when the visit is settled. */
static bool load(struct walk *walk, struct visit *visit, const char *path,
		 struct arena *scratch, struct yaml_documents *out)
{
	struct yaml_duplicates duplicates = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	struct str text = { NULL, 0 };
	int code =
	    walk->reader->read(walk->reader->ctx, str_of(path), scratch, &text, &err);
	if (code == 0)
		code = yaml_load(text, scratch, out, &duplicates, &err);
	if (code == 0)
		return true;
	struct place place = { str_of(arena_strdup(walk->arena, path)), err.line,
			       err.col };
	/* what we could not read, Flux may */
	if (code == ERR_INVALID)
		fail(walk, visit, place, err.text);
	else
		visit->state = WALK_UNKNOWN;
	return false;
}

const struct visit *walk_file(struct walk *walk, const char *path, bool yaml)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct yaml_documents documents = { NULL, 0, 0 };
	bool is_new = false;
	/* the same file may be named as YAML and as a mere file */
	const char *key = yaml ? path : arena_printf(&scratch, "%s/", path);
	struct visit *visit = find_visit(walk, key, &is_new);
	if (!is_new || visit->state == WALK_UNKNOWN)
		return visit;
	visit->state = WALK_GOOD;
	if (yaml)
		(void)load(walk, visit, path, &scratch, &documents);
	return visit;
}

/* One entry of a kustomization while it is judged. */
struct entry {
	const struct row *row;
	struct str text;
	const char *folder;
	struct place place;
};

static void refuse(struct walk *walk, struct visit *visit, const struct entry *entry,
		   const char *what)
{
	fail(walk, visit, entry->place,
	     arena_printf(walk->arena, "%s '%s' %s", entry->row->noun,
			  text_clean(walk->arena, entry->text, 120), what));
}

/* What a named path turned out to be counts for who named it. */
static void inherit(struct walk *walk, struct visit *visit, const struct entry *entry,
		    const struct visit *child)
{
	switch (child->state) {
	case WALK_GOOD:
		break;
	case WALK_OPEN:
		refuse(walk, visit, entry, "leads back here: cycle detected");
		break;
	case WALK_BAD:
		visit->state = WALK_BAD;
		visit->text = child->text;
		visit->place = child->place;
		break;
	case WALK_UNKNOWN:
		visit->state = WALK_UNKNOWN;
		break;
	}
}

static bool takes_folder(enum entry_kind kind)
{
	return kind == ENTRY_RESOURCE || kind == ENTRY_COMPONENT;
}

static bool is_inline(struct str text)
{
	return str_find_char(text, '\n') < text.len || str_starts(text, STR("{"));
}

static void judge_entry(struct walk *walk, struct visit *visit, const struct entry *entry)
{
	enum entry_kind kind = entry->row->kind;
	struct str text = entry->text;
	size_t equals = kind == ENTRY_KEYED ? str_find_char(text, '=') : text.len;
	if (equals < text.len)
		text = str_from(text, equals + 1);
	/* generators and transformers may be written where their file's name stands */
	if ((kind == ENTRY_PATCH || kind == ENTRY_RESOURCE) && is_inline(text))
		return;
	const char *path = walk_join(walk->arena, str_of(entry->folder), text);
	enum check_entry found =
	    path && !(text.len && text.ptr[0] == '/')
		? walk->reader->look_up(walk->reader->ctx, str_of(path))
		: CHECK_ABSENT;
	if (found == CHECK_ABSENT && walk_is_remote(text))
		return;
	if (found == CHECK_ABSENT)
		refuse(walk, visit, entry, "is not in the tree");
	else if (found == CHECK_FOLDER && takes_folder(kind))
		inherit(walk, visit, entry, walk_folder(walk, path, false));
	else if (found == CHECK_FOLDER)
		refuse(walk, visit, entry, "is a folder, not a file");
	else if (found == CHECK_FILE && kind == ENTRY_COMPONENT)
		refuse(walk, visit, entry, "is a file, not a folder");
	else if (found == CHECK_FILE)
		inherit(walk, visit, entry,
			walk_file(walk, path, kind != ENTRY_FILE && kind != ENTRY_KEYED));
}

static void judge_value(struct walk *walk, struct visit *visit, struct entry *entry,
			const struct value *value)
{
	if (!value || value->kind != VALUE_STRING || visit->state == WALK_BAD)
		return;
	entry->text = value->string;
	entry->place.line = value->line;
	entry->place.col = value->col;
	judge_entry(walk, visit, entry);
}

static void judge_row(struct walk *walk, struct visit *visit, struct entry *entry,
		      const struct value *list)
{
	if (list && list->kind == VALUE_MAP && entry->row->key)
		judge_value(walk, visit, entry, value_get(list, entry->row->key));
	for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.len; i++) {
		const struct value *item = list->list.items[i];
		if (entry->row->key)
			item = value_get(item, entry->row->key);
		if (!item || item->kind != VALUE_LIST) {
			judge_value(walk, visit, entry, item);
			continue;
		}
		for (size_t k = 0; k < item->list.len; k++)
			judge_value(walk, visit, entry, item->list.items[k]);
	}
}

static void judge_kustomization(struct walk *walk, struct visit *visit,
				const char *folder, const char *file)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct yaml_documents documents = { NULL, 0, 0 };
	struct entry entry = { .folder = folder,
			       .place.path = str_of(arena_strdup(walk->arena, file)) };
	if (!load(walk, visit, file, &scratch, &documents))
		return;
	const struct value *root = documents.len ? documents.items[0].root : NULL;
	if (!root) {
		fail(walk, visit, entry.place, "kustomization.yaml is empty");
		return;
	}
	if (root->kind != VALUE_MAP) {
		entry.place.line = root->line;
		fail(walk, visit, entry.place, "a kustomization is a map");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows) && visit->state != WALK_BAD; i++) {
		entry.row = &rows[i];
		judge_row(walk, visit, &entry, value_get(root, rows[i].list));
	}
}

/* The kustomization of a folder, NULL when there is none; with two of them kustomize
 * refuses to choose, and the visit is bad. */
static const char *find_kustomization(struct walk *walk, struct visit *visit,
				      const char *folder)
{
	const struct check_reader *reader = walk->reader;
	const char *found = NULL;
	size_t first = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *file =
		    walk_join(walk->arena, str_of(folder), str_of(names[i]));
		if (!file || reader->look_up(reader->ctx, str_of(file)) != CHECK_FILE)
			continue;
		if (found) {
			struct place place = { str_of(arena_strdup(walk->arena, folder)),
					       0, 0 };
			fail(walk, visit, place,
			     arena_printf(walk->arena,
					  "'%s' and '%s' are both in this folder",
					  names[first], names[i]));
			return NULL;
		}
		found = file;
		first = i;
	}
	return found;
}

/* A folder is in the table with a slash in front, a file without. */
const struct visit *walk_folder(struct walk *walk, const char *path, bool top)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	bool is_new = false;
	const char *key = arena_printf(&scratch, "/%s%s", top ? "/" : "", path);
	struct visit *visit = find_visit(walk, key, &is_new);
	if (!is_new || visit->state == WALK_UNKNOWN)
		return visit;
	if (walk->depth >= LIMIT_CHECK_DEPTH) {
		visit->state = WALK_UNKNOWN;
		return visit;
	}
	visit->state = WALK_OPEN;
	const char *file = find_kustomization(walk, visit, path);
	walk->depth++;
	if (file && top) {
		const struct visit *same = walk_folder(walk, path, false);
		visit->state = same->state;
		visit->text = same->text;
		visit->place = same->place;
	} else if (file) {
		judge_kustomization(walk, visit, path, file);
	} else if (!top && visit->state == WALK_OPEN) {
		struct place place = { str_of(arena_strdup(walk->arena, path)), 0, 0 };
		fail(walk, visit, place,
		     "unable to find one of 'kustomization.yaml', 'kustomization.yml' or "
		     "'Kustomization' in this folder");
	}
	walk->depth--;
	if (visit->state == WALK_OPEN)
		visit->state = WALK_GOOD;
	return visit;
}
