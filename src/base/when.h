/* SPDX-License-Identifier: MIT */
/* Durations as Go writes them and points in time as RFC 3339 and HTTP do; UTC only, no
 * locale. */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/buf.h"
#include "base/str.h"

/* Milliseconds since 1970, for what is kept; on the monotonic clock, for waiting. */
int64_t when_now_ms(void);
int64_t when_monotonic_ms(void);

/* Go's ParseDuration over the whole text, in nanoseconds: `1h30m`, `1.5s`, `-2m`, `0`.
 * False when malformed or out of int64. */
bool duration_parse_ns(struct str s, int64_t *out_ns);
/* A field of a Flux document: `^([0-9]+(\.[0-9]+)?(UNIT))+$` with the units ms, s, m and,
 * when `with_hours`, h. Milliseconds, rounded down. */
bool duration_parse_field(struct str s, bool with_hours, int64_t *out_ms);
/* As Go prints it: `5m0s`, `1h0m0s`, `1.5s`, `500ms`, `0s`. */
void duration_format(int64_t ns, char out[40]);

/* `2026-06-06T12:00:00Z`, seconds. */
void when_format_rfc3339(int64_t ms, char out[32]);
/* RFC 3339 with any offset and fraction; milliseconds since 1970. */
bool when_parse_rfc3339(struct str s, int64_t *out_ms);
/* The three date forms of RFC 9110 5.6.7; milliseconds since 1970. */
bool when_parse_http(struct str s, int64_t *out_ms);
/* Days since 1970-01-01 of a proleptic Gregorian date. */
int64_t when_days(int64_t year, unsigned month, unsigned day);

#endif
