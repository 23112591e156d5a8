#include "base/clock.h"

#include <string.h>

#include "check.h"

static void test_duration_parse(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"0", 0},
        {"0s", 0},
        {"1ms", 1},
        {"250ms", 250},
        {"5s", 5000},
        {"05s", 5000},
        {"10m", 600000},
        {"1h", 3600000},
        {"48h", 172800000},
        {"2562047788015h", INT64_C(9223372036854000000)},
        {"2562047788016h", -1},
        {"9223372036854775807ms", INT64_MAX},
        {"9223372036854775808ms", -1},
        {"99999999999999999999999s", -1},
        {"", -1},
        {"5", -1},
        {"00", -1},
        {"s", -1},
        {"-1s", -1},
        {"+1s", -1},
        {"1.5s", -1},
        {"1h30m", -1},
        {"5 s", -1},
        {" 5s", -1},
        {"5s ", -1},
        {"5S", -1},
        {"5sec", -1},
        {"5d", -1},
        {"0x5s", -1},
        {"\xd9\xa5s", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (duration_parse(cases[i].text) != cases[i].ms) {
            fail_msg("\"%s\" gives %lld", cases[i].text, (long long)duration_parse(cases[i].text));
        }
    }
}

static void test_duration_format(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {-5, "0.00s"},
        {0, "0.00s"},
        {4000, "0.00s"},
        {210000, "0.21s"},
        {994999, "0.99s"},
        {995000, "1.0s"},
        {3800000, "3.8s"},
        {9949999, "9.9s"},
        {9950000, "10s"},
        {52000000, "52s"},
        {59499999, "59s"},
        {59500000, "1m00s"},
        {72000000, "1m12s"},
        {INT64_C(3599499999), "59m59s"},
        {INT64_C(3599500000), "1h00m"},
        {INT64_C(7980000000), "2h13m"},
        {INT64_C(360000000000), "100h00m"},
    };
    char text[CLOCK_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        duration_format(cases[i].us, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_clock_format(void **state)
{
    static const struct {
        int64_t us;
        int digits;
        const char *text;
    } cases[] = {
        {0, 0, "1970-01-01T00:00:00Z"},
        {INT64_C(1795213800123456), 6, "2026-11-20T22:30:00.123456Z"},
        {INT64_C(1795213800123456), 3, "2026-11-20T22:30:00.123Z"},
        {INT64_C(1795213800999999), 0, "2026-11-20T22:30:00Z"},
        {INT64_C(1795213800000001), 6, "2026-11-20T22:30:00.000001Z"},
        {-1, 6, "1969-12-31T23:59:59.999999Z"},
        {-1000000, 1, "1969-12-31T23:59:59.0Z"},
        {INT64_C(951782400000000), 0, "2000-02-29T00:00:00Z"},
    };
    char text[CLOCK_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        clock_format(cases[i].us, cases[i].digits, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void format_too_fine(void *context)
{
    clock_format(0, 7, context);
}

static void test_too_many_digits_are_a_bug(void **state)
{
    char text[CLOCK_TEXT_SIZE];

    (void)state;
    check_aborts(format_too_fine, text, "with 7 digits");
}

static void test_system_clock_goes_on(void **state)
{
    int64_t before = clock_system.monotonic_us(clock_system.context);
    int64_t after = before;

    (void)state;
    assert_true(clock_system.wall_us(clock_system.context) > INT64_C(1700000000000000));
    while (after == before) { /* it moves, and never back */
        after = clock_system.monotonic_us(clock_system.context);
        assert_true(after >= before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duration_parse),
        cmocka_unit_test(test_duration_format),
        cmocka_unit_test(test_clock_format),
        cmocka_unit_test(test_too_many_digits_are_a_bug),
        cmocka_unit_test(test_system_clock_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
