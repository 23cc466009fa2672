/* SPDX-License-Identifier: MIT */
/* Finds the command, parses its options by its table and runs it. */
#include "base/version.h"
#include "cmd/opt.h"

extern const struct command command_help;

/* Verbs that users of other tools will try, and ours. */
static const struct {
	const char *theirs;
	const char *ours;
} verbs[] = {
	{ "bootstrap", "install" },  { "diff", "plan" },
	{ "check", "status" },       { "logs", "get" },
	{ "trace", "explain" },      { "tree", "get" },
	{ "apply", "run" },          { "annotate", "reconcile" },
	{ "delete", "uninstall" },   { "edit", "config" },
	{ "export", "get -o yaml" }, { "build", "rewrite" },
	{ "pull", "scan" },          { "push", "run" },
	{ "sync", "reconcile" },     { "version", "--version" },
	{ "validate", "lint" },      { "list", "get" },
	{ "stats", "status" },
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int unknown_command(const char *name)
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
	(void)fprintf(stderr, "imagehook: unknown command '%s'\n", name);
	if (hint)
		(void)fprintf(stderr, "hint: here that is 'imagehook %s'\n", hint);
	else if (nearest)
		(void)fprintf(stderr, "hint: did you mean 'imagehook %s'?\n", nearest);
	else
		(void)fprintf(stderr, "hint: 'imagehook help' lists the commands\n");
	return EXIT_USAGE;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			return false;
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	}
	return false;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct strings words = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	void *options =
	    arena_alloc(&arena, 1, command->options_bytes ? command->options_bytes : 1);
	if (asks_for_help(argc, argv)) {
		opt_print_help(command);
		return EXIT_DONE;
	}
	if (opt_parse(command, argc, argv, &arena, options, &words, &err))
		return command_usage(command, "%s", err.text);
	int status = command->run(options, &words);
	/* a full disk or a closed pipe is a failure of whoever reads our output */
	if (fflush(stdout) != 0 && status == EXIT_DONE)
		status = EXIT_FAILED;
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		opt_print_help(&command_help);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("imagehook %s\n", IMAGEHOOK_VERSION);
		return EXIT_DONE;
	}
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return run_command(&command_help, 0, NULL);
	const struct command *command = find_command(name);
	if (!command)
		return unknown_command(name);
	return run_command(command, argc - 2, argv + 2);
}
