/* SPDX-License-Identifier: MIT */
/* From documents, secrets and configuration to what the HTTP stages need. */
#ifndef APP_NET_H
#define APP_NET_H

#include "app/session.h"
#include "model/document.h"
#include "stage/scan/scan.h"

/* An engine under the admin's rules; free with http_free(). */
int net_http(struct session *session, struct http **out, struct err *err) MUST_CHECK;
/* For CLEANUP(). */
void net_http_cleanup(struct http *const *http);
/* Writes the hosts contacted to the log (TRUST 34). */
void net_log_contacted(struct session *session, const struct http *http);

/*
 * The request that lists a repository's tags: credentials, certificates and proxy from
 * its secrets. *hash changes when any of that changes; it is keyed, so that it tells
 * nothing of the secrets. ERR_NOTFOUND for a missing secret, ERR_INVALID for one without
 * the needed keys.
 */
int net_scan_request(struct session *session, const struct image_repository *repository,
		     struct scan_request *out, const char **hash,
		     struct err *err) MUST_CHECK;

#endif
