/* SPDX-License-Identifier: MIT */
/* What the files of a drain share: every receiver has a lane of its own, so that one that
 * is away holds up nobody else. */
#ifndef APP_LANE_H
#define APP_LANE_H

#include "app/budget.h"
#include "app/channel.h"
#include "app/drain.h"
#include "state/outbox.h"

/* The rows of one provider, oldest first; some of them, when they are many. */
struct lane {
	struct drain *drain;
	const char *path; /* `cluster/ns/name` */
	const struct provider *provider;
	struct arena arena; /* of the rows and what becomes of them */
	struct outbox_rows rows;
	size_t at;
	struct allowance allowance;
	bool is_busy;            /* a row is on its way */
	bool is_starting, again; /* a row that ends at once must not nest */
};

struct drain {
	struct session *session;
	const struct drain_options *options;
	struct drain_report *report;
	struct loaded loaded;
	size_t reloads;
	struct http *http; /* NULL until there is something to send */
	struct tokens tokens;
	struct arena arena; /* of the lanes */
	VEC_OF(struct lane *) lanes;
	size_t spent;
	int code; /* of the store: ends the drain */
	struct err err;
};

/* Whether a row has a lane that is not busy. */
bool lanes_want(const struct drain *drain, const struct outbox_rows *rows);
/* Gives the lanes that are not busy their rows, which are copied, and to each what the
 * budgets leave. ERR_IO. */
int lanes_load(struct drain *drain, const struct outbox_rows *rows,
	       struct err *err) MUST_CHECK;
/* Starts the lanes that are not busy. */
void lanes_start(struct drain *drain);
/* Frees them; nothing may be on its way. */
void lanes_release(struct drain *drain);
/* Sends the next row of a lane whose last one is done with. */
void lane_start_next(struct lane *lane);
/* Claims the row and sends it; calls lane_start_next() when it is done with. False:
 * somebody else has it. */
bool flight_take_off(struct lane *lane, const struct outbox_row *row);
/* A failure of the store ends the drain: what cannot be remembered is not sent. */
void drain_keep(struct drain *drain, int code, const struct err *err);

#endif
