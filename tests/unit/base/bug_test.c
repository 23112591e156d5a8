#include "base/bug.h"

#include "check.h"

static void breaks_an_invariant(void *context)
{
    (void)context;
    BUG("the moon is %s", "square");
}

static void test_bug_names_the_place(void **state)
{
    (void)state;
    check_aborts(breaks_an_invariant, NULL, "bug_test.c");
    check_aborts(breaks_an_invariant, NULL, "BUG at");
    check_aborts(breaks_an_invariant, NULL, "the moon is square");
}

static void test_memory_is_never_null(void **state)
{
    char *memory = xmalloc(0);
    char *zeros = xcalloc(4, 2);
    char *none = xcalloc(0, 8);
    char *text = xstrdup("goose");

    (void)state;
    assert_non_null(memory);
    assert_non_null(none);
    memory = xrealloc(memory, 3);
    memory[2] = 'x';
    for (int i = 0; i < 8; i++) {
        assert_int_equal(zeros[i], 0);
    }
    assert_string_equal(text, "goose");
    free(memory);
    free(zeros);
    free(none);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bug_names_the_place),
        cmocka_unit_test(test_memory_is_never_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
