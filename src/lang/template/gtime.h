/* SPDX-License-Identifier: MIT */
/* Go's time.Time in UTC or at a fixed offset, and its layouts. */
#ifndef LANG_TEMPLATE_GTIME_H
#define LANG_TEMPLATE_GTIME_H

#include "lang/template/gval.h"

struct gtime {
	int64_t seconds; /* since 1970, UTC */
	int64_t nanos;
	int64_t offset; /* of the zone, seconds east */
};

extern const struct gtype gtime_type;

/* The time in a value of gtime_type. */
struct gtime gtime_of(struct gval v);
/* 0001-01-01 00:00:00 UTC. */
struct gtime gtime_zero(void);
/* time.Parse; false when the text does not fit, with Go's text in *error. */
bool gtime_parse(struct str layout, struct str text, struct gtime *out,
		 struct buf *error);
/* Time.Format, with Go's layouts; stops when `out` is full. */
void gtime_format(struct buf *out, struct str layout, struct gtime t);

#endif
