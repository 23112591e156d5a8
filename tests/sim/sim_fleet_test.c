/*
 * Random fleets with random faults against the oracle. Each has a seed; a failure prints it, and
 * --seed S tries it again. --count N or SKEIN_SIM_FLEETS=N: how many (2,000 in the usual run).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "sim_driver.h"
#include "sim_revisions.h"
#include "sim_world.h"

#define USUAL_COUNT 2000

/* What a fleet meets; chances are of 1000 operations. */
struct weather {
    struct sim_world *world;
    struct random random;
    uint64_t lost, silent, deaf, error, refused, slow;
    size_t dead_server; /* >= servers: none */
    int64_t dead_from_us, dead_until_us;
    bool dead_silently;
    bool wrong_everywhere;
};

static const char *const postgresql_codes[] = {"40P01", "55P03", "57P01", "53300", "40001", "57014",
                                               "42501", "53100", "08006", "53200", "28P01"};
static const char *const sqlite_codes[] = {"5", "517", "10", "13", "9"};

static const char *const mariadb_codes[] = {"1213", "1205", "1040", "1969", "1142",
                                            "1021", "9999", "1203", "1041", "1045"};

static bool chance(struct random *random, uint64_t of_thousand)
{
    return random_below(random, 1000) < of_thousand;
}

static uint64_t between(struct random *random, uint64_t least, uint64_t most)
{
    return least + random_below(random, most - least + 1);
}

static const char *some_code(struct weather *weather)
{
    if (weather->world->setup.engine == ENGINE_SQLITE) {
        return sqlite_codes[random_below(&weather->random,
                                         sizeof(sqlite_codes) / sizeof(*sqlite_codes))];
    }
    if (weather->world->setup.engine == ENGINE_MARIADB) {
        return mariadb_codes[random_below(&weather->random,
                                          sizeof(mariadb_codes) / sizeof(*mariadb_codes))];
    }
    return postgresql_codes[random_below(&weather->random,
                                         sizeof(postgresql_codes) / sizeof(*postgresql_codes))];
}

static bool is_dead(const struct weather *weather, const struct sim_target *target)
{
    int64_t now_us = sim_host_now(weather->world->host);

    return target->target->server == weather->dead_server && now_us >= weather->dead_from_us &&
           now_us < weather->dead_until_us;
}

static struct sim_fault weather_fault(void *context, struct sim_target *target,
                                      const struct request *request)
{
    struct weather *weather = context;
    struct random *random = &weather->random;
    bool remote = weather->world->setup.engine != ENGINE_SQLITE;
    struct sim_fault fault = {0};

    fault.latency_us = chance(random, weather->slow) ? (int64_t)between(random, 1000000, 20000000)
                                                     : (int64_t)between(random, 500, 20000);
    fault.at = request ? random_below(random, request->count) : 0;
    if (remote && is_dead(weather, target)) {
        fault.kind = request || weather->dead_silently ? SIM_SILENT : SIM_REFUSED;
        fault.deaf = true;
        fault.stands = request && chance(random, 500);
    } else if (remote && !request && chance(random, weather->refused)) {
        fault.kind = chance(random, 500) ? SIM_REFUSED : SIM_SILENT;
    } else if (remote && request && chance(random, weather->lost)) {
        fault.kind = chance(random, 500) ? SIM_LOST_BEFORE : SIM_LOST_AFTER;
    } else if (remote && chance(random, weather->silent)) {
        fault.kind = SIM_SILENT;
        fault.deaf = chance(random, weather->deaf);
        fault.stands = chance(random, 500);
    } else if (chance(random, weather->error)) {
        fault.kind = SIM_ERROR;
        fault.code = some_code(weather);
    }
    return fault;
}

static struct sim_setup random_setup(struct random *random, const struct sim_revisions *revisions)
{
    struct sim_setup setup = {
        .seed = random_next(random),
        .engine = chance(random, 500)   ? ENGINE_POSTGRESQL
                  : chance(random, 500) ? ENGINE_MARIADB
                                        : ENGINE_SQLITE,
        .servers = 1 + random_below(random, 4),
        .targets = 1 + random_below(random, chance(random, 100) ? 60 : 12),
        .shared_database = chance(random, 200),
        .revisions = revisions->texts,
        .revision_count = revisions->count,
        .transaction = chance(random, 500) ? TRANSACTION_TARGET : TRANSACTION_REVISION,
        .limits = {.concurrency = (unsigned)between(random, 1, 16),
                   .per_server = (unsigned)between(random, 1, 8),
                   .per_database = (unsigned)between(random, 1, 3)},
        .retry = {.attempts = (unsigned)between(random, 1, 5),
                  .initial_ms = (int64_t)between(random, 10, 500),
                  .multiplier = 2,
                  .max_ms = 30000},
        .rollout = {.max_failures = {.value = (double)random_below(random, 40), .percent = true},
                    .max_unreachable = {.value = (double)random_below(random, 40), .percent = true},
                    .same_error = (unsigned)random_below(random, 4)},
        .lock_wait_ms = (int64_t)between(random, 1000, 60000),
        .connect_timeout_ms = 10000,
        .statement_timeout_ms = chance(random, 800) ? 30000 : 120000,
    };

    if (chance(random, 500)) {
        static const char *const identities[] = {"a", "b", "a", NULL};

        setup.identities = identities;
    }
    setup.together = chance(random, 100) ? 2 : 1;
    if (setup.engine == ENGINE_SQLITE) {
        setup.servers = 1;
    }
    setup.shared_database &= setup.engine == ENGINE_POSTGRESQL;
    setup.pooled = setup.engine == ENGINE_POSTGRESQL && random_below(random, 4) == 0;
    if (chance(random, 100)) {
        setup.limits.target_timeout_ms = (int64_t)between(random, 100, 60000);
    }
    return setup;
}

/* Some are enough schemas of one database to be read together. Drawn apart, so that the other
 * fleets stay as they are. */
static void add_schemas(struct sim_setup *setup, struct random *apart)
{
    if (setup->engine == ENGINE_POSTGRESQL && chance(apart, 200)) {
        setup->shared_database = true;
        setup->targets += 8;
        setup->servers = 1;
    }
}

static void on_lock_free(void *context)
{
    struct sim_target *target = context;

    target->server.lock_foreign = false;
}

/* Where each target stands, and what is the matter with it. */
static void prepare(struct sim_world *world, struct weather *weather, struct random *random)
{
    uint64_t wrong = chance(random, 300) ? 100 : 0;
    uint64_t locked = chance(random, 300) ? 200 : 0;

    weather->wrong_everywhere = chance(random, 100);
    for (size_t i = 0; i < world->setup.targets; i++) {
        struct sim_target *target = &world->targets[i];

        if (!target->server.state.version_table && chance(random, 200)) {
            fake_server_add_version(&target->server, SIM_FIRST);
        }
        if (weather->wrong_everywhere || chance(random, wrong)) {
            target->wrong =
                chance(random, 500) || weather->wrong_everywhere ? "third_one" : "first_one";
            target->wrong_code = world->setup.engine == ENGINE_SQLITE    ? "1299"
                                 : world->setup.engine == ENGINE_MARIADB ? "1048"
                                                                         : "23502";
        }
        if (chance(random, locked)) {
            target->server.lock_foreign = true;
            sim_host_after(world->host, (int64_t)random_below(random, 90000000), on_lock_free,
                           target);
        }
    }
    for (size_t i = 0; i < world->setup.servers; i++) {
        world->servers[i].allowed = chance(random, 150) ? (unsigned)between(random, 1, 4) : 0;
    }
}

static void make_weather(struct weather *weather, struct sim_world *world, struct random *random)
{
    bool fair = chance(random, 200);

    *weather = (struct weather){.world = world};
    random_seed(&weather->random, random_next(random));
    weather->dead_server = world->setup.servers;
    if (fair) {
        return;
    }
    weather->lost = random_below(random, 30);
    weather->silent = random_below(random, 10);
    weather->deaf = random_below(random, 1000);
    weather->error = random_below(random, 40);
    weather->refused = random_below(random, 60);
    weather->slow = random_below(random, 30);
    if (chance(random, 250)) {
        weather->dead_server = random_below(random, world->setup.servers);
        weather->dead_from_us = (int64_t)random_below(random, 3000000);
        weather->dead_until_us =
            chance(random, 500) ? INT64_MAX : (int64_t)random_below(random, 60000000);
        weather->dead_silently = chance(random, 500);
    }
}

static void on_drain(void *context)
{
    struct sim_world *world = context;

    if (world->running) {
        run_drain(world->runs[0], "interrupt");
    }
}

static void on_cancel(void *context)
{
    struct sim_world *world = context;

    if (world->running) {
        run_cancel(world->runs[0], "interrupt");
    }
}

static void interrupt(struct sim_world *world)
{
    if (random_below(&world->random, 8) == 0) {
        int64_t drain_us = (int64_t)random_below(&world->random, 5000000);

        sim_host_after(world->host, drain_us, on_drain, world);
        if (random_below(&world->random, 2) == 0) {
            sim_host_after(world->host, drain_us + (int64_t)random_below(&world->random, 2000000),
                           on_cancel, world);
        }
    }
}

/* same_error: a revision that fails everywhere meets few. Only where no target moved on in parts,
 * which would make it one of another group. */
static void check_same_error(struct sim_world *world, const struct sim_result *result)
{
    unsigned most = world->setup.rollout.same_error;

    for (size_t heads = 0; heads < 2; heads++) {
        size_t failed = 0;

        for (size_t i = 0; i < world->setup.targets; i++) {
            const struct outcome *outcome = &result->outcomes[i];

            failed += outcome->kind == OUTCOME_FAILED && outcome->before_count == heads &&
                      outcome->error->class == ERROR_CONSTRAINT;
        }
        if (most > 0 && failed > most) {
            sim_world_violation(world, "%zu targets met the wrong revision", failed);
        }
    }
}

/* Nothing is the matter any more: a second run brings all to the head, or says what must be settled
 * by hand. */
static void converge(struct sim_world *world, bool off)
{
    struct sim_order order = {.kind = GOAL_UPGRADE, .identifier = "heads", .keep_going = true};
    struct sim_result result;

    world->setup.together = 1;
    world->fault = NULL;
    world->setup.limits.target_timeout_ms = 0;
    for (size_t i = 0; i < world->setup.servers; i++) {
        world->servers[i].allowed = 0;
    }
    for (size_t i = 0; i < world->setup.targets; i++) {
        world->targets[i].wrong = NULL;
        world->targets[i].server.lock_foreign = false;
    }
    sim_world_run(world, &order, &result);
    for (size_t i = 0; i < world->setup.targets; i++) {
        enum outcome_kind kind = result.outcomes[i].kind;

        if (kind != OUTCOME_SUCCEEDED && kind != OUTCOME_UP_TO_DATE &&
            !(off && kind == OUTCOME_PARTIAL)) {
            sim_world_violation(world, "%s ends %s in a second run: %s",
                                world->fleet.targets[i].name, outcome_name(kind),
                                result.outcomes[i].error ? result.outcomes[i].error->message : "");
        }
    }
}

/* Down to base; what is partial stays where it is. */
static void go_back(struct sim_world *world)
{
    struct sim_order order = {.kind = GOAL_DOWNGRADE, .identifier = "base", .keep_going = true};
    struct sim_result result;

    sim_world_run(world, &order, &result);
    for (size_t i = 0; i < world->setup.targets; i++) {
        enum outcome_kind kind = result.outcomes[i].kind;

        if (kind != OUTCOME_PARTIAL &&
            (kind != OUTCOME_SUCCEEDED || world->targets[i].server.state.version_count > 0)) {
            sim_world_violation(world, "%s goes back and ends %s: %s", world->fleet.targets[i].name,
                                outcome_name(kind),
                                result.outcomes[i].error ? result.outcomes[i].error->message : "");
        }
    }
}

/* What meets the weather is then a fleet with nothing to do. */
static void bring_to_goal(struct sim_world *world)
{
    struct sim_order order = {.kind = GOAL_UPGRADE, .identifier = "heads", .keep_going = true};
    struct sim_result results[SIM_TOGETHER];

    sim_world_run(world, &order, results);
}

static size_t killed, surveys, reused;

/* How often each outcome was met: what never happens is not tested. */
static size_t met[OUTCOME_COUNT];

static bool try_fleet(uint64_t seed, bool verbose)
{
    const struct sim_revisions *revisions;
    struct random random, apart;
    struct sim_setup setup;
    struct sim_world *world;
    struct sim_result results[SIM_TOGETHER];
    struct weather weather;
    struct str trace = STR_INIT;
    struct sim_order order = {.kind = GOAL_UPGRADE, .identifier = "heads", .disturb = interrupt};
    bool good, finished, off;

    random_seed(&random, seed);
    revisions = sim_all_revisions[random_below(&random, sim_all_revisions_count)];
    setup = random_setup(&random, revisions);
    random_seed(&apart, ~seed);
    add_schemas(&setup, &apart);
    off = revisions->off || setup.engine == ENGINE_MARIADB; /* definitions always are */
    world = sim_world_new(&setup);
    world->trace = verbose ? &trace : NULL;
    if (chance(&apart, 100)) {
        bring_to_goal(world);
    }
    make_weather(&weather, world, &random);
    prepare(world, &weather, &random);
    world->fault = weather_fault;
    world->fault_context = &weather;
    sim_host_bound(world->host, INT64_C(40000000000), 3000000);
    order.keep_going = chance(&random, 200);
    order.kill_after_us = chance(&random, 150) ? (int64_t)random_below(&random, 2000000) + 1 : 0;
    finished = sim_world_run(world, &order, results);
    killed += !finished;
    if (finished && weather.wrong_everywhere && !order.keep_going && setup.together == 1 &&
        !world->wrong && !off && setup.transaction == TRANSACTION_TARGET) {
        check_same_error(world, &results[0]);
    }
    if (!world->wrong) {
        converge(world, off);
    }
    if (!world->wrong && chance(&random, 100)) {
        go_back(world);
    }
    good = !world->wrong;
    for (size_t i = 0; i < OUTCOME_COUNT; i++) {
        met[i] += results[0].counts[i];
    }
    surveys += world->surveys;
    reused += world->reused;
    if (!good) {
        fprintf(stderr, "%sfleet of seed %llu (%s, %s, %zu targets): %s\n", trace.text,
                (unsigned long long)seed, engine_name(setup.engine), revisions->name, setup.targets,
                world->wrong);
    }
    str_release(&trace);
    sim_world_free(world);
    return good;
}

static size_t never_met(void)
{
    static const enum outcome_kind expected[] = {
        OUTCOME_SUCCEEDED,   OUTCOME_UP_TO_DATE, OUTCOME_NOT_STARTED,
        OUTCOME_FAILED,      OUTCOME_PARTIAL,    OUTCOME_CANCELLED,
        OUTCOME_UNREACHABLE, OUTCOME_BLOCKED,    OUTCOME_IN_DOUBT};
    size_t never = 0;

    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        printf("%8zu %s\n", met[expected[i]], outcome_name(expected[i]));
        never += met[expected[i]] == 0;
    }
    return never;
}

int main(int argc, char **argv)
{
    const char *wanted = getenv("SKEIN_SIM_FLEETS");
    size_t count = wanted ? strtoul(wanted, NULL, 10) : USUAL_COUNT;
    size_t bad = 0;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seed") == 0) {
            return try_fleet(strtoull(argv[i + 1], NULL, 10), true) ? 0 : 1;
        }
        if (strcmp(argv[i], "--count") == 0) {
            count = strtoul(argv[i + 1], NULL, 10);
        }
    }
    for (size_t seed = 1; seed <= count && bad < 5; seed++) {
        bad += !try_fleet(seed, false);
    }
    printf("%zu fleets, %zu of them killed, %zu bad; one again: --seed S\n", count, killed, bad);
    printf("%8zu answers of surveys\n%8zu connections reused\n", surveys, reused);
    if ((never_met() > 0 || surveys == 0 || reused == 0) && count >= USUAL_COUNT) {
        fprintf(stderr, "some outcome is never met, or no survey\n");
        bad++;
    }
    return bad ? 1 : 0;
}
