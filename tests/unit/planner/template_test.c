#include "planner/template.h"

#include <string.h>

#include "check.h"

#define PG   ENGINE_BIT(ENGINE_POSTGRESQL)
#define MY   (ENGINE_BIT(ENGINE_MYSQL) | ENGINE_BIT(ENGINE_MARIADB))
#define LITE ENGINE_BIT(ENGINE_SQLITE)
#define ALL  ENGINE_ALL

static const char *const variables[] = {"region", "plan",      "path", "empty",
                                        "evil",   "long_name", "unset"};

static const struct revision revision = {
    .id = "a1", .path = "v/a1.sql", .variables = variables, .variable_count = 7};

static const struct pair pairs[] = {
    {"empty", ""},
    {"evil", "x'; DROP TABLE t; --\n\"`$$"},
    {"long_name", "a234567890123456789012345678901234567890123456789012345678901234"},
    {"path", "C:\\d'"},
    {"plan", "gold"},
    {"region", "eu"},
};

static const struct pair_list vars = {pairs, sizeof(pairs) / sizeof(pairs[0])};

static void test_quote(void **state)
{
    static const struct {
        unsigned engines;
        const char *value, *identifier, *literal;
    } cases[] = {
        {PG | LITE, "eu", "\"eu\"", "'eu'"},
        {MY, "eu", "`eu`", "'eu'"},
        {PG | LITE, "a\"b`c", "\"a\"\"b`c\"", "'a\"b`c'"},
        {MY, "a\"b`c", "`a\"b``c`", "'a\"b`c'"},
        {PG, "it's \\", "\"it's \\\"", "E'it''s \\\\'"},
        {LITE, "it's \\", "\"it's \\\"", "'it''s \\'"},
        {MY, "it's \\", "`it's \\`", "'it''s \\\\'"},
        {PG | LITE, "", "\"\"", "''"},
    };
    struct arena arena = ARENA_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
            if (cases[i].engines & ENGINE_BIT(engine)) {
                assert_string_equal(quote_identifier(&arena, (enum engine)engine, cases[i].value),
                                    cases[i].identifier);
                assert_string_equal(quote_literal(&arena, (enum engine)engine, cases[i].value),
                                    cases[i].literal);
            }
        }
    }
    arena_release(&arena);
}

struct render_case {
    unsigned engines;
    const char *text, *expected; /* a message where it is an error */
};

static void check_render(const struct render_case *test, enum engine engine)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    const char *out, *result;
    size_t length;

    if (template_render(&arena, &revision, engine, &vars, test->text, strlen(test->text), &out,
                        &length, &err)) {
        assert_int_equal(err.class, ERROR_PLAN);
        assert_string_equal(err.revision, "a1");
        assert_string_equal(err.file, "v/a1.sql");
        assert_non_null(err.hint);
        result = err.message;
    } else {
        result = arena_strndup(&arena, out, length);
    }
    if (strcmp(result, test->expected) != 0) {
        fail_msg("%s: %s\n gives %s\n not   %s", engine_name(engine), test->text, result,
                 test->expected);
    }
    arena_release(&arena);
}

static void test_render(void **state)
{
    static const struct render_case cases[] = {
        {ALL, "SELECT 1", "SELECT 1"},
        {PG | LITE, "CREATE TABLE {{region|ident}} (a text DEFAULT {{plan|literal}})",
         "CREATE TABLE \"eu\" (a text DEFAULT 'gold')"},
        {MY, "CREATE TABLE {{region|ident}} (a text DEFAULT {{plan|literal}})",
         "CREATE TABLE `eu` (a text DEFAULT 'gold')"},
        {PG | LITE, "SELECT {{ region | ident }}.x", "SELECT \"eu\".x"},
        {ALL, "SELECT {{other|ident}}, {{regions}}, {{}}, {{1,2},{3,4}}, {{region,1}}",
         "SELECT {{other|ident}}, {{regions}}, {{}}, {{1,2},{3,4}}, {{region,1}}"},
        {ALL, "SELECT 1 -- {{region|ident}}\n/* {{region}} */ + {{plan|literal}}",
         "SELECT 1 -- {{region|ident}}\n/* {{region}} */ + 'gold'"},
        {PG, "SELECT {{path|literal}}", "SELECT E'C:\\\\d'''"},
        {LITE, "SELECT {{path|literal}}", "SELECT 'C:\\d'''"},
        {MY, "SELECT {{path|literal}}", "SELECT 'C:\\\\d'''"},
        {PG, "SELECT E{{path|literal}}'x'", "SELECT E E'C:\\\\d''' 'x'"},
        {ALL, "SELECT 'a'{{plan|literal}}{{region|literal}}b", "SELECT 'a' 'gold' 'eu' b"},
        {ALL, "SELECT {{evil|literal}}", "SELECT 'x''; DROP TABLE t; --\n\"`$$'"},
        {ALL, "SELECT {{empty|literal}}", "SELECT ''"},
        {ALL, "SELECT {{empty|ident}}", "variable \"empty\" has a value that cannot be a name"},
        {PG, "SELECT {{long_name|ident}}",
         "variable \"long_name\" has a value that cannot be a name"},
        {LITE, "SELECT {{long_name|ident}}",
         "SELECT \"a234567890123456789012345678901234567890123456789012345678901234\""},
        {MY, "SELECT {{long_name|ident}}",
         "SELECT `a234567890123456789012345678901234567890123456789012345678901234`"},
        {ALL, "SELECT {{unset|literal}}", "variable \"unset\" has no value"},
        {PG, "DO $$ BEGIN x({{region|literal}}); y({{plan|ident}}) $$ {{plan|literal}}",
         "DO $$ BEGIN x('eu'); y(\"gold\") $$ 'gold'"},
        {PG, "DO $a$ {{evil|literal}} $a$",
         "variable \"evil\" has a value with a quote, a backslash or a $, which cannot stand "
         "inside a dollar quote"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
            if (cases[i].engines & ENGINE_BIT(engine)) {
                check_render(&cases[i], (enum engine)engine);
            }
        }
    }
}

static void test_validate(void **state)
{
    static const struct {
        unsigned engines;
        const char *text;
        int line; /* 0: good */
        const char *message;
    } cases[] = {
        {ALL, "SELECT {{region|ident}}, {{ plan | literal }}", 0, ""},
        {ALL, "SELECT '{{1,2},{3,4}}', {{other}}, '{{other|ident}}'", 0, ""},
        {ALL, "SELECT 1 -- {{region}}", 0, ""},
        {PG, "DO $$ {{region|ident}} $$", 0, ""},
        {ALL, "SELECT\n{{region}}", 2, "variable \"region\" has no filter"},
        {ALL, "SELECT {{region|raw}}", 1, "variable \"region\" has an unknown filter"},
        {ALL, "SELECT {{region|}}", 1, "variable \"region\" has an unknown filter"},
        {ALL, "SELECT {{region|ident", 1, "variable \"region\" has an unknown filter"},
        {ALL, "SELECT {{region|ident|x}}", 1, "variable \"region\" has an unknown filter"},
        {ALL, "SELECT {{region|ident}}, '\n{{region|literal}}'", 2,
         "variable \"region\" stands inside quotes"},
        {ALL, "SELECT \"{{region|ident}}\"", 1, "variable \"region\" stands inside quotes"},
        {MY | LITE, "SELECT `{{region|ident}}`", 1, "variable \"region\" stands inside quotes"},
        {PG, "DO $$\n\n{{region}} $$", 3, "variable \"region\" has no filter"},
        {MY, "/*! SELECT {{region|literal}} */", 1,
         "variable \"region\" stands inside an executable comment"},
    };
    struct arena arena = ARENA_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
            struct err err = ERR_INIT(&arena);
            int failed;

            if (!(cases[i].engines & ENGINE_BIT(engine))) {
                continue;
            }
            failed = template_validate(&revision, (enum engine)engine, cases[i].text,
                                       strlen(cases[i].text), &err);
            assert_int_equal(failed, cases[i].line ? ERROR_REVISION : 0);
            assert_int_equal(err.line, cases[i].line);
            assert_string_equal(err.message ? err.message : "", cases[i].message);
        }
    }
    arena_release(&arena);
}

static void test_check(void **state)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct revision some = revision;

    (void)state;
    assert_int_equal(template_check(&revision, &vars, &err), ERROR_PLAN);
    assert_string_equal(err.message, "variable \"unset\" has no value");
    some.variable_count = 6;
    assert_int_equal(template_check(&some, &vars, &err), 0);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_render),
        cmocka_unit_test(test_validate),
        cmocka_unit_test(test_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
