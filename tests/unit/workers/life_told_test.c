/*
 * A life that was told what PEEK would read (LIFE_TOLD) ends at once as it would have ended, or
 * goes its way as if nothing had been said: over the cases of life_test.c in which nothing goes
 * wrong.
 */
#include "life_cases.h"

static size_t ended[OUTCOME_COUNT]; /* at once */

static void check_told(const struct golden *golden)
{
    struct life_world world;
    const struct outcome *outcome;
    bool at_once;

    if (golden->engine != PG || golden->faults[0].purpose || golden->interruption.when) {
        return;
    }
    begin_golden(&world, golden);
    world.told = true;
    world.target.schema = world.server.schema;
    outcome = life_world_run(&world);
    at_once = strcmp(world.trace.text, "DONE") == 0;
    ended[outcome->kind] += at_once;
    assert_true(outcome->attempts >= 1);
    end_golden(&world, golden, outcome, at_once ? "DONE" : golden->trace);
}

static void test_what_is_told_changes_no_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
        check_told(&goldens[i]);
    }
    assert_true(ended[OUTCOME_UP_TO_DATE] > 2);
    assert_true(ended[OUTCOME_PLANNED] > 0);
    assert_true(ended[OUTCOME_PARTIAL] > 0);
    assert_true(ended[OUTCOME_REFUSED] > 0);
    assert_int_equal(ended[OUTCOME_SUCCEEDED], 0);
}

static void test_nothing_ends_behind_a_pooler(void **state)
{
    (void)state;
    memset(ended, 0, sizeof(ended));
    for (size_t i = 0; i < sizeof(pooler_goldens) / sizeof(pooler_goldens[0]); i++) {
        check_told(&pooler_goldens[i]);
    }
    for (size_t i = 0; i < OUTCOME_COUNT; i++) {
        assert_int_equal(ended[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_told_changes_no_end),
        cmocka_unit_test(test_nothing_ends_behind_a_pooler),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
