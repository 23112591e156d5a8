#include "base/random.h"

#include "check.h"

/* Published SplitMix64 values for the seed 1234567: a run's jitter can be replayed from its seed.
 */
static void test_known_sequence(void **state)
{
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973), UINT64_C(9817491932198370423),
        UINT64_C(4593380528125082431), UINT64_C(16408922859458223821)};
    struct random random;

    (void)state;
    random_seed(&random, 1234567);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_true(random_next(&random) == expected[i]);
    }
}

static void test_below_stays_below_and_reaches_all(void **state)
{
    static const uint64_t bounds[] = {1, 2, 3, 7, 10, 64};
    struct random random;

    (void)state;
    random_seed(&random, 42);
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        unsigned seen[64] = {0};

        for (int draw = 0; draw < 6400; draw++) {
            uint64_t drawn = random_below(&random, bounds[i]);

            assert_true(drawn < bounds[i]);
            seen[drawn]++;
        }
        for (uint64_t value = 0; value < bounds[i]; value++) {
            assert_true(seen[value] * bounds[i] > 6400 / 2); /* evenly enough */
        }
    }
    assert_true(random_below(&random, (UINT64_C(1) << 63) + 1) <= UINT64_C(1) << 63);
}

static void below_nothing(void *context)
{
    random_below(context, 0);
}

static void test_below_zero_is_a_bug(void **state)
{
    struct random random = {0};

    (void)state;
    check_aborts(below_nothing, &random, "random_below(0)");
}

static void test_entropy_differs(void **state)
{
    (void)state;
    assert_true(random_entropy() != random_entropy());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_sequence),
        cmocka_unit_test(test_below_stays_below_and_reaches_all),
        cmocka_unit_test(test_below_zero_is_a_bug),
        cmocka_unit_test(test_entropy_differs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
