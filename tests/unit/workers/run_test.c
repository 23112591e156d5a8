#include "workers/run.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "run_world.h"
#include "sim_driver.h"
#include "sim_revisions.h"

/* ---- limits */

static void test_limits_are_used_and_kept(void **state)
{
    struct sim_setup setup = usual(4, 60);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.limits = (struct limits){.concurrency = 6, .per_server = 3, .per_database = 1};
    world = upgraded(&setup, NULL, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 60);
    assert_int_equal(world->most, 6);
    sim_world_free(world);
}

static void test_one_database_holds_no_slot_that_others_need(void **state)
{
    struct sim_setup setup = usual(2, 40);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.shared_database = true; /* of twenty schemas each, one at a time */
    world = upgraded(&setup, NULL, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 40);
    assert_int_equal(world->servers[0].most, 1);
    assert_int_equal(world->most, 2);
    sim_world_free(world);
}

static struct sim_fault slow_first_server(void *context, struct sim_target *target,
                                          const struct request *request)
{
    (void)context;
    (void)request;
    return (struct sim_fault){.latency_us = target->target->server == 0 ? 10000000 : 1000};
}

static void test_a_slow_server_leaves_the_others_their_slots(void **state)
{
    struct sim_setup setup = usual(2, 60);
    struct sim_world *world;
    struct sim_result result;
    int64_t fast_us = 0;

    (void)state;
    setup.limits = (struct limits){.concurrency = 4, .per_server = 4, .per_database = 1};
    setup.statement_timeout_ms = 60000;
    setup.connect_timeout_ms = 60000;
    world = sim_world_new(&setup);
    for (size_t i = 0; i < 60; i++) { /* two groups, so that neither waits for the other's start */
        if (i % 2) {
            fake_server_add_version(&world->targets[i].server, SIM_FIRST);
        }
    }
    world->fault = slow_first_server;
    upgrade(world, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 60);
    for (size_t i = 1; i < 60; i += 2) {
        fast_us += result.outcomes[i].microseconds;
    }
    assert_true(fast_us < 30 * 1000000);
    sim_world_free(world);
}

/* ---- an operation that does not end */

struct plot {
    size_t left;
    struct sim_fault fault;
};

static struct sim_fault once(void *context, struct sim_target *target,
                             const struct request *request)
{
    struct plot *plot = context;

    (void)target;
    if (request && plot->left > 0 && --plot->left == 0) {
        return plot->fault;
    }
    return (struct sim_fault){0};
}

static void test_an_abort_without_an_answer_ends_the_connection(void **state)
{
    struct sim_setup setup = usual(1, 1);
    struct plot plot = {.left = 3, .fault = {.kind = SIM_SILENT, .deaf = true}};
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    world = upgraded(&setup, once, &plot, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 1);
    assert_int_equal(result.outcomes[0].attempts, 2);
    assert_int_equal(world->opened, 2);
    /* Whom it waits for was asked ever more rarely: nobody is found. */
    assert_in_range(world->asked, 3, 8);
    sim_world_free(world);
}

static void test_a_target_has_its_time(void **state)
{
    struct sim_setup setup = usual(1, 3);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.limits.target_timeout_ms = 5000;
    world = sim_world_new(&setup);
    world->targets[1].server.lock_foreign = true;
    upgrade(world, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 2);
    assert_int_equal(result.outcomes[1].kind, OUTCOME_FAILED);
    assert_int_equal(result.outcomes[1].error->class, ERROR_CANCELLED);
    assert_in_range(result.outcomes[1].microseconds, 5000000, 5100000);
    sim_world_free(world);
}

/* ---- stops */

static void on_cancel(void *context)
{
    struct sim_world *world = context;

    run_cancel(world->runs[0], "interrupt");
}

static struct sim_fault all_slow(void *context, struct sim_target *target,
                                 const struct request *request)
{
    (void)context;
    (void)target;
    (void)request;
    return (struct sim_fault){.latency_us = 1000000};
}

static void drain_soon(struct sim_world *world)
{
    drain_after(world, 10500000);
}

static void drain_and_cancel(struct sim_world *world)
{
    drain_soon(world);
    sim_host_after(world->host, 10600000, on_cancel, world);
}

static void test_a_drain_lets_finish_what_runs(void **state)
{
    struct sim_setup setup = usual(2, 40);
    struct sim_world *world = sim_world_new(&setup);
    struct sim_result result;

    (void)state;
    world->fault = all_slow;
    upgrade_disturbed(world, drain_soon, false, &result);
    assert_string_equal(result.stopped_by, "interrupt");
    assert_true(result.counts[OUTCOME_SUCCEEDED] > 0);
    assert_true(result.counts[OUTCOME_NOT_STARTED] > 20);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED] + result.counts[OUTCOME_NOT_STARTED], 40);
    sim_world_free(world);
}

static void test_a_cancel_ends_what_runs(void **state)
{
    struct sim_setup setup = usual(2, 40);
    struct sim_world *world = sim_world_new(&setup);
    struct sim_result result;

    (void)state;
    world->fault = all_slow;
    upgrade_disturbed(world, drain_and_cancel, false, &result);
    assert_true(result.counts[OUTCOME_CANCELLED] > 0);
    assert_true(sim_host_now(world->host) < 30 * 1000000);
    sim_world_free(world);
}

/* ---- slow start and same_error */

static void test_a_wrong_revision_meets_three_of_each_group(void **state)
{
    struct sim_setup setup = usual(3, 90);
    struct sim_world *world;
    struct sim_result result;
    size_t met[3] = {0};

    (void)state;
    setup.rollout.max_failures.unlimited = true;
    setup.limits.per_server = 8;
    world = sim_world_new(&setup);
    for (size_t i = 0; i < 90; i++) {
        struct sim_target *target = &world->targets[i];

        if (i % 3 == 1) {
            fake_server_add_version(&target->server, SIM_FIRST);
        } else if (i % 3 == 2) { /* past the wrong one: goes on */
            fake_server_add_version(&target->server, SIM_SECOND);
        }
        target->wrong = "second_two";
        target->wrong_code = "42P07";
    }
    upgrade(world, &result);
    for (size_t i = 0; i < 90; i++) {
        met[i % 3] += result.outcomes[i].kind == OUTCOME_FAILED;
    }
    assert_true(met[0] <= 3 && met[1] <= 3);
    assert_true(met[0] == 3 || met[1] == 3);
    assert_int_equal(met[2], 0);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 30);
    assert_int_equal(result.counts[OUTCOME_NOT_STARTED], 60 - met[0] - met[1]);
    assert_string_equal(result.stopped_by, "same_error");
    sim_world_free(world);
}

static void test_a_budget_stops_the_run(void **state)
{
    struct sim_setup setup = usual(1, 100);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.rollout.same_error = 0;
    setup.rollout.max_failures = (struct amount){.value = 4, .percent = true};
    world = sim_world_new(&setup);
    for (size_t i = 0; i < 100; i++) {
        world->targets[i].wrong = "first_one";
        world->targets[i].wrong_code = "42P07";
    }
    upgrade(world, &result);
    assert_string_equal(result.stopped_by, "max_failures");
    assert_int_equal(result.counts[OUTCOME_FAILED], 5); /* one place, and more than four */
    assert_int_equal(result.counts[OUTCOME_NOT_STARTED], 95);
    sim_world_free(world);
}

/* t00000 loses its connection with a revision done; t00001 is slow to fail. */
static struct sim_fault lost_and_slow(void *context, struct sim_target *target,
                                      const struct request *request)
{
    bool *lost = context;
    size_t index = (size_t)(target - target->world->targets);

    for (size_t i = 0; request && i < request->count; i++) {
        const struct command *command = &request->commands[i];

        if (index == 0 && !*lost && memmem(command->sql, command->length, "second_one", 10)) {
            *lost = true;
            return (struct sim_fault){.kind = SIM_LOST_BEFORE};
        }
        if (index == 1 && strcmp(command->purpose, "statement") == 0) {
            return (struct sim_fault){.latency_us = 20000000};
        }
    }
    return (struct sim_fault){0};
}

/* t00002 is given the turn at the database that t00001 leaves, and is stopped before it uses it:
 * t00000, which is under way and waits behind it, must not be forgotten. */
static void test_a_turn_that_is_not_used_is_passed_on(void **state)
{
    struct sim_setup setup = usual(1, 3);
    bool lost = false;
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.shared_database = true;
    setup.transaction = TRANSACTION_REVISION;
    setup.rollout.order_file = true;
    setup.rollout.max_failures = (struct amount){.value = 0};
    world = sim_world_new(&setup);
    world->fault = lost_and_slow;
    world->fault_context = &lost;
    world->targets[1].wrong = "first_two";
    world->targets[1].wrong_code = "42P07";
    upgrade(world, &result);
    assert_true(lost);
    assert_int_equal(result.outcomes[0].kind, OUTCOME_SUCCEEDED);
    assert_int_equal(result.outcomes[1].kind, OUTCOME_FAILED);
    assert_int_equal(result.outcomes[2].kind, OUTCOME_NOT_STARTED);
    sim_world_free(world);
}

static void test_keep_going_tries_all(void **state)
{
    struct sim_setup setup = usual(1, 40);
    struct sim_world *world = sim_world_new(&setup);
    struct sim_result result;

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        world->targets[i].wrong = "first_one";
        world->targets[i].wrong_code = "42P07";
    }
    upgrade_disturbed(world, NULL, true, &result);
    assert_null(result.stopped_by);
    assert_int_equal(result.counts[OUTCOME_FAILED], 40);
    sim_world_free(world);
}

/* A slow target has the only place: the others do not keep connections meanwhile. */
static struct sim_fault slow_statements(void *context, struct sim_target *target,
                                        const struct request *request)
{
    (void)context;
    (void)target;
    for (size_t i = 0; request && i < request->count; i++) {
        if (strcmp(request->commands[i].purpose, "statement") == 0) {
            return (struct sim_fault){.latency_us = 20000000};
        }
    }
    return (struct sim_fault){0};
}

static void test_who_waits_long_for_a_place_gives_its_connection_back(void **state)
{
    struct sim_setup setup = usual(1, 12);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    world = upgraded(&setup, slow_statements, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 12);
    /* Each connects at most once in vain, for a second, and comes back when a place is free. */
    assert_in_range(world->opened, 12 + 8, 12 + 12 + 4);
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(result.outcomes[i].attempts, 1);
    }
    sim_world_free(world);
}

/* ---- the debug descriptor */

static void test_each_move_is_shown_and_awaited(void **state)
{
    struct sim_setup setup = usual(1, 1);
    struct sim_world *world;
    struct sim_result result;
    char bytes[64] = {0}, shown[4096] = "", left[64];
    int pair[2];
    ssize_t got;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(write(pair[1], bytes, sizeof(bytes)), sizeof(bytes)); /* all the answers */
    setup.debug_descriptor = pair[0];
    world = upgraded(&setup, NULL, NULL, &result);
    got = recv(pair[1], shown, sizeof(shown) - 1, MSG_DONTWAIT);
    assert_true(got > 0);
    assert_non_null(strstr(shown, "CONNECT t00000\nPEEK t00000\n"));
    assert_non_null(strstr(shown, "COMMIT t00000\n"));
    assert_non_null(strstr(shown, "DONE t00000\n"));
    got = 0;
    for (const char *line = shown; *line; line++) {
        got += *line == '\n';
    }
    assert_int_equal(recv(pair[0], left, sizeof(left), MSG_DONTWAIT),
                     (ssize_t)sizeof(bytes) - got); /* one byte for each */
    sim_world_free(world);
    close(pair[0]);
    close(pair[1]);
}

/* ---- size */

static void test_many_targets_cost_little_each(void **state)
{
    struct sim_setup setup = usual(20, 5000);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.limits = (struct limits){.concurrency = 64, .per_server = 8, .per_database = 1};
    world = sim_world_new(&setup);
    for (size_t i = 0; i < 5000; i++) {
        fake_server_add_version(&world->targets[i].server, SIM_THIRD);
    }
    upgrade(world, &result);
    assert_int_equal(result.counts[OUTCOME_UP_TO_DATE], 5000);
    assert_int_equal(world->opened, 5000);
    sim_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_are_used_and_kept),
        cmocka_unit_test(test_one_database_holds_no_slot_that_others_need),
        cmocka_unit_test(test_a_slow_server_leaves_the_others_their_slots),
        cmocka_unit_test(test_an_abort_without_an_answer_ends_the_connection),
        cmocka_unit_test(test_a_target_has_its_time),
        cmocka_unit_test(test_a_drain_lets_finish_what_runs),
        cmocka_unit_test(test_a_cancel_ends_what_runs),
        cmocka_unit_test(test_a_wrong_revision_meets_three_of_each_group),
        cmocka_unit_test(test_a_budget_stops_the_run),
        cmocka_unit_test(test_a_turn_that_is_not_used_is_passed_on),
        cmocka_unit_test(test_keep_going_tries_all),
        cmocka_unit_test(test_who_waits_long_for_a_place_gives_its_connection_back),
        cmocka_unit_test(test_each_move_is_shown_and_awaited),
        cmocka_unit_test(test_many_targets_cost_little_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
