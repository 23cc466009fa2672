/* SPDX-License-Identifier: MIT */
/* `imagehook help`: the commands, one command's options, and the manual pages from the
 * tables. */
#include "admin/config.h"
#include "base/buf.h"
#include "cmd/opt.h"
#include "stage/deliver/deliver.h"
#include "stage/document/document.h"

struct help_options {
	const char *manual;
};

static const struct opt opts[] = {
	OPT_CHOICE_ROW(0, "manual", struct help_options, manual,
		       "imagehook|config|documents|providers",
		       "print a manual page in scdoc's language"),
};

/* scdoc takes some characters as markup. */
static void escape(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (strchr("_*\\<>[]#~`", text.ptr[i]))
			(void)buf_putc(out, '\\');
		(void)buf_putc(out, text.ptr[i]);
	}
}

static void write_escaped(struct buf *out, const char *text)
{
	escape(out, str_of(text));
}

/* A line that begins with a dash or a dot, or that is indented, would be markup. */
static void write_paragraphs(struct buf *out, const char *text)
{
	struct str rest = str_of(text);
	struct str line;
	while (str_line(&rest, &line)) {
		line = str_trim(line);
		if (line.len && (line.ptr[0] == '-' || line.ptr[0] == '.'))
			(void)buf_putc(out, '\\');
		escape(out, line);
		(void)buf_putc(out, '\n');
	}
}

static void write_opt(struct buf *out, const struct opt *opt)
{
	(void)buf_putc(out, '*');
	if (opt->letter)
		(void)buf_printf(out, "-%c*, *", opt->letter);
	(void)buf_puts(out, "--");
	write_escaped(out, opt->name);
	(void)buf_putc(out, '*');
	if (opt->arg) {
		(void)buf_puts(out, " ");
		write_escaped(out, opt->arg);
	}
	(void)buf_puts(out, "\n\t");
	write_escaped(out, opt->help);
	(void)buf_puts(out, "\n\n");
}

static void write_command(struct buf *out, const struct command *command)
{
	(void)buf_printf(out, "## %s\n\n*imagehook %s* ", command->name, command->name);
	write_escaped(out, command->usage);
	(void)buf_puts(out, "\n\n");
	write_escaped(out, command->summary);
	(void)buf_puts(out, "\n\n");
	if (command->details) {
		write_paragraphs(out, command->details);
		(void)buf_putc(out, '\n');
	}
	for (size_t i = 0; i < command->n_opts; i++)
		write_opt(out, &command->opts[i]);
	if (!command->example)
		return;
	(void)buf_puts(out, "```\n");
	(void)buf_puts(out, command->example);
	(void)buf_puts(out, "\n```\n\n");
}

static void write_program_manual(struct buf *out)
{
	(void)buf_puts(out,
		       "imagehook(1)\n\n# NAME\n\n"
		       "imagehook - image automation for self-hosted Git repositories\n\n"
		       "# SYNOPSIS\n\n*imagehook* COMMAND \\[options\\]\n\n"
		       "# COMMANDS\n\n");
	for (size_t i = 0; commands[i]; i++)
		write_command(out, commands[i]);
	(void)buf_puts(
	    out,
	    "# EXIT STATUS\n\n0 done, also with warnings; 1 a failure or a finding of "
	    "severity error; 2 wrong usage.\n\n"
	    "# SEE ALSO\n\n*imagehook-config*(5), *imagehook-documents*(5), "
	    "*imagehook-providers*(5)\n");
}

static void write_documents_manual(struct buf *out)
{
	(void)buf_puts(
	    out,
	    "imagehook-documents(5)\n\n# NAME\n\n"
	    "imagehook-documents - the documents that imagehook reads\n\n"
	    "# DESCRIPTION\n\n"
	    "Documents stand in the repository, on the branch that imagehook.branch or "
	    "HEAD names, in files named *.yaml*, *.yml* or *Kustomization*. They are the "
	    "ones that Flux reads.\n\n# KINDS\n\n");
	document_write_manual(out);
	(void)buf_puts(out, "\n# SEE ALSO\n\n*imagehook*(1), *imagehook-config*(5)\n");
}

static void write_providers_manual(struct buf *out)
{
	(void)buf_puts(
	    out, "imagehook-providers(5)\n\n# NAME\n\n"
		 "imagehook-providers - where imagehook sends events\n\n"
		 "# DESCRIPTION\n\n"
		 "The values of *spec.type* of a Provider document, and what each "
		 "takes. Secrets are stored with *imagehook secret set*; their keys "
		 "are those of Flux. Of *username* and *password* a secret has both "
		 "or none: with one of them its *token* does not count either.\n\n"
		 "# TYPES\n\n");
	for (size_t i = 0; deliver_type_at(i); i++) {
		const struct deliver_type *type = deliver_type_at(i);
		(void)buf_puts(out, "*");
		write_escaped(out, type->name);
		(void)buf_puts(out, "*");
		if (type->flags & PROVIDER_COMMIT_STATUS)
			(void)buf_puts(out, " (commit status)");
		if (type->flags & PROVIDER_COMMENT)
			(void)buf_puts(out, " (comment on a change request)");
		(void)buf_puts(out, "\n\t");
		write_escaped(out, type->service->help);
		(void)buf_puts(out, "\n\n");
	}
	(void)buf_puts(out, "# SEE ALSO\n\n*imagehook*(1), *imagehook-documents*(5)\n");
}

static const struct {
	const char *name;
	void (*write)(struct buf *out);
} manuals[] = {
	{ "imagehook", write_program_manual },
	{ "config", config_write_manual },
	{ "documents", write_documents_manual },
	{ "providers", write_providers_manual },
};

static int print_manual(const char *name)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	for (size_t i = 0; i < ARRAY_LEN(manuals); i++)
		if (strcmp(manuals[i].name, name) == 0)
			manuals[i].write(&out);
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
	return EXIT_DONE;
}

static int run_help(void *options_ptr, const struct strings *words)
{
	const struct help_options *options = options_ptr;
	if (options->manual)
		return print_manual(options->manual);
	if (words->len == 0) {
		command_print_all(stdout);
		return EXIT_DONE;
	}
	const struct command *command = command_find(words->items[0]);
	if (!command)
		return command_unknown(words->items[0]);
	opt_print_help(command);
	return EXIT_DONE;
}

const struct command command_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.summary = "Shows the commands, or one command's options.",
	.example = "imagehook help select",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct help_options),
	.run = run_help,
};
