/* SPDX-License-Identifier: MIT */
/* `imagehook completion bash`: a completion script from the tables. */
#include "admin/config.h"
#include "cmd/opt.h"
#include "stage/deliver/deliver.h"

static void print_options(const struct command *command)
{
	printf("\t%s) words='--help", command->name);
	for (size_t i = 0; i < command->n_opts; i++)
		printf(" --%s", command->opts[i].name);
	printf("' ;;\n");
}

#define HELD "image source kustomization helmrelease alert-provider alert"

/* What stands behind a command's name, and behind a word of it. */
static const struct {
	const char *command;
	const char *word; /* NULL: the command itself */
	const char *words;
} nouns[] = {
	{ "get", NULL,
	  "all image source kustomizations helmreleases alert-providers alerts" },
	{ "get", "image", "all repository policy update" },
	{ "get", "source", "git" },
	{ "create", NULL, "alert-provider alert image" },
	{ "create", "image", "repository policy update" },
	{ "describe", NULL, HELD },
	{ "describe", "image", "repository policy update" },
	{ "describe", "source", "git" },
	{ "reconcile", NULL, "image source kustomization helmrelease" },
	{ "reconcile", "image", "repository policy update" },
	{ "reconcile", "source", "git" },
	{ "suspend", NULL, HELD },
	{ "suspend", "image", "repository policy update" },
	{ "suspend", "source", "git" },
	{ "resume", NULL, HELD },
	{ "resume", "image", "repository policy update" },
	{ "resume", "source", "git" },
	{ "explain", NULL, "policy" },
	{ "secret", NULL, "set list delete" },
	{ "completion", NULL, "bash" },
};

static void print_commands(void)
{
	for (size_t i = 0; commands[i]; i++)
		printf("%s%s", i ? " " : "", commands[i]->name);
}

static void print_nouns(void)
{
	for (size_t i = 0; i < ARRAY_LEN(nouns); i++)
		if (nouns[i].word)
			printf("\t\t'%s %s') words='%s' ;;\n", nouns[i].command,
			       nouns[i].word, nouns[i].words);
		else
			printf("\t\t'%s ') words='%s' ;;\n", nouns[i].command,
			       nouns[i].words);
	printf("\t\t'help ') words='");
	print_commands();
	printf("' ;;\n\t\t'config ') words='");
	for (int key = 0; key < CONFIG_KEYS; key++)
		printf("%s%s", key ? " " : "", config_key_name((enum config_key)key));
	printf("' ;;\n");
}

static void print_types(void)
{
	for (size_t i = 0; deliver_type_at(i); i++)
		printf("%s%s", i ? " " : "", deliver_type_at(i)->name);
}

/* The values of an option that has a closed set of them. */
static void print_values(const struct command *command)
{
	for (size_t i = 0; i < command->n_opts; i++) {
		const struct opt *opt = &command->opts[i];
		struct str rest = str_of(opt->type == OPT_CHOICE ? opt->arg : "");
		struct str piece;
		if (opt->type != OPT_CHOICE)
			continue;
		printf("\t\t'%s --%s'", command->name, opt->name);
		if (opt->letter)
			printf(" | '%s -%c'", command->name, opt->letter);
		printf(") words='");
		while (str_split(&rest, '|', &piece))
			printf("%.*s ", STR_ARG(piece));
		printf("' ;;\n");
	}
}

static void print_script(void)
{
	printf("_imagehook() {\n"
	       "\tlocal current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} "
	       "words=''\n"
	       "\tlocal last=${COMP_WORDS[COMP_CWORD - 1]}\n"
	       "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords='");
	print_commands();
	printf("'\n\telif [[ $current == -* ]]; then\n\t\tcase $command in\n");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t");
		print_options(commands[i]);
	}
	printf("\t\tesac\n\telif [[ $last == -* ]]; then\n"
	       "\t\tcase \"$command $last\" in\n\t\t'create --type' | "
	       "'secret --for') words='");
	print_types();
	printf("' ;;\n");
	for (size_t i = 0; commands[i]; i++)
		print_values(commands[i]);
	printf("\t\tesac\n\telif [ \"$COMP_CWORD\" -le 3 ]; then\n"
	       "\t\t[ \"$COMP_CWORD\" -eq 3 ] || last=''\n"
	       "\t\tcase \"$command $last\" in\n");
	print_nouns();
	printf("\t\tesac\n\tfi\n"
	       "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	       "\t[ -n \"$words\" ] || mapfile -t COMPREPLY < <(compgen -f -- "
	       "\"$current\")\n"
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
