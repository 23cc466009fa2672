/* SPDX-License-Identifier: MIT */
/* `imagehook get alert-providers` and `get alerts`. */
#ifndef CMD_GET_ALERTS_H
#define CMD_GET_ALERTS_H

#include "cmd/repo_options.h"

struct get_alerts {
	const char *repo;
	const char *namespace; /* NULL: all */
	const char *name;      /* NULL: all */
	const char *output;    /* NULL, "wide", "json" or "yaml" */
	bool all_namespaces, no_header;
	bool providers; /* else alerts */
};

/* Prints the table or the objects; returns the exit status. */
int get_alerts(const struct get_alerts *options);

#endif
