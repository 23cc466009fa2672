/* SPDX-License-Identifier: MIT */
#include "base/gitconfig.h"
#include "base/buf.h"
#include "tests/unit/unit.h"

/* `section|subsection|key|value|line;` for each entry, or the error. */
static const struct {
	const char *text;
	const char *parsed;
} cases[] = {
	{ "", "" },
	{ "[core]\n\tbare = true\n", "core||bare|true|2;" },
	{ "\xef\xbb\xbf[core]\r\n\tBare = true\r\n", "core||bare|true|2;" },
	{ "[core] bare", "core||bare|NULL|1;" },
	{ "[core]\nbare\n\n[CORE]x=1", "core||bare|NULL|2;core||x|1|4;" },
	{ "[remote \"a.B \\\"q\\\\\\n\"] URL = u", "remote|a.B \"q\\n|url|u|1;" },
	{ "[remote.A.B]\nx=1", "remote|a.b|x|1|2;" },
	{ "# c\n; d\n[a] # e\nb = c # d\n", "a||b|c|4;" },
	{ "[a]\nb = \" c # d \" ; e\n", "a||b| c # d |2;" },
	{ "[a]\nb = c   d  \n", "a||b|c   d|2;" },
	{ "[a]\nb = c\"  \"  \n", "a||b|c  |2;" },
	{ "[a]\nb = one\\\n two\nc=3", "a||b|one two|2;a||c|3|4;" },
	{ "[a]\nb = \\t\\n\\b\\\"\\\\", "a||b|\t\n\b\"\\|2;" },
	{ "[a]\nb =", "a||b||2;" },
	{ "[a]\nb-2 = 1", "a||b-2|1|2;" },
	{ "[a]\nb = \\x", "2: unknown escape in a value" },
	{ "[a]\nb = \"x\nc = 1", "2: value without a closing quote" },
	{ "[a]\nb : 1", "2: expected '=' behind the key" },
	{ "[a]\n\n_b = 1", "3: neither a section, a key nor a comment" },
	{ "[a\nb = 1", "1: malformed section header" },
	{ "[a b]", "1: section header without a quoted subsection" },
	{ "[a \"b", "1: subsection without a closing quote" },
	{ "[a \"b\\", "1: subsection without a closing quote" },
	{ "[a \"b\" ]", "1: section header without a closing ']'" },
	{ "b = 1", "1: key before any section" },
};

static void write_entries(const struct gitconfig *config, struct buf *out)
{
	for (size_t i = 0; i < config->len; i++) {
		const struct gitconfig_entry *e = &config->items[i];
		assert_true(buf_printf(out, "%s|%s|%s|%s|%u;", e->section, e->subsection,
				       e->key, e->value ? e->value : "NULL", e->line));
	}
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct err err = ERR_INIT;
		struct gitconfig config = { NULL, 0, 0 };
		struct buf out BUF_CLEANUP = BUF_INIT(4096);
		char message[4096];
		if (gitconfig_parse(str_of(cases[i].text), &arena, &config, &err)) {
			err_format(&err, message, sizeof(message));
			assert_string_equal(message, cases[i].parsed);
			assert_int_equal(config.len, 0);
			continue;
		}
		write_entries(&config, &out);
		assert_string_equal(buf_cstr(&out), cases[i].parsed);
	}
}

static void test_nul_is_refused(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct gitconfig config = { NULL, 0, 0 };
	assert_int_equal(gitconfig_parse(STR("[a]\nb=\0c"), &arena, &config, &err),
			 ERR_INVALID);
	assert_string_equal(err.text, "NUL byte");
	assert_int_equal(err.line, 2);
}

static void test_lookup(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct gitconfig config = { NULL, 0, 0 };
	struct str text = STR("[core]\nbare=0\nbare=1\n[remote \"a.b\"]\nmirror\n");
	assert_int_equal(gitconfig_parse(text, &arena, &config, &err), 0);
	assert_string_equal(gitconfig_get(&config, "Core.BARE"), "1");
	assert_string_equal(gitconfig_get(&config, "remote.a.b.Mirror"), "true");
	assert_null(gitconfig_get(&config, "remote.A.b.mirror"));
	assert_null(gitconfig_get(&config, "core.bar"));
	assert_null(gitconfig_get(&config, "core"));
}

static void test_booleans(void **state)
{
	(void)state;
	bool yes = false;
	assert_true(gitconfig_bool(NULL, &yes) && yes);
	assert_true(gitconfig_bool("Yes", &yes) && yes);
	assert_true(gitconfig_bool("-2", &yes) && yes);
	assert_true(gitconfig_bool("", &yes) && !yes);
	assert_true(gitconfig_bool("OFF", &yes) && !yes);
	assert_true(gitconfig_bool("0", &yes) && !yes);
	assert_false(gitconfig_bool("maybe", &yes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_nul_is_refused),
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_booleans),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
