/* SPDX-License-Identifier: MIT */
/* Known to Flux, not done here: it takes traces. */
#include "stage/deliver/build.h"

extern const struct deliver_type deliver_otel;
const struct deliver_type deliver_otel = {
	.type = "otel",
	.flags = DELIVER_UNSUPPORTED,
	.help = "not supported: it takes traces",
};
