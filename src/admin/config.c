/* SPDX-License-Identifier: MIT */
/*
 * Reads the two files, decides which of their values count, and answers for each key.
 * What keys there are stands in config_row.c; git's syntax is base/'s.
 */
#include "admin/config.h"
#include "admin/config_row.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/gitconfig.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/when.h"
#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const char section[] = "imagehook.";

/* One file on its way into the configuration. */
struct reading {
	struct config *config;
	struct arena *arena;
	struct finding_list *findings;
	const char *path;
	bool is_system;
	bool is_trusted; /* only its owner or root may write it */
};

static void add_mistake(const struct reading *reading, const char *id, uint32_t line,
			const char *fmt, ...) PRINTF_LIKE(4, 5);

static void add_mistake(const struct reading *reading, const char *id, uint32_t line,
			const char *fmt, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	struct place place = { str_of(reading->path), line, 0 };
	(void)finding_add(reading->findings, SEVERITY_ERROR, id, place, "%s", text);
	if (!reading->config->mistake)
		reading->config->mistake = arena_printf(
		    reading->arena, "%s:%u: %s", reading->path, (unsigned)line, text);
}

static const struct config_row *find_row(const char *key, enum config_key *out)
{
	for (int at = 0; at < CONFIG_KEYS; at++) {
		if (strcasecmp(config_rows[at].name + strlen(section), key) != 0)
			continue;
		*out = (enum config_key)at;
		return &config_rows[at];
	}
	return NULL;
}

static void report_unknown(const struct reading *reading,
			   const struct gitconfig_entry *entry)
{
	const char *lower[CONFIG_KEYS];
	const char *nearest = NULL;
	for (int at = 0; at < CONFIG_KEYS; at++) {
		char *name =
		    arena_strdup(reading->arena, config_rows[at].name + strlen(section));
		for (char *c = name; *c; c++)
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c - 'A' + 'a');
		lower[at] = name;
	}
	const char *found = str_nearest(entry->key, lower, CONFIG_KEYS);
	for (int at = 0; at < CONFIG_KEYS && found; at++)
		if (lower[at] == found)
			nearest = config_rows[at].name;
	if (nearest)
		add_mistake(reading, "config-unknown-key", entry->line,
			    "unknown key 'imagehook.%s'; did you mean '%s'?", entry->key,
			    nearest);
	else
		add_mistake(
		    reading, "config-unknown-key", entry->line,
		    "unknown key 'imagehook.%s'; 'imagehook config' lists the keys",
		    entry->key);
}

static bool is_clean(struct str value)
{
	return text_is_printable(value) && str_find_char(value, '\n') == value.len;
}

/* Whether the value may count; says why not. */
static bool check_value(const struct reading *reading, const struct config_row *row,
			const struct gitconfig_entry *entry)
{
	struct str value = str_of(entry->value);
	if (row->type == &config_type_bool && !entry->value)
		return true;
	if (entry->value && value.len == 0 && row->type->takes_empty)
		return true;
	if (!entry->value)
		add_mistake(reading, "config-bad-value", entry->line,
			    "%s has no value; expected %s", row->name,
			    row->type->expected);
	else if (!is_clean(value))
		add_mistake(reading, "config-bad-value", entry->line,
			    "%s holds control characters or is not UTF-8", row->name);
	else if (value.len == 0 || !row->type->accepts(value))
		add_mistake(reading, "config-bad-value", entry->line,
			    "%s: '%s' is not %s", row->name, entry->value,
			    row->type->expected);
	else
		return true;
	return false;
}

/* Whether a key of this file may speak at all. */
static bool may_speak(const struct reading *reading, const struct config_row *row,
		      const struct gitconfig_entry *entry)
{
	if (row->repository && reading->is_system) {
		add_mistake(reading, "config-bad-value", entry->line,
			    "%s belongs in a repository's own config", row->name);
		return false;
	}
	if (!row->widens || reading->is_trusted)
		return true;
	struct place place = { str_of(reading->path), entry->line, 0 };
	struct finding *finding = finding_add(
	    reading->findings, SEVERITY_WARNING, "config-untrusted", place,
	    "%s is ignored: others than the owner may write this file or its folder",
	    row->name);
	finding->hint = "set it in /etc/imagehook/config, or take the write permission "
			"from group and others";
	return false;
}

static void take_number(struct config_slot *slot, const struct config_row *row,
			const char *value)
{
	uint64_t number = 0;
	int64_t ns = 0;
	if (row->type == &config_type_bool)
		(void)gitconfig_bool(value, &slot->boolean);
	else if (row->type == &config_type_number &&
		 number_parse(str_of(value), INT64_MAX, &number))
		slot->number = (int64_t)number;
	else if (row->type == &config_type_duration &&
		 duration_parse_ns(str_of(value), &ns))
		slot->number = ns / 1000000;
}

/* As git has it: a single value is replaced, a list goes on from file to file, and an
 * empty value begins it anew. */
static void take_value(struct reading *reading, enum config_key key,
		       const struct gitconfig_entry *entry)
{
	const struct config_row *row = &config_rows[key];
	struct config_slot *slot = &reading->config->slots[key];
	const char *value = entry->value ? entry->value : "true";
	if (slot->locked)
		return;
	if (!row->multi || !*value)
		slot->values.len = 0;
	if (*value || row->type == &config_type_bool)
		strings_add(reading->arena, &slot->values, value);
	slot->source = reading->path;
	take_number(slot, row,
		    *value || row->type == &config_type_bool ? value : row->fallback);
}

static void take_entry(struct reading *reading, const struct gitconfig_entry *entry)
{
	enum config_key key = CONFIG_KEYS;
	if (strcmp(entry->section, "imagehook") != 0)
		return;
	if (*entry->subsection) {
		add_mistake(
		    reading, "config-unknown-key", entry->line,
		    "unknown section [imagehook \"%s\"]; keys stand in [imagehook]",
		    entry->subsection);
		return;
	}
	const struct config_row *row = find_row(entry->key, &key);
	if (!row) {
		report_unknown(reading, entry);
		return;
	}
	if (may_speak(reading, row, entry) && check_value(reading, row, entry))
		take_value(reading, key, entry);
}

/* TRUST 15. A file behind a link counts as anybody's: its real folder is not ours to
 * judge. */
static bool is_private(const char *dir, const char *path, const struct stat *file)
{
	struct stat at_path;
	struct stat folder;
	uid_t me = geteuid();
	if (lstat(path, &at_path) != 0 || S_ISLNK(at_path.st_mode) ||
	    stat(dir, &folder) != 0)
		return false;
	if (folder.st_uid != 0 && folder.st_uid != me && me != 0)
		return false;
	if (file->st_uid != 0 && file->st_uid != folder.st_uid)
		return false;
	return ((file->st_mode | folder.st_mode) & (S_IWGRP | S_IWOTH)) == 0;
}

/* Reads a file whole; a missing one is empty. *st is the file's that was read. */
static int read_config_file(const char *path, struct buf *text, struct stat *st,
			    struct err *err)
{
	memset(st, 0, sizeof(*st));
	int fd FD_CLEANUP = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return err_errno(err, "cannot open '%s'", path);
	if (fstat(fd, st) != 0)
		return err_errno(err, "cannot look at '%s'", path);
	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_IO, "'%s' is not a regular file", path);
	int code = file_read_fd(fd, text, err);
	if (code == ERR_LIMIT)
		return err_set(err, ERR_LIMIT, "'%s': " LIMIT_FMT, path,
			       LIMIT_ARG(LIMIT_CONFIG_BYTES));
	return code ? err_prefix(err, "'%s'", path) : 0;
}

static int load_file(struct reading *reading, const char *trusted_dir, struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	struct gitconfig entries = { NULL, 0, 0 };
	struct err syntax = ERR_INIT;
	struct stat st;
	int code = read_config_file(reading->path, &text, &st, err);
	if (code)
		return code;
	reading->is_trusted = !trusted_dir || is_private(trusted_dir, reading->path, &st);
	if (gitconfig_parse(buf_str(&text), reading->arena, &entries, &syntax))
		add_mistake(reading, "config-syntax", syntax.line, "%s", syntax.text);
	for (size_t i = 0; i < entries.len; i++)
		take_entry(reading, &entries.items[i]);
	return 0;
}

static void set_fallbacks(struct config *config)
{
	for (int key = 0; key < CONFIG_KEYS; key++)
		take_number(&config->slots[key], &config_rows[key],
			    config_rows[key].fallback);
}

/* TRUST 35: what the system file stops, nobody starts. */
static void lock_stops(struct config *config)
{
	struct config_slot *enabled = &config->slots[CONFIG_ENABLED];
	struct config_slot *write = &config->slots[CONFIG_WRITE];
	enabled->locked = !enabled->boolean;
	write->locked =
	    write->values.len && strcmp(config_text(config, CONFIG_WRITE), "none") == 0;
}

int config_load(const char *system_path, const char *git_dir, struct arena *arena,
		struct config **out, struct finding_list *findings, struct err *err)
{
	struct config *config = ARENA_NEW(arena, struct config);
	config->system_path =
	    arena_strdup(arena, system_path ? system_path : CONFIG_SYSTEM_PATH);
	set_fallbacks(config);
	struct reading reading = { .config = config,
				   .arena = arena,
				   .findings = findings,
				   .path = config->system_path,
				   .is_system = true };
	int code = load_file(&reading, NULL, err);
	if (code)
		return code;
	lock_stops(config);
	if (git_dir) {
		reading.path = file_join(arena, git_dir, "config");
		reading.is_system = false;
		code = load_file(&reading, git_dir, err);
	}
	if (!code)
		*out = config;
	return code;
}

const char *config_text(const struct config *config, enum config_key key)
{
	const struct strings *values = &config->slots[key].values;
	return values->len ? values->items[values->len - 1] : config_rows[key].fallback;
}

bool config_bool(const struct config *config, enum config_key key)
{
	return config->slots[key].boolean;
}

int64_t config_int(const struct config *config, enum config_key key)
{
	return config->slots[key].number;
}

int64_t config_ms(const struct config *config, enum config_key key)
{
	return config->slots[key].number;
}

const struct strings *config_list(const struct config *config, enum config_key key)
{
	return &config->slots[key].values;
}

const char *config_source(const struct config *config, enum config_key key)
{
	const char *source = config->slots[key].source;
	return source ? source : "default";
}

bool config_is_stopped(const struct config *config, const char **why)
{
	const struct config_slot *enabled = &config->slots[CONFIG_ENABLED];
	const struct config_slot *write = &config->slots[CONFIG_WRITE];
	if (!enabled->boolean)
		*why = enabled->locked ? "imagehook.enabled is false in the system file"
				       : "imagehook.enabled is false";
	else if (strcmp(config_text(config, CONFIG_WRITE), "none") == 0)
		*why = write->locked ? "imagehook.write is none in the system file"
				     : "imagehook.write is none";
	else if (config->mistake)
		*why = config->mistake;
	else
		return false;
	return true;
}

const char *config_key_name(enum config_key key)
{
	return config_rows[key].name;
}

const char *config_key_help(enum config_key key)
{
	return config_rows[key].help;
}

bool config_key_is_multi(enum config_key key)
{
	return config_rows[key].multi;
}
