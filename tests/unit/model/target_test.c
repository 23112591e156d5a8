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

static void test_merged_pairs(void **state)
{
    static const struct pair own[] = {{"a", "1"}, {"c", "2"}, {"e", "3"}};
    static const struct pair extra[] = {{"b", "4"}, {"c", "5"}, {"f", "6"}};
    const struct pair_list list = {own, 3}, over = {extra, 3}, none = {NULL, 0};
    struct arena arena = ARENA_INIT;
    struct pair_list merged = pair_merge(&arena, &list, &over);

    (void)state;
    assert_int_equal(merged.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(merged.items[i].key, ((const char *[]){"a", "b", "c", "e", "f"})[i]);
        assert_string_equal(merged.items[i].value, ((const char *[]){"1", "4", "5", "3", "6"})[i]);
    }
    merged = pair_merge(&arena, &list, NULL);
    assert_int_equal(merged.count, 3);
    assert_string_equal(pair_get(&merged, "c"), "2");
    merged = pair_merge(&arena, &none, &over);
    assert_int_equal(merged.count, 3);
    assert_string_equal(pair_get(&merged, "c"), "5");
    assert_int_equal(pair_merge(&arena, &none, &none).count, 0);
    arena_release(&arena);
}

/* By the host as written; a name may lead anywhere. */
static void test_local_hosts(void **state)
{
    static const char *const local[] = {
        NULL,        "/run/postgresql", "@abstract", "localhost", "LocalHost",
        "127.0.0.1", "127.255.255.254", "::1",       "0:0:0:0::1"};
    static const char *const far[] = {"127.example.com", "127.1",   "128.0.0.1", "::2", "::",
                                      "localhost.evil",  "0.0.0.0", "db",        ""};

    (void)state;
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
        assert_true(host_is_local(local[i]));
        assert_string_equal(tls_effective_mode(NULL, local[i]), "prefer");
        assert_false(tls_is_weak("disable", local[i]));
    }
    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        assert_false(host_is_local(far[i]));
        assert_string_equal(tls_effective_mode(NULL, far[i]), "verify-full");
        assert_string_equal(tls_effective_mode("require", far[i]), "require");
        assert_true(tls_is_weak("verify-ca", far[i]));
        assert_false(tls_is_weak("verify-full", far[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_merged_pairs),
        cmocka_unit_test(test_local_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
