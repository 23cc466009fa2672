/* SPDX-License-Identifier: MIT */
/* The configuration as `imagehook config` shows it, and its manual page in scdoc. */
#include "admin/config_row.h"
#include "base/text.h"

enum {
	COLUMNS = 76
};

static void write_values(const struct config *config, enum config_key key,
			 struct buf *out)
{
	const struct strings *values = config_list(config, key);
	if (values->len == 0) {
		const char *fallback = config_rows[key].fallback;
		(void)buf_puts(out, *fallback ? fallback : "-");
		return;
	}
	for (size_t i = 0; i < values->len; i++)
		(void)buf_printf(out, "%s%s", i ? ", " : "", values->items[i]);
}

void config_write_table(const struct config *config, struct buf *out)
{
	for (int at = 0; at < CONFIG_KEYS; at++) {
		enum config_key key = (enum config_key)at;
		const struct config_row *row = &config_rows[key];
		(void)buf_printf(out, "%s = ", row->name);
		write_values(config, key, out);
		(void)buf_printf(out, "  (%s)\n", config_source(config, key));
		text_wrap(out, row->help, COLUMNS, "    ");
		if (row->fallback_text)
			(void)buf_printf(out, "    Default: %s.\n", row->fallback_text);
	}
}

/* scdoc takes `_` and `*` as emphasis and `\\` as its escape. */
static void write_scdoc(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("_*\\<>#~", *text))
			(void)buf_putc(out, '\\');
		(void)buf_putc(out, *text);
	}
}

static void write_entry(struct buf *out, const struct config_row *row)
{
	const char *fallback = row->fallback_text ? row->fallback_text : row->fallback;
	(void)buf_puts(out, "*");
	write_scdoc(out, row->name);
	(void)buf_printf(out, "* (%s%s; default: ", row->type->name,
			 row->multi ? ", may be given several times" : "");
	write_scdoc(out, fallback);
	(void)buf_puts(out, ")\n\t");
	write_scdoc(out, row->help);
	if (row->widens)
		(void)buf_puts(out, " Counts from a repository's own file only if that "
				    "file and its folder are writable by their owner or "
				    "root alone.");
	(void)buf_puts(out, "\n\n");
}

void config_write_manual(struct buf *out)
{
	(void)buf_puts(
	    out,
	    "imagehook-config(5)\n\n"
	    "# NAME\n\n"
	    "imagehook-config - the configuration of imagehook\n\n"
	    "# DESCRIPTION\n\n"
	    "imagehook is configured as Git is: by the section \\[imagehook\\] of\n"
	    "_/etc/imagehook/config_ and of a repository's own _config_. Where both\n"
	    "speak, the repository's value counts; values of keys that may be given\n"
	    "several times add up, and an empty value begins the list anew.\n"
	    "Includes are not followed. An unknown key or a bad value is an error,\n"
	    "and nothing is written until it is mended.\n\n"
	    "*enabled = false* and *write = none* in the system file win over\n"
	    "everything: one line stops a host.\n\n"
	    "*imagehook config* prints every key with its value and where it comes\n"
	    "from; *git config imagehook.KEY VALUE* in the repository sets one.\n\n"
	    "# KEYS\n\n");
	for (int key = 0; key < CONFIG_KEYS; key++)
		write_entry(out, &config_rows[key]);
	(void)buf_puts(out, "# EXAMPLE\n\n"
			    "```\n"
			    "[imagehook]\n"
			    "\tbranch = main\n"
			    "\tpath = clusters/production\n"
			    "\tallowHost = registry.internal:5000\n"
			    "```\n\n"
			    "# SEE ALSO\n\n"
			    "*imagehook*(1), *git-config*(1)\n");
}
