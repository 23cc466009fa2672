/* SPDX-License-Identifier: MIT */
/* Known to Flux, not done here: it is not HTTP. */
#include "stage/deliver/build.h"

extern const struct deliver_type deliver_nats;
const struct deliver_type deliver_nats = {
	.type = "nats",
	.flags = DELIVER_UNSUPPORTED,
	.help = "not supported: it is not HTTP",
};
