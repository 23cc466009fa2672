/* SPDX-License-Identifier: MIT */
/*
 * libcurl, loaded when there is something to ask: linking it would cost every other
 * command the start-up of some forty libraries. The names below call through the loaded
 * library.
 */
#ifndef ADAPTER_HTTP_LIBCURL_H
#define ADAPTER_HTTP_LIBCURL_H

#include "base/err.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_share_setopt

#define LIBCURL_FUNCTIONS(X)        \
	X(curl_easy_cleanup)        \
	X(curl_easy_getinfo)        \
	X(curl_easy_init)           \
	X(curl_easy_reset)          \
	X(curl_easy_setopt)         \
	X(curl_easy_strerror)       \
	X(curl_free)                \
	X(curl_global_init)         \
	X(curl_multi_add_handle)    \
	X(curl_multi_cleanup)       \
	X(curl_multi_info_read)     \
	X(curl_multi_init)          \
	X(curl_multi_perform)       \
	X(curl_multi_poll)          \
	X(curl_multi_remove_handle) \
	X(curl_multi_setopt)        \
	X(curl_share_cleanup)       \
	X(curl_share_init)          \
	X(curl_share_setopt)        \
	X(curl_slist_append)        \
	X(curl_slist_free_all)      \
	X(curl_url)                 \
	X(curl_url_cleanup)         \
	X(curl_url_get)             \
	X(curl_url_set)             \
	X(curl_version_info)

/* NOLINTBEGIN: a declarator cannot stand in parentheses, and the names are the library's
 */
#define LIBCURL_FIELD(name) __typeof__(name) *name;

struct libcurl {
	LIBCURL_FUNCTIONS(LIBCURL_FIELD)
};

#undef LIBCURL_FIELD

extern struct libcurl libcurl;

/* Loads the library once. ERR_INTERNAL with the loader's text when it is not installed.
 */
int libcurl_load(struct err *err) MUST_CHECK;

#ifndef LIBCURL_PLAIN_NAMES
#define curl_easy_cleanup        libcurl.curl_easy_cleanup
#define curl_easy_getinfo        libcurl.curl_easy_getinfo
#define curl_easy_init           libcurl.curl_easy_init
#define curl_easy_reset          libcurl.curl_easy_reset
#define curl_easy_setopt         libcurl.curl_easy_setopt
#define curl_easy_strerror       libcurl.curl_easy_strerror
#define curl_free                libcurl.curl_free
#define curl_global_init         libcurl.curl_global_init
#define curl_multi_add_handle    libcurl.curl_multi_add_handle
#define curl_multi_cleanup       libcurl.curl_multi_cleanup
#define curl_multi_info_read     libcurl.curl_multi_info_read
#define curl_multi_init          libcurl.curl_multi_init
#define curl_multi_perform       libcurl.curl_multi_perform
#define curl_multi_poll          libcurl.curl_multi_poll
#define curl_multi_remove_handle libcurl.curl_multi_remove_handle
#define curl_multi_setopt        libcurl.curl_multi_setopt
#define curl_share_cleanup       libcurl.curl_share_cleanup
#define curl_share_init          libcurl.curl_share_init
#define curl_share_setopt        libcurl.curl_share_setopt
#define curl_slist_append        libcurl.curl_slist_append
#define curl_slist_free_all      libcurl.curl_slist_free_all
#define curl_url                 libcurl.curl_url
#define curl_url_cleanup         libcurl.curl_url_cleanup
#define curl_url_get             libcurl.curl_url_get
#define curl_url_set             libcurl.curl_url_set
#define curl_version_info        libcurl.curl_version_info
#endif
/* NOLINTEND */

#endif
