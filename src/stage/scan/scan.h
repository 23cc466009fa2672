/* SPDX-License-Identifier: MIT */
/* Scans: all tags of many images at once, all or nothing each; digests by HEAD. */
#ifndef STAGE_SCAN_SCAN_H
#define STAGE_SCAN_SCAN_H

#include "adapter/http/http.h"
#include "model/image.h"

/* Counters that a caller may watch from http_on_tick(). */
struct scan_progress {
	size_t pages;
	size_t tags; /* as the pages held them */
	size_t done; /* distinct scans at their end */
	size_t total;
};

struct scan_request {
	const char *image;         /* spec.image */
	const char *tag;           /* NULL: list the tags; else ask that tag's digest */
	const char *docker_config; /* credentials as JSON text, NULL: anonymous */
	struct http_connection connection;
	bool insecure;
	int64_t timeout_ms; /* of the whole scan, counted from scan_run(); 0: 60 s */
	struct scan_progress *progress; /* NULL: nobody watches; may be shared */
};

struct scan_result {
	int code;       /* 0 or negative */
	struct err err; /* upstream-like text: what the registry said, host and status; of
			   a host that is not in allow_hosts always the same one */
	const char
	    *detail; /* the whole reason, for the admin's log alone; NULL: no failure */
	const char *canonical;
	struct tag_list tags;   /* valid tags, distinct, descending bytes */
	size_t dropped;         /* distinct tags outside the OCI grammar */
	const char *digest;     /* of a digest request */
	int64_t retry_after_ms; /* what the registry asked to wait, 0: nothing */
};

/*
 * Runs all requests at once. `results` has n elements and is filled for each; a failed
 * one leaves tags empty. A registry is asked once what it wants (`/v2/`), tokens are
 * cached by realm, service, scope and credential within the call, equal requests (image,
 * credentials, connection, scheme) share one list. Returns 0 unless the engine itself
 * fails.
 */
int scan_run(struct http *http, const struct scan_request *requests, size_t n,
	     struct arena *arena, struct scan_result *results,
	     struct err *err) MUST_CHECK;

/* Whether a secret's data is usable as credentials: `.dockerconfigjson` or `.dockercfg`
 * text to the JSON that scan_request takes. ERR_INVALID. */
int scan_check_docker_config(struct str text, struct err *err) MUST_CHECK;

#endif
