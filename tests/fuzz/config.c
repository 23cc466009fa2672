/* SPDX-License-Identifier: MIT */
/* The configuration's table over any bytes that git's syntax lets through. */
#include "admin/config.h"
#include "base/file.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int memory = -1;

/* Loads the bytes as a system file; they stand in memory under a path of /proc. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 22);
	struct config *config = NULL;
	struct err err = ERR_INIT;
	const char *why = NULL;
	char path[64];
	if (memory < 0)
		memory = memfd_create("config", MFD_CLOEXEC);
	if (ftruncate(memory, 0) != 0 || pwrite(memory, data, size, 0) != (ssize_t)size)
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
	if (config_load(path, NULL, &arena, &config, &findings, &err))
		return 0;
	config_write_table(config, &out);
	bool stopped = config_is_stopped(config, &why);
	/* a mistake always stops, and a stop always has a reason */
	if ((finding_count(&findings, SEVERITY_ERROR) && !stopped) || (stopped && !why))
		__builtin_trap();
	return 0;
}
