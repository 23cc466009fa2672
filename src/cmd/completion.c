/* SPDX-License-Identifier: MIT */
/* `imagehook completion bash`: a completion script from the tables. */
#include "cmd/opt.h"

static void print_options(const struct command *command)
{
	printf("\t%s) words='--help", command->name);
	for (size_t i = 0; i < command->n_opts; i++)
		printf(" --%s", command->opts[i].name);
	printf("' ;;\n");
}

/* What stands behind a command's name. */
static const struct {
	const char *command;
	const char *words;
} nouns[] = {
	{ "get", "image" },       { "reconcile", "image" },
	{ "explain", "policy" },  { "secret", "set list delete" },
	{ "completion", "bash" }, { "hook", "worker" },
};

static void print_script(void)
{
	printf(
	    "_imagehook() {\n"
	    "\tlocal current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words=''\n"
	    "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords='");
	for (size_t i = 0; commands[i]; i++)
		printf("%s%s", i ? " " : "", commands[i]->name);
	printf("'\n\telif [[ $current == -* ]]; then\n\t\tcase $command in\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t");
		print_options(commands[i]);
	}
	printf(
	    "\t\tesac\n\telif [ \"$COMP_CWORD\" -eq 2 ]; then\n\t\tcase $command in\n");
	for (size_t i = 0; i < ARRAY_LEN(nouns); i++)
		printf("\t\t%s) words='%s' ;;\n", nouns[i].command, nouns[i].words);
	printf(
	    "\t\tesac\n"
	    "\telif [ \"$COMP_CWORD\" -eq 3 ] && [ \"${COMP_WORDS[2]}\" = image ]; then\n"
	    "\t\twords='all repository policy update'\n\tfi\n"
	    "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	    "\t[ -n \"$words\" ] || mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	    "}\ncomplete -o filenames -F _imagehook imagehook\n");
}

static int run_completion(void *options, const struct strings *words);

const struct command command_completion = {
	.name = "completion",
	.usage = "bash",
	.summary = "Prints a completion script for bash.",
	.example = "imagehook completion bash > /etc/bash_completion.d/imagehook",
	.run = run_completion,
};

static int run_completion(void *options, const struct strings *words)
{
	(void)options;
	if (words->len != 1 || strcmp(words->items[0], "bash") != 0)
		return command_usage(&command_completion, "expected 'bash'");
	print_script();
	return EXIT_DONE;
}
