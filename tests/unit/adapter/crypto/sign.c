/* SPDX-License-Identifier: MIT */
#include "adapter/crypto/crypto.h"
#include "base/file.h"
#include "tests/unit/unit.h"

static void test_signs_as_openssl_does(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	char hex[HASH_MAX_HEX];
	struct buf pem BUF_CLEANUP = BUF_INIT(65536);
	struct buf out BUF_CLEANUP = BUF_INIT(65536);
	assert_int_equal(file_read("fixtures/provider/app-key.pem", &pem, &err), 0);
	assert_int_equal(
	    rsa_sign_sha256(buf_str(&pem), STR("header.payload"), &out, &err), 0);
	assert_int_equal(out.len, 256);
	hash_hex(HASH_SHA256, buf_str(&out), hex);
	assert_string_equal(
	    hex, "1157417201bf7a2eafc73fa0bfffa8de714acdd6568c33e639d4edec0f429b93");
}

static void test_refuses_what_is_no_key(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "PEM", "-----BEGIN PRIVATE KEY-----\n" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err err = ERR_INIT;
		struct buf out BUF_CLEANUP = BUF_INIT(65536);
		assert_int_equal(rsa_sign_sha256(str_of(texts[i]), STR("x"), &out, &err),
				 ERR_INVALID);
		assert_string_equal(err.text, "not a PEM private key for RSA without a "
					      "pass phrase");
		assert_int_equal(out.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signs_as_openssl_does),
		cmocka_unit_test(test_refuses_what_is_no_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
