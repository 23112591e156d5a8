/*
 * A few small runs, event by event: what a reader of the contract would expect to see, and when.
 */
#include <string.h>

#include "check.h"
#include "sim_driver.h"
#include "sim_revisions.h"
#include "sim_world.h"

static struct sim_setup usual(size_t servers, size_t targets)
{
    return (struct sim_setup){
        .seed = 3,
        .engine = ENGINE_POSTGRESQL,
        .servers = servers,
        .targets = targets,
        .revisions = sim_plain.texts,
        .revision_count = sim_plain.count,
        .limits = {.concurrency = 8, .per_server = 8, .per_database = 1},
        .retry = {.attempts = 3, .initial_ms = 1000, .multiplier = 1, .max_ms = 1000},
        .rollout = {.max_failures = {.value = 1, .percent = true},
                    .max_unreachable = {.value = 1},
                    .same_error = 3,
                    .order_file = true},
        .lock_wait_ms = 60000,
        .connect_timeout_ms = 10000,
        .statement_timeout_ms = 30000,
    };
}

/* Statements take two seconds, all else nothing: the trace shows who works when. */
static struct sim_fault steady(void *context, struct sim_target *target,
                               const struct request *request)
{
    struct sim_fault fault = {.latency_us = 1};
    const size_t *dead_server = context;

    if (dead_server && target->target->server == *dead_server) {
        fault.kind = SIM_REFUSED;
        fault.latency_us = 100000;
    }
    for (size_t i = 0; request && i < request->count; i++) {
        if (strcmp(request->commands[i].purpose, "statement") == 0) {
            fault.latency_us = 2000000;
        }
    }
    return fault;
}

static void check_trace(const struct sim_setup *setup, size_t *dead_server,
                        void (*disturb)(struct sim_world *world), const char *expected)
{
    struct sim_world *world = sim_world_new(setup);
    struct str trace = STR_INIT;
    struct sim_order order = {.kind = GOAL_UPGRADE, .identifier = "heads", .disturb = disturb};
    struct sim_result result;

    world->trace = &trace;
    world->fault = steady;
    world->fault_context = dead_server;
    sim_host_bound(world->host, INT64_C(4000000000), 1000000);
    sim_world_run(world, &order, &result);
    if (world->wrong) {
        fail_msg("%s", world->wrong);
    }
    assert_string_equal(trace.text, expected);
    str_release(&trace);
    sim_world_free(world);
}

static const char slow_start_trace[] = "   0.000 run started\n"
                                       "   0.000 t00000 started\n"
                                       "   0.000 t00001 started\n"
                                       "   0.000 t00002 started\n"
                                       "   0.001 t00003 started\n"
                                       "   0.001 t00004 started\n"
                                       "   0.001 t00005 started\n"
                                       "   0.001 t00006 started\n"
                                       "   0.001 t00007 started\n"
                                       "   2.001 t00000 ended succeeded\n"
                                       "   4.002 t00002 ended succeeded\n"
                                       "   4.002 t00001 ended succeeded\n"
                                       "   6.003 t00005 ended succeeded\n"
                                       "   6.003 t00004 ended succeeded\n"
                                       "   6.003 t00003 ended succeeded\n"
                                       "   6.003 t00007 ended succeeded\n"
                                       "   6.003 t00006 ended succeeded\n"
                                       "   6.003 run ended\n";

static const char breaker_trace[] = "   0.000 run started\n"
                                    "   0.003 t00001 started\n"
                                    "   0.003 t00003 started\n"
                                    "   0.003 t00005 started\n"
                                    "   0.003 t00007 started\n"
                                    "   0.003 t00009 started\n"
                                    "   0.003 t00011 started\n"
                                    "   0.003 t00013 started\n"
                                    "   0.003 t00015 started\n"
                                    "   1.004 t00000 started\n"
                                    "   1.004 t00002 started\n"
                                    "   1.004 t00004 started\n"
                                    "   1.004 t00017 started\n"
                                    "   1.004 t00019 started\n"
                                    "   1.105 t00000 waits backoff\n"
                                    "   1.105 t00006 started\n"
                                    "   1.105 t00002 waits backoff\n"
                                    "   1.105 t00008 started\n"
                                    "   1.105 t00004 waits backoff\n"
                                    "   1.105 t00010 started\n"
                                    "   1.206 t00006 waits backoff\n"
                                    "   1.206 t00012 started\n"
                                    "   1.206 t00008 waits backoff\n"
                                    "   1.206 t00010 waits backoff\n"
                                    "   1.307 t00012 waits backoff\n"
                                    "   2.004 t00001 ended succeeded\n"
                                    "   2.206 t00016 started\n"
                                    "   2.307 t00016 waits backoff\n"
                                    "   3.307 t00018 started\n"
                                    "   3.408 t00018 waits backoff\n"
                                    "   4.004 t00017 ended succeeded\n"
                                    "   4.004 t00019 ended succeeded\n"
                                    "   6.005 t00007 ended succeeded\n"
                                    "   6.005 t00005 ended succeeded\n"
                                    "   6.005 t00003 ended succeeded\n"
                                    "   6.005 t00015 ended succeeded\n"
                                    "   6.005 t00013 ended succeeded\n"
                                    "   6.005 t00011 ended succeeded\n"
                                    "   6.005 t00009 ended succeeded\n"
                                    "   6.106 t00000 ended unreachable\n"
                                    "   6.106 t00002 ended unreachable\n"
                                    "   6.106 t00004 ended unreachable\n"
                                    "   6.106 t00006 ended unreachable\n"
                                    "   6.106 t00008 ended unreachable\n"
                                    "   6.106 t00010 ended unreachable\n"
                                    "   6.106 t00012 ended unreachable\n"
                                    "   6.106 t00014 ended unreachable\n"
                                    "   6.106 t00016 ended unreachable\n"
                                    "   6.106 t00018 ended unreachable\n"
                                    "   6.106 run ended\n";

static const char drain_trace[] = "   0.000 run started\n"
                                  "   0.000 t00000 started\n"
                                  "   0.000 t00001 started\n"
                                  "   0.000 t00002 started\n"
                                  "   0.001 t00003 started\n"
                                  "   0.001 t00004 started\n"
                                  "   0.001 t00005 started\n"
                                  "   2.001 t00000 ended succeeded\n"
                                  "   3.000 run stopping interrupt\n"
                                  "   3.000 t00003 ended not_started\n"
                                  "   3.000 t00004 ended not_started\n"
                                  "   3.000 t00005 ended not_started\n"
                                  "   4.002 t00002 ended succeeded\n"
                                  "   4.002 t00001 ended succeeded\n"
                                  "   4.002 run ended interrupt\n";

static void test_slow_start_doubles(void **state)
{
    struct sim_setup setup = usual(1, 8);

    (void)state;
    check_trace(&setup, NULL, NULL, slow_start_trace);
}

static void test_breaker(void **state)
{
    struct sim_setup setup = usual(2, 20);
    size_t dead_server = 0;

    (void)state;
    check_trace(&setup, &dead_server, NULL, breaker_trace);
}

static void on_drain(void *context)
{
    struct sim_world *world = context;

    run_drain(world->runs[0], "interrupt");
}

static void drain_soon(struct sim_world *world)
{
    sim_host_after(world->host, 3000000, on_drain, world);
}

static void test_drain(void **state)
{
    struct sim_setup setup = usual(1, 6);

    (void)state;
    check_trace(&setup, NULL, drain_soon, drain_trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_start_doubles),
        cmocka_unit_test(test_breaker),
        cmocka_unit_test(test_drain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
