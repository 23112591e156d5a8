#include "planner/retry.h"

#include <limits.h>

#include "check.h"

static const struct retry_policy usual = {
    .attempts = 5, .initial_ms = 250, .multiplier = 2, .max_ms = 30000};

static void test_delay_stays_within_bounds(void **state)
{
    static const struct {
        struct retry_policy policy;
        int64_t previous_us, lowest_us, highest_us;
    } cases[] = {
        {{5, 250, 2, 30000}, 0, 250000, 750000},
        {{5, 250, 2, 30000}, 400000, 250000, 1200000},
        {{5, 250, 2, 30000}, 30000000, 250000, 30000000},
        {{5, 250, 1, 30000}, 1000000, 250000, 1500000},
        {{5, 500, 2, 100}, 0, 100000, 100000},
        {{5, 0, 2, 0}, 0, 0, 0},
        {{5, 250, 2, INT64_MAX}, INT64_MAX / 2, 250000, INT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct random random;
        int64_t least = INT64_MAX, most = 0;

        random_seed(&random, 7);
        for (int n = 0; n < 2000; n++) {
            int64_t delay = retry_delay(&cases[i].policy, cases[i].previous_us, &random);

            least = delay < least ? delay : least;
            most = delay > most ? delay : most;
        }
        assert_true(least >= cases[i].lowest_us && most <= cases[i].highest_us);
        /* It uses the room that it has. */
        assert_true(most - least >= (cases[i].highest_us - cases[i].lowest_us) / 10 * 9);
    }
}

static void fail_times(struct breaker *breaker, unsigned times, int64_t now_us,
                       struct random *random)
{
    for (unsigned i = 0; i < times; i++) {
        breaker_failed(breaker, false, &usual, now_us, random);
    }
}

static void test_breaker_opens_at_five_in_a_row(void **state)
{
    struct breaker breaker = {0};
    struct random random;

    (void)state;
    random_seed(&random, 1);
    fail_times(&breaker, 4, 0, &random);
    assert_true(breaker_allows(&breaker, 0));
    breaker_succeeded(&breaker);
    fail_times(&breaker, 4, 0, &random);
    assert_false(breaker.open);
    fail_times(&breaker, 1, 0, &random);
    assert_true(breaker.open);
    assert_false(breaker_allows(&breaker, 0));
}

static void test_breaker_probes_one_at_a_time(void **state)
{
    struct breaker breaker = {0};
    struct random random;
    int64_t now_us = 1000;

    (void)state;
    random_seed(&random, 1);
    fail_times(&breaker, 5, now_us, &random);
    for (unsigned probe = 1; probe <= 4; probe++) {
        assert_false(breaker_given_up(&breaker, &usual));
        assert_false(breaker_allows(&breaker, breaker.probe_at_us - 1));
        now_us = breaker.probe_at_us;
        assert_true(breaker_allows(&breaker, now_us));
        assert_false(breaker_allows(&breaker, now_us));
        fail_times(&breaker, 3, now_us, &random); /* stragglers say nothing new */
        assert_int_equal(breaker.probes, probe - 1);
        breaker_failed(&breaker, true, &usual, now_us, &random);
        assert_int_equal(breaker.probes, probe);
        assert_true(breaker.probe_at_us >= now_us + 250000);
    }
    assert_true(breaker_given_up(&breaker, &usual));
    breaker_succeeded(&breaker);
    assert_true(breaker_allows(&breaker, now_us));
    assert_false(breaker_given_up(&breaker, &usual));
}

static void test_breaker_forgets_a_probe_taken_back(void **state)
{
    struct breaker breaker = {0};
    struct random random;

    (void)state;
    random_seed(&random, 1);
    fail_times(&breaker, 5, 0, &random);
    assert_true(breaker_allows(&breaker, breaker.probe_at_us));
    breaker_undecided(&breaker);
    assert_true(breaker_allows(&breaker, breaker.probe_at_us));
}

static void test_breaker_with_one_attempt_still_probes(void **state)
{
    struct retry_policy once = {.attempts = 1, .initial_ms = 1, .multiplier = 2, .max_ms = 5};
    struct breaker breaker = {0};
    struct random random;

    (void)state;
    random_seed(&random, 1);
    fail_times(&breaker, 5, 0, &random);
    assert_false(breaker_given_up(&breaker, &once));
    breaker_failed(&breaker, true, &once, 0, &random);
    assert_true(breaker_given_up(&breaker, &once));
}

static void test_ceiling_halves_once_for_one_crowd(void **state)
{
    struct ceiling ceiling;

    (void)state;
    ceiling_init(&ceiling, 16);
    /* Sixteen at once, eight of them refused: one halving, not eight. */
    for (unsigned in_use = 16; in_use > 8; in_use--) {
        ceiling_full(&ceiling, in_use);
    }
    assert_int_equal(ceiling.limit, 8);
    ceiling_full(&ceiling, 8);
    assert_int_equal(ceiling.limit, 4);
    ceiling_full(&ceiling, 1);
    ceiling_full(&ceiling, 1);
    assert_int_equal(ceiling.limit, 1);
}

static void test_ceiling_starts_from_what_was_in_use(void **state)
{
    struct ceiling ceiling;

    (void)state;
    ceiling_init(&ceiling, 100);
    ceiling_full(&ceiling, 6); /* others hold the rest of the server */
    assert_int_equal(ceiling.limit, 3);
}

static void test_ceiling_grows_back(void **state)
{
    struct ceiling ceiling;
    unsigned successes = 0;

    (void)state;
    ceiling_init(&ceiling, 4);
    ceiling_full(&ceiling, 4);
    ceiling_full(&ceiling, 2);
    assert_int_equal(ceiling.limit, 1);
    while (ceiling.limit < 4) {
        ceiling_succeeded(&ceiling);
        successes++;
    }
    assert_int_equal(successes, 1 + 2 + 3);
    ceiling_succeeded(&ceiling);
    assert_int_equal(ceiling.limit, 4);
}

static void test_ceiling_is_lowered_to_the_least_configured(void **state)
{
    struct ceiling ceiling;

    (void)state;
    ceiling_init(&ceiling, 8);
    ceiling_lower(&ceiling, 12);
    assert_int_equal(ceiling.limit, 8);
    ceiling_lower(&ceiling, 3);
    assert_int_equal(ceiling.limit, 3);
    for (int i = 0; i < 20; i++) {
        ceiling_succeeded(&ceiling);
    }
    assert_int_equal(ceiling.limit, 3);
}

static void test_credential_is_refused_after_three_in_a_row(void **state)
{
    struct credential_breaker breaker = {0};

    (void)state;
    assert_int_equal(credential_room(&breaker), 3);
    assert_true(credential_begin(&breaker));
    assert_true(credential_begin(&breaker));
    assert_int_equal(credential_room(&breaker), 1);
    credential_tried(&breaker); /* one that says nothing leaves its room */
    assert_int_equal(credential_room(&breaker), 2);
    credential_tried(&breaker);
    credential_judged(&breaker, false);
    assert_int_equal(credential_room(&breaker), 2);
    credential_judged(&breaker, false);
    assert_false(credential_refused(&breaker));
    credential_judged(&breaker, false);
    assert_true(credential_refused(&breaker));
    assert_int_equal(credential_room(&breaker), 0);
}

static void test_credential_that_is_accepted_begins_anew(void **state)
{
    struct credential_breaker breaker = {0};

    (void)state;
    credential_judged(&breaker, false);
    credential_judged(&breaker, false);
    credential_judged(&breaker, true);
    assert_false(credential_begin(&breaker)); /* no trial any more */
    assert_int_equal(credential_room(&breaker), UINT_MAX);
    credential_judged(&breaker, false);
    credential_judged(&breaker, false);
    assert_false(credential_refused(&breaker));
    credential_judged(&breaker, false);
    assert_true(credential_refused(&breaker));
    credential_judged(&breaker, true);
    assert_false(credential_refused(&breaker));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delay_stays_within_bounds),
        cmocka_unit_test(test_breaker_opens_at_five_in_a_row),
        cmocka_unit_test(test_breaker_probes_one_at_a_time),
        cmocka_unit_test(test_breaker_forgets_a_probe_taken_back),
        cmocka_unit_test(test_breaker_with_one_attempt_still_probes),
        cmocka_unit_test(test_ceiling_halves_once_for_one_crowd),
        cmocka_unit_test(test_ceiling_starts_from_what_was_in_use),
        cmocka_unit_test(test_ceiling_grows_back),
        cmocka_unit_test(test_credential_is_refused_after_three_in_a_row),
        cmocka_unit_test(test_credential_that_is_accepted_begins_anew),
        cmocka_unit_test(test_ceiling_is_lowered_to_the_least_configured),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
