/* SPDX-License-Identifier: MIT */
/* What the provider types say about an event, in words that several of them share. */
#ifndef STAGE_DELIVER_WORDS_H
#define STAGE_DELIVER_WORDS_H

#include "base/buf.h"
#include "model/event.h"

/* `imagerepository/grade-api.flux-system`. */
const char *words_object(const struct event *event, struct arena *arena);
/* `imagerepository/grade-api`. */
const char *words_short_object(const struct event *event, struct arena *arena);
/* ASCII letters in lower case. */
const char *words_lower(const char *text, struct arena *arena);
/* A reason split at camel-case borders, lower case: `ReadOperationFailed` is
 * `read operation failed`. */
const char *words_reason(const char *reason, struct arena *arena);
/* By severity, and by the reason Progressing: upstream gives both colours and icons. */
bool words_is_error(const struct event *event);
bool words_is_progressing(const struct event *event);
/* "info", "error", "trace". */
const char *words_severity(const struct event *event);
/* RFC 3339, seconds. */
const char *words_time(const struct event *event, struct arena *arena);

/* `summary` first, then by bytes. */
struct label_list words_metadata(const struct event *event, struct arena *arena);
/* By bytes. */
struct label_list words_sorted_metadata(const struct event *event, struct arena *arena);
/* NULL when absent. */
const char *words_get(const struct event *event, const char *key);

/* The block of chat topics: heading, object, message, metadata; nothing is escaped but
 * what `defuse` names (see words_defuse()). */
const char *words_block(const struct event *event, const char *const *defuse,
			struct arena *arena);
/* The same for comments on a forge, in at most max_units UTF-16 units: text from outside
 * that could be markup, mention or command stands in a fence or in a code span
 * (TRUST 31), closed whatever was cut; change_request is left out. */
const char *words_comment(const struct event *event, size_t max_units,
			  struct arena *arena);

/* `&`, `<` and `>` as entities. */
const char *words_entities(const char *text, struct arena *arena);
/* Puts a zero-width space behind the first character of each of the texts that are found,
 * letter case ignored; `triggers` ends with NULL. */
const char *words_defuse(const char *text, const char *const *triggers,
			 struct arena *arena);
/* At most max_units UTF-16 units, with `...` behind what was cut. */
const char *words_cut(const char *text, size_t max_units, struct arena *arena);
size_t words_units(struct str text); /* UTF-16 units */

/* deliver_write_event()'s text. */
struct str words_event_json(const struct event *event, struct arena *arena);

#endif
