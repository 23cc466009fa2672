/* SPDX-License-Identifier: MIT */
/*
 * Commands and options as tables: one row per option drives parsing, --help, the manual
 * page and shell completion.
 */
#ifndef CMD_OPT_H
#define CMD_OPT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include <stdio.h>

enum opt_type {
	OPT_FLAG,     /* bool */
	OPT_TEXT,     /* const char * */
	OPT_LIST,     /* struct strings */
	OPT_NUMBER,   /* int64_t */
	OPT_DURATION, /* int64_t, milliseconds */
	OPT_CHOICE    /* const char *, one of `arg` split at '|' */
};

struct opt {
	char letter;      /* 0: none */
	const char *name; /* without the dashes */
	enum opt_type type;
	size_t off;      /* of the field in the command's options struct */
	const char *arg; /* what --help calls the value: `FILE`; NULL for flags */
	const char *help;
};

/* Rows whose field type the compiler checks. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type takes none */
#define OPT_FIELD(type_name, field, c_type) \
	(offsetof(type_name, field) + _Generic(((type_name *)0)->field, c_type : 0))
/* NOLINTEND(bugprone-macro-parentheses) */
#define OPT_FLAG_ROW(letter, name, type_name, field, help)                            \
	{                                                                             \
		letter, name, OPT_FLAG, OPT_FIELD(type_name, field, bool), NULL, help \
	}
#define OPT_TEXT_ROW(letter, name, type_name, field, arg, help)                         \
	{                                                                               \
		letter, name, OPT_TEXT, OPT_FIELD(type_name, field, const char *), arg, \
		    help                                                                \
	}
#define OPT_LIST_ROW(letter, name, type_name, field, arg, help)                      \
	{                                                                            \
		letter, name, OPT_LIST, OPT_FIELD(type_name, field, struct strings), \
		    arg, help                                                        \
	}
#define OPT_NUMBER_ROW(letter, name, type_name, field, arg, help)                    \
	{                                                                            \
		letter, name, OPT_NUMBER, OPT_FIELD(type_name, field, int64_t), arg, \
		    help                                                             \
	}
#define OPT_DURATION_ROW(letter, name, type_name, field, arg, help)                    \
	{                                                                              \
		letter, name, OPT_DURATION, OPT_FIELD(type_name, field, int64_t), arg, \
		    help                                                               \
	}
#define OPT_CHOICE_ROW(letter, name, type_name, field, arg, help)                    \
	{                                                                            \
		letter, name, OPT_CHOICE, OPT_FIELD(type_name, field, const char *), \
		    arg, help                                                        \
	}

struct command {
	const char *name;    /* `get`; sub-commands are positional words */
	const char *usage;   /* `[options] [FILE]...` */
	const char *summary; /* one line */
	const char *details; /* paragraphs for --help and the manual, or NULL */
	const char *example; /* one or more lines */
	const struct opt *opts;
	size_t n_opts;
	size_t options_bytes; /* sizeof the options struct, zeroed before parsing */
	int (*run)(void *options, const struct strings *words); /* exit status */
};

/* Exit status of every command (DESIGN 9). */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2
};

/* Parses `args`, which stand behind the command's name and end with NULL, into the
 * options struct and `words` (positional, `--` ends options; a lone `-` is a word).
 * ERR_INVALID with a usage text that names the nearest option. */
int opt_parse(const struct command *command, char *const *args, struct arena *arena,
	      void *options, struct strings *words, struct err *err) MUST_CHECK;
/* Prints --help of one command to stdout. */
void opt_print_help(const struct command *command);

/* `imagehook: TEXT` on stderr with the position in front; returns EXIT_FAILED. */
int command_fail(const struct err *err);
/* The same for wrong usage, with a hint to --help; returns EXIT_USAGE. */
int command_usage(const struct command *command, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Every command, in the order of help; NULL behind the last. */
extern const struct command *const commands[];

/* NULL when there is none. */
const struct command *command_find(const char *name);
/* Says on stderr that there is none, with the nearest; returns EXIT_USAGE. */
int command_unknown(const char *name);
/* The list of all commands. */
void command_print_all(FILE *out);

#endif
