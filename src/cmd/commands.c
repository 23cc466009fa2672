/* SPDX-License-Identifier: MIT */
/* The table of commands: adding one is a file with its struct command and a line here;
 * and finding one by its name. */
#include "app/print.h"
#include "cmd/opt.h"

#define COMMAND(name) extern const struct command command_##name;
#include "cmd/commands.list"
#undef COMMAND

#define COMMAND(name) &command_##name,
const struct command *const commands[] = {
#include "cmd/commands.list"
	NULL
};
#undef COMMAND

/* Verbs that users of other tools will try, and ours. */
static const struct {
	const char *theirs;
	const char *ours;
} verbs[] = {
	{ "bootstrap", "install" },  { "diff", "plan" },
	{ "check", "status" },       { "logs", "events" },
	{ "trace", "explain" },      { "tree", "get" },
	{ "apply", "run" },          { "annotate", "reconcile" },
	{ "delete", "uninstall" },   { "edit", "config" },
	{ "export", "get -o yaml" }, { "build", "rewrite" },
	{ "pull", "scan" },          { "push", "run" },
	{ "sync", "reconcile" },     { "version", "--version" },
	{ "validate", "lint" },      { "list", "get" },
	{ "stats", "status" },
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

int command_unknown(const char *name)
{
	const char *names[64];
	size_t n = 0;
	for (size_t i = 0; commands[i] && n < ARRAY_LEN(names); i++)
		names[n++] = commands[i]->name;
	const char *hint = NULL;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].theirs, name) == 0)
			hint = verbs[i].ours;
	const char *nearest = str_nearest(name, names, n);
	print_line(stderr, "imagehook: unknown command '%s'", name);
	if (hint)
		(void)fprintf(stderr, "hint: here that is 'imagehook %s'\n", hint);
	else if (nearest)
		(void)fprintf(stderr, "hint: did you mean 'imagehook %s'?\n", nearest);
	else
		(void)fprintf(stderr, "hint: 'imagehook help' lists the commands\n");
	return EXIT_USAGE;
}

void command_print_all(FILE *out)
{
	(void)fprintf(out, "usage: imagehook COMMAND [options]\n\n"
			   "Image automation and alerts for self-hosted Git "
			   "repositories.\n\ncommands:\n");
	for (size_t i = 0; commands[i]; i++)
		(void)fprintf(out, "  %-12s  %s\n", commands[i]->name,
			      commands[i]->summary);
	(void)fprintf(
	    out,
	    "\n'imagehook COMMAND --help' shows a command's options and an example.\n");
}
