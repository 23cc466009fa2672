/* SPDX-License-Identifier: MIT */
/* `imagehook help [COMMAND]`. */
#include "cmd/opt.h"

static void print_all(void)
{
	printf(
	    "usage: imagehook COMMAND [options]\n\n"
	    "Image automation and alerts for self-hosted Git repositories.\n\ncommands:\n");
	for (size_t i = 0; commands[i]; i++)
		printf("  %-12s  %s\n", commands[i]->name, commands[i]->summary);
	printf(
	    "\n'imagehook COMMAND --help' shows a command's options and an example.\n");
}

static int run_help(void *options, const struct strings *words)
{
	(void)options;
	if (words->len == 0) {
		print_all();
		return EXIT_DONE;
	}
	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, words->items[0]) == 0) {
			opt_print_help(commands[i]);
			return EXIT_DONE;
		}
	}
	struct err err = ERR_INIT;
	(void)err_set(&err, ERR_INVALID, "there is no command '%s'", words->items[0]);
	(void)command_fail(&err);
	return EXIT_USAGE;
}

const struct command command_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.summary = "Shows the commands, or one command's options.",
	.example = "imagehook help select",
	.run = run_help,
};
