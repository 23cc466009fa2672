/* SPDX-License-Identifier: MIT */
/* Every row of the command table has what its users need. */
#include "cmd/opt.h"
#include "tests/unit/unit.h"

static void test_every_command_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		const struct command *command = commands[i];
		size_t len = command->summary ? strlen(command->summary) : 0;
		assert_true(len > 10 && command->summary[len - 1] == '.');
		assert_true(command->summary[0] >= 'A' && command->summary[0] <= 'Z');
		assert_non_null(command->usage);
		assert_non_null(command->example);
		assert_non_null(strstr(command->example, command->name));
		assert_non_null(command->run);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(commands[j]->name, command->name);
	}
}

static void test_every_option_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		for (size_t o = 0; o < commands[i]->n_opts; o++) {
			const struct opt *opt = &commands[i]->opts[o];
			assert_non_null(opt->help);
			assert_true((opt->type == OPT_FLAG) == (opt->arg == NULL));
			assert_true(opt->off < commands[i]->options_bytes);
			for (size_t p = 0; p < o; p++)
				assert_string_not_equal(commands[i]->opts[p].name,
							opt->name);
		}
	}
}

struct sample {
	bool flag;
	const char *text;
	struct strings list;
	int64_t number, duration;
	const char *choice;
};

static const struct opt opts[] = {
	OPT_FLAG_ROW('f', "flag", struct sample, flag, "a flag"),
	OPT_TEXT_ROW('t', "text", struct sample, text, "TEXT", "a text"),
	OPT_LIST_ROW(0, "item", struct sample, list, "ITEM", "a list"),
	OPT_NUMBER_ROW(0, "number", struct sample, number, "N", "a number"),
	OPT_DURATION_ROW(0, "duration", struct sample, duration, "D", "a duration"),
	OPT_CHOICE_ROW('o', "output", struct sample, choice, "json|yaml", "a choice"),
};
static const struct command sample_command = {
	.name = "sample",
	.usage = "",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct sample),
};

static int parse(const char *line, struct arena *arena, struct sample *sample,
		 struct strings *words, struct err *err)
{
	struct strings args = { NULL, 0, 0 };
	struct str rest = str_of(line);
	struct str piece;
	while (*line && str_split(&rest, ' ', &piece))
		strings_add(arena, &args, arena_strndup(arena, piece));
	char **argv = ARENA_ARRAY(arena, char *, args.len + 1);
	for (size_t i = 0; i < args.len; i++)
		argv[i] = arena_strdup(arena, args.items[i]);
	return opt_parse(&sample_command, argv, arena, sample, words, err);
}

static void test_forms(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct sample sample = { 0 };
	struct strings words = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	assert_int_equal(
	    parse("a -f --text=x --item 1 --item=2 --number -7 --duration 1m30s "
		  "-ojson - -- --flag",
		  &arena, &sample, &words, &err),
	    0);
	assert_true(sample.flag);
	assert_string_equal(sample.text, "x");
	assert_int_equal(sample.list.len, 2);
	assert_string_equal(sample.list.items[1], "2");
	assert_int_equal(sample.number, -7);
	assert_int_equal(sample.duration, 90000);
	assert_string_equal(sample.choice, "json");
	assert_int_equal(words.len, 3);
	assert_string_equal(words.items[1], "-");
	assert_string_equal(words.items[2], "--flag");
}

static const struct {
	const char *line;
	const char *error;
} mistakes[] = {
	{ "--flga", "unknown option '--flga'; did you mean '--flag'?" },
	{ "--nothing-like-it", "unknown option '--nothing-like-it'" },
	{ "-x", "unknown option '-x'" },
	{ "--flag=1", "option '--flag' takes no value" },
	{ "--text", "option '--text' needs a value (TEXT)" },
	{ "-t", "option '-t' needs a value (TEXT)" },
	{ "--number 1x", "option '--number' takes a number, not '1x'" },
	{ "--duration soon",
	  "option '--duration' takes a duration such as 30s or 1h30m, not 'soon'" },
	{ "-o xml", "option '--output' takes one of json|yaml, not 'xml'" },
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct sample sample = { 0 };
		struct strings words = { NULL, 0, 0 };
		struct err err = ERR_INIT;
		assert_int_equal(parse(mistakes[i].line, &arena, &sample, &words, &err),
				 ERR_INVALID);
		assert_string_equal(err.text, mistakes[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_command_is_told),
		cmocka_unit_test(test_every_option_is_told),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_mistakes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
