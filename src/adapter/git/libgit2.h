/* SPDX-License-Identifier: MIT */
/*
 * libgit2, loaded when an object is asked for that our own reader leaves to it: linking
 * it would cost every run the start-up of its TLS and SSH libraries.
 */
#ifndef ADAPTER_GIT_LIBGIT2_H
#define ADAPTER_GIT_LIBGIT2_H

#include "base/err.h"
#include <git2.h>

#define LIBGIT2_FUNCTIONS(X)   \
	X(git_error_clear)     \
	X(git_error_last)      \
	X(git_libgit2_init)    \
	X(git_libgit2_opts)    \
	X(git_odb_free)        \
	X(git_odb_object_data) \
	X(git_odb_object_free) \
	X(git_odb_object_size) \
	X(git_odb_object_type) \
	X(git_odb_read)        \
	X(git_odb_read_header) \
	X(git_odb_refresh)     \
	X(git_repository_free) \
	X(git_repository_odb)  \
	X(git_repository_open_ext)

/* NOLINTBEGIN: a declarator cannot stand in parentheses, and the names are the library's
 */
#define LIBGIT2_FIELD(name) __typeof__(name) *name;

struct libgit2 {
	LIBGIT2_FUNCTIONS(LIBGIT2_FIELD)
};

#undef LIBGIT2_FIELD

extern struct libgit2 libgit2;

/* Loads the library once. ERR_INTERNAL with the loader's text when it is not installed.
 */
int libgit2_load(struct err *err) MUST_CHECK;

#ifndef LIBGIT2_PLAIN_NAMES
#define git_error_clear         libgit2.git_error_clear
#define git_error_last          libgit2.git_error_last
#define git_libgit2_init        libgit2.git_libgit2_init
#define git_libgit2_opts        libgit2.git_libgit2_opts
#define git_odb_free            libgit2.git_odb_free
#define git_odb_object_data     libgit2.git_odb_object_data
#define git_odb_object_free     libgit2.git_odb_object_free
#define git_odb_object_size     libgit2.git_odb_object_size
#define git_odb_object_type     libgit2.git_odb_object_type
#define git_odb_read            libgit2.git_odb_read
#define git_odb_read_header     libgit2.git_odb_read_header
#define git_odb_refresh         libgit2.git_odb_refresh
#define git_repository_free     libgit2.git_repository_free
#define git_repository_odb      libgit2.git_repository_odb
#define git_repository_open_ext libgit2.git_repository_open_ext
#endif
/* NOLINTEND */

#endif
