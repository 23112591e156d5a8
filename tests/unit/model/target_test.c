#include "model/target.h"

#include "check.h"

static void test_pairs(void **state)
{
    static const struct pair items[] = {{"a", "1"}, {"b", "2"}, {"ba", "3"}, {"c", "4"}, {"z", ""}};
    struct pair_list list = {items, 0};

    (void)state;
    for (list.count = 0; list.count <= 5; list.count++) {
        for (size_t i = 0; i < 5; i++) {
            const char *value = pair_get(&list, items[i].key);

            if (i < list.count) {
                assert_string_equal(value, items[i].value);
            } else {
                assert_null(value);
            }
        }
        assert_null(pair_get(&list, ""));
        assert_null(pair_get(&list, "bb"));
        assert_null(pair_get(&list, "zz"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
