/* SPDX-License-Identifier: MIT */
/* Decides what the statements of a template do: text, conditions, loops, definitions. */
#include "lang/template/exec.h"
#include "base/limits.h"
#include "lang/template/gfmt.h"
#include "lang/template/quote.h"
#include "lang/template/template.h"

enum flow {
	FLOW_ON,
	FLOW_BREAK,
	FLOW_CONTINUE
};

static enum flow walk_list(struct exec *e, struct gval dot, const struct node_list *list);

struct gval exec_fail(struct exec *e, int code, const char *fmt, ...)
{
	BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES * 4);
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (!e->ctx.failed)
		e->fail_at = e->at;
	gctx_fail(&e->ctx, code, "%s", buf_cstr(&text));
	return gval_none();
}

struct gval exec_fail_node(struct exec *e, const char *before, const struct node *node,
			   const char *behind)
{
	BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	node_write(&text, node);
	return exec_fail(e, ERR_INVALID, "%s%s%s", before, buf_cstr(&text), behind);
}

bool exec_enter(struct exec *e)
{
	if (!gctx_step(&e->ctx, 1))
		return false;
	if (e->nesting >= EXEC_NESTING) {
		exec_fail(e, ERR_LIMIT, "limit: %d nested calls of a template",
			  EXEC_NESTING);
		return false;
	}
	e->nesting++;
	return true;
}

const char *exec_type_name(struct gval v)
{
	return v.boxed || !v.type ? gtype_iface.name : v.type->name;
}

void exec_push_var(struct exec *e, struct str name, struct gval value)
{
	VEC_PUSH(e->ctx.arena, &e->vars, ((struct exec_var){ name, value }));
}

void exec_set_var(struct exec *e, struct str name, struct gval value)
{
	for (size_t i = e->vars.len; i > e->vars_base; i--) {
		if (str_eq(e->vars.items[i - 1].name, name)) {
			e->vars.items[i - 1].value = value;
			return;
		}
	}
	exec_fail(e, ERR_INVALID, "undefined variable: %.*s", STR_ARG(name));
}

static void print_result(struct exec *e, const struct node *node, struct gval v)
{
	e->at = node;
	if (!v.type)
		buf_puts(e->out, "<no value>");
	else
		gfmt_value(&e->ctx, e->out, v);
}

static enum flow walk_condition(struct exec *e, struct gval dot, const struct node *node)
{
	enum flow flow = FLOW_ON;
	size_t mark = e->vars.len;
	struct gval v = exec_pipeline(e, dot, node->pipe);
	if (e->ctx.failed)
		return flow;
	if (gval_is_true(gval_unbox(v)))
		flow = walk_list(e, node->kind == NODE_WITH ? v : dot, &node->list);
	else if (node->has_other)
		flow = walk_list(e, dot, &node->other);
	e->vars.len = mark;
	return flow;
}

/* One round of a loop; false ends it. */
static bool walk_round(struct exec *e, const struct node *node, struct gval index,
		       struct gval elem)
{
	const struct node_list *vars = &node->pipe->other;
	size_t mark = e->vars.len;
	if (!gctx_step(&e->ctx, 1))
		return false;
	if (node->pipe->is_assign) {
		for (size_t i = 0; i < vars->len; i++)
			exec_set_var(e, vars->items[i]->idents.items[0],
				     vars->len == 2 && i == 0 ? index : elem);
	} else if (vars->len > 0) {
		e->vars.items[mark - 1].value = elem;
		if (vars->len > 1)
			e->vars.items[mark - 2].value = index;
	}
	enum flow flow = walk_list(e, elem, &node->list);
	e->vars.len = mark;
	return flow != FLOW_BREAK && !e->ctx.failed;
}

static bool fail_range(struct exec *e, const char *before, struct gval v,
		       const char *behind)
{
	struct str text = gfmt_text(&e->ctx, v);
	exec_fail(e, ERR_INVALID, "%s%.*s%s", before, STR_ARG(text), behind);
	return true;
}

static bool loop_count(struct exec *e, const struct node *node, struct gval v)
{
	if (node->pipe->other.len > 1)
		return fail_range(e, "can't use ", v,
				  " to iterate over more than one variable");
	struct gval i = v;
	bool more = true;
	for (i.integer = 0; i.integer < v.integer && more; i.integer++)
		more = walk_round(e, node, gval_none(), i);
	return v.integer > 0;
}

static bool loop_list(struct exec *e, const struct node *node, struct gval v)
{
	for (size_t i = 0; i < v.list.len; i++)
		if (!walk_round(e, node, gval_int((int64_t)i), v.list.items[i]))
			break;
	return v.list.len > 0;
}

static bool loop_map(struct exec *e, const struct node *node, struct gval v)
{
	size_t n = gval_map_len(v);
	/* a copy: the body may change the map */
	struct gmap_entry *entries = gctx_alloc(&e->ctx, n, sizeof(*entries));
	if (!entries)
		return true;
	if (n)
		memcpy(entries, v.map->items, n * sizeof(*entries));
	for (size_t i = 0; i < n; i++)
		if (!walk_round(e, node, entries[i].key, entries[i].value))
			break;
	return n > 0;
}

/* Runs the body for every element; false when there was none. */
static bool loop_over(struct exec *e, const struct node *node, struct gval v)
{
	enum gkind kind = gval_kind(v);
	if (gkind_is_int(kind) || gkind_is_uint(kind))
		return loop_count(e, node, v);
	if (kind == GKIND_SLICE)
		return loop_list(e, node, v);
	if (kind == GKIND_MAP)
		return loop_map(e, node, v);
	if (kind == GKIND_INVALID)
		return false;
	return fail_range(e, "range can't iterate over ", v, "");
}

static enum flow walk_range(struct exec *e, struct gval dot, const struct node *node)
{
	size_t mark = e->vars.len;
	enum flow flow = FLOW_ON;
	e->at = node;
	struct gval v = exec_pipeline(e, dot, node->pipe);
	if (e->ctx.failed)
		return flow;
	if (!loop_over(e, node, gval_unbox(v)) && node->has_other && !e->ctx.failed)
		flow = walk_list(e, dot, &node->other);
	e->vars.len = mark;
	return flow;
}

static void walk_template(struct exec *e, struct gval dot, const struct node *node)
{
	const struct tree *tree = template_find(e->tmpl, node->text);
	e->at = node;
	if (!tree) {
		BUF_CLEANUP struct buf name = BUF_INIT(ERR_TEXT_BYTES);
		quote_text(&name, node->text, false);
		exec_fail(e, ERR_INVALID, "template %s not defined", buf_cstr(&name));
		return;
	}
	if (e->templates >= LIMIT_TEMPLATE_DEPTH) {
		exec_fail(e, ERR_LIMIT, "exceeded maximum template depth (%d)",
			  LIMIT_TEMPLATE_DEPTH);
		return;
	}
	struct gval arg = node->pipe ? exec_pipeline(e, dot, node->pipe) : gval_none();
	if (e->ctx.failed)
		return;
	const struct tree *caller = e->tree;
	size_t base = e->vars_base;
	size_t mark = e->vars.len;
	e->tree = tree;
	e->vars_base = mark;
	e->templates++;
	exec_push_var(e, STR("$"), arg);
	walk_list(e, arg, &tree->root);
	if (e->ctx.failed && !e->fail_tree)
		e->fail_tree = tree;
	e->templates--;
	e->vars_base = base;
	e->vars.len = mark;
	e->tree = caller;
}

static enum flow walk_node(struct exec *e, struct gval dot, const struct node *node)
{
	struct gval v;
	e->at = node;
	switch (node->kind) {
	case NODE_TEXT:
		buf_append(e->out, node->text);
		return FLOW_ON;
	case NODE_ACTION:
		v = exec_pipeline(e, dot, node->pipe);
		if (node->pipe->other.len == 0 && !e->ctx.failed)
			print_result(e, node, v);
		return FLOW_ON;
	case NODE_IF:
	case NODE_WITH:
		return walk_condition(e, dot, node);
	case NODE_RANGE:
		return walk_range(e, dot, node);
	case NODE_TEMPLATE:
		walk_template(e, dot, node);
		return FLOW_ON;
	case NODE_BREAK:
		return FLOW_BREAK;
	case NODE_CONTINUE:
		return FLOW_CONTINUE;
	default:
		return FLOW_ON;
	}
}

static enum flow walk_list(struct exec *e, struct gval dot, const struct node_list *list)
{
	enum flow flow = FLOW_ON;
	if (!exec_enter(e))
		return flow;
	for (size_t i = 0; i < list->len && flow == FLOW_ON && !e->ctx.failed; i++) {
		if (gctx_step(&e->ctx, 1))
			flow = walk_node(e, dot, list->items[i]);
		if (e->out->full)
			exec_fail(e, ERR_LIMIT, "limit: %zu bytes of output",
				  e->out->max);
	}
	e->nesting--;
	return flow;
}

static int report_failure(const struct exec *e, struct err *err)
{
	const struct node *node = e->fail_at ? e->fail_at : e->at;
	const struct tree *tree = e->fail_tree ? e->fail_tree : e->tree;
	uint32_t line = 1;
	uint32_t col = 0;
	BUF_CLEANUP struct buf context = BUF_INIT(ERR_TEXT_BYTES);
	BUF_CLEANUP struct buf name = BUF_INIT(ERR_TEXT_BYTES);
	if (node) {
		template_place(e->tmpl, node->pos, &line, &col);
		node_write(&context, node);
	}
	quote_text(&name, tree->name, false);
	if (context.len > 200)
		buf_truncate(&context, 200);
	return err_set(err, e->ctx.code, "%s:%u:%u: exec: executing %s at <%s>: %s",
		       e->tmpl->name, line, col, buf_cstr(&name), buf_cstr(&context),
		       e->ctx.text);
}

int template_execute(const struct template *tmpl, struct gval data, struct buf *out,
		     struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const struct tree *tree = template_find(tmpl, str_of(tmpl->name));
	struct exec e = { .tmpl = tmpl, .tree = tree, .out = out };
	gctx_init(&e.ctx, &arena);
	exec_push_var(&e, STR("$"), data);
	walk_list(&e, data, &tree->root);
	return e.ctx.failed ? report_failure(&e, err) : 0;
}
