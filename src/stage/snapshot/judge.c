/* SPDX-License-Identifier: MIT */
/* Which files matter, by name and by the fixed strings that they hold. */
#include "base/limits.h"
#include "stage/snapshot/snapshot.h"

/* UTF-16 is never read, but who wrote it has to be told so. */
#define UTF16_LE "\xff\xfe"
#define UTF16_BE "\xfe\xff"

static const char *const kustomizations[] = { "kustomization.yaml", "kustomization.yml",
					      "Kustomization" };

/* A changed row needs a new FORMAT in index.c: old indexes were judged by the old rows.
 */
static const struct needle {
	const char *text;
	uint32_t flags;
	bool in_kustomizations; /* counts in files that are kustomizations by name */
} needles[] = {
	{ "\"$imagepolicy\"", SNAPSHOT_HAS_MARKER, false },
	/* every group that we read */
	{ ".toolkit.fluxcd.io/", SNAPSHOT_HAS_DOCUMENT, false },
	{ ".extensions.fluxcd.io/", SNAPSHOT_HAS_DOCUMENT, false },
	{ "kind: Namespace", SNAPSHOT_HAS_DOCUMENT, false },
	{ "kind: Secret", SNAPSHOT_HAS_DOCUMENT, false },
	/* behind those that make a document of it for more */
	{ "patches", SNAPSHOT_HAS_DOCUMENT | SNAPSHOT_IS_KUSTOMIZATION, true },
	{ "components:", SNAPSHOT_HAS_DOCUMENT | SNAPSHOT_IS_KUSTOMIZATION, true },
};

static struct str base_name(struct str path)
{
	size_t slash = str_rfind_char(path, '/');
	return slash == path.len ? path : str_from(path, slash + 1);
}

bool snapshot_takes(struct str path)
{
	struct str name = base_name(path);
	return str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")) ||
	       str_is(name, "Kustomization");
}

static bool is_kustomization(struct str path)
{
	struct str name = base_name(path);
	for (size_t i = 0; i < ARRAY_LEN(kustomizations); i++)
		if (str_is(name, kustomizations[i]))
			return true;
	return false;
}

static uint32_t judge_bytes(struct str path, struct str text)
{
	uint32_t flags = 0;
	bool by_name = is_kustomization(path);
	for (size_t i = 0; i < ARRAY_LEN(needles); i++) {
		const struct needle *n = &needles[i];
		if ((n->in_kustomizations && !by_name) ||
		    (flags & SNAPSHOT_HAS_DOCUMENT & n->flags) ||
		    str_find(text, str_of(n->text)) == text.len)
			continue;
		flags |= n->flags;
	}
	return flags;
}

/* The ASCII of UTF-16 is what is left without its zero bytes. */
static uint32_t judge_wide(struct str path, struct str text)
{
	struct buf narrow BUF_CLEANUP = BUF_INIT(LIMIT_OBJECT_BYTES);
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i])
			(void)buf_putc(&narrow, text.ptr[i]);
	return judge_bytes(path, buf_str(&narrow));
}

uint32_t snapshot_judge(struct str path, struct str text)
{
	if (!snapshot_takes(path))
		return 0;
	if (str_starts(text, STR(UTF16_LE)) || str_starts(text, STR(UTF16_BE)))
		return judge_wide(path, text);
	return judge_bytes(path, text);
}
