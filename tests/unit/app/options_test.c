/* The command line as typed. */
#include "check.h"

#include <string.h>

#include "app/options.h"

static int run_nothing(const struct options *options, struct arena *arena)
{
    (void)options;
    (void)arena;
    return 0;
}

static const struct verb verbs[] = {
    {"downgrade", "REV", "down", NULL, OPTIONS_SELECTION | OPTIONS_EXECUTION, 1, 1, false,
     run_nothing},
    {"heads", "", "heads", NULL, 0, 0, 0, false, run_nothing},
};

/* Words of a line; the result of parsing them. */
static int parse(const char *line, struct options *options, struct arena *arena, struct err *err)
{
    char **argv = arena_array(arena, 32, sizeof(char *));
    int argc = 0;
    char *copy = arena_strdup(arena, line), *save = NULL;
    argv[argc++] = arena_strdup(arena, "skein");
    for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    return options_parse(options, arena, argc, argv, verbs, 2, err);
}

static void test_operands_that_look_like_options(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct options options;
    assert_int_equal(parse("downgrade -1 -y --all", &options, &arena, &err), 0);
    assert_string_equal(options.operands[0], "-1");
    assert_true(option_given(&options, OPTION_YES) && option_given(&options, OPTION_ALL));
    assert_int_equal(parse("-t a --format=json downgrade -t b -- base", &options, &arena, &err), 0);
    assert_string_equal(options.operands[0], "base");
    assert_int_equal(options.values[OPTION_TENANT].count, 2);
    assert_true(options.json);
    arena_release(&arena);
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *line, *message, *hint;
    } rows[] = {
        {"downgrade", "skein downgrade takes REV, got 0 operands", "skein downgrade --help"},
        {"downgrade a b", "skein downgrade takes REV, got 2 operands", "skein downgrade --help"},
        {"downgrad a", "unknown command downgrad", "did you mean skein downgrade?"},
        {"downgrade base --tennant x", "unknown option --tennant", "did you mean --tenant?"},
        {"heads --all", "skein heads has no option --all", "skein heads --help lists its options"},
        {"downgrade base -t", "--tenant needs a value: NAME|GLOB|@FILE", NULL},
        {"downgrade base --all=1", "--all takes no value", NULL},
        {"heads --format xml", "--format is text or json, not \"xml\"", NULL},
        {"heads -x novalue", "-x needs KEY=VALUE, not \"novalue\"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT(&arena);
        struct options options;
        assert_int_equal(parse(rows[i].line, &options, &arena, &err), ERROR_USAGE);
        assert_string_equal(err.message, rows[i].message);
        if (rows[i].hint != NULL)
            assert_string_equal(err.hint, rows[i].hint);
        arena_release(&arena);
    }
}

static void test_numbers(void **state)
{
    static const struct {
        const char *line;
        bool good;
    } rows[] = {
        {"downgrade a --limit 5", true},    {"downgrade a --limit 0", false},
        {"downgrade a --limit -5", false},  {"downgrade a --limit 5x", false},
        {"downgrade a --limit 101", false}, {"downgrade a --limit 99999999999999999999", false}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT(&arena);
        struct options options;
        uint64_t value = 7;
        assert_int_equal(parse(rows[i].line, &options, &arena, &err), 0);
        assert_int_equal(option_number(&options, OPTION_LIMIT, 100, &value, &err) == 0,
                         rows[i].good);
        assert_int_equal(value, rows[i].good ? 5 : 7);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operands_that_look_like_options),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
