/* SPDX-License-Identifier: MIT */
/* Flux's columns of each kind, and the words that name it. */
#include "cmd/kinds.h"
#include "base/cursor.h"
#include "cmd/repo_options.h"

enum {
	COMMIT_MIN = 40,
	COMMIT_MAX = 128,
	SHORT_COMMIT = 8
};

#define COLUMN(name, field)                                                            \
	{                                                                              \
		name, OPT_FIELD(struct object_view, field, const char *), false, false \
	}
#define WIDE(name, field)                                                             \
	{                                                                             \
		name, OPT_FIELD(struct object_view, field, const char *), false, true \
	}
#define SUSPENDED                           \
	{                                   \
		"SUSPENDED", 0, true, false \
	}
#define READY_MESSAGE COLUMN("READY", ready), COLUMN("MESSAGE", message)
#define DELIVERIES                                                 \
	COLUMN("LAST DELIVERY", last), COLUMN("WAITING", waiting), \
	    COLUMN("LAST ERROR", error)

static const struct kind_column repository_columns[] = { COLUMN("LAST SCAN", last),
							 WIDE("TAGS", tags), SUSPENDED,
							 READY_MESSAGE };
static const struct kind_column policy_columns[] = { COLUMN("IMAGE", image),
						     COLUMN("TAG", tag), READY_MESSAGE };
static const struct kind_column update_columns[] = { COLUMN("LAST RUN", last), SUSPENDED,
						     READY_MESSAGE };
static const struct kind_column checked_columns[] = { COLUMN("REVISION", revision),
						      SUSPENDED, READY_MESSAGE };
static const struct kind_column provider_columns[] = { READY_MESSAGE, DELIVERIES };
static const struct kind_column alert_columns[] = { SUSPENDED, READY_MESSAGE,
						    DELIVERIES };

static const struct kind_detail repository_details[] = {
	{ "Image", "status.canonicalImageName" },
	{ "Last scan", "status.lastScanResult.scanTime" },
	{ "Tags", "status.lastScanResult.tagCount" },
	{ "Newest tags", "status.lastScanResult.latestTags" },
	{ "Exclusions", "status.observedExclusionList" },
};
static const struct kind_detail policy_details[] = {
	{ "Image", "status.latestRef.name" },
	{ "Tag", "status.latestRef.tag" },
	{ "Digest", "status.latestRef.digest" },
	{ "Tag before", "status.observedPreviousRef.tag" },
};
static const struct kind_detail update_details[] = {
	{ "Last run", "status.lastAutomationRunTime" },
	{ "Last commit", "status.lastPushCommit" },
	{ "Committed", "status.lastPushTime" },
	{ "Source", "status.observedSourceRevision" },
};
static const struct kind_detail source_details[] = {
	{ "Revision", "status.artifact.revision" },
};
static const struct kind_detail checked_details[] = {
	{ "Revision", "status.lastAttemptedRevision" },
};
/* of a Provider there is more, which `describe` reads from its secrets */
static const struct kind_detail channel_details[] = {
	{ "Waiting", "status.waiting" },
	{ "Given up", "status.givenUp" },
	{ "Last delivery", "status.lastDelivery" },
	{ "Last error", "status.lastError" },
};

#define KIND(kind, lower, human, columns, details, ...)                   \
	{                                                                 \
		kind, lower, human, columns, ARRAY_LEN(columns), details, \
		    ARRAY_LEN(details), __VA_ARGS__                       \
	}
#define IMAGE   .is_image = true
#define SOURCE  .is_source = true, .shortens = true
#define CHECKED .shortens = true
#define CHANNEL .shortens = false

/* The image kinds stand together: `image all` is a part of the table. */
static const struct kind_row kinds[] = {
	KIND("ImageRepository", "imagerepository", "image repository", repository_columns,
	     repository_details, IMAGE),
	KIND("ImagePolicy", "imagepolicy", "image policy", policy_columns, policy_details,
	     IMAGE),
	KIND("ImageUpdateAutomation", "imageupdateautomation", "image update automation",
	     update_columns, update_details, IMAGE),
	KIND("GitRepository", "gitrepository", "source git", checked_columns,
	     source_details, SOURCE),
	KIND("Kustomization", "kustomization", "kustomization", checked_columns,
	     checked_details, CHECKED),
	KIND("HelmRelease", "helmrelease", "helmrelease", checked_columns,
	     checked_details, CHECKED),
	KIND("Provider", "provider", "alert-provider", provider_columns, channel_details,
	     CHANNEL),
	KIND("Alert", "alert", "alert", alert_columns, channel_details, CHANNEL),
};

enum {
	IMAGE_KINDS = 3
};

static const struct {
	const char *word;
	const char *kind;
} words_of_kinds[] = {
	{ "repository", "ImageRepository" },
	{ "repositories", "ImageRepository" },
	{ "repo", "ImageRepository" },
	{ "imagerepository", "ImageRepository" },
	{ "policy", "ImagePolicy" },
	{ "policies", "ImagePolicy" },
	{ "imagepolicy", "ImagePolicy" },
	{ "update", "ImageUpdateAutomation" },
	{ "updates", "ImageUpdateAutomation" },
	{ "automation", "ImageUpdateAutomation" },
	{ "imageupdateautomation", "ImageUpdateAutomation" },
	{ "git", "GitRepository" },
	{ "gitrepository", "GitRepository" },
	{ "kustomizations", "Kustomization" },
	{ "kustomization", "Kustomization" },
	{ "ks", "Kustomization" },
	{ "helmreleases", "HelmRelease" },
	{ "helmrelease", "HelmRelease" },
	{ "hr", "HelmRelease" },
	{ "alert-providers", "Provider" },
	{ "alert-provider", "Provider" },
	{ "provider", "Provider" },
	{ "alerts", "Alert" },
	{ "alert", "Alert" },
};

static const struct kind_row *find_kind(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds) && kind; i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return &kinds[i];
	return NULL;
}

const char *kinds_of_word(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(words_of_kinds); i++)
		if (strcmp(words_of_kinds[i].word, word) == 0)
			return words_of_kinds[i].kind;
	const struct kind_row *row = find_kind(word);
	return row ? row->kind : NULL;
}

const char *kinds_nearest(const char *word)
{
	const char *words[ARRAY_LEN(words_of_kinds)];
	for (size_t i = 0; i < ARRAY_LEN(words_of_kinds); i++)
		words[i] = words_of_kinds[i].word;
	return str_nearest(word, words, ARRAY_LEN(words));
}

bool kinds_is_image(const char *kind)
{
	const struct kind_row *row = find_kind(kind);
	return row && row->is_image;
}

static bool is_word(const struct strings *words, size_t i, const char *one,
		    const char *other)
{
	return words->len > i &&
	       (strcmp(words->items[i], one) == 0 || strcmp(words->items[i], other) == 0);
}

size_t kinds_find(const struct strings *words, struct kind_group *out)
{
	bool is_image = is_word(words, 0, "image", "images");
	bool is_source = is_word(words, 0, "source", "sources");
	size_t used = is_image || is_source ? 2 : 1;
	if (words->len < used)
		return 0;
	const char *word = words->items[used - 1];
	*out = (struct kind_group){ kinds, is_image ? IMAGE_KINDS : ARRAY_LEN(kinds),
				    is_image ? "image" : NULL };
	if (strcmp(word, "all") == 0)
		return is_source ? 0 : used;
	const struct kind_row *row = find_kind(kinds_of_word(word));
	if (!row || row->is_image != is_image || row->is_source != is_source)
		return 0;
	*out = (struct kind_group){ row, 1, row->kind };
	return used;
}

const char *kinds_shorten(struct arena *arena, const char *text)
{
	char *out = arena_strdup(arena, text);
	size_t to = 0;
	for (size_t i = 0; text[i];) {
		size_t n = strspn(text + i, "0123456789abcdef");
		size_t kept = n >= COMMIT_MIN && n <= COMMIT_MAX ? SHORT_COMMIT : n;
		kept = n ? kept : 1;
		memmove(out + to, text + i, kept);
		to += kept;
		i += n ? n : 1;
	}
	out[to] = '\0';
	return out;
}
