#include "base/map.h"

#include "base/arena.h"
#include "check.h"

#define MANY 10000

static void test_ten_thousand_keys(void **state)
{
    struct arena arena = ARENA_INIT;
    static int values[MANY];
    struct map map;

    (void)state;
    map_init(&map, &arena);
    assert_null(map_get(&map, "k0"));
    for (int i = 0; i < MANY; i++) {
        map_set(&map, arena_printf(&arena, "k%d", i), &values[i]);
    }
    assert_int_equal(map.count, MANY);
    for (int i = 0; i < MANY; i++) {
        char *key = arena_printf(&arena, "k%d", i);

        assert_ptr_equal(map_get(&map, key), &values[i]);
        assert_string_equal(map.entries[i].key, key); /* the order of insertion */
    }
    assert_null(map_get(&map, "k10000"));
    assert_null(map_get(&map, ""));
    assert_null(map_get(&map, "K1"));
    arena_release(&arena);
}

static void test_replaces(void **state)
{
    struct arena arena = ARENA_INIT;
    struct map map;
    int one, two;

    (void)state;
    map_init(&map, &arena);
    map_set(&map, "", &one);
    map_set(&map, "a", &one);
    map_set(&map, "a", &two);
    assert_int_equal(map.count, 2);
    assert_ptr_equal(map_get(&map, "a"), &two);
    assert_ptr_equal(map_get(&map, ""), &one);
    arena_release(&arena);
}

static void set_null(void *context)
{
    map_set(context, "key", NULL);
}

static void test_no_value_is_a_bug(void **state)
{
    struct arena arena = ARENA_INIT;
    struct map map;

    (void)state;
    map_init(&map, &arena);
    check_aborts(set_null, &map, "no value for \"key\"");
    arena_release(&arena);
}

/* Published FNV-1a vectors: the order of targets must never change with a release. */
static void test_hash_is_fnv(void **state)
{
    (void)state;
    assert_true(map_hash("") == UINT64_C(0xcbf29ce484222325));
    assert_true(map_hash("a") == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(map_hash("foobar") == UINT64_C(0x85944171f73967e8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ten_thousand_keys),
        cmocka_unit_test(test_replaces),
        cmocka_unit_test(test_no_value_is_a_bug),
        cmocka_unit_test(test_hash_is_fnv),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
