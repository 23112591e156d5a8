#include "base/err.h"

#include <string.h>

#include "check.h"

static void test_set_clears_and_returns_the_class(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);

    (void)state;
    err_set(&err, ERROR_SYNTAX, "first");
    err_native(&err, "42601", RETRY_NEVER);
    err_at(&err, "a.sql", 3, 4);
    err_hint(&err, "try %s", "harder");
    err.detail = "Key (email)=(a@b.c)";
    assert_int_equal(err_set(&err, ERROR_CONNECTION, "second %d after %s", 2, err.message),
                     ERROR_CONNECTION);
    assert_string_equal(err.message, "second 2 after first");
    assert_null(err.code);
    assert_null(err.file);
    assert_null(err.hint);
    assert_null(err.detail);
    assert_int_equal(err.line, 0);
    assert_ptr_equal(err.arena, &arena);
    arena_release(&arena);
}

static void test_additions(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    char code[] = "40P01";
    char file[] = "v/a.sql";

    (void)state;
    err_set(&err, ERROR_DEADLOCK, "deadlock detected");
    err_native(&err, code, RETRY_TRANSIENT);
    err_at(&err, file, 7, 1);
    err_prefix(&err, "tenant %s", "acme");
    err_prefix(&err, "run");
    code[0] = file[0] = 'X'; /* copies */
    assert_string_equal(err.code, "40P01");
    assert_string_equal(err.file, "v/a.sql");
    assert_string_equal(err.message, "run: tenant acme: deadlock detected");
    assert_int_equal(err.retry, RETRY_TRANSIENT);
    err_native(&err, NULL, RETRY_LOCK);
    err_at(&err, NULL, 8, 2);
    assert_string_equal(err.code, "40P01");
    assert_string_equal(err.file, "v/a.sql");
    assert_int_equal(err.line, 8);
    assert_int_equal(err.column, 2);
    assert_int_equal(err.retry, RETRY_LOCK);
    arena_release(&arena);
}

static void test_copy_outlives_its_source(void **state)
{
    struct arena brief = ARENA_INIT, lasting = ARENA_INIT;
    struct err source = ERR_INIT(&brief), copy = ERR_INIT(&lasting);

    (void)state;
    err_set(&source, ERROR_CONSTRAINT, "null in column");
    err_native(&source, "23502", RETRY_NEVER);
    err_at(&source, "a.sql", 3, 4);
    err_hint(&source, "fill it first");
    source.detail = arena_strdup(&brief, "Failing row");
    source.revision = arena_strdup(&brief, "1975ea83b712");
    source.section = arena_strdup(&brief, "upgrade");
    source.statement = 2;
    err_copy(&copy, &source);
    arena_release(&brief);
    assert_ptr_equal(copy.arena, &lasting);
    assert_int_equal(copy.class, ERROR_CONSTRAINT);
    assert_string_equal(copy.message, "null in column");
    assert_string_equal(copy.code, "23502");
    assert_string_equal(copy.file, "a.sql");
    assert_string_equal(copy.hint, "fill it first");
    assert_string_equal(copy.detail, "Failing row");
    assert_string_equal(copy.revision, "1975ea83b712");
    assert_string_equal(copy.section, "upgrade");
    assert_int_equal(copy.statement, 2);
    assert_int_equal(copy.line, 3);
    arena_release(&lasting);
}

/* The words of the contract, in its order. */
static void test_class_names(void **state)
{
    static const char *const words[] = {
        "connection",
        "tls",
        "auth",
        "missing_database",
        "capacity",
        "lock_timeout",
        "skein_lock",
        "statement_timeout",
        "deadlock",
        "syntax",
        "duplicate_object",
        "missing_object",
        "constraint",
        "data",
        "privilege",
        "read_only",
        "wrong_target",
        "requirement",
        "verification",
        "unknown_revision",
        "changed_file",
        "plan",
        "pooler",
        "disk",
        "corrupt",
        "cancelled",
        "internal",
        "usage",
        "configuration",
        "revision",
    };

    (void)state;
    assert_int_equal(sizeof(words) / sizeof(words[0]), ERROR_CLASS_COUNT - 1);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        assert_string_equal(error_class_name((enum error_class)(i + 1)), words[i]);
    }
}

static void test_list_counts_beyond_its_limit(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err_list list;

    (void)state;
    err_list_init(&list, &arena, 20);
    for (int i = 0; i < 50; i++) {
        err_set(err_list_add(&list), ERROR_CONFIGURATION, "error %d", i);
    }
    assert_int_equal(list.count, 20);
    assert_int_equal(list.total, 50);
    assert_string_equal(list.items[0].message, "error 0");
    assert_string_equal(list.items[19].message, "error 19");
    arena_release(&arena);
}

static void set_no_class(void *context)
{
    err_set(context, ERROR_NONE, "nothing");
}

static void name_no_class(void *context)
{
    (void)context;
    error_class_name(ERROR_CLASS_COUNT);
}

static void test_no_class_is_a_bug(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);

    (void)state;
    check_aborts(set_no_class, &err, "without a class");
    check_aborts(name_no_class, NULL, "no error class");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_clears_and_returns_the_class),
        cmocka_unit_test(test_additions),
        cmocka_unit_test(test_copy_outlives_its_source),
        cmocka_unit_test(test_class_names),
        cmocka_unit_test(test_list_counts_beyond_its_limit),
        cmocka_unit_test(test_no_class_is_a_bug),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
