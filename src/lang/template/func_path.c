/* SPDX-License-Identifier: MIT */
/* sprig's paths: Go's path package; the os forms are the same on a Unix. */
#include "base/limits.h"
#include "lang/template/functions.h"

/* Go's path.Clean, lexically. */
static void clean_path(struct buf *out, struct str path)
{
	bool rooted = str_starts(path, STR("/"));
	struct str rest = path;
	struct str part;
	if (rooted)
		buf_putc(out, '/');
	size_t floor = out->len; /* `..` cannot go above this */
	while (!out->full && str_split(&rest, '/', &part)) {
		if (part.len == 0 || str_is(part, "."))
			continue;
		if (str_is(part, "..") && out->len > floor) {
			size_t slash = str_rfind_char(buf_str(out), '/');
			size_t root = rooted ? 1 : 0;
			buf_truncate(out,
				     slash < out->len && slash > root ? slash : root);
			continue;
		}
		if (str_is(part, "..") && rooted)
			continue;
		if (out->len > (rooted ? 1U : 0U))
			buf_putc(out, '/');
		buf_append(out, part);
		if (str_is(part, ".."))
			floor = out->len;
	}
	if (out->len == 0)
		buf_putc(out, '.');
}

static struct gval fn_clean(struct gcall *call)
{
	BUF_CLEANUP struct buf out = BUF_INIT(LIMIT_TEMPLATE_STRING);
	clean_path(&out, call_str(call, 0));
	return call_string(call, &out);
}

static struct gval fn_base(struct gcall *call)
{
	struct str s = call_str(call, 0);
	if (s.len == 0)
		return gval_text(".");
	while (s.len > 0 && s.ptr[s.len - 1] == '/')
		s.len--;
	if (s.len == 0)
		return gval_text("/");
	size_t slash = str_rfind_char(s, '/');
	return gval_string(slash < s.len ? str_from(s, slash + 1) : s);
}

static struct gval fn_dir(struct gcall *call)
{
	BUF_CLEANUP struct buf out = BUF_INIT(LIMIT_TEMPLATE_STRING);
	struct str s = call_str(call, 0);
	size_t slash = str_rfind_char(s, '/');
	clean_path(&out, slash < s.len ? str_slice(s, 0, slash + 1) : STR(""));
	return call_string(call, &out);
}

static struct gval fn_ext(struct gcall *call)
{
	struct str s = call_str(call, 0);
	for (size_t i = s.len; i > 0 && s.ptr[i - 1] != '/'; i--)
		if (s.ptr[i - 1] == '.')
			return gval_string(str_from(s, i - 1));
	return gval_text("");
}

static struct gval fn_is_abs(struct gcall *call)
{
	return gval_bool(str_starts(call_str(call, 0), STR("/")));
}

static const struct gfunc rows[] = {
	{ "base", "s:s", fn_base },    { "dir", "s:s", fn_dir },
	{ "clean", "s:s", fn_clean },  { "ext", "s:s", fn_ext },
	{ "isAbs", "s:b", fn_is_abs }, { "osBase", "s:s", fn_base },
	{ "osDir", "s:s", fn_dir },    { "osClean", "s:s", fn_clean },
	{ "osExt", "s:s", fn_ext },    { "osIsAbs", "s:b", fn_is_abs },
};

const struct gfunc_table functions_path = FUNCTION_TABLE(rows);
