/* SPDX-License-Identifier: MIT */
/* The steps from files to objects that document.c puts together. */
#ifndef STAGE_DOCUMENT_TREE_H
#define STAGE_DOCUMENT_TREE_H

#include "adapter/yaml/loader.h"
#include "stage/document/document.h"
#include "stage/document/schema.h"

enum {
	DEPRECATED_MAX = 4
};

/* Documents of one kind in a version that upstream gave up: told once per tree. */
struct deprecation {
	const char *version;
	struct place first;
	size_t n;
};

/* One pass over the files of one cluster. */
struct tree {
	struct document_set *set;
	struct finding_list *findings;
	const struct document_options *options;
	const char *cluster;
	size_t objects; /* recognised so far, LIMIT_DOCUMENTS */
	size_t nodes;   /* of their specs, LIMIT_DOCUMENT_NODES */
	bool full;      /* a limit of the tree was reached and told */
	bool again;     /* the file was decoded for another cluster: no findings */
	struct deprecation deprecated[DOCUMENT_KINDS][DEPRECATED_MAX];
};

/* One object of a text, with what tells its mistakes from its neighbours'. */
struct object {
	const struct value *root;
	uint32_t line, col;
	uint32_t end_line, end_col; /* where the next begins; 0: the text's end */
	const struct yaml_duplicates *duplicates;
};

/* Decodes one object (or the items of a list) into the tree's set. */
void object_decode(struct tree *tree, struct source *source, const struct object *object);

/* Files that a kustomization names and that are no objects. */
struct kustomize_paths {
	struct arena *arena;
	struct strings files;   /* ordered when done */
	struct strings folders; /* ordered when done */
};

/* Whether a file is a kustomization, by its name. */
bool kustomize_is_name(struct str path);
/* Adds what one kustomization names; a text that is no YAML names nothing. Returns the
 * bytes of memory that it took. */
size_t kustomize_read(struct kustomize_paths *paths, struct str path, struct str text);
/* Orders the paths, once all kustomizations are read. */
void kustomize_finish(struct kustomize_paths *paths);
/* Whether the file, or a folder above it, was named: then it is no document by itself. */
bool kustomize_excludes(const struct kustomize_paths *paths, struct str path);

/* Cuts the next document (or more) from *rest, counting its lines; texts are cut where
 * `---` begins a line, which YAML allows nowhere inside a document. */
bool screen_next(struct str *rest, struct str *segment, uint32_t *lines);
/* Whether the text can hold an object of a kind in the table. */
bool screen_holds_kind(struct str text);
/* Whether it holds `apiVersion: ` of a kind that is judged. */
bool screen_holds_judged(struct str text);
/* The folder or file name cleaned of `.`, `..` and slashes; NULL when it leads out. */
const char *screen_clean_path(struct arena *arena, struct str folder, struct str path);
/* The value of a line that YAML cannot read unless it is quoted, with its key:
 * `range: >=1.0.0`; false when there is none. */
bool screen_unquoted(struct str line, struct str *key, struct str *value);

/* The number of nodes of a value, at most `max` + 1. */
size_t spec_count(const struct value *value, size_t max);
/* A copy whose bytes live in the arena. */
struct value *spec_copy(const struct value *value, struct arena *arena);
/* SHA-256 of the value as JSON with sorted keys. */
void spec_hash(const struct value *value, char out[65]);

/* Orders the set's lists and settles objects that stand in them twice. */
void unique_settle(struct document_set *set, struct finding_list *findings);

#endif
