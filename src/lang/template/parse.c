/* SPDX-License-Identifier: MIT */
/* Decides the statements of a template: what nests in what, what is defined where, and
 * what Go says when it does not fit. */
#include "lang/template/parse.h"
#include "base/limits.h"
#include "lang/template/quote.h"
#include "lang/template/template.h"

/* The first failure stays. */
static void fail(struct parser *p, int code, const char *fmt, va_list ap)
{
	BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	uint32_t line = p->token[0].line;
	if (p->failed)
		return;
	p->failed = true;
	buf_vprintf(&text, fmt, ap);
	err_set(p->err, code, "%s:%u: parse: %s", p->tmpl->name, line ? line : 1,
		buf_cstr(&text));
}

void *parse_fail(struct parser *p, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail(p, ERR_INVALID, fmt, ap);
	va_end(ap);
	return NULL;
}

static void fail_limit(struct parser *p, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail(p, ERR_LIMIT, fmt, ap);
	va_end(ap);
}

/* A token as Go shows it: `<end>`, `"x"`, `"0123456789"...`. */
static void show_token(struct buf *out, struct token token)
{
	if (token.kind == TOKEN_EOF) {
		buf_puts(out, "EOF");
	} else if (token.kind == TOKEN_ERROR) {
		buf_append(out, token.text);
	} else if (token.kind > TOKEN_KEYWORD || token.kind == TOKEN_DOT ||
		   token.kind == TOKEN_NIL) {
		buf_printf(out, "<%.*s>", STR_ARG(token.text));
	} else if (token.text.len > 10) {
		size_t end = 0;
		uint32_t c;
		for (int i = 0; i < 10 && end < token.text.len; i++) {
			size_t width = str_utf8_decode(token.text, end, &c);
			end += width ? width : 1;
		}
		quote_text(out, str_slice(token.text, 0, end), false);
		buf_puts(out, "...");
	} else {
		quote_text(out, token.text, false);
	}
}

void *parse_unexpected(struct parser *p, struct token token, const char *context)
{
	BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	show_token(&text, token);
	if (token.kind != TOKEN_ERROR)
		return parse_fail(p, "unexpected %s in %s", buf_cstr(&text), context);
	if (p->action_line != 0 && p->action_line != token.line)
		buf_printf(&text, "%s started at %s:%u",
			   str_ends(token.text, STR(" action")) ? "" : " in action",
			   p->tmpl->name, p->action_line);
	return parse_fail(p, "%s", buf_cstr(&text));
}

struct token parse_next(struct parser *p)
{
	if (p->peek_count > 0)
		p->peek_count--;
	else
		p->token[0] = lexer_next(&p->lex);
	return p->token[p->peek_count];
}

struct token parse_peek(struct parser *p)
{
	if (p->peek_count > 0)
		return p->token[p->peek_count - 1];
	p->peek_count = 1;
	p->token[0] = lexer_next(&p->lex);
	return p->token[0];
}

void parse_backup(struct parser *p)
{
	p->peek_count++;
}

void parse_backup2(struct parser *p, struct token t1)
{
	p->token[1] = t1;
	p->peek_count = 2;
}

void parse_backup3(struct parser *p, struct token t2, struct token t1)
{
	p->token[1] = t1;
	p->token[2] = t2;
	p->peek_count = 3;
}

struct token parse_next_word(struct parser *p)
{
	struct token token;
	do
		token = parse_next(p);
	while (token.kind == TOKEN_SPACE);
	return token;
}

struct token parse_peek_word(struct parser *p)
{
	struct token token = parse_next_word(p);
	parse_backup(p);
	return token;
}

struct node *parse_new_node(struct parser *p, enum node_kind kind, uint32_t pos)
{
	struct node *node = ARENA_NEW(p->arena, struct node);
	node->kind = kind;
	node->pos = pos;
	return node;
}

bool parse_unquote(struct parser *p, struct token token, struct str *out)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_TEMPLATE_BYTES * 4);
	if (!quote_undo(&text, token.text)) {
		parse_fail(p, "invalid syntax");
		return false;
	}
	*out = buf_to_arena(&text, p->arena);
	return true;
}

bool parse_enter(struct parser *p)
{
	if (p->depth >= LIMIT_TEMPLATE_DEPTH) {
		fail_limit(p, LIMIT_FMT, LIMIT_ARG(LIMIT_TEMPLATE_DEPTH));
		return false;
	}
	p->depth++;
	return true;
}

static bool expect_right(struct parser *p, const char *context, uint32_t *pos)
{
	struct token token = parse_next_word(p);
	*pos = token.pos;
	if (token.kind == TOKEN_RIGHT)
		return true;
	parse_unexpected(p, token, context);
	return false;
}

static struct node *parse_statement(struct parser *p);

/* Statements up to `end` or `else`, which is given in *last; false when it failed. */
static bool parse_list(struct parser *p, struct node_list *list, struct node **last)
{
	while (parse_peek_word(p).kind != TOKEN_EOF) {
		struct node *node = parse_statement(p);
		if (!node)
			return false;
		if (node->kind == NODE_END || node->kind == NODE_ELSE) {
			*last = node;
			return true;
		}
		VEC_PUSH(p->arena, list, node);
	}
	parse_fail(p, "unexpected EOF");
	return false;
}

static struct node *parse_control(struct parser *p, enum node_kind kind,
				  const char *context);

/* What follows an `else`; false when it failed. */
static bool parse_else(struct parser *p, struct node *node, const char *context,
		       uint32_t pos)
{
	enum token_kind next = parse_peek(p).kind;
	struct node *last;
	node->has_other = true;
	if ((node->kind == NODE_IF && next == TOKEN_IF) ||
	    (node->kind == NODE_WITH && next == TOKEN_WITH)) {
		parse_next(p);
		struct node *inner = parse_control(p, node->kind, context);
		if (!inner)
			return false;
		VEC_PUSH(p->arena, &node->other, inner);
		return true;
	}
	(void)pos;
	if (!parse_list(p, &node->other, &last))
		return false;
	if (last->kind != NODE_END) {
		parse_fail(p, "expected end; found {{else}}");
		return false;
	}
	return true;
}

static struct node *parse_control_body(struct parser *p, enum node_kind kind,
				       const char *context)
{
	struct node *node = parse_new_node(p, kind, 0);
	struct node *last;
	size_t vars = p->vars.len;
	node->pipe = parse_pipeline(p, context, TOKEN_RIGHT);
	if (!node->pipe)
		return NULL;
	node->pos = node->pipe->pos;
	if (kind == NODE_RANGE)
		p->range_depth++;
	if (!parse_list(p, &node->list, &last))
		return NULL;
	if (kind == NODE_RANGE)
		p->range_depth--;
	if (last->kind == NODE_ELSE && !parse_else(p, node, context, last->pos))
		return NULL;
	p->vars.len = vars;
	return node;
}

static struct node *parse_control(struct parser *p, enum node_kind kind,
				  const char *context)
{
	if (!parse_enter(p))
		return NULL;
	struct node *node = parse_control_body(p, kind, context);
	p->depth--;
	return node;
}

static struct node *parse_jump(struct parser *p, enum node_kind kind, struct token word)
{
	const char *name = kind == NODE_BREAK ? "{{break}}" : "{{continue}}";
	struct token token = parse_next_word(p);
	if (token.kind != TOKEN_RIGHT)
		return parse_unexpected(p, token, name);
	if (p->range_depth == 0)
		return parse_fail(p, "%s outside {{range}}", name);
	return parse_new_node(p, kind, word.pos);
}

static struct node *parse_else_word(struct parser *p)
{
	struct token token = parse_peek_word(p);
	uint32_t pos = token.pos;
	if (token.kind != TOKEN_IF && token.kind != TOKEN_WITH &&
	    !expect_right(p, "else", &pos))
		return NULL;
	return parse_new_node(p, NODE_ELSE, pos);
}

static struct node *parse_end_word(struct parser *p)
{
	uint32_t pos;
	if (!expect_right(p, "end", &pos))
		return NULL;
	return parse_new_node(p, NODE_END, pos);
}

static bool list_is_empty(const struct node_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		if (list->items[i]->kind != NODE_TEXT ||
		    str_trim(list->items[i]->text).len > 0)
			return false;
	}
	return true;
}

/* Adds a definition; of two with one name, the one that is not empty counts. */
static bool add_tree(struct parser *p, struct str name, struct node_list root)
{
	struct tree *old = template_find(p->tmpl, name);
	bool empty = list_is_empty(&root);
	if (old && !old->empty && !empty) {
		BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES);
		quote_text(&text, name, false);
		parse_fail(p, "template: multiple definition of template %s",
			   buf_cstr(&text));
		return false;
	}
	if (old && !old->empty)
		return true;
	struct tree *tree = old ? old : VEC_ADD(p->arena, &p->tmpl->trees);
	*tree = (struct tree){ name, root, empty };
	return true;
}

/* The body of a define or block, in a scope of its own, up to its end. */
static bool parse_body(struct parser *p, struct str name, const char *context)
{
	struct str_list vars = p->vars;
	unsigned range_depth = p->range_depth;
	struct node_list root = { NULL, 0, 0 };
	struct node *last;
	if (!parse_enter(p))
		return false;
	p->vars = (struct str_list){ NULL, 0, 0 };
	VEC_PUSH(p->arena, &p->vars, STR("$"));
	p->range_depth = 0;
	p->action_line = 0;
	if (!parse_list(p, &root, &last))
		return false;
	if (last->kind != NODE_END) {
		parse_fail(p, "unexpected {{else}} in %s", context);
		return false;
	}
	p->vars = vars;
	p->range_depth = range_depth;
	p->depth--;
	return add_tree(p, name, root);
}

static bool parse_name(struct parser *p, struct token token, const char *context,
		       struct str *name)
{
	if (token.kind == TOKEN_STRING || token.kind == TOKEN_RAW_STRING)
		return parse_unquote(p, token, name);
	parse_unexpected(p, token, context);
	return false;
}

static bool parse_define(struct parser *p)
{
	struct str name;
	uint32_t pos;
	return parse_name(p, parse_next_word(p), "define clause", &name) &&
	       expect_right(p, "define clause", &pos) &&
	       parse_body(p, name, "define clause");
}

static struct node *parse_block(struct parser *p)
{
	struct token token = parse_next_word(p);
	struct node *node = parse_new_node(p, NODE_TEMPLATE, token.pos);
	uint32_t line = p->action_line;
	if (!parse_name(p, token, "block clause", &node->text))
		return NULL;
	node->pipe = parse_pipeline(p, "block clause", TOKEN_RIGHT);
	if (!node->pipe || !parse_body(p, node->text, "block clause"))
		return NULL;
	p->action_line = line;
	return node;
}

static struct node *parse_template_word(struct parser *p)
{
	struct token token = parse_next_word(p);
	struct node *node = parse_new_node(p, NODE_TEMPLATE, token.pos);
	if (!parse_name(p, token, "template clause", &node->text))
		return NULL;
	if (parse_next_word(p).kind == TOKEN_RIGHT)
		return node;
	parse_backup(p);
	node->pipe = parse_pipeline(p, "template clause", TOKEN_RIGHT);
	return node->pipe ? node : NULL;
}

static struct node *parse_action(struct parser *p)
{
	struct token token = parse_next_word(p);
	switch (token.kind) {
	case TOKEN_BLOCK:
		return parse_block(p);
	case TOKEN_BREAK:
		return parse_jump(p, NODE_BREAK, token);
	case TOKEN_CONTINUE:
		return parse_jump(p, NODE_CONTINUE, token);
	case TOKEN_ELSE:
		return parse_else_word(p);
	case TOKEN_END:
		return parse_end_word(p);
	case TOKEN_IF:
		return parse_control(p, NODE_IF, "if");
	case TOKEN_RANGE:
		return parse_control(p, NODE_RANGE, "range");
	case TOKEN_TEMPLATE:
		return parse_template_word(p);
	case TOKEN_WITH:
		return parse_control(p, NODE_WITH, "with");
	default:
		break;
	}
	parse_backup(p);
	struct node *node = parse_new_node(p, NODE_ACTION, parse_peek(p).pos);
	node->pipe = parse_pipeline(p, "command", TOKEN_RIGHT);
	return node->pipe ? node : NULL;
}

static struct node *parse_statement(struct parser *p)
{
	struct token token = parse_next_word(p);
	if (token.kind == TOKEN_TEXT) {
		struct node *node = parse_new_node(p, NODE_TEXT, token.pos);
		node->text = token.text;
		return node;
	}
	if (token.kind != TOKEN_LEFT)
		return parse_unexpected(p, token, "input");
	p->action_line = token.line;
	struct node *node = parse_action(p);
	p->action_line = 0;
	return node;
}

static bool parse_top(struct parser *p)
{
	struct node_list root = { NULL, 0, 0 };
	VEC_PUSH(p->arena, &p->vars, STR("$"));
	while (parse_peek(p).kind != TOKEN_EOF) {
		if (parse_peek(p).kind == TOKEN_LEFT) {
			struct token left = parse_next(p);
			if (parse_next_word(p).kind == TOKEN_DEFINE) {
				if (!parse_define(p))
					return false;
				continue;
			}
			parse_backup2(p, left);
		}
		struct node *node = parse_statement(p);
		if (!node)
			return false;
		if (node->kind == NODE_END || node->kind == NODE_ELSE) {
			parse_fail(p, "unexpected %s",
				   node->kind == NODE_END ? "{{end}}" : "{{else}}");
			return false;
		}
		VEC_PUSH(p->arena, &root, node);
	}
	return add_tree(p, str_of(p->tmpl->name), root);
}

int template_parse(const char *name, struct str text, enum template_functions functions,
		   struct arena *arena, struct template **out, struct err *err)
{
	struct template *tmpl = ARENA_NEW(arena, struct template);
	struct parser p = { .arena = arena, .tmpl = tmpl, .err = err };
	tmpl->name = arena_strdup(arena, name);
	tmpl->text = text;
	tmpl->has_sprig = functions == TEMPLATE_SPRIG;
	if (text.len > LIMIT_TEMPLATE_BYTES)
		return err_set(err, ERR_LIMIT, "%s:1: parse: " LIMIT_FMT, name,
			       LIMIT_ARG(LIMIT_TEMPLATE_BYTES));
	lexer_init(&p.lex, text);
	if (!parse_top(&p))
		return err->code;
	*out = tmpl;
	return 0;
}
