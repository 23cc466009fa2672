/* SPDX-License-Identifier: MIT */
/* The compiler extensions that the project uses, each behind a name that says why. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#define MUST_CHECK           __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, ap) __attribute__((format(printf, fmt, ap)))
#define NORETURN             __attribute__((noreturn))
#define RETURNS_NONNULL      __attribute__((returns_nonnull))
/* Runs fn(&variable) when the variable goes out of scope; initialise it where it is
 * declared. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Lets one function use instructions that not every processor has. */
#define FOR_PROCESSOR(features) __attribute__((target(features)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#include "base/banned.h"

#endif
