#include "base/str.h"

#include <string.h>

#include "check.h"

static void test_starts_empty(void **state)
{
    struct str str = STR_INIT;

    (void)state;
    assert_string_equal(str.text, "");
    str_clear(&str);
    str_release(&str);
    assert_string_equal(str.text, "");
    str_init(&str);
    assert_int_equal(str.length, 0);
}

static void test_adds(void **state)
{
    struct str str = STR_INIT;

    (void)state;
    str_add(&str, "a");
    str_addc(&str, 'b');
    str_addn(&str, "c\0d", 3);
    str_addf(&str, "-%d-%s", 7, "x");
    assert_int_equal(str.length, 9);
    assert_memory_equal(str.text, "abc\0d-7-x", 10);
    str_clear(&str);
    assert_string_equal(str.text, "");
    assert_int_equal(str.length, 0);
    str_add(&str, "");
    str_addn(&str, NULL, 0);
    assert_string_equal(str.text, "");
    str_release(&str);
}

/* The NUL has room at every length, also where the text fills the capacity. */
static void test_grows(void **state)
{
    struct str str = STR_INIT;

    (void)state;
    for (size_t i = 0; i < 5000; i++) {
        str_addc(&str, (char)('a' + i % 26));
        assert_int_equal(str.length, i + 1);
        assert_int_equal(str.text[i + 1], '\0');
        assert_true(str.capacity > str.length);
    }
    str_addf(&str, "%0*d", 70000, 5);
    assert_int_equal(str.length, 75000);
    assert_int_equal(strlen(str.text), 75000);
    assert_int_equal(str.text[4999], 'a' + 4999 % 26);
    str_release(&str);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starts_empty),
        cmocka_unit_test(test_adds),
        cmocka_unit_test(test_grows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
