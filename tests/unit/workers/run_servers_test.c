/*
 * Servers that are full, that are one by two names, or down: whole runs over the simulator.
 */
#include <string.h>

#include "check.h"
#include "run_world.h"

/* ---- full */

static void test_a_full_server_is_asked_for_less(void **state)
{
    static const struct {
        enum engine engine;
        const char *code;
        size_t targets;
        unsigned concurrency, allowed;
    } cases[] = {
        {ENGINE_POSTGRESQL, "53300", 60, 16, 3},    {ENGINE_POSTGRESQL, "53200", 60, 16, 3},
        {ENGINE_POSTGRESQL, "53300", 500, 200, 17}, {ENGINE_MARIADB, "1040", 60, 16, 3},
        {ENGINE_MARIADB, "1203", 60, 16, 3},        {ENGINE_MARIADB, "1226", 60, 16, 3},
        {ENGINE_MARIADB, "1041", 60, 16, 3},        {ENGINE_MARIADB, "1040", 500, 200, 17},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct sim_setup setup = usual(1, cases[i].targets);
        struct sim_world *world;
        struct sim_result result;

        setup.engine = cases[i].engine;
        setup.limits = (struct limits){.concurrency = cases[i].concurrency,
                                       .per_server = cases[i].concurrency,
                                       .per_database = 1};
        world = sim_world_new(&setup);
        world->servers[0].allowed = cases[i].allowed;
        world->servers[0].full = cases[i].code;
        upgrade(world, &result);
        assert_int_equal(result.counts[OUTCOME_SUCCEEDED], cases[i].targets);
        for (size_t t = 0; t < cases[i].targets; t++) {
            assert_int_equal(result.outcomes[t].attempts, 1); /* it costs no attempt */
        }
        assert_true(world->opened < cases[i].targets * 2);
        assert_true(sim_host_now(world->host) < 6 * 1000000);
        sim_world_free(world);
    }
}

/* The table of locks is everybody's: what four at once need is not there for five. */
static struct sim_fault short_of_memory(void *context, struct sim_target *target,
                                        const struct request *request)
{
    unsigned *refused = context;

    for (size_t i = 0; request && i < request->count; i++) {
        if (strcmp(request->commands[i].purpose, "statement") == 0 &&
            target->world->servers[0].connections > 4) {
            ++*refused;
            return (struct sim_fault){.kind = SIM_ERROR, .code = "53200", .at = i};
        }
    }
    return (struct sim_fault){0};
}

static void test_want_of_memory_halves_the_limit_and_costs_an_attempt(void **state)
{
    struct sim_setup setup = usual(1, 60);
    unsigned refused = 0, attempts = 0;
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.limits = (struct limits){.concurrency = 16, .per_server = 16, .per_database = 1};
    world = upgraded(&setup, short_of_memory, &refused, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 60);
    for (size_t i = 0; i < 60; i++) {
        attempts += result.outcomes[i].attempts;
    }
    assert_int_equal(attempts, 60 + refused);
    assert_in_range(refused, 1, 60);
    sim_world_free(world);
}

static void test_want_of_memory_that_lasts_fails(void **state)
{
    struct sim_setup setup = usual(1, 1);
    struct sim_world *world = sim_world_new(&setup);
    struct sim_result result;

    (void)state;
    world->targets[0].wrong = "first_one";
    world->targets[0].wrong_code = "53200";
    upgrade(world, &result);
    assert_int_equal(result.outcomes[0].kind, OUTCOME_FAILED);
    assert_int_equal(result.outcomes[0].error->class, ERROR_CAPACITY);
    assert_int_equal(result.outcomes[0].attempts, 5);
    sim_world_free(world);
}

/* ---- one server by two names */

static void test_servers_reached_by_two_names_are_one(void **state)
{
    static const char *const identities[] = {"a", "b", "a", "a"};
    struct sim_setup setup = usual(4, 80);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.limits = (struct limits){.concurrency = 32, .per_server = 4, .per_database = 1};
    setup.identities = identities;
    world = upgraded(&setup, NULL, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 80);
    assert_int_equal(world->most, 8); /* of two servers, not of four */
    assert_int_equal(world->asked, 4);
    sim_world_free(world);
}

static void test_a_server_that_may_not_be_asked_stays_its_own(void **state)
{
    static const char *const identities[] = {"a", "a", NULL};
    struct sim_setup setup = usual(3, 60);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.limits = (struct limits){.concurrency = 32, .per_server = 4, .per_database = 1};
    setup.identities = identities;
    world = upgraded(&setup, NULL, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 60);
    assert_int_equal(world->most, 8);
    assert_int_equal(world->asked, 2 + 3); /* by three of its targets */
    sim_world_free(world);
}

/* One outage, one breaker, whatever names it has. */
static struct sim_fault all_dead(void *context, struct sim_target *target,
                                 const struct request *request)
{
    const int64_t *from_us = context;

    (void)request;
    return (struct sim_fault){.kind = sim_host_now(target->world->host) < *from_us ? SIM_NO_FAULT
                                                                                   : SIM_REFUSED};
}

static void test_a_dead_server_by_two_names_is_one_outage(void **state)
{
    static const char *const identities[] = {"a", "a"};
    struct sim_setup setup = usual(2, 60);
    struct sim_world *world;
    int64_t from_us;
    struct sim_result result;

    (void)state;
    setup.identities = identities;
    setup.rollout.max_unreachable = (struct amount){.value = 1};
    world = sim_world_new(&setup);
    from_us = sim_host_now(world->host) + 20000; /* the two were asked */
    world->fault = all_dead;
    world->fault_context = &from_us;
    upgrade(world, &result);
    assert_int_equal(world->asked, 2);
    assert_null(result.stopped_by);
    assert_int_equal(result.counts[OUTCOME_UNREACHABLE] + result.counts[OUTCOME_SUCCEEDED], 60);
    assert_in_range(result.counts[OUTCOME_UNREACHABLE], 50, 60);
    sim_world_free(world);
}

static void test_one_server_is_not_asked_which_it_is(void **state)
{
    struct sim_setup setup = usual(1, 10);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    world = upgraded(&setup, NULL, NULL, &result);
    assert_int_equal(world->asked, 0);
    sim_world_free(world);
}

/* ---- breaker */

static struct sim_fault dead_first_server(void *context, struct sim_target *target,
                                          const struct request *request)
{
    const int64_t *until_us = context;

    (void)request;
    if (target->target->server == 0 && sim_host_now(target->world->host) < *until_us) {
        return (struct sim_fault){.kind = SIM_SILENT};
    }
    return (struct sim_fault){0};
}

static void test_a_dead_server_costs_one_budget_of_attempts(void **state)
{
    struct sim_setup setup = usual(2, 120);
    struct sim_world *world;
    int64_t until_us = INT64_MAX;
    struct sim_result result;

    (void)state;
    world = upgraded(&setup, dead_first_server, &until_us, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 60);
    assert_int_equal(result.counts[OUTCOME_UNREACHABLE], 60);
    assert_null(result.stopped_by); /* one outage, not sixty */
    assert_in_range(world->opened, 60 + 5, 60 + 5 + 3 + 4);
    /* Three rounds of ten seconds, four probes of ten, and the waits between. */
    assert_true(sim_host_now(world->host) < 120 * 1000000);
    for (size_t i = 0; i < 120; i += 2) {
        assert_int_equal(result.outcomes[i].error->class, ERROR_CONNECTION);
        assert_non_null(strstr(result.outcomes[i].error->message, "db-0"));
    }
    sim_world_free(world);
}

static void test_a_server_that_comes_back_is_gone_on_with(void **state)
{
    struct sim_setup setup = usual(2, 60);
    struct sim_world *world;
    int64_t until_us = 15 * 1000000;
    struct sim_result result;

    (void)state;
    world = upgraded(&setup, dead_first_server, &until_us, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 60);
    sim_world_free(world);
}

static void test_a_name_that_is_not_found(void **state)
{
    static const char *const hosts[] = {"nowhere", "slow", "db"};
    struct sim_setup setup = usual(3, 9);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.hosts = hosts;
    setup.rollout.max_unreachable.unlimited = true;
    world = upgraded(&setup, NULL, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_UNREACHABLE], 6);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 3);
    for (size_t i = 0; i < 9; i++) {
        if (i % 3 < 2) {
            assert_non_null(strstr(result.outcomes[i].error->message, hosts[i % 3]));
        }
    }
    sim_world_free(world);
}

/* ---- a credential that is refused */

struct lockout {
    const char *user, *code;
    bool twice_only; /* then it is let in */
    size_t refused;
};

static struct sim_fault refuse_user(void *context, struct sim_target *target,
                                    const struct request *request)
{
    struct lockout *lockout = context;

    if (!request && strcmp(target->target->endpoint->user, lockout->user) == 0 &&
        !(lockout->twice_only && lockout->refused == 2)) {
        lockout->refused++;
        return (struct sim_fault){.kind = SIM_ERROR, .code = lockout->code};
    }
    return (struct sim_fault){0};
}

static void test_three_refusals_and_not_five_hundred(void **state)
{
    static const struct {
        enum engine engine;
        const char *code;
    } cases[] = {{ENGINE_POSTGRESQL, "28P01"},
                 {ENGINE_POSTGRESQL, "28000"},
                 {ENGINE_MARIADB, "1045"},
                 {ENGINE_MARIADB, "1698"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct sim_setup setup = usual(1, 500);
        struct lockout lockout = {.user = "user-0", .code = cases[i].code};
        struct sim_world *world;
        struct sim_result result;
        size_t tried = 0;

        setup.engine = cases[i].engine;
        setup.limits.concurrency = setup.limits.per_server = 64;
        world = upgraded(&setup, refuse_user, &lockout, &result);
        assert_int_equal(world->opened, 3);
        assert_int_equal(result.counts[OUTCOME_UNREACHABLE], 500);
        assert_null(result.stopped_by); /* one cause, counted once */
        for (size_t t = 0; t < 500; t++) {
            const struct outcome *outcome = &result.outcomes[t];

            tried += outcome->attempts;
            assert_int_equal(outcome->error->class, ERROR_AUTH);
            assert_string_equal(outcome->error->code, cases[i].code);
            assert_true(
                (outcome->attempts == 0) ==
                (outcome->error->hint && strstr(outcome->error->hint, "not tried") != NULL));
        }
        assert_int_equal(tried, 3);
        sim_world_free(world);
    }
}

static void test_one_refused_user_leaves_the_others(void **state)
{
    struct sim_setup setup = usual(2, 120);
    struct lockout lockout = {.user = "user-1", .code = "28P01"};
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.users = 3;
    setup.rollout.max_unreachable = (struct amount){.value = 2}; /* on two servers */
    world = upgraded(&setup, refuse_user, &lockout, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 80);
    assert_int_equal(result.counts[OUTCOME_UNREACHABLE], 40);
    assert_int_equal(lockout.refused, 6);
    assert_null(result.stopped_by);
    sim_world_free(world);
}

static void test_a_credential_that_is_accepted_begins_anew(void **state)
{
    struct sim_setup setup = usual(1, 60);
    struct lockout lockout = {.user = "user-0", .code = "28P01", .twice_only = true};
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    world = upgraded(&setup, refuse_user, &lockout, &result);
    assert_int_equal(result.counts[OUTCOME_UNREACHABLE], 2);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 58);
    sim_world_free(world);
}

/* The right to connect to a database is no matter of the password. */
static void test_rights_of_databases_open_no_breaker(void **state)
{
    static const char *const codes[] = {"42501", "3D000"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct sim_setup setup = usual(1, 40);
        struct lockout lockout = {.user = "user-0", .code = codes[i]};
        struct sim_world *world;
        struct sim_result result;

        setup.users = 2;
        setup.rollout.max_unreachable.unlimited = true;
        world = upgraded(&setup, refuse_user, &lockout, &result);
        assert_int_equal(lockout.refused, 20);
        assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 20);
        sim_world_free(world);
    }
}

/* What asks which server it is tries the credential, too. */
static void test_who_asks_which_server_it_is_is_refused_as_well(void **state)
{
    struct sim_setup setup = usual(2, 40);
    struct lockout lockout = {.user = "user-0", .code = "28P01"};
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.rollout.max_unreachable.unlimited = true;
    world = upgraded(&setup, refuse_user, &lockout, &result);
    assert_int_equal(lockout.refused, 6);
    assert_int_equal(result.counts[OUTCOME_UNREACHABLE], 40);
    sim_world_free(world);
}

/* ---- down while others work */

/* The first server is dead for a while, the other has work for minutes. */
struct outage_plot {
    int64_t from_us, until_us, starts_us; /* it then takes so long to start up */
    bool silent;
};

static struct sim_fault dead_while_others_work(void *context, struct sim_target *target,
                                               const struct request *request)
{
    const struct outage_plot *plot = context;
    int64_t now_us = sim_host_now(target->world->host);

    if (target->target->server == 0 && now_us >= plot->from_us && now_us < plot->until_us) {
        return (struct sim_fault){.kind = plot->silent || request ? SIM_SILENT : SIM_REFUSED,
                                  .deaf = true};
    }
    if (target->target->server == 0 && !request && now_us >= plot->until_us &&
        now_us < plot->until_us + plot->starts_us) {
        return (struct sim_fault){.kind = SIM_ERROR, .code = "57P03"};
    }
    for (size_t i = 0; request && i < request->count; i++) {
        if (target->target->server == 1 && strcmp(request->commands[i].purpose, "statement") == 0) {
            return (struct sim_fault){.latency_us = 20000000};
        }
    }
    return (struct sim_fault){0};
}

/* A statement of the other server's takes 20 s. */
static struct sim_setup long_work(void)
{
    struct sim_setup setup = usual(2, 120);

    setup.statement_timeout_ms = 60000;
    return setup;
}

static void test_a_server_that_comes_back_late_is_picked_up_again(void **state)
{
    (void)state;
    for (int silent = 0; silent < 2; silent++) {
        struct sim_setup setup = long_work();
        struct outage_plot plot = {
            .from_us = 1050000, .until_us = 200 * 1000000, .silent = silent != 0};
        struct sim_world *world;
        struct sim_result result;

        setup.rollout.max_unreachable = (struct amount){.value = 1};
        world = upgraded(&setup, dead_while_others_work, &plot, &result);
        assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 120);
        assert_null(result.stopped_by);
        assert_in_range(world->probed, 3, 7); /* every half a minute */
        assert_true(sim_host_now(world->host) > plot.until_us);
        sim_world_free(world);
    }
}

static void test_a_server_that_starts_up_is_not_back_yet(void **state)
{
    struct sim_setup setup = long_work();
    struct outage_plot plot = {
        .from_us = 1050000, .until_us = 100 * 1000000, .starts_us = 60 * 1000000};
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.retry.max_ms = 500; /* a target's own attempts are over in two seconds */
    world = upgraded(&setup, dead_while_others_work, &plot, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 120);
    sim_world_free(world);
}

static void test_a_server_that_never_comes_back_ends_with_the_rest(void **state)
{
    struct sim_setup setup = long_work();
    struct outage_plot plot = {.from_us = 1050000, .until_us = INT64_MAX, .silent = true};
    struct sim_world *world;
    struct sim_result result;
    int64_t rest_us = 0;

    (void)state;
    setup.rollout.max_unreachable = (struct amount){.value = 1};
    world = upgraded(&setup, dead_while_others_work, &plot, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED] + result.counts[OUTCOME_UNREACHABLE], 120);
    assert_in_range(result.counts[OUTCOME_UNREACHABLE], 50, 60);
    assert_null(result.stopped_by);
    for (size_t i = 1; i < 120; i += 2) {
        rest_us += result.outcomes[i].microseconds;
    }
    /* A probe that was under way, the last one, ten seconds and a second of grace each. */
    assert_true(sim_host_now(world->host) < rest_us / 4 + 60 * 1000000);
    for (size_t i = 0; i < 120; i += 2) {
        if (result.outcomes[i].kind == OUTCOME_UNREACHABLE) {
            assert_int_equal(result.outcomes[i].error->class, ERROR_CONNECTION);
        }
    }
    sim_world_free(world);
}

static void test_an_outage_counts_when_the_server_is_given_up(void **state)
{
    struct sim_setup setup = long_work();
    struct outage_plot plot = {.from_us = 1050000, .until_us = INT64_MAX};
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.rollout.max_unreachable = (struct amount){.value = 0};
    world = upgraded(&setup, dead_while_others_work, &plot, &result);
    assert_string_equal(result.stopped_by, "max_unreachable");
    assert_in_range(result.counts[OUTCOME_UNREACHABLE], 50, 60); /* at once, as all behind it */
    assert_in_range(result.counts[OUTCOME_NOT_STARTED], 40, 60);
    assert_true(sim_host_now(world->host) < 100 * 1000000);
    sim_world_free(world);
}

/* All have read their heads and wait for a place; the first server takes nobody from then on. */
static struct sim_fault closed_while_all_wait(void *context, struct sim_target *target,
                                              const struct request *request)
{
    (void)context;
    if (target->target->server == 0 && !request && sim_host_now(target->world->host) > 60000000) {
        return (struct sim_fault){.kind = SIM_REFUSED};
    }
    for (size_t i = 0; request && i < request->count; i++) {
        if (strcmp(request->commands[i].purpose, "statement") == 0) {
            return (struct sim_fault){.latency_us = 50000000};
        }
    }
    return (struct sim_fault){0};
}

static void test_places_do_not_wait_for_a_server_that_is_down(void **state)
{
    struct sim_setup setup = usual(2, 60);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.statement_timeout_ms = 120000;
    world = upgraded(&setup, closed_while_all_wait, NULL, &result);
    for (size_t i = 1; i < 60; i += 2) {
        assert_int_equal(result.outcomes[i].kind, OUTCOME_SUCCEEDED);
    }
    assert_true(result.counts[OUTCOME_UNREACHABLE] > 20);
    sim_world_free(world);
}

static void drain_in_the_outage(struct sim_world *world)
{
    drain_after(world, 100 * 1000000);
}

static void test_who_waits_for_a_server_does_not_outlive_a_stop(void **state)
{
    struct sim_setup setup = long_work();
    struct outage_plot plot = {.from_us = 1050000, .until_us = INT64_MAX};
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    world = sim_world_new(&setup);
    world->fault = dead_while_others_work;
    world->fault_context = &plot;
    upgrade_disturbed(world, drain_in_the_outage, false, &result);
    assert_string_equal(result.stopped_by, "interrupt");
    assert_in_range(result.counts[OUTCOME_UNREACHABLE], 50, 60);
    assert_true(result.counts[OUTCOME_NOT_STARTED] > 20);
    assert_true(sim_host_now(world->host) < 150 * 1000000);
    sim_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_server_is_asked_for_less),
        cmocka_unit_test(test_want_of_memory_halves_the_limit_and_costs_an_attempt),
        cmocka_unit_test(test_want_of_memory_that_lasts_fails),
        cmocka_unit_test(test_servers_reached_by_two_names_are_one),
        cmocka_unit_test(test_a_server_that_may_not_be_asked_stays_its_own),
        cmocka_unit_test(test_a_dead_server_by_two_names_is_one_outage),
        cmocka_unit_test(test_one_server_is_not_asked_which_it_is),
        cmocka_unit_test(test_a_dead_server_costs_one_budget_of_attempts),
        cmocka_unit_test(test_a_server_that_comes_back_is_gone_on_with),
        cmocka_unit_test(test_a_name_that_is_not_found),
        cmocka_unit_test(test_three_refusals_and_not_five_hundred),
        cmocka_unit_test(test_one_refused_user_leaves_the_others),
        cmocka_unit_test(test_a_credential_that_is_accepted_begins_anew),
        cmocka_unit_test(test_rights_of_databases_open_no_breaker),
        cmocka_unit_test(test_who_asks_which_server_it_is_is_refused_as_well),
        cmocka_unit_test(test_a_server_that_comes_back_late_is_picked_up_again),
        cmocka_unit_test(test_a_server_that_starts_up_is_not_back_yet),
        cmocka_unit_test(test_a_server_that_never_comes_back_ends_with_the_rest),
        cmocka_unit_test(test_an_outage_counts_when_the_server_is_given_up),
        cmocka_unit_test(test_places_do_not_wait_for_a_server_that_is_down),
        cmocka_unit_test(test_who_waits_for_a_server_does_not_outlive_a_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
