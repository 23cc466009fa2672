/* SPDX-License-Identifier: MIT */
/*
 * What a secret is good for (TRUST 17): uses, and addresses they may go to. Grants lie
 * beside the secrets, `<home>/<id>/grants/NS/NAME`, a line each.
 */
#ifndef ADMIN_GRANT_H
#define ADMIN_GRANT_H

#include "base/err.h"
#include "base/vec.h"

struct grant {
	const char *use;     /* a provider type, or `scan` */
	const char *address; /* `https://github.com/org/repo`; "": the type's own */
};

struct grants {
	struct grant *items;
	size_t len;
	size_t cap;
};

struct secret_id;

/* The grants of the secret that secret_read() would read; none is no error. ERR_INVALID
 * for a name that is none. */
int grant_list(const struct secret_id *id, struct arena *arena, struct grants *out,
	       struct err *err) MUST_CHECK;
/* Whether use and address are such. ERR_INVALID; for a use it lists those that there are.
 */
int grant_check(const struct grant *grant, struct err *err) MUST_CHECK;
/* Adds a grant to the repository's own secret; one that is there already is a success.
 * The errors of grant_check(). */
int grant_add(const struct secret_id *id, const struct grant *grant,
	      struct err *err) MUST_CHECK;
/* Removes all grants of a secret; that there are none is a success. ERR_INVALID. */
int grant_delete(const struct secret_id *id, struct err *err) MUST_CHECK;
/* Whether a use of `address` ("" or NULL: the type's own) is granted: equal scheme, host
 * and port, and the granted path is the address's or above it. A granted forge covers its
 * API host. Pure. */
bool grant_permits(const struct grants *grants, const char *use, const char *address);

#endif
