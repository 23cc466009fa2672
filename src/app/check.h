/* SPDX-License-Identifier: MIT */
/* The checks of documents that other stages know: images, policies, templates, markers.
 */
#ifndef APP_CHECK_H
#define APP_CHECK_H

#include "stage/document/document.h"

/*
 * Checks every valid object of a decoded set further: spec.image by the reference
 * grammar, policies by range, order and pattern, commit messages by their template. What
 * cannot be used is made invalid with upstream's reason and message. Warnings of policies
 * (extract without a group) are added too, so that a later selection need not.
 */
void check_documents(struct document_set *set, struct finding_list *findings);

/*
 * Adds every marker of `files` that cannot work, in any namespace that has an automation
 * or is the default one. All policies of the set count as known. Changes nothing.
 */
void check_markers(const struct document_file *files, size_t n,
		   const struct document_set *set, const char *default_namespace,
		   struct finding_list *findings);

#endif
