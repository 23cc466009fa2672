/* SPDX-License-Identifier: MIT */
/* One file of a tree, decoded as two clusters; its name is drawn from the first byte. */
#include "stage/document/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *clusters[] = { "a", "." };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct document_options options = { "flux-system", { clusters, 2, 2 } };
	struct document_set set = { .arena = &arena };
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	bool patches = size > 0 && data[0] == 'p';
	struct document_file file = { patches ? STR("a/kustomization.yaml")
					      : STR("a/b.yaml"),
				      { (const char *)data, size } };
	document_decode(&file, 1, &options, &set, &findings);
	return 0;
}
