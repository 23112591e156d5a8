/* The table of exit codes and what goes before what (contract, section 6). */
#include "model/run.h"

#include "check.h"

#define MOST 4

/* Short names keep the table readable. */
enum {
    WELL = OUTCOME_SUCCEEDED,
    SAME = OUTCOME_UP_TO_DATE,
    PLAN = OUTCOME_PLANNED,
    HELD = OUTCOME_HELD,
    IDLE = OUTCOME_NOT_STARTED,
    BACK = OUTCOME_ROLLED_BACK,
    BAD = OUTCOME_FAILED,
    HALF = OUTCOME_PARTIAL,
    DOUBT = OUTCOME_IN_DOUBT,
    CUT = OUTCOME_CANCELLED,
    NO = OUTCOME_REFUSED,
    BUSY = OUTCOME_BLOCKED,
    AWAY = OUTCOME_UNREACHABLE,
    STALE = OUTCOME_STALE,
};

static const struct {
    int outcomes[MOST];
    size_t count;
    const char *stopped_by;
    int signal;
    enum run_status status;
    int exit_code;
} changing[] = {
    /* 0 */
    {{0}, 0, NULL, 0, RUN_SUCCEEDED, 0},
    {{WELL, SAME, PLAN, HELD}, 4, NULL, 0, RUN_SUCCEEDED, 0},
    /* 1: each word that is not well */
    {{WELL, BAD}, 2, NULL, 0, RUN_FAILED, 1},
    {{WELL, AWAY}, 2, NULL, 0, RUN_FAILED, 1},
    {{WELL, BUSY}, 2, NULL, 0, RUN_FAILED, 1},
    {{WELL, NO}, 2, NULL, 0, RUN_FAILED, 1},
    {{WELL, STALE}, 2, NULL, 0, RUN_FAILED, 1},
    {{WELL, CUT}, 2, NULL, 0, RUN_FAILED, 1},
    {{WELL, IDLE}, 2, NULL, 0, RUN_FAILED, 1},
    /* 4: a stop that left something over, else what the outcomes say */
    {{WELL, BAD, IDLE}, 3, "max_failures", 0, RUN_PAUSED, 4},
    {{WELL, BAD, BACK}, 3, "same_error", 0, RUN_PAUSED, 4},
    {{WELL, AWAY, IDLE}, 3, "max_unreachable", 0, RUN_PAUSED, 4},
    {{WELL, BAD}, 2, "max_failures", 0, RUN_FAILED, 1},
    {{WELL, WELL}, 2, "deadline", 0, RUN_SUCCEEDED, 0},
    /* 5 before 4; the status stands */
    {{WELL, HALF}, 2, NULL, 0, RUN_FAILED, 5},
    {{WELL, DOUBT}, 2, NULL, 0, RUN_FAILED, 5},
    {{BAD, HALF, IDLE}, 3, "max_failures", 0, RUN_PAUSED, 5},
    {{HALF, IDLE}, 2, "interrupt", 2, RUN_INTERRUPTED, 5},
    /* signals: only where they left something over; before 4 */
    {{WELL, IDLE}, 2, "interrupt", 1, RUN_INTERRUPTED, 129},
    {{WELL, IDLE}, 2, "interrupt", 2, RUN_INTERRUPTED, 130},
    {{WELL, CUT}, 2, "interrupt", 15, RUN_INTERRUPTED, 143},
    {{BAD, IDLE}, 2, "max_failures", 15, RUN_INTERRUPTED, 143},
    {{WELL, SAME}, 2, "interrupt", 2, RUN_SUCCEEDED, 0},
    {{WELL, BAD}, 2, "interrupt", 2, RUN_FAILED, 1},
    /* 7 before 5 */
    {{HALF, IDLE}, 2, "internal", 0, RUN_ABORTED, 7},
    {{WELL, IDLE}, 2, "internal", 2, RUN_ABORTED, 7},
};

static struct run_result conclude(const int *kinds, size_t count, struct run_result result,
                                  const bool flags[2])
{
    static struct outcome outcomes[MOST];

    for (size_t i = 0; i < count; i++) {
        outcomes[i] = (struct outcome){.kind = (enum outcome_kind)kinds[i], .read = true};
    }
    result.outcomes = outcomes;
    result.count = count;
    run_result_conclude(&result, flags[0], flags[1]);
    return result;
}

static const struct fleet many = {.target_count = 9};

static void test_commands_that_change(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++) {
        struct run_result result = {.fleet = &many,
                                    .goal = "head",
                                    .stopped_by = changing[i].stopped_by,
                                    .signal = changing[i].signal};

        result = conclude(changing[i].outcomes, changing[i].count, result, (bool[2]){false, false});
        if (result.exit_code != changing[i].exit_code || result.status != changing[i].status) {
            fail_msg("case %zu: exit %d, %s; expected %d, %s", i, result.exit_code,
                     run_status_name(result.status), changing[i].exit_code,
                     run_status_name(changing[i].status));
        }
    }
}

static void test_commands_that_read(void **state)
{
    static const struct {
        int outcomes[MOST];
        size_t count;
        const char *goal; /* NULL: nothing was planned */
        bool pending_is_3;
        int signal, exit_code;
    } cases[] = {
        {{SAME, PLAN}, 2, "head", false, 0, 0}, {{SAME, PLAN}, 2, "head", true, 0, 3},
        {{SAME, SAME}, 2, "head", true, 0, 0},  {{AWAY, PLAN}, 2, "head", true, 0, 1},
        {{NO, PLAN}, 2, "head", true, 0, 1},    {{HALF, PLAN}, 2, "head", true, 0, 1},
        {{HALF, SAME}, 2, NULL, false, 0, 0},   {{AWAY, SAME}, 2, NULL, false, 0, 1},
        {{IDLE, SAME}, 2, "head", false, 2, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run_result result = {
            .fleet = &many, .goal = cases[i].goal, .signal = cases[i].signal};

        result = conclude(cases[i].outcomes, cases[i].count, result,
                          (bool[2]){true, cases[i].pending_is_3});
        if (result.exit_code != cases[i].exit_code) {
            fail_msg("case %zu: exit %d, expected %d", i, result.exit_code, cases[i].exit_code);
        }
    }
}

static void test_half_a_revision_that_was_not_read(void **state)
{
    struct outcome outcome = {.kind = OUTCOME_PARTIAL};
    struct run_result result = {.fleet = &many, .outcomes = &outcome, .count = 1};

    (void)state;
    run_result_conclude(&result, true, false);
    assert_int_equal(result.exit_code, 1);
}

static void test_fleet_of_one_refused(void **state)
{
    static const struct fleet one = {.target_count = 1}, url = {.by_url = true};
    const int refused[] = {NO};

    (void)state;
    for (int reads = 0; reads < 2; reads++) {
        const bool flags[2] = {reads == 1, true};
        struct run_result result = {.goal = "head"};

        result.fleet = &one;
        assert_int_equal(conclude(refused, 1, result, flags).exit_code, 2);
        result.fleet = &url;
        assert_int_equal(conclude(refused, 1, result, flags).exit_code, 2);
        result.fleet = &many;
        assert_int_equal(conclude(refused, 1, result, flags).exit_code, 1);
    }
}

static void test_an_entry_that_nobody_answered(void **state)
{
    static const struct undiscovered missing = {.label = "tenants[0].discover"};
    const int kinds[] = {WELL};

    (void)state;
    for (int reads = 0; reads < 2; reads++) {
        struct run_result result = {
            .fleet = &many, .undiscovered = &missing, .undiscovered_count = 1};

        result = conclude(kinds, 1, result, (bool[2]){reads == 1, false});
        assert_int_equal(result.exit_code, 1);
        assert_int_equal(result.status, RUN_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_that_change),
        cmocka_unit_test(test_commands_that_read),
        cmocka_unit_test(test_half_a_revision_that_was_not_read),
        cmocka_unit_test(test_fleet_of_one_refused),
        cmocka_unit_test(test_an_entry_that_nobody_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
