/* SPDX-License-Identifier: MIT */
/* Hashes, keyed hashes, random bytes and base64 by OpenSSL's libcrypto. */
#ifndef ADAPTER_CRYPTO_CRYPTO_H
#define ADAPTER_CRYPTO_CRYPTO_H

#include "base/buf.h"
#include "base/err.h"

enum hash_kind {
	HASH_SHA1,
	HASH_SHA256,
	HASH_SHA512
};

enum {
	HASH_MAX_BYTES = 64,
	HASH_MAX_HEX = 129
};

/* The hash as bytes into out[HASH_MAX_BYTES]; returns its length. */
size_t hash_bytes(enum hash_kind kind, struct str data, unsigned char *out);
/* The hash as lower-case hex, NUL-terminated, into out[HASH_MAX_HEX]. */
void hash_hex(enum hash_kind kind, struct str data, char *out);
/* HMAC (RFC 2104) as lower-case hex into out[HASH_MAX_HEX]. */
void hmac_hex(enum hash_kind kind, struct str key, struct str data, char *out);
/* Appends the signature of `data` by RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 8.2), which
 * is RS256 of RFC 7518; `pem` is a private key without a pass phrase. ERR_INVALID when it
 * is no RSA key. */
int rsa_sign_sha256(struct str pem, struct str data, struct buf *out,
		    struct err *err) MUST_CHECK;
/* n random bytes as 2n hex digits and NUL; ends the process when there is no randomness.
 */
void random_hex(size_t n_bytes, char *out);
/* Standard base64 with padding (RFC 4648 4); url: the URL alphabet without padding (5).
 */
void base64_encode(struct buf *out, struct str data, bool url);
/* Accepts padding or none, and white space as MIME has it. False when malformed. */
bool base64_decode(struct buf *out, struct str text, bool url);

#endif
