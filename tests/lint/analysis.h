/* SPDX-License-Identifier: MIT */
/*
 * Read before every file by the analyzers, which look at one file at a time: what the
 * error functions return is never 0, so that a path that failed is no path that
 * succeeded.
 */
#include "base/err.h"

#define err_set(err, code, ...) (err_set((err), (code), __VA_ARGS__), (code))
#define err_errno(err, ...)     (err_errno((err), __VA_ARGS__), ERR_IO)
#define err_prefix(err, ...)    (err_prefix((err), __VA_ARGS__), ERR_IO)
#define err_at(err, path, l, c) (err_at((err), (path), (l), (c)), ERR_INVALID)
