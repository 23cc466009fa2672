/* SPDX-License-Identifier: MIT */
/*
 * Documents: decodes the Flux objects of a tree by field tables, applies defaults, and
 * reports every mistake at its place. One schema per kind takes v1beta1 and every later
 * version.
 */
#ifndef STAGE_DOCUMENT_DOCUMENT_H
#define STAGE_DOCUMENT_DOCUMENT_H

#include "base/buf.h"
#include "base/finding.h"
#include "model/document.h"

/* One file of the tree. */
struct document_file {
	struct str path;
	struct str text;
};

struct document_options {
	const char *default_namespace; /* imagehook.namespace */
	struct strings paths; /* imagehook.path: clusters; empty: one, the whole tree */
};

/*
 * Decodes the objects of `files` (any order) into `set`.
 *
 * Files that a kustomization names as patch or component are no objects; the same object
 * twice is one when the specs are equal and an error at each place otherwise. References
 * are resolved and checked across the set: a policy's missing repository, cross-namespace
 * access, an automation without policies. Never fails: what is wrong is a finding, and
 * the object's valid is false. Texts live in set->arena, which must outlive
 * the findings. Pure.
 */
void document_decode(const struct document_file *files, size_t n,
		     const struct document_options *options, struct document_set *set,
		     struct finding_list *findings);

/* Adds the folders that imagehook.path names to `out`, cleaned and each once. */
void document_clusters(const struct strings *paths, struct arena *arena,
		       struct strings *out);

/* The bytes one of which a file must hold to be looked at: apiVersion prefixes of kinds
 * we read. */
bool document_is_candidate(struct str path, struct str text);

/* The repository that a policy names, in its cluster; NULL when there is none. */
const struct image_repository *
document_find_repository(const struct document_set *set,
			 const struct image_policy *policy);
/* The provider that an alert names, in its cluster and namespace; NULL when there is
 * none.
 */
const struct provider *document_find_provider(const struct document_set *set,
					      const struct alert *alert);
/* Whether the labels satisfy the selector (matchLabels and matchExpressions). */
bool document_labels_match(const struct label_selector *selector,
			   const struct label_list *labels);

/* Adds an error about an object that was decoded before and makes it invalid; its first
 * error is its reason and message. `text` is copied. Returns the finding for a hint. */
struct finding *document_refuse(struct object_meta *meta, struct finding_list *findings,
				struct place place, const char *id, const char *reason,
				const char *text);

/* Appends the reference of every kind and field as scdoc text, from the same tables. */
void document_write_manual(struct buf *out);

#endif
