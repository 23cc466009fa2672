/* SPDX-License-Identifier: MIT */
/* A number that is accepted stays a number under a sign. */
#include "stage/select/number.h"
#include "base/buf.h"
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct buf minus BUF_CLEANUP = BUF_INIT(1 << 20);
	double value = 0;
	double negated = 0;
	if (!number_read(text, &value) || isnan(value) || text.ptr[0] == '+' ||
	    text.ptr[0] == '-' || size > 1000)
		return 0;
	(void)buf_putc(&minus, '-');
	(void)buf_append(&minus, text);
	if (!number_read(buf_str(&minus), &negated) || value > -negated ||
	    value < -negated)
		abort();
	return 0;
}
