/* SPDX-License-Identifier: MIT */
/* The table behind the configuration: what a key is called, takes and means. */
#ifndef ADMIN_CONFIG_ROW_H
#define ADMIN_CONFIG_ROW_H

#include "admin/config.h"

struct config_type {
	const char *name;     /* for the manual: "duration" */
	const char *expected; /* behind "is not": "a duration such as 5s or 1m30s" */
	bool (*accepts)(struct str); /* of a value that is not empty */
	bool takes_empty; /* an empty value unsets it; otherwise it is a mistake */
};

struct config_row {
	const char *name; /* `imagehook.foreground` */
	const struct config_type *type;
	const char *fallback; /* "" for none */
	bool multi;
	bool widens;               /* TRUST 15: not from a file that others may write */
	bool repository;           /* makes sense in a repository's own file only */
	const char *fallback_text; /* what no value means, for the manual */
	const char *help;
};

extern const struct config_row config_rows[CONFIG_KEYS];

extern const struct config_type config_type_bool;
extern const struct config_type config_type_duration;
extern const struct config_type config_type_number;

/* Values of a key as they were read. */
struct config_slot {
	struct strings values;
	const char *source; /* path of the file that spoke last; NULL: nobody */
	bool boolean;
	int64_t number; /* milliseconds for durations */
	bool locked;    /* the system file said no */
};

struct config {
	struct config_slot slots[CONFIG_KEYS];
	const char *system_path;
	const char *mistake; /* the first, as a line to show; NULL: none */
};

#endif
