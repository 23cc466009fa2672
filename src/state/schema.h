/* SPDX-License-Identifier: MIT */
/* The tables of the store and how an older file becomes a newer one: forward only. */
#ifndef STATE_SCHEMA_H
#define STATE_SCHEMA_H

#include "adapter/db/db.h"

/* One step per schema version: steps[n] leads from version n to n + 1. */
struct schema {
	const char *const *steps;
	size_t n_steps;
};

extern const struct schema schema_current;

enum schema_verdict {
	SCHEMA_READY,
	SCHEMA_OLDER,  /* or empty: migrate */
	SCHEMA_NEWER,  /* of a newer program: hands off */
	SCHEMA_FOREIGN /* not a file of ours */
};

/* Judges an open file by its first page alone; *version is its schema version. */
int schema_judge(const struct schema *schema, struct db *db, enum schema_verdict *verdict,
		 int64_t *version, struct err *err) MUST_CHECK;

/*
 * Brings a file to the schema's version, one transaction a step. Before each step from a
 * version above 0 the file is copied to `<path>.v<version>`. The caller holds the lock
 * that keeps other processes from migrating.
 */
int schema_migrate(const struct schema *schema, struct db *db, const char *path,
		   struct err *err) MUST_CHECK;

#endif
