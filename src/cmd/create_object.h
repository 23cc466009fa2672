/* SPDX-License-Identifier: MIT */
/* From flux's flags to the object that they mean: one table of fields for each kind. */
#ifndef CMD_CREATE_OBJECT_H
#define CMD_CREATE_OBJECT_H

#include "base/err.h"
#include "base/value.h"

struct create_options {
	const char *namespace, *interval;
	bool exports;
	struct strings labels;
	const char *type, *channel, *username, *address, *secret_ref;
	const char *provider_ref, *severity;
	struct strings sources;
	const char *image, *cert_ref, *scan_timeout;
	const char *image_ref, *semver, *alpha, *numeric, *regex, *extract, *digest;
	const char *git_ref, *git_namespace, *git_path, *checkout, *push, *author, *email,
	    *message, *signing_secret, *signing_type;
};

struct create_kind;

/* By the words on the command line, such as `image policy`; NULL. */
const struct create_kind *create_kind_find(const char *words);
/* The words that are nearest, for a hint; NULL. */
const char *create_kind_nearest(const char *words);
/* Whether the option whose field is at `off` is one of this kind. */
bool create_kind_takes(const struct create_kind *kind, size_t off);

/*
 * The object, its keys in the order in which flux prints them. ERR_INVALID, in flux's
 * words, for what the kind cannot do without and for values that no field takes.
 */
int create_object(struct arena *arena, const struct create_kind *kind,
		  const struct create_options *options, const char *name,
		  struct value **out, struct err *err) MUST_CHECK;

#endif
