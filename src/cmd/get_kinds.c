/* SPDX-License-Identifier: MIT */
/* Flux's columns of each kind, and the words that name it. */
#include "cmd/get_kinds.h"
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
#define DELIVERIES \
	WIDE("LAST DELIVERY", last), WIDE("WAITING", waiting), WIDE("LAST ERROR", error)

static const struct get_column repository_columns[] = { COLUMN("LAST SCAN", last),
							WIDE("TAGS", tags), SUSPENDED,
							READY_MESSAGE };
static const struct get_column policy_columns[] = { COLUMN("IMAGE", image),
						    COLUMN("TAG", tag), READY_MESSAGE };
static const struct get_column update_columns[] = { COLUMN("LAST RUN", last), SUSPENDED,
						    READY_MESSAGE };
static const struct get_column checked_columns[] = { COLUMN("REVISION", revision),
						     SUSPENDED, READY_MESSAGE };
static const struct get_column provider_columns[] = { READY_MESSAGE, DELIVERIES };
static const struct get_column alert_columns[] = { SUSPENDED, READY_MESSAGE, DELIVERIES };

#define KIND(kind, lower, columns, shortens)                       \
	{                                                          \
		kind, lower, columns, ARRAY_LEN(columns), shortens \
	}

/* The image kinds stand together: `image all` is a part of the table. */
static const struct get_kind kinds[] = {
	KIND("ImageRepository", "imagerepository", repository_columns, false),
	KIND("ImagePolicy", "imagepolicy", policy_columns, false),
	KIND("ImageUpdateAutomation", "imageupdateautomation", update_columns, false),
	KIND("GitRepository", "gitrepository", checked_columns, true),
	KIND("Kustomization", "kustomization", checked_columns, true),
	KIND("HelmRelease", "helmrelease", checked_columns, true),
	KIND("Provider", "provider", provider_columns, false),
	KIND("Alert", "alert", alert_columns, false),
};

enum {
	IMAGE_KINDS = 3
};

static const struct {
	const char *word;
	const char *kind;
} words_of_kinds[] = {
	{ "kustomizations", "Kustomization" },
	{ "kustomization", "Kustomization" },
	{ "ks", "Kustomization" },
	{ "helmreleases", "HelmRelease" },
	{ "helmrelease", "HelmRelease" },
	{ "hr", "HelmRelease" },
	{ "alert-providers", "Provider" },
	{ "alert-provider", "Provider" },
	{ "alerts", "Alert" },
	{ "alert", "Alert" },
};

static size_t take_kind(const char *kind, size_t words, struct get_group *out)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds) && kind; i++) {
		if (strcmp(kinds[i].kind, kind) != 0)
			continue;
		*out = (struct get_group){ &kinds[i], 1 };
		return words;
	}
	return 0;
}

static bool is_word(const struct strings *words, size_t i, const char *one,
		    const char *other)
{
	return words->len > i &&
	       (strcmp(words->items[i], one) == 0 || strcmp(words->items[i], other) == 0);
}

size_t get_group_find(const struct strings *words, struct get_group *out)
{
	if (is_word(words, 0, "all", "all")) {
		*out = (struct get_group){ kinds, ARRAY_LEN(kinds) };
		return 1;
	}
	if (is_word(words, 0, "image", "images")) {
		if (words->len < 2)
			return 0;
		if (strcmp(words->items[1], "all") != 0)
			return take_kind(image_kind_name(words->items[1]), 2, out);
		*out = (struct get_group){ kinds, IMAGE_KINDS };
		return 2;
	}
	if (is_word(words, 0, "source", "sources"))
		return is_word(words, 1, "git", "all")
			   ? take_kind("GitRepository", 2, out)
			   : 0;
	for (size_t i = 0; i < ARRAY_LEN(words_of_kinds); i++)
		if (is_word(words, 0, words_of_kinds[i].word, words_of_kinds[i].word))
			return take_kind(words_of_kinds[i].kind, 1, out);
	return 0;
}

const char *get_shorten(struct arena *arena, const char *text)
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
