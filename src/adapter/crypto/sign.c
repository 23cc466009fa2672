/* SPDX-License-Identifier: MIT */
/* Signatures by a private key, by libcrypto's EVP. */
#include "adapter/crypto/crypto.h"
#include "adapter/crypto/libcrypto.h"

static void free_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void free_context(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

/* Without this the library would ask on the terminal. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the library gives the signature */
static int no_pass_phrase(char *out, int size, int writing, void *ctx)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

int rsa_sign_sha256(struct str pem, struct str data, struct buf *out, struct err *err)
{
	size_t len = 0;
	int code = libcrypto_load(err);
	if (code)
		return code;
	if (pem.len > INT32_MAX)
		return err_set(err, ERR_INVALID, "not a PEM private key");
	BIO *bio CLEANUP(free_bio) =
	    BIO_new_mem_buf(pem.ptr ? pem.ptr : "", (int)pem.len);
	EVP_PKEY *key CLEANUP(free_key) =
	    bio ? PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL) : NULL;
	if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		return err_set(err, ERR_INVALID,
			       "not a PEM private key for RSA without a pass phrase");
	EVP_MD_CTX *context CLEANUP(free_context) = EVP_MD_CTX_new();
	const unsigned char *bytes = (const unsigned char *)(data.ptr ? data.ptr : "");
	if (!context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(context, NULL, &len, bytes, data.len) != 1)
		return err_set(err, ERR_INTERNAL, "cannot sign");
	char *room = buf_reserve(out, len);
	if (!room ||
	    EVP_DigestSign(context, (unsigned char *)room, &len, bytes, data.len) != 1)
		return err_set(err, ERR_INTERNAL, "cannot sign");
	out->len += len;
	return 0;
}
