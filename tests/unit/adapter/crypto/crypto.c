/* SPDX-License-Identifier: MIT */
/* Vectors of FIPS 180-4, RFC 2202, RFC 4231 and RFC 4648. */
#include "adapter/crypto/crypto.h"
#include "tests/unit/unit.h"

static const struct {
	enum hash_kind kind;
	const char *text;
	const char *hex;
} hashes[] = {
	{ HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ HASH_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ HASH_SHA256, "abc",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ HASH_SHA256, "",
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ HASH_SHA512, "abc",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};

static void test_hashes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
		char hex[HASH_MAX_HEX];
		hash_hex(hashes[i].kind, str_of(hashes[i].text), hex);
		assert_string_equal(hex, hashes[i].hex);
	}
	unsigned char bytes[HASH_MAX_BYTES];
	assert_int_equal(hash_bytes(HASH_SHA1, STR("abc"), bytes), 20);
	assert_int_equal(bytes[0], 0xa9);
}

static void test_hmac(void **state)
{
	(void)state;
	char hex[HASH_MAX_HEX];
	hmac_hex(HASH_SHA256, STR("Jefe"), STR("what do ya want for nothing?"), hex);
	assert_string_equal(
	    hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	hmac_hex(HASH_SHA1, STR("Jefe"), STR("what do ya want for nothing?"), hex);
	assert_string_equal(hex, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	/* RFC 4231 case 6: a key longer than the block */
	char key[131];
	memset(key, 0xaa, sizeof(key));
	hmac_hex(HASH_SHA512, (struct str){ key, sizeof(key) },
		 STR("Test Using Larger Than Block-Size Key - Hash Key First"), hex);
	assert_string_equal(
	    hex, "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
		 "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
	hmac_hex(HASH_SHA256, (struct str){ key, sizeof(key) },
		 STR("Test Using Larger Than Block-Size Key - Hash Key First"), hex);
	assert_string_equal(
	    hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	hmac_hex(HASH_SHA256, (struct str){ NULL, 0 }, (struct str){ NULL, 0 }, hex);
	assert_string_equal(
	    hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_random(void **state)
{
	(void)state;
	char a[201] = "", b[201] = "";
	random_hex(100, a);
	random_hex(100, b);
	assert_int_equal(strlen(a), 200);
	assert_int_equal(strspn(a, "0123456789abcdef"), 200);
	assert_string_not_equal(a, b);
	random_hex(0, a);
	assert_string_equal(a, "");
}

static const struct {
	const char *bytes, *text, *url_text;
} codings[] = {
	{ "", "", "" },
	{ "f", "Zg==", "Zg" },
	{ "fo", "Zm8=", "Zm8" },
	{ "foo", "Zm9v", "Zm9v" },
	{ "foob", "Zm9vYg==", "Zm9vYg" },
	{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	{ "\xfb\xff\xfe", "+//+", "-__-" },
};

static void check_base64(struct str bytes, struct str text, bool url)
{
	struct buf out BUF_CLEANUP = BUF_INIT(100);
	base64_encode(&out, bytes, url);
	assert_true(str_eq(buf_str(&out), text));
	buf_truncate(&out, 0);
	assert_true(base64_decode(&out, text, url));
	assert_true(str_eq(buf_str(&out), bytes));
}

static void test_base64(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codings); i++) {
		check_base64(str_of(codings[i].bytes), str_of(codings[i].text), false);
		check_base64(str_of(codings[i].bytes), str_of(codings[i].url_text), true);
	}
}

static void test_base64_lenient(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(100);
	assert_true(base64_decode(&out, STR(" Zm9v\r\n\tYmE "), false));
	assert_string_equal(buf_cstr(&out), "fooba");
	assert_true(base64_decode(&out, STR("Zg=\n="), false));
	assert_string_equal(buf_cstr(&out), "foobaf");
}

static void test_base64_refuses(void **state)
{
	(void)state;
	static const char *const bad[] = { "Z",     "Zg=",   "Zg===",   "=",
					   "Zm9v=", "Zm9v!", "Zh==",    "Zm9=v",
					   "Zm9",   "-__-",  "Zm8=Zm8=" };
	struct buf out BUF_CLEANUP = BUF_INIT(100);
	assert_true(buf_puts(&out, "keep"));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (base64_decode(&out, str_of(bad[i]), false))
			fail_msg("'%s' was accepted", bad[i]);
	assert_false(base64_decode(&out, STR("+//+"), true));
	assert_string_equal(buf_cstr(&out), "keep");
	struct buf small BUF_CLEANUP = BUF_INIT(3);
	assert_false(base64_decode(&small, STR("Zm9vYmFy"), false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_lenient),
		cmocka_unit_test(test_base64_refuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
