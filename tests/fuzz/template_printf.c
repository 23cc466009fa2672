/* SPDX-License-Identifier: MIT */
/* Any bytes as a format of printf, with operands of every kind. */
#include "base/limits.h"
#include "lang/template/gfmt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_MESSAGE_BYTES);
	struct gctx ctx;
	struct str format = { (const char *)data, size };
	gctx_init(&ctx, &arena);
	struct gval list = gval_list(&ctx, &gtype_list, 0);
	gval_list_add(&ctx, &list, gval_text("x\xFF"));
	gval_list_add(&ctx, &list, gval_none());
	struct gval args[] = { gval_int(-42),      gval_text("h\xC3\xA9`\n"),
			       gval_float(1e-9),   list,
			       gval_uint64(~0ull), gval_bool(true),
			       gval_none(),        gval_int(3) };
	gfmt_printf(&ctx, &out, format, args, ARRAY_LEN(args));
	return 0;
}
