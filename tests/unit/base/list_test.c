#include "base/list.h"

#include "check.h"

struct item {
    int number;
    struct list node;
};

static int first_number(const struct list *list)
{
    return LIST_ITEM(list_first(list), struct item, node)->number;
}

static void test_membership_moves(void **state)
{
    struct list waiting, running;
    struct item items[3];

    (void)state;
    list_init(&waiting);
    list_init(&running);
    assert_true(list_empty(&waiting));
    assert_null(list_first(&waiting));
    for (int i = 0; i < 3; i++) {
        items[i].number = i;
        list_init(&items[i].node);
        list_append(&waiting, &items[i].node);
    }
    assert_int_equal(first_number(&waiting), 0);
    list_remove(&items[0].node);
    list_append(&running, &items[0].node);
    assert_int_equal(first_number(&waiting), 1);
    assert_int_equal(first_number(&running), 0);
    list_remove(&items[2].node);
    list_remove(&items[2].node); /* in no list: nothing happens */
    list_remove(&items[1].node);
    assert_true(list_empty(&waiting));
    list_append(&running, &items[1].node);
    assert_ptr_equal(running.previous, &items[1].node);
    assert_ptr_equal(items[0].node.next, &items[1].node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_membership_moves)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
