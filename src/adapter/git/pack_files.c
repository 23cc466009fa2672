/* SPDX-License-Identifier: MIT */
/* Which packs there are, and where in them an object stands, by indexes of version 2. */
#include "adapter/git/pack.h"
#include "base/file.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FANOUT_OFF = 8,
	FANOUT_BYTES = 1024,
	ROW_BYTES = RAW_OID_BYTES + 4 + 4, /* id, CRC, offset */
	TRAILERS_BYTES = 2 * RAW_OID_BYTES,
	PACKS_MAX = 1000
};

static uint32_t read_u32(struct str bytes, size_t off)
{
	const unsigned char *p = (const unsigned char *)bytes.ptr + off;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct str map_file(const char *path)
{
	struct str none = { NULL, 0 };
	struct stat st;
	int fd FD_CLEANUP = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return none;
	void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return none;
	return (struct str){ at, (size_t)st.st_size };
}

static void unmap(struct str bytes)
{
	if (bytes.ptr)
		(void)munmap((void *)(uintptr_t)bytes.ptr, bytes.len);
}

/* Whether an index is of version 2 and as long as its count says. */
static bool check_index(struct str index, uint32_t *count)
{
	if (index.len < FANOUT_OFF + FANOUT_BYTES + TRAILERS_BYTES ||
	    !str_starts(index, STR("\377tOc\0\0\0\2")))
		return false;
	*count = read_u32(index, FANOUT_OFF + FANOUT_BYTES - 4);
	return (uint64_t)*count * ROW_BYTES <=
	       index.len - FANOUT_OFF - FANOUT_BYTES - TRAILERS_BYTES;
}

static void close_folder(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static void add_pack(struct packs *packs, const char *folder, const char *name)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct pack pack = { .count = 0 };
	const char *path = file_join(&arena, folder, name);
	pack.index = map_file(path);
	if (!pack.index.ptr || !check_index(pack.index, &pack.count)) {
		unmap(pack.index);
		return;
	}
	pack.path =
	    xstrdup(arena_printf(&arena, "%.*s.pack", (int)(strlen(path) - 4), path));
	packs->items =
	    xrealloc_array(packs->items, packs->len + 1, sizeof(*packs->items));
	packs->items[packs->len++] = pack;
}

struct packs *packs_open(struct repo *repo)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	if (repo->packs)
		return repo->packs;
	struct packs *packs = xcalloc(1, sizeof(*packs));
	const char *folder = file_join(&arena, repo->facts.git_dir, "objects/pack");
	DIR *dir CLEANUP(close_folder) = opendir(folder);
	for (const struct dirent *e = dir ? readdir(dir) : NULL;
	     e && packs->len < PACKS_MAX; e = readdir(dir))
		if (str_ends(str_of(e->d_name), STR(".idx")))
			add_pack(packs, folder, e->d_name);
	repo->packs = packs;
	return packs;
}

bool pack_map(struct pack *pack)
{
	if (!pack->data.ptr)
		pack->data = map_file(pack->path);
	return str_starts(pack->data, STR("PACK\0\0\0\2"));
}

void pack_forget_pages(const struct pack *pack)
{
	(void)madvise((void *)(uintptr_t)pack->data.ptr, pack->data.len, MADV_DONTNEED);
}

void packs_free(struct packs *packs)
{
	if (!packs)
		return;
	for (size_t i = 0; i < packs->len; i++) {
		unmap(packs->items[i].index);
		unmap(packs->items[i].data);
		free(packs->items[i].path);
	}
	pack_cache_free(packs);
	free(packs->items);
	free(packs);
}

/* --- the index --- */

/* The offset of row `at`; UINT64_MAX when it points outside the index. */
static uint64_t row_offset(const struct pack *pack, uint32_t at)
{
	size_t offsets = FANOUT_OFF + FANOUT_BYTES + (size_t)pack->count * 24;
	uint32_t off = read_u32(pack->index, offsets + (size_t)at * 4);
	if (!(off & 0x80000000U))
		return off;
	size_t large =
	    offsets + (size_t)pack->count * 4 + (size_t)(off & 0x7fffffffU) * 8;
	if (large + 8 > pack->index.len - TRAILERS_BYTES)
		return UINT64_MAX;
	return (uint64_t)read_u32(pack->index, large) << 32 |
	       read_u32(pack->index, large + 4);
}

bool pack_find(const struct pack *pack, const struct raw_oid *oid, uint64_t *out)
{
	size_t first = oid->bytes[0];
	uint32_t low = first ? read_u32(pack->index, FANOUT_OFF + (first - 1) * 4) : 0;
	uint32_t high = read_u32(pack->index, FANOUT_OFF + first * 4);
	/* ids are bytes alone, at home at any address */
	const struct raw_oid *ids =
	    (const void *)(pack->index.ptr + FANOUT_OFF + FANOUT_BYTES);
	if (high > pack->count)
		return false;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = raw_oid_cmp(oid, &ids[middle]);
		if (order == 0) {
			*out = row_offset(pack, middle);
			return *out != UINT64_MAX;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}
