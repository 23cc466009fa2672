/* SPDX-License-Identifier: MIT */
/* The steps of matching one event with one alert. */
#ifndef STAGE_EVENT_INTERNAL_H
#define STAGE_EVENT_INTERNAL_H

#include "stage/event/event.h"

struct regex;

/* The raw value of `<object group>/key`; NULL when there is none. */
const char *event_object_metadata(const struct event *event, const char *key);
/* Filters and merges by precedence; the result is ordered by key. */
void event_merge_metadata(const struct event *event, const struct alert *alert,
			  const struct event_rules *rules, struct arena *arena,
			  struct label_list *out, struct finding_list *findings);

/* The compiled pattern, NULL when it is invalid. Without a cache (or with a full one)
 * *own is what the caller frees. */
const struct regex *event_cache_regex(struct event_cache *cache, const char *pattern,
				      struct regex **own, struct err *err);

#endif
