/* The words of the outside: the contract fixes them, other people's scripts read them. */
#include "check.h"
#include "model/engine.h"
#include "model/outcome.h"
#include "model/plan.h"
#include "model/revision.h"
#include "model/run.h"

static void test_engines(void **state)
{
    static const char *const names[] = {"postgresql", "mysql", "mariadb", "sqlite"};
    enum engine engine;

    (void)state;
    for (unsigned i = 0; i < ENGINE_COUNT; i++) {
        assert_string_equal(engine_name((enum engine)i), names[i]);
        assert_true(engine_parse(names[i], &engine));
        assert_int_equal(engine, i);
    }
    assert_false(engine_parse("postgres", &engine));
    assert_false(engine_parse("SQLite", &engine));
    assert_false(engine_parse("", &engine));
}

static void test_outcomes(void **state)
{
    static const char *const names[] = {
        "not_started", "succeeded",   "up_to_date",  "planned",  "held",
        "stale",       "rolled_back", "failed",      "partial",  "cancelled",
        "refused",     "blocked",     "unreachable", "in_doubt",
    };

    (void)state;
    assert_int_equal(OUTCOME_COUNT, sizeof(names) / sizeof(names[0]));
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        assert_string_equal(outcome_name((enum outcome_kind)i), names[i]);
    }
}

static void test_small_words(void **state)
{
    (void)state;
    assert_string_equal(direction_name(DIRECTION_UPGRADE), "upgrade");
    assert_string_equal(direction_name(DIRECTION_DOWNGRADE), "downgrade");
    assert_string_equal(step_kind_name(STEP_UPGRADE), "upgrade");
    assert_string_equal(step_kind_name(STEP_DOWNGRADE), "downgrade");
    assert_string_equal(step_kind_name(STEP_STAMP), "stamp");
    assert_string_equal(step_kind_name(STEP_ACCEPT), "accept");
    assert_string_equal(step_kind_name(STEP_RESOLVE), "resolve");
    assert_string_equal(step_kind_name(STEP_ENSURE), "ensure_version");
    assert_string_equal(run_status_name(RUN_SUCCEEDED), "succeeded");
    assert_string_equal(run_status_name(RUN_FAILED), "failed");
    assert_string_equal(run_status_name(RUN_PAUSED), "paused");
    assert_string_equal(run_status_name(RUN_INTERRUPTED), "interrupted");
    assert_string_equal(run_status_name(RUN_ABORTED), "aborted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engines),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_small_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
