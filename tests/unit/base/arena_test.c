#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "check.h"

static void test_alignment(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 4095, 4096, 4097, 100000};
    struct arena arena = ARENA_INIT;

    (void)state;
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            void *memory = arena_alloc(&arena, sizes[i]);

            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        }
    }
    arena_release(&arena);
}

/* Every item keeps its own bytes, whatever comes after it. */
static void test_items_do_not_overlap(void **state)
{
    struct arena arena = ARENA_INIT;
    unsigned char *items[2000];

    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        size_t size = (i * 37) % 3000 + 1;

        items[i] = arena_alloc(&arena, size);
        for (size_t at = 0; at < size; at++) {
            assert_int_equal(items[i][at], 0);
        }
        memset(items[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < 2000; i++) {
        size_t size = (i * 37) % 3000 + 1;

        assert_int_equal(items[i][0], i % 251);
        assert_int_equal(items[i][size - 1], i % 251);
    }
    assert_true(arena.used >= 2000 * 16);
    arena_release(&arena);
    assert_int_equal(arena.used, 0);
    assert_null(arena.blocks);
}

static void test_clear_keeps_room_and_zeroes(void **state)
{
    struct arena arena = ARENA_INIT;
    char *first = arena_alloc(&arena, 100);
    char *again;

    (void)state;
    memset(first, 0x55, 100);
    arena_clear(&arena);
    assert_int_equal(arena.used, 0);
    again = arena_alloc(&arena, 100);
    assert_ptr_equal(first, again);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(again[i], 0);
    }
    arena_clear(&arena);
    arena_alloc(&arena, 10 * 1024 * 1024);
    arena_clear(&arena);
    arena_release(&arena);
    arena_clear(&arena); /* empty */
    arena_alloc(&arena, 10 * 1024 * 1024);
    arena_clear(&arena);
    assert_null(arena.blocks); /* one huge item does not stay */
    arena_release(&arena);
}

static void test_grow(void **state)
{
    struct arena arena = ARENA_INIT;
    size_t capacity = 0, count = 0, copies = 0;
    int *items = NULL;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        int *before = items;

        items = arena_grow(&arena, items, sizeof(*items), &capacity, count + 1);
        copies += before != items;
        items[count++] = i;
        assert_true(capacity >= count);
    }
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(items[i], i);
    }
    assert_true(copies < 20); /* doubles */
    arena_grow(&arena, items, sizeof(*items), &capacity, 1000000);
    assert_true(capacity >= 1000000);
    arena_release(&arena);
}

static void test_texts(void **state)
{
    struct arena arena = ARENA_INIT;
    char *text;

    (void)state;
    assert_null(arena_strdup(&arena, NULL));
    assert_string_equal(arena_strdup(&arena, "skein"), "skein");
    assert_string_equal(arena_strndup(&arena, "skeins", 5), "skein");
    assert_string_equal(arena_strndup(&arena, NULL, 0), "");
    assert_string_equal(arena_printf(&arena, "%d %s", 12, "geese"), "12 geese");
    text = arena_printf(&arena, "%0*d", 100000, 1);
    assert_int_equal(strlen(text), 100000);
    assert_int_equal(text[99999], '1');
    arena_release(&arena);
}

static void test_lists_of_texts(void **state)
{
    const char *const texts[] = {"grey", NULL, "snow"};
    struct arena arena = ARENA_INIT;
    const char *const *copies = arena_texts(&arena, texts, 3);

    (void)state;
    assert_string_equal(copies[0], "grey");
    assert_ptr_not_equal(copies[0], texts[0]);
    assert_null(copies[1]);
    assert_string_equal(copies[2], "snow");
    assert_null(arena_texts(&arena, NULL, 2));
    arena_release(&arena);
}

static void overflow_product(void *context)
{
    arena_array(context, SIZE_MAX / 2, 3);
}

static void overflow_size(void *context)
{
    arena_alloc(context, SIZE_MAX - 8);
}

static void test_overflow_is_a_bug(void **state)
{
    struct arena arena = ARENA_INIT;

    (void)state;
    check_aborts(overflow_product, &arena, "items of 3 bytes");
    check_aborts(overflow_size, &arena, "bytes asked for");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_items_do_not_overlap),
        cmocka_unit_test(test_clear_keeps_room_and_zeroes),
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_lists_of_texts),
        cmocka_unit_test(test_overflow_is_a_bug),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
