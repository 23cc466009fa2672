/* SPDX-License-Identifier: MIT */
/* Known to Flux, not done here: it is not HTTP. */
#include "stage/deliver/build.h"

extern const struct deliver_type deliver_azureeventhub;
const struct deliver_type deliver_azureeventhub = {
	.type = "azureeventhub",
	.flags = DELIVER_UNSUPPORTED,
	.help = "not supported: it is not HTTP",
};
