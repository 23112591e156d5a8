/*
 * split_cases.h: tables of texts with the statements that they are cut into, for splitter_test.c
 * and body_test.c.
 */
#ifndef SKEIN_TESTS_SPLIT_CASES_H
#define SKEIN_TESTS_SPLIT_CASES_H

#include <string.h>

#include "base/str.h"
#include "check.h"
#include "planner/splitter.h"

#define PG   ENGINE_BIT(ENGINE_POSTGRESQL)
#define MY   (ENGINE_BIT(ENGINE_MYSQL) | ENGINE_BIT(ENGINE_MARIADB))
#define MA   ENGINE_BIT(ENGINE_MARIADB)
#define LITE ENGINE_BIT(ENGINE_SQLITE)
#define ALL  ENGINE_ALL

/* All statements as "a | b"; or "line: message". */
static void split(enum engine engine, const char *text, size_t length, struct str *out)
{
    struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT(&arena);
    struct statement *statements;
    size_t count;

    str_clear(out);
    if (splitter_split(&arena, engine, text, length, 1, &statements, &count, &err)) {
        assert_int_equal(err.class, ERROR_REVISION);
        assert_non_null(err.hint);
        str_addf(out, "%d: %s", err.line, err.message);
    } else {
        for (size_t i = 0; i < count; i++) {
            str_add(out, i ? " | " : "");
            str_addn(out, statements[i].text, statements[i].length);
        }
    }
    arena_release(&arena);
}

struct split_case {
    unsigned engines;
    const char *text, *expected;
};

static void check_cases(const struct split_case *cases, size_t count)
{
    struct str out = STR_INIT;

    for (size_t i = 0; i < count; i++) {
        for (unsigned engine = 0; engine < ENGINE_COUNT; engine++) {
            if (!(cases[i].engines & ENGINE_BIT(engine))) {
                continue;
            }
            split((enum engine)engine, cases[i].text, strlen(cases[i].text), &out);
            if (strcmp(out.text, cases[i].expected) != 0) {
                fail_msg("case %zu, %s: %s\n gives %s\n not   %s", i,
                         engine_name((enum engine)engine), cases[i].text, out.text,
                         cases[i].expected);
            }
        }
    }
    str_release(&out);
}

#define CHECK_CASES(cases) check_cases(cases, sizeof(cases) / sizeof((cases)[0]))

#endif
