/* SPDX-License-Identifier: MIT */
/* Durations and dates that documents and receivers give: none is out of range, and what
 * is formatted reads back. */
#include "base/when.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	char formatted[40];
	char stamp[32];
	int64_t value = 0;
	int64_t again = 0;
	if (duration_parse_ns(text, &value)) {
		duration_format(value, formatted);
		if (!duration_parse_ns(str_of(formatted), &again) || again != value)
			abort();
	}
	if (duration_parse_field(text, true, &value) && value < 0)
		abort();
	if (when_parse_rfc3339(text, &value)) {
		when_format_rfc3339(value, stamp);
		/* whole seconds, also before 1970 */
		if (!when_parse_rfc3339(str_of(stamp), &again) || again > value ||
		    value - again >= 1000)
			abort();
	}
	if (when_parse_http(text, &value))
		when_format_rfc3339(value, stamp);
	return 0;
}
