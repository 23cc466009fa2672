/* SPDX-License-Identifier: MIT */
/* The grammar of image references: registry, repository, tag and digest, Docker Hub
 * included. */
#ifndef STAGE_SCAN_REFERENCE_H
#define STAGE_SCAN_REFERENCE_H

#include "base/arena.h"
#include "base/err.h"

struct reference {
	const char *registry; /* `index.docker.io`, `ghcr.io`, `localhost:5000`: shown and
				 stored */
	const char *connect;  /* `registry-1.docker.io`: where requests go */
	const char *repository; /* `library/alpine` */
	const char *tag;        /* NULL: none */
	const char *digest;     /* NULL: none */
	const char *canonical;  /* registry/repository */
};

/* Parses any reference by the strict grammar. ERR_INVALID with upstream's text and, in
 * parentheses, what is wrong. */
int reference_parse(const char *text, struct arena *arena, struct reference *out,
		    struct err *err) MUST_CHECK;
/* Parses spec.image: neither scheme nor tag nor digest. ERR_INVALID with upstream's text;
 * what upstream would take and the strict grammar does not has the reason behind it. */
int reference_parse_image(const char *text, struct arena *arena, struct reference *out,
			  struct err *err) MUST_CHECK;
/* Whether a tag is one by the OCI grammar: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`. */
bool reference_is_tag(struct str tag);
/* Whether a digest is `sha256:` and 64 lower-case hex digits. */
bool reference_is_digest(struct str digest);

#endif
