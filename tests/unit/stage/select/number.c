/* SPDX-License-Identifier: MIT */
#include "stage/select/number.h"
#include "tests/unit/unit.h"
#include <math.h>

static const struct {
	const char *text;
	double value;
} good[] = {
	{ "0", 0 },
	{ "007", 7 },
	{ "-62", -62 },
	{ "+1", 1 },
	{ "1.", 1 },
	{ ".5", .5 },
	{ "1e3", 1000 },
	{ "1E+3", 1000 },
	{ "1_000", 1000 },
	{ "1e1_0", 1e10 },
	{ "1_0.2_5", 10.25 },
	{ "0x1Fp0", 31 },
	{ "0X.8P1", 1 },
	{ "0x_1p0", 1 },
	{ "0x1p-2", .25 },
	{ "1e-400", 0 },
	{ "9007199254740993", 9007199254740992.0 },
	{ "123456789012345", 123456789012345.0 },
	{ "-inf", -HUGE_VAL },
	{ "+Infinity", HUGE_VAL },
	{ "1.7976931348623157e308", 1.7976931348623157e308 },
};

static const char *const bad[] = {
	"",         " 1",      "1 ",    "_1",
	"1_",       "1__0",    "1._5",  "1_.5",
	"1e_5",     "1_e5",    "1e",    "e5",
	".",        "+",       "+-1",   "0x1F",
	"0x",       "0xp1",    "0x1p",  "0_x1",
	"1f",       "1,5",     "-nan",  "+nan",
	"nan(1)",   "infinit", "1e309", "1e999999999999999999999",
	"0x1p1024", "latest",  "0b1",   "0o7",
	"1.2.3",
};

static void test_good(void **state)
{
	(void)state;
	double value = 0;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(number_read(str_of(good[i].text), &value));
		assert_memory_equal(&value, &good[i].value, sizeof(value));
	}
	assert_true(number_read(STR("NaN"), &value));
	assert_true(isnan(value));
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		double value = 4;
		assert_false(number_read(str_of(bad[i]), &value));
		assert_true(value > 3.5 && value < 4.5);
	}
	double value = 0;
	assert_false(number_read((struct str){ "1\0", 2 }, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
