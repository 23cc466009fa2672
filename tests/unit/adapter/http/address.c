/* SPDX-License-Identifier: MIT */
#include "adapter/http/address.h"
#include "tests/unit/unit.h"

static const struct {
	const char *address;
	enum address_class class;
} cases[] = {
	{ "0.0.0.0", ADDRESS_NEVER },
	{ "0.1.2.3", ADDRESS_NEVER },
	{ "169.254.169.254", ADDRESS_NEVER },
	{ "169.254.0.1", ADDRESS_NEVER },
	{ "100.100.100.200", ADDRESS_NEVER },
	{ "168.63.129.16", ADDRESS_NEVER },
	{ "192.0.0.192", ADDRESS_NEVER },
	{ "224.0.0.1", ADDRESS_NEVER },
	{ "239.255.255.255", ADDRESS_NEVER },
	{ "255.255.255.255", ADDRESS_NEVER },
	{ "::", ADDRESS_NEVER },
	{ "fe80::1", ADDRESS_NEVER },
	{ "ff02::1", ADDRESS_NEVER },
	{ "fd00:ec2::254", ADDRESS_NEVER },
	{ "fd20:ce::254", ADDRESS_NEVER },
	{ "2001:0:1::1", ADDRESS_NEVER },
	/* the same inside IPv6 */
	{ "::ffff:169.254.169.254", ADDRESS_NEVER },
	{ "::ffff:0.0.0.0", ADDRESS_NEVER },
	{ "::169.254.169.254", ADDRESS_NEVER },
	{ "64:ff9b::a9fe:a9fe", ADDRESS_NEVER },
	{ "64:ff9b:1::a9fe:a9fe", ADDRESS_NEVER },
	{ "2002:a9fe:a9fe::1", ADDRESS_NEVER },
	{ "::ffff:0:169.254.169.254", ADDRESS_NEVER },
	{ "127.0.0.1", ADDRESS_LISTED },
	{ "127.255.255.254", ADDRESS_LISTED },
	{ "10.0.0.1", ADDRESS_LISTED },
	{ "172.16.0.1", ADDRESS_LISTED },
	{ "172.31.255.255", ADDRESS_LISTED },
	{ "192.168.1.1", ADDRESS_LISTED },
	{ "100.64.0.1", ADDRESS_LISTED },
	{ "198.18.0.1", ADDRESS_LISTED },
	{ "::1", ADDRESS_LISTED },
	{ "fc00::1", ADDRESS_LISTED },
	{ "fd12::1", ADDRESS_LISTED },
	{ "::ffff:127.0.0.1", ADDRESS_LISTED },
	{ "::ffff:10.1.2.3", ADDRESS_LISTED },
	{ "64:ff9b::7f00:1", ADDRESS_LISTED },
	{ "2002:7f00:1::", ADDRESS_LISTED },
	{ "203.0.113.77", ADDRESS_LISTED }, /* in `local` below */
	{ "203.0.114.1", ADDRESS_PUBLIC },
	{ "172.32.0.1", ADDRESS_PUBLIC },
	{ "172.15.255.255", ADDRESS_PUBLIC },
	{ "100.128.0.1", ADDRESS_PUBLIC },
	{ "8.8.8.8", ADDRESS_PUBLIC },
	{ "2606:4700::1", ADDRESS_PUBLIC },
	{ "64:ff9b::808:808", ADDRESS_PUBLIC },
	{ "192.0.2.1", ADDRESS_NEVER }, /* in `denied` below */
	{ "::ffff:192.0.2.1", ADDRESS_NEVER },
	{ "2002:c000:201::", ADDRESS_NEVER },
};

static struct address_ranges one_range(struct arena *arena, const char *text)
{
	struct address_ranges out = { 0 };
	struct address_range range;
	assert_true(address_range_parse(str_of(text), &range));
	VEC_PUSH(arena, &out, range);
	return out;
}

static void test_judge(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct address_ranges denied = one_range(&arena, "192.0.2.0/24");
	struct address_ranges local = one_range(&arena, "203.0.113.0/24");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct address address;
		assert_true(address_parse(str_of(cases[i].address), &address));
		if (address_judge(&address, &denied, &local) != cases[i].class)
			fail_msg("%s is not of class %d", cases[i].address,
				 (int)cases[i].class);
	}
}

static void test_ranges(void **state)
{
	(void)state;
	static const char *const bad[] = { "",       "10.0.0.0/33", "10.0.0/8",  "x",
					   "::/129", "10.0.0.0/",   "1.2.3.4/-1" };
	struct address_range range;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (address_range_parse(str_of(bad[i]), &range))
			fail_msg("'%s' was taken", bad[i]);
	assert_true(address_range_parse(str_of("10.0.0.0/8"), &range));
	assert_int_equal(range.bits, 104);
	assert_true(address_range_parse(str_of("::/0"), &range));
	assert_int_equal(range.bits, 0);
}

static void test_own_addresses_are_known(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct address_ranges local = { 0 };
	struct address loopback;
	bool found = false;
	address_local(&arena, &local);
	assert_true(address_parse(STR("127.0.0.1"), &loopback));
	for (size_t i = 0; i < local.len; i++) {
		assert_true(local.items[i].bits > 0);
		found = found || address_in(&loopback, &local.items[i]);
	}
	assert_true(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_own_addresses_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
