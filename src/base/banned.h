/* SPDX-License-Identifier: MIT */
/* Functions that have a safer form in base/: using one is a compile error. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#ifndef __cplusplus

/* The system headers that declare them come first, so that only uses are hit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(name) name##_is_banned_see_base_banned_h

/* NOLINTBEGIN(readability-identifier-naming): these are libc's names */
#undef strcpy
#undef strcat
#undef strncat
#undef strncpy
#undef strtok
#undef strtok_r
#undef sprintf
#undef vsprintf
#define strcpy(a, b)      BANNED(strcpy)
#define strcat(a, b)      BANNED(strcat)
#define strncpy(a, b, c)  BANNED(strncpy)
#define strncat(a, b, c)  BANNED(strncat)
#define strtok(a, b)      BANNED(strtok)
#define strtok_r(a, b, c) BANNED(strtok_r)
#define sprintf(...)      BANNED(sprintf)
#define vsprintf(...)     BANNED(vsprintf)
#define sscanf(...)       BANNED(sscanf)
#define atoi(a)           BANNED(atoi)
#define atol(a)           BANNED(atol)
#define atoll(a)          BANNED(atoll)
#define atof(a)           BANNED(atof)
#define strtol(a, b, c)   BANNED(strtol)
#define strtoul(a, b, c)  BANNED(strtoul)
#define strtoll(a, b, c)  BANNED(strtoll)
#define strtoull(a, b, c) BANNED(strtoull)
#define gmtime(a)         BANNED(gmtime)
#define localtime(a)      BANNED(localtime)
#define ctime(a)          BANNED(ctime)
#define asctime(a)        BANNED(asctime)
#define mktemp(a)         BANNED(mktemp)
#define tmpnam(a)         BANNED(tmpnam)
#define system(a)         BANNED(system)
#define popen(a, b)       BANNED(popen)
/* NOLINTEND(readability-identifier-naming) */

#endif
#endif
