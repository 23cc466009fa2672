/* SPDX-License-Identifier: MIT */
/* Which files matter, by name and by the fixed strings that they hold. */
#include "stage/snapshot/judge.h"
#include "base/limits.h"

/* UTF-16 is never read, but who wrote it has to be told so. */
#define UTF16_LE "\xff\xfe"
#define UTF16_BE "\xfe\xff"

const char *const snapshot_names[SNAPSHOT_NAMES] = { "*.yaml", "*.yml", "Kustomization" };
static const char *const kustomizations[SNAPSHOT_NAMES] = { "kustomization.yaml",
							    "kustomization.yml",
							    "Kustomization" };

/* A changed row needs a new FORMAT in index.c: old indexes were judged by the old rows.
 */
const struct snapshot_needle snapshot_needles[] = {
	{ "\"$imagepolicy\"", SNAPSHOT_HAS_MARKER, false },
	{ "image.toolkit.fluxcd.io/", SNAPSHOT_HAS_DOCUMENT, false },
	{ "notification.toolkit.fluxcd.io/", SNAPSHOT_HAS_DOCUMENT, false },
	{ "source.toolkit.fluxcd.io/", SNAPSHOT_HAS_DOCUMENT, false },
	{ "kustomize.toolkit.fluxcd.io/", SNAPSHOT_HAS_DOCUMENT, false },
	{ "helm.toolkit.fluxcd.io/", SNAPSHOT_HAS_DOCUMENT, false },
	{ "kind: Namespace", SNAPSHOT_HAS_DOCUMENT, false },
	{ "kind: Secret", SNAPSHOT_HAS_DOCUMENT, false },
	{ "patches", SNAPSHOT_HAS_DOCUMENT | SNAPSHOT_IS_KUSTOMIZATION, true },
	{ "components:", SNAPSHOT_HAS_DOCUMENT | SNAPSHOT_IS_KUSTOMIZATION, true },
	/* byte order marks: only a search can be asked for them, what they mean is judged
	   below */
	{ UTF16_LE, 0, false },
	{ UTF16_BE, 0, false },
	{ NULL, 0, false },
};

const char *const snapshot_searches[SNAPSHOT_SEARCHES] = {
	"\"$imagepolicy\"", "toolkit.fluxcd.io/", "kind: Namespace", "kind: Secret",
	"patches",          "components:",        UTF16_LE,          UTF16_BE,
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
	for (size_t i = 0; i < SNAPSHOT_NAMES; i++)
		if (str_is(name, kustomizations[i]))
			return true;
	return false;
}

static uint32_t judge_bytes(struct str path, struct str text)
{
	uint32_t flags = 0;
	uint32_t kustomization = 0;
	for (const struct snapshot_needle *n = snapshot_needles; n->text; n++) {
		uint32_t *into = n->in_kustomizations ? &kustomization : &flags;
		if ((*into & n->flags) == n->flags ||
		    str_find(text, str_of(n->text)) == text.len)
			continue;
		*into |= n->flags;
	}
	if (!kustomization || !is_kustomization(path))
		return flags;
	return flags & SNAPSHOT_HAS_DOCUMENT ? flags : flags | kustomization;
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
