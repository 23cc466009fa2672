/* SPDX-License-Identifier: MIT */
/* Numbers as Go's strconv.ParseFloat reads them. */
#ifndef STAGE_SELECT_NUMBER_H
#define STAGE_SELECT_NUMBER_H

#include "base/str.h"

/* Reads a whole text as a float64: decimal, hexadecimal with exponent, `_` between
 * digits, inf and nan in any case. False for bad syntax and for a finite literal beyond
 * the largest float64; what is too small is 0. */
bool number_read(struct str text, double *out);

#endif
