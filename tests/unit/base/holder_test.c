#include "check.h"

#include <string.h>

#include "base/err.h"

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void test_a_query_is_one_safe_line(void **state)
{
    char ninety[91] = {0};
    (void)state;

    assert_null(holder_query(&arena, NULL));
    assert_string_equal(holder_query(&arena, ""), "");
    assert_string_equal(holder_query(&arena, "\n  SELECT\t1,\r\n   2  "), "SELECT 1, 2");
    assert_string_equal(holder_query(&arena, "a\x1b[2Jb"), "a\\x1b[2Jb");
    memset(ninety, 'x', 90);
    assert_int_equal(strlen(holder_query(&arena, ninety)), 80);
    assert_string_equal(holder_query(&arena, ninety) + 77, "...");
    ninety[80] = '\0';
    assert_string_equal(holder_query(&arena, ninety), ninety);
}

/* Characters are counted, not bytes, and none is cut through. */
static void test_a_long_query_is_cut_between_characters(void **state)
{
    const char *text = "";
    (void)state;

    for (int i = 0; i < 90; i++) {
        text = arena_printf(&arena, "%s\u20ac", text);
    }
    const char *query = holder_query(&arena, text);
    assert_int_equal(strlen(query), 3 * 77 + 3);
    assert_string_equal(query + 3 * 76, "\u20ac...");
}

static void test_a_run_is_known_by_its_name(void **state)
{
    const char *tenant;
    (void)state;

    assert_string_equal(holder_run(&arena, "skein run=5f3a9c tenant=acme eu", &tenant), "5f3a9c");
    assert_string_equal(tenant, "acme eu");
    assert_null(holder_run(&arena, NULL, &tenant));
    assert_null(tenant);
    assert_null(holder_run(&arena, "psql", &tenant));
    assert_null(holder_run(&arena, "skein run= tenant=acme", &tenant));
    assert_null(holder_run(&arena, "skein run=5f3a9c", &tenant));
    assert_null(holder_run(&arena, "skein asks who holds a lock", &tenant));
}

static void test_an_error_keeps_its_holder(void **state)
{
    struct arena first = ARENA_INIT;
    struct err err = ERR_INIT(&first), copy = ERR_INIT(&arena);
    struct holder holder = {.pid = 7, .user = "bi"};
    (void)state;

    err_set(&err, ERROR_LOCK_TIMEOUT, "no");
    err.holder = holder_copy(&first, &holder);
    err_copy(&copy, &err);
    arena_release(&first);
    assert_int_equal(copy.holder->pid, 7);
    assert_string_equal(copy.holder->user, "bi");
    assert_null(copy.holder->query);
    assert_null(holder_copy(&arena, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_query_is_one_safe_line),
        cmocka_unit_test(test_a_long_query_is_cut_between_characters),
        cmocka_unit_test(test_a_run_is_known_by_its_name),
        cmocka_unit_test(test_an_error_keeps_its_holder),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
