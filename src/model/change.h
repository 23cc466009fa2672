/* SPDX-License-Identifier: MIT */
/* What a run changed in which file: the hand-over from rewrite to message, commit and
 * event. */
#ifndef MODEL_CHANGE_H
#define MODEL_CHANGE_H

#include "model/document.h"
#include "model/image.h"

/* The document that holds a changed value; empty texts where it has no such field. */
struct object_id {
	const char *api_version, *kind, *namespace, *name;
};

struct change {
	struct object_id object;
	const char *old_value;
	const char *new_value;
	const char *setter; /* `ns:policy[:suffix]` as the marker has it */
	uint32_t line;      /* of the value in the new file, 1-based */
};

struct change_list {
	struct change *items; /* in position order */
	size_t len;
	size_t cap;
};

/* One file that a run edits. */
struct file_change {
	struct str path;        /* from the repository's root */
	const char *shown_path; /* relative to update.path, as Flux's templates see it */
	struct str old_text;
	struct str new_text;
	struct change_list changes;
};

struct file_change_list {
	struct file_change *items; /* ordered by path, bytes */
	size_t len;
	size_t cap;
};

/* Everything that a message template can see. */
struct run_changes {
	const char *automation_namespace;
	const char *automation_name;
	struct file_change_list files;
	struct label_list values;         /* messageTemplateValues */
	struct image_choice_list choices; /* to find a policy's image; may be empty */
};

/* One line of "what was updated": distinct by (policy, new reference, old tag), in file
 * and position order; `:name` and `:digest` markers give none. */
struct updated_image {
	const char *policy_namespace, *policy_name;
	const char *image_name; /* "" when unknown */
	const char *old_tag, *new_tag;
	const char *old_value, *new_value;
	struct image_ref ref;
	struct str path; /* the first file */
	uint32_t line;   /* its first line */
	struct str last_path;
	size_t more_files; /* behind the first */
};

struct updated_image_list {
	struct updated_image *items;
	size_t len;
	size_t cap;
};

#endif
