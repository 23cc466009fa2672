/* SPDX-License-Identifier: MIT */
/* What the files of a drain share: every receiver has a lane of its own, so that one that
 * is away holds up nobody else. */
#ifndef APP_LANE_H
#define APP_LANE_H

#include "app/budget.h"
#include "app/channel.h"
#include "app/drain.h"
#include "state/outbox.h"

/* The rows of one provider, oldest first. */
struct lane {
	struct drain *drain;
	const char *path; /* `cluster/ns/name` */
	const struct provider *provider;
	VEC_OF(const struct outbox_row *) rows;
	size_t at;
	struct allowance allowance;
	bool is_starting, again; /* a row that ends at once must not nest */
};

struct drain {
	struct session *session;
	const struct drain_options *options;
	struct drain_report *report;
	struct loaded loaded;
	struct http *http;
	struct arena *arena; /* of the batch */
	VEC_OF(struct lane *) lanes;
	size_t spent;
	int code; /* of the store: ends the drain */
	struct err err;
};

/* Lanes for the rows, which must live as long, with what the budgets leave to each.
 * ERR_IO. */
int lanes_make(struct drain *drain, const struct outbox_rows *rows,
	       struct err *err) MUST_CHECK;
/* Sends the next row of a lane whose last one is done with. */
void lane_start_next(struct lane *lane);
/* Claims the row and sends it; calls lane_start_next() when it is done with. False:
 * somebody else has it. */
bool flight_take_off(struct lane *lane, const struct outbox_row *row);
/* A failure of the store ends the drain: what cannot be remembered is not sent. */
void drain_keep(struct drain *drain, int code, const struct err *err);

#endif
