/* SPDX-License-Identifier: MIT */
/*
 * Folders below a trusted one, entered component by component without following links:
 * what secret files lie in.
 */
#ifndef ADMIN_SECRET_DIR_H
#define ADMIN_SECRET_DIR_H

#include "base/err.h"
#include "base/vec.h"

enum dir_mode {
	DIR_EXISTING,
	DIR_MAKE /* missing components are made, 0700 */
};

/* Opens `rel` below dir_fd. ERR_NOTFOUND, ERR_DENIED for a link or what is no folder. */
int dir_open_below(int dir_fd, const char *rel, enum dir_mode mode, int *out_fd,
		   struct err *err) MUST_CHECK;
/* Opens the trusted folder itself, through links. */
int dir_open(const char *path, int *out_fd, struct err *err) MUST_CHECK;
/* Names of a folder for which `accept` holds, sorted by bytes. */
int dir_names(int dir_fd, bool (*accept)(struct str), struct arena *arena,
	      struct strings *out, struct err *err) MUST_CHECK;
/* Replaces a file of the folder atomically and durably, mode 0600; a link at its place is
 * replaced. The temporary's name begins with `~`. */
int dir_write(int dir_fd, const char *name, struct str bytes, struct err *err) MUST_CHECK;

#endif
