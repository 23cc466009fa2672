/* SPDX-License-Identifier: MIT */
/* Finds the command, parses its options by its table and runs it. */
#include "base/version.h"
#include "cmd/opt.h"

extern const struct command command_help;

static bool asks_for_help(char *const *args)
{
	for (; *args && strcmp(*args, "--") != 0; args++)
		if (strcmp(*args, "--help") == 0 || strcmp(*args, "-h") == 0)
			return true;
	return false;
}

static int run_command(const struct command *command, char *const *args)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct strings words = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	void *options =
	    arena_alloc(&arena, 1, command->options_bytes ? command->options_bytes : 1);
	if (asks_for_help(args)) {
		opt_print_help(command);
		return EXIT_DONE;
	}
	if (opt_parse(command, args, &arena, options, &words, &err))
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
		command_print_all(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("imagehook %s\n", IMAGEHOOK_VERSION);
		return EXIT_DONE;
	}
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return run_command(&command_help, (char *[]){ NULL });
	const struct command *command = command_find(name);
	if (!command)
		return command_unknown(name);
	return run_command(command, argv + 2);
}
