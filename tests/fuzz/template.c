/* SPDX-License-Identifier: MIT */
/* Any bytes as a template, parsed and run over small data. */
#include "lang/template/template.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gval make_data(struct gctx *ctx)
{
	struct gval list = gval_list(ctx, &gtype_list, 2);
	struct gval map = gval_map(ctx, &gtype_map);
	gval_list_add(ctx, &list, gval_int(3));
	gval_list_add(ctx, &list, gval_text("a:b"));
	gval_map_put(ctx, map, "s", gval_text("ghcr.io/o/web:1.5.2"));
	gval_map_put(ctx, map, "i", gval_int(-7));
	gval_map_put(ctx, map, "f", gval_float(2.5));
	gval_map_put(ctx, map, "n", gval_none());
	gval_map_put(ctx, map, "l", list);
	gval_map_put(ctx, map, "m", gval_map(ctx, &gtype_map));
	return map;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_MESSAGE_BYTES);
	struct err err = ERR_INIT;
	struct template *tmpl;
	struct gctx ctx;
	struct str text = { (const char *)data, size };
	gctx_init(&ctx, &arena);
	if (template_parse("fuzz", text, TEMPLATE_SPRIG, &arena, &tmpl, &err) == 0 &&
	    template_execute(tmpl, make_data(&ctx), &out, &err) == 0 && out.full)
		abort();
	return 0;
}
