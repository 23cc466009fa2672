/* SPDX-License-Identifier: MIT */
/* Decides how the parts of a template are shown in error texts. */
#include "lang/template/node.h"
#include "lang/template/template.h"

struct tree *template_find(const struct template *tmpl, struct str name)
{
	for (size_t i = 0; i < tmpl->trees.len; i++)
		if (str_eq(tmpl->trees.items[i].name, name))
			return &tmpl->trees.items[i];
	return NULL;
}

static void write_words(struct buf *out, const struct node *command)
{
	for (size_t i = 0; i < command->list.len; i++) {
		const struct node *word = command->list.items[i];
		if (i > 0)
			buf_putc(out, ' ');
		if (word->kind == NODE_PIPE)
			buf_putc(out, '(');
		node_write(out, word);
		if (word->kind == NODE_PIPE)
			buf_putc(out, ')');
	}
}

static void write_pipe(struct buf *out, const struct node *pipe)
{
	for (size_t i = 0; i < pipe->other.len; i++) {
		if (i > 0)
			buf_puts(out, ", ");
		node_write(out, pipe->other.items[i]);
	}
	if (pipe->other.len > 0)
		buf_puts(out, pipe->is_assign ? " = " : " := ");
	for (size_t i = 0; i < pipe->list.len; i++) {
		if (i > 0)
			buf_puts(out, " | ");
		write_words(out, pipe->list.items[i]);
	}
}

static void write_chain(struct buf *out, const struct node *chain)
{
	bool paren = chain->pipe->kind == NODE_PIPE;
	if (paren)
		buf_putc(out, '(');
	node_write(out, chain->pipe);
	if (paren)
		buf_putc(out, ')');
	for (size_t i = 0; i < chain->idents.len; i++) {
		buf_putc(out, '.');
		buf_append(out, chain->idents.items[i]);
	}
}

static void write_names(struct buf *out, const struct node *node)
{
	for (size_t i = 0; i < node->idents.len; i++) {
		if (i > 0 || node->kind == NODE_FIELD)
			buf_putc(out, '.');
		buf_append(out, node->idents.items[i]);
	}
}

static void write_quoted(struct buf *out, struct str text)
{
	buf_putc(out, '"');
	buf_append(out, text);
	buf_putc(out, '"');
}

static void write_block(struct buf *out, const struct node *node)
{
	static const char *const words[] = {
		[NODE_IF] = "if ", [NODE_RANGE] = "range ", [NODE_WITH] = "with "
	};
	buf_puts(out, "{{");
	buf_puts(out, words[node->kind]);
	write_pipe(out, node->pipe);
	buf_puts(out, "}}");
	for (size_t i = 0; i < node->list.len; i++)
		node_write(out, node->list.items[i]);
	if (node->has_other) {
		buf_puts(out, "{{else}}");
		for (size_t i = 0; i < node->other.len; i++)
			node_write(out, node->other.items[i]);
	}
	buf_puts(out, "{{end}}");
}

static void write_template(struct buf *out, const struct node *node)
{
	buf_puts(out, "{{template ");
	write_quoted(out, node->text);
	if (node->pipe) {
		buf_putc(out, ' ');
		write_pipe(out, node->pipe);
	}
	buf_puts(out, "}}");
}

void node_write(struct buf *out, const struct node *node)
{
	switch (node->kind) {
	case NODE_TEXT:
	case NODE_IDENTIFIER:
	case NODE_NUMBER:
		buf_append(out, node->text);
		break;
	case NODE_ACTION:
		buf_puts(out, "{{");
		write_pipe(out, node->pipe);
		buf_puts(out, "}}");
		break;
	case NODE_IF:
	case NODE_RANGE:
	case NODE_WITH:
		write_block(out, node);
		break;
	case NODE_TEMPLATE:
		write_template(out, node);
		break;
	case NODE_BREAK:
		buf_puts(out, "{{break}}");
		break;
	case NODE_CONTINUE:
		buf_puts(out, "{{continue}}");
		break;
	case NODE_END:
		buf_puts(out, "{{end}}");
		break;
	case NODE_ELSE:
		buf_puts(out, "{{else}}");
		break;
	case NODE_PIPE:
		write_pipe(out, node);
		break;
	case NODE_COMMAND:
		write_words(out, node);
		break;
	case NODE_VARIABLE:
	case NODE_FIELD:
		write_names(out, node);
		break;
	case NODE_CHAIN:
		write_chain(out, node);
		break;
	case NODE_DOT:
		buf_putc(out, '.');
		break;
	case NODE_NIL:
		buf_puts(out, "nil");
		break;
	case NODE_BOOL:
		buf_puts(out, node->truth ? "true" : "false");
		break;
	case NODE_STRING:
		buf_append(out, node->quoted);
		break;
	}
}

void template_place(const struct template *tmpl, uint32_t pos, uint32_t *line,
		    uint32_t *col)
{
	*line = 1;
	*col = pos;
	for (uint32_t i = 0; i < pos && i < tmpl->text.len; i++) {
		if (tmpl->text.ptr[i] == '\n') {
			(*line)++;
			*col = pos - i - 1;
		}
	}
}

static bool list_uses(const struct node_list *list, const char *name);

static bool node_uses(const struct node *node, const char *name)
{
	for (size_t i = 0; i < node->idents.len; i++)
		if (str_is(node->idents.items[i], name))
			return true;
	return (node->pipe && node_uses(node->pipe, name)) ||
	       list_uses(&node->list, name) || list_uses(&node->other, name);
}

static bool list_uses(const struct node_list *list, const char *name)
{
	for (size_t i = 0; i < list->len; i++)
		if (node_uses(list->items[i], name))
			return true;
	return false;
}

bool template_uses_field(const struct template *tmpl, const char *name)
{
	for (size_t i = 0; i < tmpl->trees.len; i++)
		if (list_uses(&tmpl->trees.items[i].root, name))
			return true;
	return false;
}
