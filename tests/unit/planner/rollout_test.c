#include "planner/rollout.h"

#include <string.h>

#include "check.h"

static struct arena arena;

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct rollout_policy policy_of(double failures, bool percent, double unreachable,
                                       unsigned same_error)
{
    return (struct rollout_policy){
        .max_failures = {.value = failures, .percent = percent},
        .max_unreachable = {.value = unreachable},
        .same_error = same_error,
    };
}

/* How many targets may end so before the budget trips. */
static size_t allowed(struct rollout *rollout, enum outcome_kind kind, const char *reason)
{
    struct outcome outcome = {.kind = kind};

    for (size_t count = 0; count < 1000; count++) {
        const char *stopped = rollout_ended(rollout, "g", &outcome, false);

        if (stopped) {
            assert_string_equal(stopped, reason);
            return count;
        }
    }
    return 1000;
}

static void test_failures_budget(void **state)
{
    static const struct {
        double value;
        bool percent;
        size_t targets, allowed;
    } cases[] = {
        {1, true, 200, 2},  {1, true, 201, 3},  {1, true, 5, 1},  {0, true, 200, 0},
        {0, false, 200, 0}, {3, false, 200, 3}, {5, true, 10, 1}, {100, true, 4, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct rollout_policy policy = policy_of(cases[i].value, cases[i].percent, 0, 0);
        static const enum outcome_kind kinds[] = {OUTCOME_FAILED, OUTCOME_PARTIAL,
                                                  OUTCOME_IN_DOUBT};

        for (size_t kind = 0; kind < 3; kind++) {
            struct rollout *rollout = rollout_new(&arena, &policy, cases[i].targets, false);

            assert_int_equal(allowed(rollout, kinds[kind], "max_failures"), cases[i].allowed);
        }
    }
}

static void test_unreachable_budget(void **state)
{
    struct rollout_policy policy = policy_of(0, false, 2, 0);
    struct outcome behind = {.kind = OUTCOME_UNREACHABLE};
    struct rollout *rollout = rollout_new(&arena, &policy, 100, false);

    (void)state;
    for (int i = 0; i < 50; i++) { /* behind a breaker that was counted already */
        assert_null(rollout_ended(rollout, NULL, &behind, true));
    }
    assert_int_equal(allowed(rollout, OUTCOME_UNREACHABLE, "max_unreachable"), 2);
    rollout = rollout_new(&arena, &policy, 100, false);
    assert_int_equal(allowed(rollout, OUTCOME_BLOCKED, "max_unreachable"), 2);
}

static void test_nothing_else_counts(void **state)
{
    struct rollout_policy policy = policy_of(0, false, 0, 0);

    (void)state;
    for (unsigned kind = 0; kind < OUTCOME_COUNT; kind++) {
        bool counts = kind == OUTCOME_FAILED || kind == OUTCOME_PARTIAL ||
                      kind == OUTCOME_IN_DOUBT || kind == OUTCOME_UNREACHABLE ||
                      kind == OUTCOME_BLOCKED;
        struct outcome outcome = {.kind = (enum outcome_kind)kind};
        struct rollout *rollout = rollout_new(&arena, &policy, 10, false);

        assert_int_equal(rollout_ended(rollout, NULL, &outcome, false) != NULL, counts);
    }
}

static void test_no_budget_where_asked(void **state)
{
    struct rollout_policy policy = policy_of(0, false, 0, 3);
    struct rollout *rollout = rollout_new(&arena, &policy, 10, true);

    (void)state;
    assert_int_equal(allowed(rollout, OUTCOME_FAILED, ""), 1000);
    policy.max_failures.unlimited = policy.max_unreachable.unlimited = true;
    rollout = rollout_new(&arena, &policy, 10, false);
    assert_int_equal(allowed(rollout, OUTCOME_FAILED, ""), 1000);
    assert_int_equal(allowed(rollout, OUTCOME_UNREACHABLE, ""), 1000);
}

static void fail_at(struct rollout *rollout, const char *group, struct err error)
{
    struct outcome outcome = {.kind = OUTCOME_FAILED, .error = &error};

    error.arena = &arena;
    assert_null(rollout_ended(rollout, group, &outcome, false));
}

static const struct err wrong = {
    .class = ERROR_CONSTRAINT, .code = "23502", .revision = "r2", .statement = 1};

static void test_same_error_stops_the_revision_everywhere(void **state)
{
    struct rollout_policy policy = policy_of(100, true, 0, 3);
    struct rollout *rollout = rollout_new(&arena, &policy, 100, false);

    (void)state;
    rollout_passed(rollout, "c", "r2");
    for (int i = 0; i < 2; i++) {
        fail_at(rollout, "a", wrong);
        fail_at(rollout, "b", wrong); /* counted apart */
    }
    assert_false(rollout_stops_revision(rollout, "a", "r2"));
    fail_at(rollout, "a", wrong);
    assert_true(rollout_stops_revision(rollout, "a", "r2"));
    assert_true(rollout_stops_revision(rollout, "b", "r2"));
    assert_true(rollout_stops_revision(rollout, "unseen", "r2"));
    assert_true(rollout_stops_revision(rollout, NULL, "r2"));
    assert_false(rollout_stops_revision(rollout, "c", "r2")); /* has passed it */
    assert_false(rollout_stops_revision(rollout, "a", "r1"));
}

static void test_same_error_needs_the_same(void **state)
{
    struct err others[] = {wrong, wrong, wrong, wrong};
    struct rollout_policy policy = policy_of(100, true, 0, 2);
    struct rollout *rollout = rollout_new(&arena, &policy, 100, false);

    (void)state;
    others[0].class = ERROR_DATA;
    others[1].code = NULL;
    others[2].revision = "r3";
    others[3].statement = 2;
    for (int i = 0; i < 4; i++) {
        fail_at(rollout, "a", others[i]);
    }
    fail_at(rollout, "a", wrong);
    assert_false(rollout_stops_revision(rollout, "a", "r2"));
    assert_false(rollout_stops_revision(rollout, "a", "r3"));
    fail_at(rollout, "a", wrong);
    assert_true(rollout_stops_revision(rollout, "a", "r2"));
}

static void test_same_error_looks_at_the_classes_of_a_revision(void **state)
{
    (void)state;
    for (unsigned class = ERROR_CONNECTION; class <= ERROR_INTERNAL; class ++) {
        struct rollout_policy policy = policy_of(100, true, 0, 1);
        struct rollout *rollout = rollout_new(&arena, &policy, 100, false);
        bool looks =
            (class >= ERROR_SYNTAX && class <= ERROR_PRIVILEGE) || class == ERROR_VERIFICATION;
        struct err error = wrong;

        error.class = class;
        fail_at(rollout, "a", error);
        assert_int_equal(rollout_stops_revision(rollout, "a", "r2"), looks);
    }
}

static void test_same_error_spares_what_one_has_passed(void **state)
{
    struct rollout_policy policy = policy_of(100, true, 0, 3);
    struct rollout *rollout = rollout_new(&arena, &policy, 100, false);

    (void)state;
    rollout_passed(rollout, "a", "r2");
    for (int i = 0; i < 10; i++) {
        fail_at(rollout, "a", wrong);
    }
    assert_false(rollout_stops_revision(rollout, "b", "r2"));
}

static void test_pace_doubles_with_each_success(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, 11);
    assert_true(pace_take(&pace));
    assert_false(pace_take(&pace));
    pace_give(&pace);
    for (unsigned kind = 0; kind < OUTCOME_COUNT; kind++) {
        if (kind != OUTCOME_SUCCEEDED && kind != OUTCOME_UP_TO_DATE) {
            pace_ended(&pace, (enum outcome_kind)kind);
        }
    }
    assert_int_equal(pace.places, 1);
    pace_ended(&pace, OUTCOME_SUCCEEDED);
    assert_int_equal(pace.places, 2);
    pace_ended(&pace, OUTCOME_UP_TO_DATE);
    pace_ended(&pace, OUTCOME_SUCCEEDED);
    assert_int_equal(pace.places, 8);
    pace_ended(&pace, OUTCOME_SUCCEEDED);
    assert_int_equal(pace.places, 11);
    pace_init(&pace, 0);
    pace_ended(&pace, OUTCOME_SUCCEEDED);
    assert_int_equal(pace.places, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_failures_budget, release),
        cmocka_unit_test_teardown(test_unreachable_budget, release),
        cmocka_unit_test_teardown(test_nothing_else_counts, release),
        cmocka_unit_test_teardown(test_no_budget_where_asked, release),
        cmocka_unit_test_teardown(test_same_error_stops_the_revision_everywhere, release),
        cmocka_unit_test_teardown(test_same_error_needs_the_same, release),
        cmocka_unit_test_teardown(test_same_error_looks_at_the_classes_of_a_revision, release),
        cmocka_unit_test_teardown(test_same_error_spares_what_one_has_passed, release),
        cmocka_unit_test(test_pace_doubles_with_each_success),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
