/* SPDX-License-Identifier: MIT */
/*
 * What a plain scalar means under YAML 1.1 as Kubernetes reads it. No library is
 * involved, so stages may ask too.
 */
#ifndef ADAPTER_YAML_SCALAR_H
#define ADAPTER_YAML_SCALAR_H

#include "base/value.h"

/*
 * Types the content of a plain scalar: null, bool (also yes, no, on, off, y, n), integer
 * (decimal, 0x, 0o, 0b, leading 0, `_`), float, else string. Dates stay strings. Fills
 * kind and the matching member; an integer beyond int64 becomes a float.
 */
void scalar_resolve(struct str content, struct value *value);

#endif
