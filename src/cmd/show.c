/* SPDX-License-Identifier: MIT */
/* Findings on a terminal: foreign text is escaped, nothing is left out. */
#include "cmd/show.h"
#include "base/limits.h"
#include "base/text.h"

static void show_finding(const struct finding *finding)
{
	struct buf line BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
	text_escape(&line, finding->place.path, false);
	if (finding->place.line)
		(void)buf_printf(&line, ":%u:%u", finding->place.line,
				 finding->place.col);
	if (line.len)
		(void)buf_puts(&line, ": ");
	(void)buf_printf(&line, "%s: ", severity_name(finding->severity));
	text_escape(&line, str_of(finding->text), false);
	(void)buf_printf(&line, " [%s]\n", finding->id);
	if (finding->hint) {
		(void)buf_puts(&line, "  hint: ");
		text_escape(&line, str_of(finding->hint), false);
		(void)buf_putc(&line, '\n');
	}
	(void)fputs(buf_cstr(&line), stderr);
}

void show_findings(const struct finding_list *findings)
{
	for (size_t i = 0; i < findings->len; i++)
		show_finding(&findings->items[i]);
	if (findings->dropped)
		(void)fprintf(stderr, "and %zu more\n", findings->dropped);
}
