/* SPDX-License-Identifier: MIT */
/* Expressions of alerts are compiled once for all events of a run: found by the address
 * of their text, which the documents own. */
#include "adapter/regex/regex.h"
#include "base/limits.h"
#include "stage/event/internal.h"

enum {
	SLOTS = 4096 /* more patterns than half of it are compiled every time */
};

struct slot {
	const char *pattern;
	struct regex *regex; /* NULL: invalid */
	struct err err;
};

struct event_cache {
	struct slot *slots[SLOTS];
	size_t len;
};

struct event_cache *event_cache_new(void)
{
	return xcalloc(1, sizeof(struct event_cache));
}

void event_cache_cleanup(struct event_cache *const *cache)
{
	struct event_cache *own = *cache;
	for (size_t i = 0; own && i < SLOTS; i++) {
		if (own->slots[i])
			regex_free(own->slots[i]->regex);
		free_ptr(&own->slots[i]);
	}
	free_ptr(&own);
}

static struct slot **find_slot(struct event_cache *cache, const char *pattern)
{
	size_t i = ((uintptr_t)pattern * 0x9e3779b97f4a7c15U) >> 52;
	while (cache->slots[i % SLOTS] && cache->slots[i % SLOTS]->pattern != pattern)
		i++;
	return &cache->slots[i % SLOTS];
}

const struct regex *event_cache_regex(struct event_cache *cache, const char *pattern,
				      struct regex **own, struct err *err)
{
	*own = NULL;
	struct slot **at = cache ? find_slot(cache, pattern) : NULL;
	if (!at || (!*at && cache->len >= SLOTS / 2))
		return regex_new(str_of(pattern), own, err) ? NULL : *own;
	if (!*at) {
		*at = xcalloc(1, sizeof(**at));
		cache->len++;
		(*at)->pattern = pattern;
		if (regex_new(str_of(pattern), &(*at)->regex, &(*at)->err))
			(*at)->regex = NULL;
	}
	if (!(*at)->regex)
		*err = (*at)->err;
	return (*at)->regex;
}
