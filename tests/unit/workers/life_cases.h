/*
 * life_cases.h: the cases of life_test.c and life_told_test.c: revisions, scenes, the golden
 * tables, and how a case begins and is judged. Included once by each.
 */
#ifndef SKEIN_TESTS_UNIT_WORKERS_LIFE_CASES_H
#define SKEIN_TESTS_UNIT_WORKERS_LIFE_CASES_H

#include "check.h"

#include <stdio.h>
#include <string.h>

#include "life_world.h"
#include "planner/plan.h"

#define WRONG HEADER("aaa2", "aaa1") "-- skein:upgrade\nCREATE ok;\nSELECT 'fail:42P07';\n"
#define OFF                                                                                        \
    HEADER("aaa2", "aaa1")                                                                         \
    "-- skein:upgrade transaction=off\nCREATE INDEX i;\nCREATE INDEX j;\n"                         \
    "-- skein:downgrade\nDROP i;\n"
#define OFF_WRONG HEADER("aaa2", "aaa1") "-- skein:upgrade transaction=off\nSELECT 'fail:42P07';\n"
#define TEMPORARY                                                                                  \
    HEADER("aaa2", "aaa1") "-- skein:upgrade\nCREATE TEMPORARY TABLE i;\nCREATE INDEX j;\n"
#define SETTING HEADER("aaa2", "aaa1") "-- skein:upgrade\nSET i = 1;\nCREATE INDEX j;\n"
#define MIXED                                                                                      \
    HEADER("aaa2", "aaa1")                                                                         \
    "-- skein:upgrade\nINSERT a;\n-- skein:upgrade transaction=off\nCREATE INDEX i;\n"             \
    "-- skein:upgrade\nINSERT b;\n"
#define CONCURRENT                                                                                 \
    HEADER("aaa2", "aaa1")                                                                         \
    "-- skein:upgrade transaction=off\nCREATE INDEX CONCURRENTLY i;\n"
#define CONCURRENT_INVALID                                                                         \
    HEADER("aaa2", "aaa1")                                                                         \
    "-- skein:upgrade transaction=off\nCREATE INDEX CONCURRENTLY 'invalid:i fail:23505';\n"
#define DO_OFF HEADER("aaa2", "aaa1") "-- skein:upgrade transaction=off\nDO 'fail:23505';\n"
#define REQUIRE                                                                                    \
    HEADER("aaa2", "aaa1") "-- skein:require r\nSELECT 'rows:1'\n-- skein:upgrade\nCREATE two;\n"
#define VERIFY                                                                                     \
    HEADER("aaa2", "aaa1") "-- skein:upgrade\nCREATE two;\n-- skein:verify v\nSELECT 'rows:1'\n"
#define TRUTH                                                                                      \
    HEADER("aaa2", "aaa1")                                                                         \
    "-- skein:require r expect=true\nSELECT 'value:t'\n-- skein:upgrade\nCREATE two;\n"            \
    "-- skein:verify v\nSELECT 'rows:0'\n"
#define MISSING                                                                                    \
    HEADER("aaa2", "aaa1")                                                                         \
    "-- skein:require r\nSELECT 'fail:42P01'\n-- skein:upgrade\nCREATE two;\n"
#define KEYS HEADER("aaa2", "aaa1") "-- skein:upgrade sqlite foreign_keys=off\nCREATE two;\n"
#define VARIABLE                                                                                   \
    "-- r\n--\n-- Revision ID: aaa2\n-- Revises: aaa1\n-- Variables: region\n"                     \
    "-- skein:upgrade\nCREATE {{region|ident}};\n"

struct golden {
    const char *name;
    enum engine engine;
    const char *second;                        /* the revision after ONE; NULL: none */
    void (*prepare)(struct life_world *world); /* or NULL */
    enum life_mode mode;
    enum goal_kind kind;
    const char *goal;
    bool pooled; /* behind a pooler by transaction */
    struct life_fault faults[2];
    struct life_interruption interruption;
    const char *trace;
    enum outcome_kind outcome;
    enum error_class class;
    const char *rows; /* of the version table afterwards */
    size_t steps;
};

#include "life_scenes.h"

#include "life_golden.h"
#include "life_golden_pooler.h"

static void begin_golden(struct life_world *world, const struct golden *golden)
{
    const char *texts[] = {ONE, golden->second};

    life_world_init(world, golden->engine, texts, golden->second ? 2 : 1);
    life_world_order(world, golden->mode, golden->kind, golden->goal);
    if (golden->prepare) {
        golden->prepare(world);
    }
    world->server.pooled |= golden->pooled;
    world->faults = golden->faults;
    world->fault_count = golden->faults[0].purpose ? golden->faults[1].purpose ? 2 : 1 : 0;
    world->interruptions = &golden->interruption;
    world->interruption_count = golden->interruption.when ? 1 : 0;
}

static const char *expected_doubt(const struct golden *golden)
{
    for (size_t i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++) {
        if (strcmp(doubts[i][0], golden->name) == 0) {
            return doubts[i][1];
        }
    }
    return "";
}

/* What an outcome is in doubt about, in the words of `doubts`; "" where nothing is told. */
static const char *doubt_words(const struct outcome *outcome)
{
    static char words[200];
    const struct outcome_doubt *doubt = outcome->doubt;
    int length;

    words[0] = '\0';
    if (!doubt || !outcome->error) {
        return words;
    }
    length = snprintf(words, sizeof(words), "%s", doubt_kind_name(doubt->kind));
    for (size_t i = 0; i < doubt->step_count; i++) {
        length += snprintf(words + length, sizeof(words) - (size_t)length, " %s",
                           doubt->steps[i].revision);
    }
    if (outcome->error->statement > 0) {
        snprintf(words + length, sizeof(words) - (size_t)length, " %d:%d", outcome->error->line,
                 outcome->error->statement);
    }
    return words;
}

/* `trace`: the one expected. */
static void end_golden(struct life_world *world, const struct golden *golden,
                       const struct outcome *outcome, const char *trace)
{
    bool printed = false;
    enum error_class class = outcome->error ? outcome->error->class : ERROR_NONE;
    printed = strcmp(world->trace.text, trace) != 0 || outcome->kind != golden->outcome ||
              class != golden->class || outcome->step_count != golden->steps ||
              strcmp(life_world_rows(world), golden->rows) != 0 ||
              strcmp(doubt_words(outcome), expected_doubt(golden)) != 0 ||
              world->server.unlocked > 0 || (world->server.lasting > 0 && !world->by_session);
    if (printed) {
        print_error("%s:\n  trace   %s\n  ends    %s, %s, %zu steps, rows \"%s\", unlocked %u\n"
                    "  message %s\n  doubt   %s\n  sql     %s\n",
                    golden->name, world->trace.text, outcome_name(outcome->kind),
                    error_class_name(class), outcome->step_count, life_world_rows(world),
                    world->server.unlocked, outcome->error ? outcome->error->message : "-",
                    doubt_words(outcome), world->sql.text);
    }
    life_world_release(world);
    assert_false(printed);
}

#endif
