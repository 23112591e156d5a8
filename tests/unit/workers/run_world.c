#include "run_world.h"

#include "check.h"
#include "sim_revisions.h"
#include "workers/run.h"

struct sim_setup usual(size_t servers, size_t targets)
{
    return (struct sim_setup){
        .seed = 7,
        .engine = ENGINE_POSTGRESQL,
        .servers = servers,
        .targets = targets,
        .revisions = sim_plain.texts,
        .revision_count = sim_plain.count,
        .transaction = TRANSACTION_TARGET,
        .limits = {.concurrency = 8, .per_server = 4, .per_database = 1},
        .retry = {.attempts = 5, .initial_ms = 250, .multiplier = 2, .max_ms = 30000},
        .rollout = {.max_failures = {.value = 1, .percent = true},
                    .max_unreachable = {.value = 1},
                    .same_error = 3},
        .lock_wait_ms = 60000,
        .connect_timeout_ms = 10000,
        .statement_timeout_ms = 30000,
    };
}

void upgrade_disturbed(struct sim_world *world, void (*disturb)(struct sim_world *world),
                       bool keep_going, struct sim_result *result)
{
    struct sim_order order = {
        .kind = GOAL_UPGRADE, .identifier = "heads", .keep_going = keep_going, .disturb = disturb};

    sim_host_bound(world->host, INT64_C(40000000000), 20000000);
    sim_world_run(world, &order, result);
    if (world->wrong) {
        fail_msg("%s", world->wrong);
    }
}

void upgrade(struct sim_world *world, struct sim_result *result)
{
    upgrade_disturbed(world, NULL, false, result);
}

struct sim_world *upgraded(const struct sim_setup *setup,
                           struct sim_fault (*fault)(void *context, struct sim_target *target,
                                                     const struct request *request),
                           void *context, struct sim_result *result)
{
    struct sim_world *world = sim_world_new(setup);

    world->fault = fault;
    world->fault_context = context;
    upgrade(world, result);
    return world;
}

static void on_drain(void *context)
{
    struct sim_world *world = context;

    run_drain(world->runs[0], "interrupt");
}

void drain_after(struct sim_world *world, int64_t microseconds)
{
    sim_host_after(world->host, microseconds, on_drain, world);
}
