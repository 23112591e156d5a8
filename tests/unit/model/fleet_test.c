#include "model/fleet.h"

#include "check.h"

static void test_amounts(void **state)
{
    static const struct {
        struct amount amount;
        size_t total, expected;
    } cases[] = {
        {{.value = 5}, 100, 5},
        {{.value = 5}, 3, 5},
        {{.value = 0}, 100, 0},
        {{.value = 0, .percent = true}, 100, 0},
        {{.value = 1, .percent = true}, 100, 1},
        {{.value = 1, .percent = true}, 101, 2}, /* rounded up */
        {{.value = 1, .percent = true}, 10, 1},
        {{.value = 1, .percent = true}, 0, 1},
        {{.value = 0.001, .percent = true}, 10, 1},
        {{.value = 1.1, .percent = true}, 1000, 11}, /* not 12 by a rounding error */
        {{.value = 7, .percent = true}, 100, 7},
        {{.value = 100, .percent = true}, 12345, 12345},
        {{.unlimited = true}, 10, SIZE_MAX},
        {{.value = 1e300}, 10, SIZE_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(amount_of(&cases[i].amount, cases[i].total), cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_amounts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
