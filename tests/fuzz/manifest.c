/* SPDX-License-Identifier: MIT */
/* Secret manifests of any bytes: every name that comes out is one that may be stored. */
#include "admin/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct manifest_secrets secrets = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	struct str text = { (const char *)data, size };
	(void)!docker_config_check(text, &err);
	if (manifest_read(text, "flux-system", &arena, &secrets, &err))
		return 0;
	for (size_t i = 0; i < secrets.len; i++)
		for (size_t k = 0; k < secrets.items[i].data.len; k++)
			if (secret_check_names(secrets.items[i].namespace,
					       secrets.items[i].name,
					       secrets.items[i].data.items[k].key, &err))
				__builtin_trap();
	return 0;
}
