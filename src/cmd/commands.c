/* SPDX-License-Identifier: MIT */
/* The table of commands: adding one is a file with its struct command and a line here. */
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
