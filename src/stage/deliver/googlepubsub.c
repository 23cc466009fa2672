/* SPDX-License-Identifier: MIT */
/* Known to Flux, not done here: it needs a cloud identity. */
#include "stage/deliver/build.h"

extern const struct deliver_type deliver_googlepubsub;
const struct deliver_type deliver_googlepubsub = {
	.type = "googlepubsub",
	.flags = DELIVER_UNSUPPORTED,
	.help = "not supported: it needs a cloud identity",
};
