/* SPDX-License-Identifier: MIT */
/*
 * Which repositories are installed: the file `repositories` in an owner's home (TRUST
 * 11-13). Identity is the random id together with path, device and inode, so that a copy
 * of a repository is told from one that was moved.
 */
#ifndef STATE_REGISTRY_H
#define STATE_REGISTRY_H

#include "base/err.h"
#include "base/vec.h"
#include "model/record.h"

enum {
	REPOSITORY_ID_DIGITS = 32
};

struct repository_list {
	struct repository_record *items; /* ordered by path */
	size_t len;
	size_t cap;
};

/*
 * Reads the registry of `home`; a missing file is an empty list. Texts live in the arena.
 * ERR_INVALID with the line when it is damaged, ERR_LIMIT, ERR_IO, ERR_DENIED.
 */
int registry_read(const char *home, struct arena *arena, struct repository_list *out,
		  struct err *err) MUST_CHECK;
/* The text of a registry alone. ERR_INVALID with the line. Pure. */
int registry_parse(struct str text, struct arena *arena, struct repository_list *out,
		   struct err *err) MUST_CHECK;

/*
 * Adds the record, or replaces the one of the same path, durably and under a lock.
 * ERR_INVALID for an id that is not 32 hex digits or a path with a line feed; ERR_BUSY;
 * else as registry_read().
 */
int registry_put(const char *home, const struct repository_record *record,
		 struct err *err) MUST_CHECK;
/* Forgets the record of a path; one that is not there is a success. */
int registry_remove(const char *home, const char *path, struct err *err) MUST_CHECK;

/* NULL when there is none. By id: the first by path. */
const struct repository_record *registry_find_path(const struct repository_list *list,
						   const char *path);
const struct repository_record *registry_find_id(const struct repository_list *list,
						 const char *id);

enum registry_verdict {
	REGISTRY_UNKNOWN, /* never installed here, or the configuration lost its id */
	REGISTRY_KNOWN,   /* installed, and it is the one that was recorded */
	REGISTRY_MOVED,   /* its recorded path is gone: the same repository, elsewhere */
	REGISTRY_COPY,    /* its id belongs to a path that exists: nothing is sent or
			     written */
	REGISTRY_NEW      /* a known path with another id: a new repository */
};

/*
 * Judges the repository at `path` (real path) whose configuration says `id` ("" when
 * none). *record (may be NULL) is the record that the verdict rests on, or NULL. Looks at
 * recorded paths on disk.
 */
enum registry_verdict registry_judge(const struct repository_list *list, const char *path,
				     const char *id,
				     const struct repository_record **record);
/* "known", "moved", ... for output. */
const char *registry_verdict_name(enum registry_verdict verdict);

#endif
