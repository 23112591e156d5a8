/*
 * One target, one fault: the k-th operation meets it, for every k until a run completes untouched,
 * for every way to fail and every command of the request. Afterwards a run without faults must
 * bring the target to the head, or end partial and name the statement.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "sim_revisions.h"
#include "sim_world.h"

struct case_of_fault {
    const char *name;
    struct sim_fault fault;
};

static const struct case_of_fault postgresql_faults[] = {
    {"refused", {.kind = SIM_REFUSED}},
    {"deadlock", {.kind = SIM_ERROR, .code = "40P01"}},
    {"lock timeout", {.kind = SIM_ERROR, .code = "55P03"}},
    {"shut down", {.kind = SIM_ERROR, .code = "57P01"}},
    {"too many", {.kind = SIM_ERROR, .code = "53300"}},
    {"statement timeout", {.kind = SIM_ERROR, .code = "57014"}},
    {"disk full", {.kind = SIM_ERROR, .code = "53100"}},
    {"duplicate", {.kind = SIM_ERROR, .code = "42P07"}},
    {"denied", {.kind = SIM_ERROR, .code = "42501"}},
    {"unknown code", {.kind = SIM_ERROR, .code = "ZZ999"}},
    {"lost before", {.kind = SIM_LOST_BEFORE}},
    {"lost after", {.kind = SIM_LOST_AFTER}},
    {"silent", {.kind = SIM_SILENT}},
    {"silent, stands", {.kind = SIM_SILENT, .stands = true}},
    {"deaf", {.kind = SIM_SILENT, .deaf = true}},
    {"deaf, stands", {.kind = SIM_SILENT, .deaf = true, .stands = true}},
};

static const struct case_of_fault mariadb_faults[] = {
    {"refused", {.kind = SIM_REFUSED}},
    {"deadlock", {.kind = SIM_ERROR, .code = "1213"}},
    {"lock timeout", {.kind = SIM_ERROR, .code = "1205"}},
    {"too many", {.kind = SIM_ERROR, .code = "1040"}},
    {"statement timeout", {.kind = SIM_ERROR, .code = "1969"}},
    {"killed", {.kind = SIM_ERROR, .code = "1317"}},
    {"duplicate", {.kind = SIM_ERROR, .code = "1050"}},
    {"denied", {.kind = SIM_ERROR, .code = "1142"}},
    {"unknown code", {.kind = SIM_ERROR, .code = "9999"}},
    {"lost before", {.kind = SIM_LOST_BEFORE}},
    {"lost after", {.kind = SIM_LOST_AFTER}},
    {"silent", {.kind = SIM_SILENT}},
    {"silent, stands", {.kind = SIM_SILENT, .stands = true}},
    {"deaf", {.kind = SIM_SILENT, .deaf = true}},
    {"deaf, stands", {.kind = SIM_SILENT, .deaf = true, .stands = true}},
};

static const struct case_of_fault sqlite_faults[] = {
    {"busy", {.kind = SIM_ERROR, .code = "5"}},
    {"busy snapshot", {.kind = SIM_ERROR, .code = "517"}},
    {"interrupted", {.kind = SIM_ERROR, .code = "9"}},
    {"disk full", {.kind = SIM_ERROR, .code = "13"}},
    {"input/output", {.kind = SIM_ERROR, .code = "10"}},
    {"corrupt", {.kind = SIM_ERROR, .code = "11"}},
    {"error", {.kind = SIM_ERROR, .code = "1"}},
};

struct plot {
    size_t left;           /* operations before the fault */
    size_t at;             /* command of the request */
    bool persists;         /* everything after it fails too, until the run is over */
    bool happened, beyond; /* beyond: the request had fewer commands */
    const struct sim_fault *fault;
};

static struct sim_fault plotted(void *context, struct sim_target *target,
                                const struct request *request)
{
    struct plot *plot = context;
    struct sim_fault fault = *plot->fault;

    (void)target;
    if (plot->left > 0) {
        plot->left--;
        return (struct sim_fault){0};
    }
    if (plot->happened && !plot->persists) {
        return (struct sim_fault){0};
    }
    if (!plot->happened && plot->at > 0 && (!request || plot->at >= request->count)) {
        plot->beyond = plot->happened = true;
        plot->persists = false;
        return (struct sim_fault){0};
    }
    fault.at = plot->happened ? 0 : plot->at;
    plot->happened = true;
    if (request ? fault.kind == SIM_REFUSED
                : fault.kind == SIM_LOST_BEFORE || fault.kind == SIM_LOST_AFTER) {
        fault.kind = request ? SIM_LOST_BEFORE : SIM_REFUSED;
    }
    return fault;
}

static struct sim_setup setup_of(enum engine engine, const struct sim_revisions *revisions,
                                 enum transaction_cut transaction)
{
    return (struct sim_setup){
        .seed = 42,
        .engine = engine,
        .servers = 1,
        .targets = 1,
        .revisions = revisions->texts,
        .revision_count = revisions->count,
        .transaction = transaction,
        .limits = {.concurrency = 4, .per_server = 2, .per_database = 1},
        .retry = {.attempts = 5, .initial_ms = 250, .multiplier = 2, .max_ms = 30000},
        .rollout = {.max_failures = {.value = 1, .percent = true},
                    .max_unreachable = {.value = 5, .percent = true},
                    .same_error = 3},
        .lock_wait_ms = 60000,
        .connect_timeout_ms = 10000,
        .statement_timeout_ms = 30000,
    };
}

static struct {
    const char *engine, *revisions, *fault;
    size_t k, at;
    bool persists;
} now_trying;

static void check_world(const struct sim_world *world, const char *when)
{
    if (world->wrong) {
        fail_msg("%s/%s, %s at operation %zu command %zu%s, %s: %s", now_trying.engine,
                 now_trying.revisions, now_trying.fault, now_trying.k, now_trying.at,
                 now_trying.persists ? " and ever after" : "", when, world->wrong);
    }
}

/* The statement that a partial target names is the one that its row says was under way. */
static void check_partial(struct sim_world *world, const struct outcome *outcome)
{
    const struct fake_state *state = &world->targets[0].server.state;
    const struct fake_row *row = &state->history[state->history_count - 1];

    if (!outcome->error || !outcome->error->revision ||
        strcmp(outcome->error->revision, row->revision) != 0 ||
        (row->attempted > row->done && outcome->error->statement != (int)row->attempted)) {
        sim_world_violation(world, "partial, and %s of %s is named, not %ld of %s",
                            outcome->error ? "a statement" : "nothing",
                            outcome->error && outcome->error->revision ? outcome->error->revision
                                                                       : "nothing",
                            row->attempted, row->revision);
    }
}

static const struct sim_order upgrade = {.kind = GOAL_UPGRADE, .identifier = "heads"};

/* `resolve` with the truth, and once more. */
static void settle(struct sim_world *world, struct sim_result *result)
{
    const struct fake_state *state = &world->targets[0].server.state;
    const struct graph_node *node =
        graph_find(&world->graph, state->history[state->history_count - 1].revision);
    const struct script *script = &node->revision->scripts[world->setup.engine][DIRECTION_UPGRADE];
    struct sim_order resolve = {.resolve = true};

    while (
        resolve.done_to < script->statement_count &&
        fake_server_witnessed(&world->targets[0].server,
                              arena_strndup(&world->arena, script->statements[resolve.done_to].text,
                                            script->statements[resolve.done_to].length)) > 0) {
        resolve.done_to++;
    }
    sim_world_run(world, &resolve, result);
    check_world(world, "resolve");
    assert_int_equal(result->outcomes[0].kind, OUTCOME_SUCCEEDED);
    sim_world_run(world, &upgrade, result);
    check_world(world, "after resolve");
}

/* True: the fault was met. */
static bool try_one(const struct sim_setup *setup, struct plot *plot, bool off)
{
    struct sim_world *world = sim_world_new(setup);
    struct sim_result result;
    enum outcome_kind kind;

    sim_host_bound(world->host, INT64_C(7200000000), 200000);
    world->fault = plotted;
    world->fault_context = plot;
    sim_world_run(world, &upgrade, &result);
    check_world(world, "first run");
    world->fault = NULL;
    sim_world_run(world, &upgrade, &result);
    check_world(world, "second run");
    kind = result.outcomes[0].kind;
    if (kind == OUTCOME_PARTIAL && off) {
        check_partial(world, &result.outcomes[0]);
        settle(world, &result);
        kind = result.outcomes[0].kind;
    }
    if (kind != OUTCOME_SUCCEEDED && kind != OUTCOME_UP_TO_DATE) {
        sim_world_violation(world, "it ends %s: %s", outcome_name(kind),
                            result.outcomes[0].error ? result.outcomes[0].error->message : "");
    }
    check_world(world, "second run");
    sim_world_free(world);
    return plot->happened;
}

static void try_fault(const struct sim_setup *setup, const struct case_of_fault *fault, bool off,
                      bool persists)
{
    bool met = true;

    now_trying.fault = fault->name;
    now_trying.persists = persists;
    for (size_t k = 0; met; k++) {
        bool beyond = false;

        for (size_t at = 0; met && !beyond; at++) {
            struct plot plot = {.left = k, .at = at, .persists = persists, .fault = &fault->fault};

            now_trying.k = k;
            now_trying.at = at;
            met = try_one(setup, &plot, off);
            beyond = plot.beyond || fault->fault.kind == SIM_SILENT;
        }
        assert_true(k < 200);
    }
}

static void try_all(enum engine engine, bool pooled, const struct case_of_fault *faults,
                    size_t count)
{
    now_trying.engine = pooled ? "pooler" : engine_name(engine);
    for (size_t r = 0; r < sim_all_revisions_count; r++) {
        const struct sim_revisions *revisions = sim_all_revisions[r];

        now_trying.revisions = revisions->name;
        for (size_t i = 0; i < count; i++) {
            struct sim_setup setup =
                setup_of(engine, revisions, i % 2 ? TRANSACTION_REVISION : TRANSACTION_TARGET);

            bool off = revisions->off || engine == ENGINE_MARIADB; /* definitions always are */

            setup.pooled = pooled;
            try_fault(&setup, &faults[i], off, false);
            /* A server that is full for ever is waited for until this. */
            setup.limits.target_timeout_ms = 1800000;
            try_fault(&setup, &faults[i], off, true);
        }
    }
}

static void test_every_fault_at_every_place_of_postgresql(void **state)
{
    (void)state;
    try_all(ENGINE_POSTGRESQL, false, postgresql_faults,
            sizeof(postgresql_faults) / sizeof(*postgresql_faults));
}

static void test_every_fault_at_every_place_behind_a_pooler(void **state)
{
    (void)state;
    try_all(ENGINE_POSTGRESQL, true, postgresql_faults,
            sizeof(postgresql_faults) / sizeof(*postgresql_faults));
}

static void test_every_fault_at_every_place_of_sqlite(void **state)
{
    (void)state;
    try_all(ENGINE_SQLITE, false, sqlite_faults, sizeof(sqlite_faults) / sizeof(*sqlite_faults));
}

static void test_every_fault_at_every_place_of_mariadb(void **state)
{
    (void)state;
    try_all(ENGINE_MARIADB, false, mariadb_faults,
            sizeof(mariadb_faults) / sizeof(*mariadb_faults));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_fault_at_every_place_of_postgresql),
        cmocka_unit_test(test_every_fault_at_every_place_of_mariadb),
        cmocka_unit_test(test_every_fault_at_every_place_behind_a_pooler),
        cmocka_unit_test(test_every_fault_at_every_place_of_sqlite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
