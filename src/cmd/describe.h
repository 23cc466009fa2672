/* SPDX-License-Identifier: MIT */
/* What the files of `describe` share. */
#ifndef CMD_DESCRIBE_H
#define CMD_DESCRIBE_H

#include "app/view.h"
#include "base/buf.h"
#include "cmd/kinds.h"
#include "state/outbox.h"

struct describer {
	struct session *session;
	const struct kind_row *kind;
	struct loaded loaded;
	struct object_view view;
	struct event_records events; /* the newest of the object */
	struct buf *out;
};

/* A line `Label:   text`, cleaned; label NULL: one more line of the same; text NULL or
 * "": <none>. */
void describe_put(const struct describer *d, const char *label, const char *text);
/* The names of the alerts that use a Provider. */
void describe_alerts(const struct describer *d, struct strings *out);
/* Type, address, secret and readiness of a Provider, and its alerts. Contacts nobody. */
void describe_provider(const struct describer *d);
void describe_provider_alerts(const struct describer *d);

#endif
