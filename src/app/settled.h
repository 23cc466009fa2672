/* SPDX-License-Identifier: MIT */
/*
 * Which marked files an automation need not read again: a rewrite of this blob at this
 * path, with these choices, changed nothing and found nothing to say.
 */
#ifndef APP_SETTLED_H
#define APP_SETTLED_H

#include "adapter/crypto/crypto.h"
#include "app/automation.h"

struct settled {
	const char *file; /* NULL: nothing is remembered */
	struct buf old;
	struct buf next;
	struct str rest;        /* of `old`, behind the record below */
	struct str blob, path;  /* where the look-ups stand */
	char key[HASH_MAX_HEX]; /* of all that a rewrite depends on */
};

#define SETTLED_CLEANUP CLEANUP(settled_release)
/* Reads what the last pass left; nothing when it had other choices or was of another
 * version. */
void settled_load(struct settled *settled, const struct attempt *attempt);
/* Whether `file` may be passed over. To be asked in the order of the paths. */
bool settled_has(struct settled *settled, const struct snapshot_file *file);
/* Notes a file that may be passed over from now on. */
void settled_add(struct settled *settled, const struct snapshot_file *file);
/* Keeps the notes for the next pass; losing them costs time only. */
void settled_save(const struct settled *settled);
/* Frees the notes, saved or not. */
void settled_release(struct settled *settled);

#endif
