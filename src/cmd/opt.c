/* SPDX-License-Identifier: MIT */
/* Option parsing and help from the option rows. */
#include "cmd/opt.h"
#include "app/print.h"
#include "base/cursor.h"
#include "base/text.h"
#include "base/when.h"
#include <unistd.h>

enum {
	HELP_COLUMNS = 80,
	HELP_BYTES = 65536
};

struct parse {
	const struct command *command;
	struct arena *arena;
	void *options;
	struct err *err;
};

static const struct opt *find_long(const struct command *command, struct str name)
{
	for (size_t i = 0; i < command->n_opts; i++)
		if (str_is(name, command->opts[i].name))
			return &command->opts[i];
	return NULL;
}

static const struct opt *find_letter(const struct command *command, char letter)
{
	for (size_t i = 0; i < command->n_opts; i++)
		if (command->opts[i].letter == letter)
			return &command->opts[i];
	return NULL;
}

static int unknown_option(const struct parse *parse, const char *given, struct str name)
{
	const char *names[64];
	size_t n = 0;
	for (size_t i = 0; i < parse->command->n_opts && n < ARRAY_LEN(names); i++)
		names[n++] = parse->command->opts[i].name;
	const char *nearest = str_nearest(arena_strndup(parse->arena, name), names, n);
	if (nearest)
		return err_set(parse->err, ERR_INVALID,
			       "unknown option '%s'; did you mean '--%s'?", given,
			       nearest);
	return err_set(parse->err, ERR_INVALID, "unknown option '%s'", given);
}

static int set_choice(const struct parse *parse, const struct opt *opt, const char *value,
		      void *field)
{
	struct str rest = str_of(opt->arg);
	struct str piece;
	while (str_split(&rest, '|', &piece)) {
		if (str_is(piece, value)) {
			memcpy(field, &value, sizeof(value));
			return 0;
		}
	}
	return err_set(parse->err, ERR_INVALID, "option '--%s' takes one of %s, not '%s'",
		       opt->name, opt->arg, value);
}

static int set_value(const struct parse *parse, const struct opt *opt, const char *value)
{
	unsigned char *field = (unsigned char *)parse->options + opt->off;
	int64_t number = 0;
	bool yes = true;
	switch (opt->type) {
	case OPT_FLAG:
		memcpy(field, &yes, sizeof(yes));
		return 0;
	case OPT_TEXT:
		memcpy(field, &value, sizeof(value));
		return 0;
	case OPT_LIST: {
		struct strings list;
		memcpy(&list, field, sizeof(list));
		strings_add(parse->arena, &list, value);
		memcpy(field, &list, sizeof(list));
		return 0;
	}
	case OPT_NUMBER:
		if (!number_parse_signed(str_of(value), INT64_MAX / 2, &number))
			return err_set(parse->err, ERR_INVALID,
				       "option '--%s' takes a number, not '%s'",
				       opt->name, value);
		break;
	case OPT_DURATION:
		if (!duration_parse_ns(str_of(value), &number) || number < 0)
			return err_set(
			    parse->err, ERR_INVALID,
			    "option '--%s' takes a duration such as 30s or 1h30m, not '%s'",
			    opt->name, value);
		number /= 1000000;
		break;
	case OPT_CHOICE:
		return set_choice(parse, opt, value, field);
	}
	memcpy(field, &number, sizeof(number));
	return 0;
}

/* `--name`, `--name=value`, `--name value`; *used tells whether `next` was taken. */
static int take_long(const struct parse *parse, const char *arg, const char *next,
		     bool *used)
{
	struct str name = str_of(arg + 2);
	const char *value = strchr(arg + 2, '=');
	if (value) {
		name.len = (size_t)(value - name.ptr);
		value++;
	}
	const struct opt *opt = find_long(parse->command, name);
	if (!opt)
		return unknown_option(parse, arg, name);
	if (opt->type == OPT_FLAG) {
		if (value)
			return err_set(parse->err, ERR_INVALID,
				       "option '--%s' takes no value", opt->name);
		return set_value(parse, opt, NULL);
	}
	if (!value) {
		if (!next)
			return err_set(parse->err, ERR_INVALID,
				       "option '--%s' needs a value (%s)", opt->name,
				       opt->arg);
		value = next;
		*used = true;
	}
	return set_value(parse, opt, value);
}

/* `-A`, `-o json`, `-ojson`, `-An ns`. */
static int take_letters(const struct parse *parse, const char *arg, const char *next,
			bool *used)
{
	for (const char *at = arg + 1; *at; at++) {
		const struct opt *opt = find_letter(parse->command, *at);
		if (!opt)
			return err_set(parse->err, ERR_INVALID, "unknown option '-%c'",
				       *at);
		if (opt->type == OPT_FLAG) {
			int code = set_value(parse, opt, NULL);
			if (code)
				return code;
			continue;
		}
		const char *value = at[1] ? at + 1 : next;
		if (!value)
			return err_set(parse->err, ERR_INVALID,
				       "option '-%c' needs a value (%s)", *at, opt->arg);
		*used = !at[1];
		return set_value(parse, opt, value);
	}
	return 0;
}

int opt_parse(const struct command *command, char *const *args, struct arena *arena,
	      void *options, struct strings *words, struct err *err)
{
	struct parse parse = { command, arena, options, err };
	bool options_end = false;
	for (; *args; args++) {
		const char *arg = args[0];
		const char *next = args[1];
		bool used = false;
		int code = 0;
		if (options_end || arg[0] != '-' || arg[1] == '\0')
			strings_add(arena, words, arg);
		else if (strcmp(arg, "--") == 0)
			options_end = true;
		else if (arg[1] == '-')
			code = take_long(&parse, arg, next, &used);
		else
			code = take_letters(&parse, arg, next, &used);
		if (code)
			return code;
		args += used;
	}
	return 0;
}

static void print_option(const struct opt *opt)
{
	static const char indent[] = "                                ";
	struct buf help BUF_CLEANUP = BUF_INIT(HELP_BYTES);
	char left[80];
	char letter[8] = "    ";
	if (opt->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", opt->letter);
	(void)snprintf(left, sizeof(left), "%s--%s%s%s", letter, opt->name,
		       opt->arg ? " " : "", opt->arg ? opt->arg : "");
	text_wrap(&help, opt->help, HELP_COLUMNS, indent);
	if (strlen(left) > 28)
		printf("  %s\n%s", left, buf_cstr(&help));
	else
		printf("  %-28s  %s", left, buf_cstr(&help) + strlen(indent));
}

/* Indents every line of a text by two blanks. */
static void print_indented(const char *text)
{
	struct str rest = str_of(text);
	struct str line;
	while (str_line(&rest, &line))
		printf("  %.*s\n", STR_ARG(line));
}

void opt_print_help(const struct command *command)
{
	printf("usage: imagehook %s%s%s\n\n%s\n", command->name,
	       *command->usage ? " " : "", command->usage, command->summary);
	struct buf details BUF_CLEANUP = BUF_INIT(HELP_BYTES);
	if (command->details) {
		text_wrap(&details, command->details, HELP_COLUMNS, "");
		printf("\n%s", buf_cstr(&details));
	}
	printf("\noptions:\n");
	for (size_t i = 0; i < command->n_opts; i++)
		print_option(&command->opts[i]);
	printf("  %-28s  %s\n", "-h, --help", "show this text");
	if (command->example) {
		printf("\nexample:\n");
		print_indented(command->example);
	}
}

int command_fail(const struct err *err)
{
	char text[ERR_TEXT_BYTES + ERR_PATH_BYTES];
	err_format(err, text, sizeof(text));
	(void)fflush(stdout);
	print_line(stderr, "imagehook: %s", text);
	return EXIT_FAILED;
}

int command_usage(const struct command *command, const char *fmt, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print_line(stderr, "imagehook: %s", text);
	(void)fprintf(stderr, "usage: imagehook %s%s%s\nhint: 'imagehook %s --help'\n",
		      command->name, *command->usage ? " " : "", command->usage,
		      command->name);
	return EXIT_USAGE;
}
