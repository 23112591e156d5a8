#include "sim_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/str.h"
#include "planner/revision_file.h"
#include "sim_driver.h"
#include "sim_oracle.h"

void sim_world_violation(struct sim_world *world, const char *format, ...)
{
    va_list arguments;

    if (world->wrong) {
        return;
    }
    va_start(arguments, format);
    world->wrong = arena_vprintf(&world->arena, format, arguments);
    va_end(arguments);
}

/* ---- making it */

static void load_revisions(struct sim_world *world)
{
    const struct sim_setup *setup = &world->setup;
    struct err_list errors;

    err_list_init(&errors, &world->arena, 10);
    world->revisions = arena_array(&world->arena, setup->revision_count, sizeof(struct revision *));
    for (size_t i = 0; i < setup->revision_count; i++) {
        struct file_text file = {.name = "revision.sql", .path = "versions/revision.sql"};

        file.data = arena_strdup(&world->arena, setup->revisions[i]);
        file.length = strlen(file.data);
        world->revisions[i] =
            revision_file_parse(&world->arena, &file, ENGINE_BIT(setup->engine), &errors);
        if (!world->revisions[i]) {
            BUG("revision %zu: %s", i, errors.items[0].message);
        }
    }
    if (graph_build(&world->graph, &world->arena, world->revisions, setup->revision_count,
                    &errors)) {
        BUG("graph: %s", errors.items[0].message);
    }
}

static bool allow(void *context, const struct fake_session *session, const struct command *command,
                  const char **code)
{
    const struct sim_target *target = context;

    (void)session;
    if (target->wrong && strcmp(command->purpose, "statement") == 0 &&
        memmem(command->sql, command->length, target->wrong, strlen(target->wrong))) {
        *code = target->wrong_code;
        return false;
    }
    return true;
}

static size_t users(const struct sim_setup *setup)
{
    return setup->users ? setup->users : 1;
}

/* The schema of another target in the same database. */
static struct fake_server *neighbour(void *context, const char *schema)
{
    const struct sim_target *target = context;
    struct sim_world *world = target->world;

    for (size_t i = 0; i < world->setup.targets; i++) {
        const struct target *other = world->targets[i].target;

        if (other->server == target->target->server && other->schema &&
            strcmp(other->schema, schema) == 0) {
            return &world->targets[i].server;
        }
    }
    return NULL;
}

static void make_server(struct sim_world *world, struct server *server, struct endpoint *endpoint,
                        size_t number)
{
    bool local = world->setup.engine == ENGINE_SQLITE;

    server->name = local                ? "local"
                   : world->setup.hosts ? world->setup.hosts[number]
                                        : arena_printf(&world->arena, "db-%zu", number);
    server->address = local ? "local" : arena_printf(&world->arena, "%s:5432", server->name);
    endpoint->host = local ? NULL : server->name;
    endpoint->port = local ? NULL : "5432";
}

static void make_targets(struct sim_world *world, struct target *targets,
                         const struct endpoint *endpoints,
                         const struct connection_settings *connection)
{
    const struct sim_setup *setup = &world->setup;

    for (size_t i = 0; i < setup->targets; i++) {
        struct sim_target *sim = &world->targets[i];
        struct target *target = &targets[i];

        target->name = arena_printf(&world->arena, "t%05zu", i);
        target->engine = setup->engine;
        target->server = i % setup->servers;
        target->endpoint =
            &endpoints[target->server + i / setup->servers % users(setup) * setup->servers];
        target->database = target->name;
        target->connection = connection;
        if (setup->engine == ENGINE_SQLITE) {
            target->path = arena_printf(&world->arena, "/data/%s.db", target->name);
        }
        if (setup->shared_database) {
            target->schema = target->name;
            target->database = "shared";
        }
        fake_server_init(&sim->server, setup->engine, target->database,
                         target->schema ? target->schema : "public");
        sim->server.allow = allow;
        sim->server.neighbour = setup->shared_database ? neighbour : NULL;
        sim->server.context = sim;
        sim->world = world;
        sim->target = target;
        if (setup->pooled) {
            sim->server.pooled = true;
            world->directs[i] = *target;
            target->direct = &world->directs[i];
        }
        world->selected[i] = i;
    }
}

static void make_fleet(struct sim_world *world)
{
    const struct sim_setup *setup = &world->setup;
    struct server *servers = arena_array(&world->arena, setup->servers, sizeof(*servers));
    size_t endpoint_count = setup->servers * users(setup);
    struct endpoint *endpoints = arena_array(&world->arena, endpoint_count, sizeof(*endpoints));
    struct target *targets = arena_array(&world->arena, setup->targets, sizeof(*targets));
    struct connection_settings *connection = arena_alloc(&world->arena, sizeof(*connection));

    connection->connect_timeout_ms = setup->connect_timeout_ms;
    connection->lock_wait_ms = setup->lock_wait_ms;
    connection->lock_timeout_ms = 5000;
    connection->statement_timeout_ms = setup->statement_timeout_ms;
    connection->abandoned_after_ms = 60000;
    world->servers = arena_array(&world->arena, setup->servers, sizeof(*world->servers));
    world->targets = arena_array(&world->arena, setup->targets, sizeof(*world->targets));
    world->directs = arena_array(&world->arena, setup->targets, sizeof(*world->directs));
    world->selected = arena_array(&world->arena, setup->targets, sizeof(*world->selected));
    for (size_t i = 0; i < endpoint_count; i++) {
        make_server(world, &servers[i % setup->servers], &endpoints[i], i % setup->servers);
        endpoints[i].user = arena_printf(&world->arena, "user-%zu", i / setup->servers);
    }
    make_targets(world, targets, endpoints, connection);
    world->fleet = (struct fleet){
        .migrations = {.version_table = "alembic_version",
                       .history_table = "skein_history",
                       .transaction = setup->transaction},
        .limits = setup->limits,
        .retry = setup->retry,
        .rollout = setup->rollout,
        .servers = servers,
        .server_count = setup->servers,
        .targets = targets,
        .target_count = setup->targets,
        .engines = ENGINE_BIT(setup->engine),
    };
}

struct sim_world *sim_world_new(const struct sim_setup *setup)
{
    struct sim_world *world = xcalloc(1, sizeof(*world));
    struct sim_hooks hooks = {
        .ready_at = sim_driver_ready_at, .after_event = sim_oracle_watch, .context = world};

    world->setup = *setup;
    random_seed(&world->random, setup->seed);
    world->host = sim_host_new(setup->limits.concurrency, &hooks);
    load_revisions(world);
    make_fleet(world);
    return world;
}

static void end_runs(struct sim_world *world)
{
    for (size_t i = 0; i < SIM_TOGETHER; i++) {
        if (world->runs[i]) {
            run_free(world->runs[i]);
            world->runs[i] = NULL;
        }
    }
}

void sim_world_free(struct sim_world *world)
{
    end_runs(world);
    for (size_t i = 0; i < world->setup.targets; i++) {
        fake_server_release(&world->targets[i].server);
    }
    sim_host_free(world->host);
    arena_release(&world->arena);
    free(world);
}

/* ---- a run */

struct watcher {
    struct observer observer;
    struct sim_world *world;
    struct sim_result *result;
    bool stopping, ended;
};

static const char *const event_names[] = {
    [EVENT_RUN_STARTED] = "run started",   [EVENT_TARGET_STARTED] = "started",
    [EVENT_TARGET_WAITS] = "waits",        [EVENT_TARGET_ENDED] = "ended",
    [EVENT_RUN_STOPPING] = "run stopping", [EVENT_RUN_ENDED] = "run ended",
};

static void trace(struct sim_world *world, const struct event *event)
{
    bool of_target = event->kind == EVENT_TARGET_STARTED || event->kind == EVENT_TARGET_WAITS ||
                     event->kind == EVENT_TARGET_ENDED;

    if (!world->trace) {
        return;
    }
    str_addf(world->trace, "%8.3f %s", (double)event->now_us / 1e6 - 1,
             of_target ? world->fleet.targets[event->target].name : "");
    str_addf(world->trace, "%s%s", of_target ? " " : "", event_names[event->kind]);
    if (event->kind == EVENT_TARGET_ENDED) {
        str_addf(world->trace, " %s", outcome_name(event->outcome->kind));
    } else if (event->reason) {
        str_addf(world->trace, " %s", event->reason);
    }
    str_addc(world->trace, '\n');
}

static void on_event(struct observer *observer, const struct event *event)
{
    struct watcher *watcher = (struct watcher *)(void *)observer;
    struct sim_world *world = watcher->world;

    trace(world, event);
    switch (event->kind) {
    case EVENT_RUN_STOPPING:
        watcher->stopping = watcher->stopping || strcmp(event->reason, "same_error") != 0;
        break;
    case EVENT_TARGET_STARTED:
        if (watcher->stopping) {
            sim_world_violation(world, "%s was started after the stop",
                                world->fleet.targets[event->target].name);
        }
        break;
    case EVENT_TARGET_ENDED:
        watcher->result->counts[event->outcome->kind]++;
        break;
    case EVENT_RUN_ENDED:
        watcher->ended = true;
        break;
    case EVENT_RUN_STARTED:
    case EVENT_TARGET_WAITS:
        break;
    }
}

/* A run with all that it points to. */
struct passage {
    struct goal goal;
    struct planning planning;
    struct run_identity identity;
    struct watcher watcher;
    struct observer *observers[1];
    struct run_options options;
};

static void prepare(struct sim_world *world, struct passage *passage, const struct sim_order *order)
{
    struct err err = ERR_INIT(&world->arena);

    passage->goal = (struct goal){.kind = GOAL_READ};
    if (!order->resolve && goal_resolve(&world->graph, &world->arena, order->kind,
                                        &order->identifier, 1, &passage->goal, &err)) {
        BUG("goal: %s", err.message);
    }
    passage->planning = (struct planning){
        .graph = &world->graph, .migrations = &world->fleet.migrations, .goal = &passage->goal};
    passage->identity = (struct run_identity){.actor = "sim"};
    snprintf(passage->identity.id, sizeof(passage->identity.id), "20261120T103000Z-%06x",
             (unsigned)random_below(&world->random, 0x1000000));
    passage->observers[0] = &passage->watcher.observer;
    passage->options = (struct run_options){
        .fleet = &world->fleet,
        .targets = world->selected,
        .count = world->setup.targets,
        .order = {.mode = order->resolve ? LIFE_RESOLVE : LIFE_EXECUTE,
                  .resolution = RESOLVE_DONE_TO,
                  .done_to = order->done_to,
                  .planning = &passage->planning,
                  .identity = &passage->identity,
                  .retry = &world->fleet.retry,
                  .target_timeout_us = world->setup.limits.target_timeout_ms * 1000},
        .limits = world->setup.limits,
        .rollout = world->setup.rollout,
        .keep_going = order->keep_going,
        .observers = passage->observers,
        .observer_count = 1,
        .driver_for = sim_driver_for,
        .seed = random_next(&world->random),
        .debug_descriptor = world->setup.debug_descriptor ? world->setup.debug_descriptor : -1,
    };
}

static void on_kill(void *context)
{
    struct sim_world *world = context;

    if (world->running) {
        world->killed = true;
        sim_host_of(world->host)->table->stop(sim_host_of(world->host));
    }
}

static void begin_runs(struct sim_world *world, const struct sim_order *order,
                       struct passage *passages, struct sim_result *results)
{
    for (size_t i = 0; i < world->together; i++) {
        results[i] = (struct sim_result){0};
        passages[i].watcher =
            (struct watcher){.observer = {on_event}, .world = world, .result = &results[i]};
        prepare(world, &passages[i], order);
        world->runs[i] = run_new(sim_host_of(world->host), &passages[i].options);
        run_start(world->runs[i]);
    }
    if (order->kill_after_us > 0) {
        sim_host_after(world->host, order->kill_after_us, on_kill, world);
    }
    if (order->disturb) {
        order->disturb(world);
    }
}

static bool all_ended(const struct sim_world *world, const struct passage *passages)
{
    for (size_t i = 0; i < world->together; i++) {
        if (!passages[i].watcher.ended) {
            return false;
        }
    }
    return true;
}

bool sim_world_run(struct sim_world *world, const struct sim_order *order,
                   struct sim_result *results)
{
    struct host *host = sim_host_of(world->host);
    struct passage passages[SIM_TOGETHER];

    end_runs(world);
    sim_driver_use(world);
    world->upgrading = !order->resolve && order->kind == GOAL_UPGRADE;
    world->downgraded = world->downgraded || (!order->resolve && order->kind == GOAL_DOWNGRADE);
    world->together = world->setup.together ? world->setup.together : 1;
    world->killed = false;
    world->settling = order->resolve;
    world->running = true;
    begin_runs(world, order, passages, results);
    while (!all_ended(world, passages) && !world->killed && !sim_host_exhausted(world->host)) {
        if (!sim_host_waits(world->host)) {
            sim_world_violation(world, "nothing is waited for, and the run has not ended");
            break;
        }
        host->table->run(host);
    }
    world->running = false;
    if (world->killed) {
        sim_host_drop_work(world->host);
        end_runs(world);
        sim_oracle_killed(world);
        return false;
    }
    for (size_t i = 0; i < world->together; i++) {
        results[i].outcomes = run_outcomes(world->runs[i]);
        results[i].stopped_by = run_stopped_by(world->runs[i]);
        sim_oracle_conclude(world, &passages[i].identity, &results[i]);
    }
    return true;
}
