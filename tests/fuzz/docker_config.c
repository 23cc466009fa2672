/* SPDX-License-Identifier: MIT */
/* Docker config secrets. */
#include "stage/scan/keyring.h"
#include "stage/scan/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str text = { (const char *)data, size };
	struct keyring keyring = { 0 };
	bool strict = scan_check_docker_config(text, &err) == 0;
	bool lax = keyring_parse(text, false, &arena, &keyring, &err) == 0;
	if (strict && !lax)
		abort();
	(void)keyring_find(&keyring, "registry.example:5000", "team/app");
	return 0;
}
