/* SPDX-License-Identifier: MIT */
/* Any bytes as YAML; what is read must be the same when it is written and read again. */
#include "adapter/yaml/loader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct yaml_documents documents = { NULL, 0, 0 };
	struct yaml_duplicates duplicates = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	struct str text = { (const char *)data, size };
	int code = yaml_load(text, &arena, &documents, &duplicates, &err);
	/* every refusal has a place and a reason */
	if (code && (err.line == 0 || err.col == 0 || err.text[0] == '\0'))
		__builtin_trap();
	for (size_t i = 0; i < documents.len; i++) {
		struct buf out BUF_CLEANUP = BUF_INIT(1 << 20);
		struct yaml_documents again = { NULL, 0, 0 };
		if (!documents.items[i].root)
			continue;
		yaml_write(&out, documents.items[i].root, 0);
		if (out.full)
			continue;
		code = yaml_load(buf_str(&out), &arena, &again, NULL, &err);
		if (code == ERR_LIMIT)
			continue;
		if (code || again.len != 1 || !again.items[0].root ||
		    !value_equal(documents.items[i].root, again.items[0].root))
			__builtin_trap();
	}
	return 0;
}
