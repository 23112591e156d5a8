/*
 * Golden traces: which states a life goes through, and as what it ends, for each way that a target
 * can answer. The server is in memory; whole fleets over it are tests/sim.
 */
#include "life_cases.h"
#include "workers/dialect.h"

static void check_golden(const struct golden *golden)
{
    struct life_world world;

    begin_golden(&world, golden);
    end_golden(&world, golden, life_world_run(&world), golden->trace);
}

static void test_goldens(void **state)
{
    (void)state;

    for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
        check_golden(&goldens[i]);
    }
}

static void test_goldens_behind_a_pooler(void **state)
{
    (void)state;

    for (size_t i = 0; i < sizeof(pooler_goldens) / sizeof(pooler_goldens[0]); i++) {
        check_golden(&pooler_goldens[i]);
    }
}

/* ---- what a trace does not show */

static void test_ensure_makes_one_table(void **state)
{
    struct life_world world;
    (void)state;

    life_world_begin(&world, PG, NULL);
    life_world_order(&world, LIFE_EXECUTE, GOAL_ENSURE, NULL);
    life_world_run(&world);
    assert_true(world.server.state.version_table);
    assert_false(world.server.state.history_table);
    life_world_release(&world);
}

static void test_an_error_names_its_place(void **state)
{
    struct life_world world;
    (void)state;

    life_world_begin(&world, PG, WRONG);
    const struct err *err = life_world_run(&world)->error;
    assert_non_null(err);
    assert_string_equal(err->revision, "aaa2");
    assert_string_equal(err->file, "versions/r.sql");
    assert_int_equal(err->line, 7);
    assert_string_equal(err->section, "upgrade");
    assert_int_equal(err->statement, 2);
    assert_string_equal(err->code, "42P07");
    life_world_release(&world);
}

/* The row of a step, as the contract, section 8, has it. */
static void test_a_step_leaves_its_row(void **state)
{
    struct life_world world;
    char sum[33];
    (void)state;

    life_world_begin(&world, PG, OFF);
    life_world_run(&world);
    assert_int_equal(world.server.state.history_count, 2);
    const struct fake_row *row = &world.server.state.history[1];
    assert_int_equal(row->seq, 2);
    assert_string_equal(row->revision, "aaa2");
    assert_string_equal(row->direction, "upgrade");
    assert_string_equal(row->state, "done");
    assert_int_equal(row->total, 2);
    assert_int_equal(row->attempted, 2);
    assert_int_equal(row->done, 2);
    assert_string_equal(row->run_id, world.identity.id);
    const struct revision *revision = graph_find(&world.graph, "aaa2")->revision;
    assert_memory_equal(row->checksum, revision->checksum[PG], 32);
    plan_done_checksum(PG, &revision->scripts[PG][DIRECTION_UPGRADE], 2, sum);
    assert_string_equal(row->done_checksum, sum);
    plan_applied_checksum(&world.graph, PG, (const char *const[]){"aaa2"}, 1, sum);
    assert_string_equal(row->applied_checksum, sum);
    life_world_release(&world);
}

/* Another skein works between what was read without the lock and the lock. */
static void meanwhile(struct life_world *world)
{
    world->server.state.version_count = 0;
    at_two(world);
}

static void check_meanwhile(bool relative, const char *trace, enum outcome_kind kind)
{
    struct life_world world;

    life_world_begin(&world, PG, TWO);
    at_one(&world);
    world.order.relative = relative;
    world.on_place = meanwhile;
    const struct outcome *outcome = life_world_run(&world);
    assert_string_equal(world.trace.text, trace);
    assert_int_equal(outcome->kind, kind);
    assert_string_equal(outcome->before[0], "aaa1");
    assert_string_equal(outcome->after[0], "aaa2");
    assert_int_equal(world.server.state.witness_count, 0);
    life_world_release(&world);
}

static void test_who_was_faster(void **state)
{
    (void)state;
    check_meanwhile(false, FIRST " " END, OUTCOME_UP_TO_DATE);
    check_meanwhile(true, FIRST " " END, OUTCOME_STALE);
}

/* The lock's name never changes between versions: two skeins that differ must meet. */
static void test_the_lock_is_the_contracts(void **state)
{
    struct life_world world;
    (void)state;

    life_world_begin(&world, PG, NULL);
    life_world_run(&world);
    assert_string_equal(world.lock_parameter, LOCK_OF_PUBLIC);
    life_world_release(&world);
}

/* A long revision goes in pieces; everything before COMMIT was answered. */
static void test_a_request_has_a_limit(void **state)
{
    struct str text = STR_INIT;
    struct life_world world;
    unsigned requests = 0;
    (void)state;

    str_add(&text, HEADER("aaa2", "aaa1") "-- skein:upgrade\n");
    for (unsigned i = 0; i < 2500; i++) {
        str_addf(&text, "INSERT %u;\n", i);
    }
    life_world_begin(&world, PG, text.text);
    assert_int_equal(life_world_run(&world)->kind, OUTCOME_SUCCEEDED);
    for (const char *at = world.sql.text; (at = strchr(at, '[')); at++) {
        requests++;
    }
    assert_int_equal(requests, 6); /* PEEK, LOCK, three of EXECUTE, COMMIT */
    assert_int_equal(fake_server_witnessed(&world.server, "INSERT"), 2500);
    life_world_release(&world);
    str_release(&text);
}

static void test_a_wait_is_told(void **state)
{
    struct life_world world;
    (void)state;

    life_world_begin(&world, PG, TWO);
    locked(&world);
    const struct outcome *outcome = life_world_run(&world);
    assert_int_equal(outcome->lock_waits, 3);
    assert_int_equal(outcome->attempts, 1);
    life_world_release(&world);
}

static void test_a_partial_target_names_the_statement(void **state)
{
    struct life_world world;
    (void)state;

    life_world_begin(&world, PG, OFF);
    unclear(&world);
    const struct err *err = life_world_run(&world)->error;
    assert_int_equal(err->statement, 2);
    assert_int_equal(err->line, 7);
    assert_non_null(strstr(err->hint, "resolve --done-to 1"));
    life_world_release(&world);
}

static void version_alone(struct life_world *world)
{
    fake_server_add_version(&world->server, "aaa1");
}

static void long_history(struct life_world *world)
{
    for (int i = 0; i < DIALECT_BRIEF_ROWS; i++) {
        struct fake_row *row = fake_server_add_history(&world->server);

        snprintf(row->revision, sizeof(row->revision), "base");
        snprintf(row->direction, sizeof(row->direction), "stamp");
        snprintf(row->state, sizeof(row->state), "done");
    }
}

static void at_two_after_many(struct life_world *world)
{
    long_history(world);
    at_two(world);
}

static void unclear_after_many(struct life_world *world)
{
    long_history(world);
    unclear(world);
}

/* Each column, each look at the file, each thing that a new session must look up counts where there
 * is nothing to do; what is written is decided by all columns, read with the lock. */
static void test_what_is_asked(void **state)
{
    static const struct {
        enum engine engine;
        void (*prepare)(struct life_world *world);
        enum life_mode mode;
        enum goal_kind kind;
        const char *goal, *sql;
    } rows[] = {
        {LITE, at_two, UP, "[heads_brief]"},
        {LITE, at_two, READ, "[heads]"},
        {LITE, NULL, READ, "[heads] [locate heads]"},
        {LITE, version_alone, READ, "[heads] [locate heads] [heads_version]"},
        {LITE, NULL, UP, "[heads_brief] [locate heads] [begin locate]"},
        {LITE, at_one, UP, "[heads_brief] [begin heads]"},
        {LITE, unclear, UP, "[heads_brief] [lock] [begin heads]"},
        {PG, at_two, UP, "[read_committed locate heads_brief]"},
        {PG, at_two, READ, "[read_committed locate heads]"},
        {PG, at_one, UP,
         "[read_committed locate heads_brief] [read_committed settings check_interval lock heads]"},
        {PG, at_two_after_many, UP, "[read_committed locate heads_brief] [read_committed heads]"},
        {PG, unclear_after_many, UP,
         "[read_committed locate heads_brief] [read_committed heads] [read_committed settings"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct life_world world;

        life_world_begin(&world, rows[i].engine, TWO);
        if (rows[i].prepare) {
            rows[i].prepare(&world);
        }
        life_world_order(&world, rows[i].mode, rows[i].kind, rows[i].goal);
        life_world_run(&world);
        if (strncmp(world.sql.text, rows[i].sql, strlen(rows[i].sql)) != 0) {
            fail_msg("row %zu: %s", i, world.sql.text);
        }
        life_world_release(&world);
    }
}

/* Statements kept parsed, where steps are many; without them where somebody on the way has none. */
static void test_many_steps_are_kept_parsed(void **state)
{
    static const struct life_fault fault = {"history_insert", 1, FAKE_ERROR, "26000"};
    char texts[9][200];
    const char *all[9];
    (void)state;

    for (int i = 0; i < 9; i++) {
        snprintf(
            texts[i], sizeof(texts[i]),
            "-- r\n--\n-- Revision ID: b%d\n-- Revises: %.*s%.*d\n-- skein:upgrade\nCREATE t;\n", i,
            i > 0, "b", i > 0, i > 0 ? i - 1 : 0);
        all[i] = texts[i];
    }
    for (size_t faults = 0; faults < 2; faults++) {
        struct life_world world;

        life_world_init(&world, PG, all, 9);
        life_world_order(&world, LIFE_EXECUTE, GOAL_UPGRADE, "head");
        world.faults = &fault;
        world.fault_count = faults;
        assert_int_equal(life_world_run(&world)->kind, OUTCOME_SUCCEEDED);
        assert_int_equal(world.life.outcome.attempts, 1 + faults);
        assert_int_equal(world.repeated, 27); /* session, version row, history row: once */
        assert_string_equal(life_world_rows(&world), "b8");
        life_world_release(&world);
    }
}

/* ---- behind a pooler */

/* One transaction from the lock to COMMIT, nothing kept parsed; each unit takes the lock and reads
 * the heads anew. */
static void test_what_is_sent_through_a_pooler(void **state)
{
    struct life_world world;
    (void)state;

    life_world_begin(&world, PG, TWO);
    units(&world);
    world.server.pooled = true;
    at_one(&world);
    world.connection.role = "owner";
    life_world_run(&world);
    assert_string_equal(
        world.sql.text,
        "[read_committed role locate heads_brief] [read_committed fresh role locate heads_brief] "
        "[begin fresh role settings check_interval lock_transaction heads] "
        "[session statement version_update history_insert] [commit fresh]");
    assert_string_equal(world.lock_parameter, LOCK_OF_PUBLIC);
    life_world_release(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goldens),
        cmocka_unit_test(test_goldens_behind_a_pooler),
        cmocka_unit_test(test_ensure_makes_one_table),
        cmocka_unit_test(test_an_error_names_its_place),
        cmocka_unit_test(test_a_step_leaves_its_row),
        cmocka_unit_test(test_who_was_faster),
        cmocka_unit_test(test_the_lock_is_the_contracts),
        cmocka_unit_test(test_a_request_has_a_limit),
        cmocka_unit_test(test_a_wait_is_told),
        cmocka_unit_test(test_a_partial_target_names_the_statement),
        cmocka_unit_test(test_what_is_asked),
        cmocka_unit_test(test_many_steps_are_kept_parsed),
        cmocka_unit_test(test_what_is_sent_through_a_pooler),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
