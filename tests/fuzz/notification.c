/* SPDX-License-Identifier: MIT */
/* Provider and Alert documents, and an event through what they give. */
#include "stage/document/document.h"
#include "stage/event/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct document_options options = { "flux-system", { NULL, 0, 0 } };
	static const struct event_rules rules = { .of_run = true };
	const struct event event = {
		.object = { "Kustomization", "flux-system", "apps", "", "g/v1", "", "" },
		.severity = EVENT_ERROR,
		.message = "a message",
		.reason = "Succeeded",
		.reporting_controller = "imagehook",
		.reporting_instance = "",
	};
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct document_set set = { .arena = &arena };
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct delivery_list out = { NULL, 0, 0 };
	const struct document_file file = { STR("a.yaml"), { (const char *)data, size } };
	document_decode(&file, 1, &options, &set, &findings);
	event_fill_uids("repo", &set);
	event_dispatch(&event, &set, &rules, &arena, &out, &findings);
	return 0;
}
