/* SPDX-License-Identifier: MIT */
/* `imagehook config`: what is configured, where that comes from and what it means. */
#include "adapter/json/json.h"
#include "cmd/where.h"
#include <strings.h>

extern const struct command command_config;

struct options {
	const char *repo;
	const char *output;
};

static const struct opt opts[] = {
	OPT_TEXT_ROW('C', "repo", struct options, repo, "DIR",
		     "the repository (default: the current directory)"),
	OPT_CHOICE_ROW('o', "output", struct options, output, "text|json",
		       "how to print it"),
};

enum {
	OUTPUT_MAX_BYTES = 8 * 1024 * 1024
};

static void print_buf(const struct buf *out)
{
	(void)fwrite(buf_cstr(out), 1, out->len, stdout);
}

/* A key by its name, with or without the section, in any case as git has it. */
static bool find_key(const char *name, enum config_key *out)
{
	static const char section[] = "imagehook.";
	if (strncasecmp(name, section, strlen(section)) == 0)
		name += strlen(section);
	for (int key = 0; key < CONFIG_KEYS; key++) {
		*out = (enum config_key)key;
		if (strcasecmp(config_key_name(*out) + strlen(section), name) == 0)
			return true;
	}
	return false;
}

static struct value *values_of(const struct config *config, enum config_key key,
			       struct arena *arena)
{
	const struct strings *values = config_list(config, key);
	if (!config_key_is_multi(key))
		return value_text(arena, config_text(config, key));
	struct value *list = value_new(arena, VALUE_LIST);
	for (size_t i = 0; i < values->len; i++)
		value_append(arena, list, value_text(arena, values->items[i]));
	return list;
}

static void print_json(const struct config *config, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(OUTPUT_MAX_BYTES);
	struct value *rows = value_new(arena, VALUE_LIST);
	for (int at = 0; at < CONFIG_KEYS; at++) {
		enum config_key key = (enum config_key)at;
		struct value *row = value_new(arena, VALUE_MAP);
		value_set(arena, row, "key", value_text(arena, config_key_name(key)));
		value_set(arena, row, "value", values_of(config, key, arena));
		value_set(arena, row, "source",
			  value_text(arena, config_source(config, key)));
		value_set(arena, row, "meaning", value_text(arena, config_key_help(key)));
		value_append(arena, rows, row);
	}
	json_write(&out, rows, JSON_PRETTY);
	print_buf(&out);
	printf("\n");
}

static void print_value(const struct config *config, enum config_key key)
{
	const struct strings *values = config_list(config, key);
	if (values->len == 0 && *config_text(config, key))
		printf("%s\n", config_text(config, key));
	for (size_t i = 0; i < values->len; i++)
		printf("%s\n", values->items[i]);
}

static void print_table(const struct config *config)
{
	struct buf out BUF_CLEANUP = BUF_INIT(OUTPUT_MAX_BYTES);
	config_write_table(config, &out);
	print_buf(&out);
}

/* Who tries to set a value is told how, in words that can be pasted. */
static int refuse_to_set(const struct strings *words, enum config_key key,
			 const char *repo)
{
	return command_usage(
	    &command_config,
	    "this command only shows; set a value with: git %s%s%sconfig %s%s '%s'",
	    repo ? "-C '" : "", repo ? repo : "", repo ? "' " : "",
	    config_key_is_multi(key) ? "--add " : "", config_key_name(key),
	    words->items[1]);
}

static int unknown_key(const char *name)
{
	const char *names[CONFIG_KEYS];
	for (int key = 0; key < CONFIG_KEYS; key++)
		names[key] = config_key_name((enum config_key)key) + strlen("imagehook.");
	const char *nearest = str_nearest(name, names, CONFIG_KEYS);
	return command_usage(&command_config, "there is no key '%s'%s%s%s", name,
			     nearest ? "; did you mean '" : "", nearest ? nearest : "",
			     nearest ? "'?" : "");
}

static int run_config(void *options_ptr, const struct strings *words)
{
	const struct options *options = options_ptr;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct where where = { .arena = &arena };
	struct err err = ERR_INIT;
	enum config_key key = CONFIG_KEYS;
	if (words->len > 2)
		return command_usage(&command_config, "too many words");
	if (words->len > 0 && !find_key(words->items[0], &key))
		return unknown_key(words->items[0]);
	if (words->len == 2)
		return refuse_to_set(words, key, options->repo);
	if (where_load(&where, options->repo, &err))
		return command_fail(&err);
	where_print_findings(&where);
	size_t mistakes = finding_count(&where.findings, SEVERITY_ERROR);
	if (mistakes) {
		(void)err_set(&err, ERR_INVALID, "%zu mistake%s in the configuration",
			      mistakes, mistakes == 1 ? "" : "s");
		return command_fail(&err);
	}
	if (words->len == 1)
		print_value(where.config, key);
	else if (options->output && strcmp(options->output, "json") == 0)
		print_json(where.config, &arena);
	else
		print_table(where.config);
	return EXIT_DONE;
}

const struct command command_config = {
	.name = "config",
	.usage = "[options] [KEY]",
	.summary = "Shows the configuration: values, where they come from, meanings.",
	.details = "Keys stand in section [imagehook] of /etc/imagehook/config and of "
		   "the repository's own config.\nSet one with 'git config "
		   "imagehook.KEY VALUE' in the repository.\nWith KEY only its values "
		   "are printed, one a line.",
	.example = "imagehook config -C /srv/git/infra.git\n"
		   "imagehook config branch",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct options),
	.run = run_config,
};
