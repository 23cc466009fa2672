/* SPDX-License-Identifier: MIT */
/* Decides when an evaluation has used up what it may use. */
#include "base/limits.h"
#include "lang/template/gval.h"

void gctx_init(struct gctx *ctx, struct arena *arena)
{
	*ctx = (struct gctx){ .arena = arena,
			      .steps_left = LIMIT_TEMPLATE_STEPS,
			      .bytes_left = LIMIT_TEMPLATE_MEMORY };
}

bool gctx_fail(struct gctx *ctx, int code, const char *fmt, ...)
{
	if (ctx->failed)
		return false;
	BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES * 4);
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	ctx->failed = true;
	ctx->code = code;
	ctx->text = text.full ? "a text that is too long to show"
			      : arena_strdup(ctx->arena, buf_cstr(&text));
	return false;
}

bool gctx_step(struct gctx *ctx, size_t n)
{
	if (ctx->failed)
		return false;
	if (n > (size_t)ctx->steps_left) {
		ctx->steps_left = 0;
		return gctx_fail(ctx, ERR_LIMIT, LIMIT_FMT,
				 LIMIT_ARG(LIMIT_TEMPLATE_STEPS));
	}
	ctx->steps_left -= (int64_t)n;
	return true;
}

bool gctx_enter(struct gctx *ctx)
{
	if (ctx->depth >= GCTX_DEPTH)
		return gctx_fail(ctx, ERR_LIMIT, "limit: %d nesting of a value",
				 GCTX_DEPTH);
	if (!gctx_step(ctx, 1))
		return false;
	ctx->depth++;
	return true;
}

void gctx_leave(struct gctx *ctx)
{
	ctx->depth--;
}

void *gctx_alloc(struct gctx *ctx, size_t n, size_t size)
{
	if (ctx->failed)
		return NULL;
	if (n > ctx->bytes_left / size) {
		gctx_fail(ctx, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TEMPLATE_MEMORY));
		return NULL;
	}
	ctx->bytes_left -= n * size;
	return arena_alloc(ctx->arena, n ? n : 1, size);
}

struct str gctx_str(struct gctx *ctx, struct str s)
{
	char *copy = gctx_alloc(ctx, s.len + 1, 1);
	if (!copy)
		return STR("");
	if (s.len)
		memcpy(copy, s.ptr, s.len);
	return (struct str){ copy, s.len };
}

struct str gctx_buf_str(struct gctx *ctx, const struct buf *buf)
{
	if (buf->full)
		gctx_fail(ctx, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TEMPLATE_STRING));
	return gctx_str(ctx, buf_str(buf));
}
