/* SPDX-License-Identifier: MIT */
/*
 * libcrypto, loaded when there is something to hash or to sign: linking it would cost
 * every other command a third of its start-up. The names below call through the loaded
 * library.
 */
#ifndef ADAPTER_CRYPTO_LIBCRYPTO_H
#define ADAPTER_CRYPTO_LIBCRYPTO_H

#include "base/err.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#define LIBCRYPTO_FUNCTIONS(X)     \
	X(BIO_free)                \
	X(BIO_new_mem_buf)         \
	X(EVP_Digest)              \
	X(EVP_DigestSign)          \
	X(EVP_DigestSignInit)      \
	X(EVP_MD_CTX_free)         \
	X(EVP_MD_CTX_new)          \
	X(EVP_MD_fetch)            \
	X(EVP_PKEY_free)           \
	X(EVP_PKEY_get_base_id)    \
	X(EVP_sha256)              \
	X(HMAC)                    \
	X(PEM_read_bio_PrivateKey) \
	X(RAND_bytes)

/* NOLINTBEGIN: a declarator cannot stand in parentheses, and the names are the library's
 */
#define LIBCRYPTO_FIELD(name) __typeof__(name) *name;

struct libcrypto {
	LIBCRYPTO_FUNCTIONS(LIBCRYPTO_FIELD)
};

#undef LIBCRYPTO_FIELD

extern struct libcrypto libcrypto;

/* Loads the library once. ERR_INTERNAL with the loader's text when it is not installed.
 */
int libcrypto_load(struct err *err) MUST_CHECK;

#ifndef LIBCRYPTO_PLAIN_NAMES
#define BIO_free                libcrypto.BIO_free
#define BIO_new_mem_buf         libcrypto.BIO_new_mem_buf
#define EVP_Digest              libcrypto.EVP_Digest
#define EVP_DigestSign          libcrypto.EVP_DigestSign
#define EVP_DigestSignInit      libcrypto.EVP_DigestSignInit
#define EVP_MD_CTX_free         libcrypto.EVP_MD_CTX_free
#define EVP_MD_CTX_new          libcrypto.EVP_MD_CTX_new
#define EVP_MD_fetch            libcrypto.EVP_MD_fetch
#define EVP_PKEY_free           libcrypto.EVP_PKEY_free
#define EVP_PKEY_get_base_id    libcrypto.EVP_PKEY_get_base_id
#define EVP_sha256              libcrypto.EVP_sha256
#define HMAC                    libcrypto.HMAC
#define PEM_read_bio_PrivateKey libcrypto.PEM_read_bio_PrivateKey
#define RAND_bytes              libcrypto.RAND_bytes
#endif
/* NOLINTEND */

#endif
