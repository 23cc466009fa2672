/* SPDX-License-Identifier: MIT */
/*
 * The unified diff of planned edits, laid out as git prints it (without the index line,
 * whose ids nobody has yet). Edits keep lines where they are, so lines are compared in
 * place; only where their number changes is there a search for what stayed.
 */
#include "base/limits.h"
#include "stage/commit/commit.h"

enum {
	CONTEXT = 3,
	FUNCTION_BYTES = 80,
	TABLE_CELLS_MAX = 4000000
};

struct lines {
	struct str *items; /* with their LF */
	size_t len;
	size_t cap;
};

/* A run of lines that differ: [a, a + a_len) of the old, [b, b + b_len) of the new. */
struct run {
	size_t a, a_len, b, b_len;
};

struct runs {
	struct run *items;
	size_t len;
	size_t cap;
};

static struct lines split(struct arena *arena, struct str text)
{
	/* never without items: an empty text needs no care below */
	struct lines lines = { ARENA_NEW(arena, struct str), 0, 1 };
	while (text.len) {
		size_t at = str_find_char(text, '\n');
		size_t n = at == text.len ? at : at + 1;
		VEC_PUSH(arena, &lines, str_slice(text, 0, n));
		text = str_from(text, n);
	}
	return lines;
}

/* Adds a differing line pair or half of one; touching runs become one. */
static void add_run(struct arena *arena, struct runs *runs, struct run run)
{
	struct run *last = runs->len ? &runs->items[runs->len - 1] : NULL;
	if (last && last->a + last->a_len == run.a && last->b + last->b_len == run.b) {
		last->a_len += run.a_len;
		last->b_len += run.b_len;
		return;
	}
	VEC_PUSH(arena, runs, run);
}

static void compare_in_place(struct arena *arena, const struct lines *a,
			     const struct lines *b, struct runs *out)
{
	for (size_t i = 0; i < a->len; i++)
		if (!str_eq(a->items[i], b->items[i]))
			add_run(arena, out, (struct run){ i, 1, i, 1 });
}

/* Longest common subsequence by the usual table, read from its top left corner. */
static void compare_by_table(struct arena *arena, const struct lines *a,
			     const struct lines *b, struct run middle, struct runs *out)
{
	size_t w = middle.b_len + 1;
	uint32_t *longest = ARENA_ARRAY(arena, uint32_t, (middle.a_len + 1) * w);
	const struct str *x = a->items + middle.a;
	const struct str *y = b->items + middle.b;
	for (size_t i = middle.a_len; i-- > 0;)
		for (size_t k = middle.b_len; k-- > 0;) {
			uint32_t down = longest[(i + 1) * w + k];
			uint32_t right = longest[i * w + k + 1];
			longest[i * w + k] = str_eq(x[i], y[k])
						 ? longest[(i + 1) * w + k + 1] + 1
						 : (down > right ? down : right);
		}
	size_t i = 0;
	size_t k = 0;
	while (i < middle.a_len || k < middle.b_len) {
		bool both = i < middle.a_len && k < middle.b_len;
		if (both && str_eq(x[i], y[k])) {
			i++;
			k++;
		} else if (k == middle.b_len ||
			   (both && longest[(i + 1) * w + k] >= longest[i * w + k + 1])) {
			add_run(arena, out,
				(struct run){ middle.a + i++, 1, middle.b + k, 0 });
		} else {
			add_run(arena, out,
				(struct run){ middle.a + i, 0, middle.b + k++, 1 });
		}
	}
}

static void compare(struct arena *arena, const struct lines *a, const struct lines *b,
		    struct runs *out)
{
	size_t head = 0;
	size_t tail = 0;
	if (a->len == b->len) {
		compare_in_place(arena, a, b, out);
		return;
	}
	size_t least = a->len < b->len ? a->len : b->len;
	while (head < least && str_eq(a->items[head], b->items[head]))
		head++;
	while (tail < least - head &&
	       str_eq(a->items[a->len - 1 - tail], b->items[b->len - 1 - tail]))
		tail++;
	struct run middle = { head, a->len - head - tail, head, b->len - head - tail };
	if ((middle.a_len + 1) * (middle.b_len + 1) > TABLE_CELLS_MAX)
		add_run(arena, out, middle);
	else
		compare_by_table(arena, a, b, middle, out);
}

/* --- output --- */

/* A path as git shows it: quoted in the manner of C when it holds unusual bytes. */
static void put_path(struct buf *out, const char *prefix, struct str path)
{
	static const char letters[] = "abtnvfr";
	bool plain = true;
	for (size_t i = 0; i < path.len && plain; i++)
		plain = (unsigned char)path.ptr[i] >= 0x20 &&
			(unsigned char)path.ptr[i] < 0x7f && path.ptr[i] != '"' &&
			path.ptr[i] != '\\';
	if (plain) {
		(void)buf_puts(out, prefix);
		(void)buf_append(out, path);
		return;
	}
	(void)buf_printf(out, "\"%s", prefix);
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.ptr[i];
		if (c == '"' || c == '\\')
			(void)buf_printf(out, "\\%c", c);
		else if (c >= 7 && c <= 13)
			(void)buf_printf(out, "\\%c", letters[c - 7]);
		else if (c < 0x20 || c >= 0x7f)
			(void)buf_printf(out, "\\%03o", (unsigned)c);
		else
			(void)buf_putc(out, (char)c);
	}
	(void)buf_putc(out, '"');
}

static void put_file_line(struct buf *out, const char *mark, const char *prefix,
			  struct str path)
{
	(void)buf_puts(out, mark);
	put_path(out, prefix, path);
	if (str_find_char(path, ' ') < path.len)
		(void)buf_putc(out, '\t');
	(void)buf_putc(out, '\n');
}

static void put_line(struct buf *out, char mark, struct str line)
{
	(void)buf_putc(out, mark);
	(void)buf_append(out, line);
	if (!str_ends(line, STR("\n")))
		(void)buf_puts(out, "\n\\ No newline at end of file\n");
}

static void put_range(struct buf *out, size_t start, size_t len)
{
	(void)buf_printf(out, "%zu", len ? start + 1 : start);
	if (len != 1)
		(void)buf_printf(out, ",%zu", len);
}

/* The nearest line above that git takes for a heading: one that begins with a letter. */
static struct str find_heading(const struct lines *lines, size_t before)
{
	for (size_t i = before; i-- > 0;) {
		struct str line = lines->items[i];
		char c = line.ptr[0];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		    c == '$')
			return str_trim(str_slice(line, 0, FUNCTION_BYTES));
	}
	return (struct str){ NULL, 0 };
}

/* One hunk: the runs [first, end), whose contexts touch. */
static void put_hunk(struct buf *out, const struct lines *a, const struct lines *b,
		     const struct run *first, const struct run *last)
{
	size_t lead = first->a < CONTEXT ? first->a : CONTEXT;
	size_t behind = a->len - (last->a + last->a_len);
	size_t trail = behind < CONTEXT ? behind : CONTEXT;
	size_t a_start = first->a - lead;
	size_t b_start = first->b - lead;
	(void)buf_puts(out, "@@ -");
	put_range(out, a_start, last->a + last->a_len + trail - a_start);
	(void)buf_puts(out, " +");
	put_range(out, b_start, last->b + last->b_len + trail - b_start);
	(void)buf_puts(out, " @@");
	struct str heading = find_heading(a, a_start);
	if (heading.len)
		(void)buf_printf(out, " %.*s", STR_ARG(heading));
	(void)buf_putc(out, '\n');
	size_t at = a_start;
	for (const struct run *run = first; run <= last; run++) {
		for (; at < run->a; at++)
			put_line(out, ' ', a->items[at]);
		for (size_t i = 0; i < run->a_len; i++)
			put_line(out, '-', a->items[run->a + i]);
		for (size_t i = 0; i < run->b_len; i++)
			put_line(out, '+', b->items[run->b + i]);
		at = run->a + run->a_len;
	}
	for (size_t i = 0; i < trail; i++)
		put_line(out, ' ', a->items[at + i]);
}

static void put_file(struct buf *out, const struct file_change *file)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct lines a = split(&arena, file->old_text);
	struct lines b = split(&arena, file->new_text);
	struct runs runs = { NULL, 0, 0 };
	compare(&arena, &a, &b, &runs);
	if (runs.len == 0)
		return;
	(void)buf_puts(out, "diff --git ");
	put_path(out, "a/", file->path);
	(void)buf_putc(out, ' ');
	put_path(out, "b/", file->path);
	(void)buf_putc(out, '\n');
	put_file_line(out, "--- ", "a/", file->path);
	put_file_line(out, "+++ ", "b/", file->path);
	for (size_t i = 0; i < runs.len;) {
		size_t end = i + 1;
		while (end < runs.len &&
		       runs.items[end].a -
			       (runs.items[end - 1].a + runs.items[end - 1].a_len) <=
			   (size_t)2 * CONTEXT)
			end++;
		put_hunk(out, &a, &b, &runs.items[i], &runs.items[end - 1]);
		i = end;
	}
}

void commit_write_diff(struct buf *out, const struct file_change_list *files)
{
	for (size_t i = 0; i < files->len; i++)
		put_file(out, &files->items[i]);
}
