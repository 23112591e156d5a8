/*
 * Runs over many schemas of one database, over the simulator: what is read together, and what is
 * not.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "run_world.h"
#include "sim_revisions.h"

static struct sim_setup schemas(size_t count, unsigned at_once)
{
    struct sim_setup setup = usual(1, count);

    setup.seed = 11;
    setup.shared_database = true;
    setup.limits = (struct limits){.concurrency = 8, .per_server = 8, .per_database = at_once};
    return setup;
}

/* Counts anew what the survey asks. */
static void upgrade_all(struct sim_world *world, void (*disturb)(struct sim_world *world),
                        struct sim_result *result)
{
    world->opened = world->surveys = 0;
    upgrade_disturbed(world, disturb, true, result);
}

/* A world whose schemas are all at the head. */
static struct sim_world *settled(size_t count, unsigned at_once)
{
    struct sim_setup setup = schemas(count, at_once);
    struct sim_world *world = sim_world_new(&setup);
    struct sim_result result;

    upgrade_all(world, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], count);
    return world;
}

static void test_one_connection_reads_for_all(void **state)
{
    struct sim_world *world = settled(450, 1);
    struct sim_result result;

    (void)state;
    upgrade_all(world, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_UP_TO_DATE], 450);
    assert_int_equal(world->opened, 1);
    assert_in_range(world->surveys, 3 + 9, 3 + 10); /* portions, and fifties of them */
    for (size_t i = 0; i < 450; i++) {
        assert_int_equal(result.outcomes[i].attempts, 1);
        assert_true(result.outcomes[i].read);
    }
    sim_world_free(world);
}

static void test_several_read_where_several_may(void **state)
{
    struct sim_world *world = settled(450, 4);
    struct sim_result result;

    (void)state;
    upgrade_all(world, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_UP_TO_DATE], 450);
    assert_int_equal(world->opened, 3);
    sim_world_free(world);
}

static void test_where_nobody_ends_few_are_read(void **state)
{
    struct sim_setup setup = schemas(450, 1);
    struct sim_world *world = sim_world_new(&setup);
    struct sim_result result;

    (void)state;
    for (size_t i = 0; i < 450; i++) {
        fake_server_add_version(&world->targets[i].server, SIM_FIRST);
    }
    upgrade_all(world, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 450);
    assert_int_equal(world->surveys, 2);
    sim_world_free(world);
}

/* Each kind of schema ends as it does by itself. */
static void test_what_is_not_clear_asks_for_itself(void **state)
{
    struct sim_world *world = settled(60, 1);
    struct fake_server *behind = &world->targets[3].server, *open = &world->targets[7].server;
    struct fake_server *unknown = &world->targets[11].server;
    struct fake_server *bare = &world->targets[13].server;
    struct fake_row *row;
    struct sim_result result;

    (void)state;
    snprintf(behind->state.version[0], sizeof(behind->state.version[0]), SIM_SECOND);
    snprintf(unknown->state.version[0], sizeof(unknown->state.version[0]), "ffffffffffff");
    row = fake_server_add_history(open);
    snprintf(row->revision, sizeof(row->revision), SIM_THIRD);
    snprintf(row->direction, sizeof(row->direction), "upgrade");
    snprintf(row->state, sizeof(row->state), "started");
    row->total = row->attempted = 2;
    bare->state = (struct fake_state){.version_table = false};
    world->downgraded = true; /* the witnesses are not the story here */
    upgrade_all(world, NULL, &result);
    assert_int_equal(result.outcomes[3].kind, OUTCOME_SUCCEEDED);
    assert_int_equal(result.outcomes[7].kind, OUTCOME_PARTIAL);
    assert_int_equal(result.outcomes[11].kind, OUTCOME_REFUSED);
    assert_int_equal(result.outcomes[13].kind, OUTCOME_SUCCEEDED);
    assert_int_equal(result.counts[OUTCOME_UP_TO_DATE], 56);
    assert_in_range(world->opened, 1 + 1, 1 + 4); /* a connection may be handed on */
    sim_world_free(world);
}

/* ---- surveys that fail */

struct trouble {
    struct sim_fault fault;
    unsigned nth; /* operation of the run, from 0: opening, which are there, their heads … */
    unsigned times, seen;
};

static struct sim_fault trouble_fault(void *context, struct sim_target *target,
                                      const struct request *request)
{
    struct trouble *trouble = context;
    unsigned nth = trouble->seen++;

    (void)target;
    (void)request;
    return nth >= trouble->nth && nth < trouble->nth + trouble->times ? trouble->fault
                                                                      : (struct sim_fault){0};
}

/* Whatever happens to it, everybody ends as before, and it is nobody's attempt. */
static void test_a_survey_that_fails_costs_nobody_anything(void **state)
{
    static const struct sim_fault faults[] = {
        {.kind = SIM_REFUSED},
        {.kind = SIM_SILENT},
        {.kind = SIM_SILENT, .deaf = true},
        {.kind = SIM_ERROR, .code = "53300"},
        {.kind = SIM_ERROR, .code = "28P01"},
        {.kind = SIM_ERROR, .code = "42P01", .at = 2},
        {.kind = SIM_ERROR, .code = "57P01"},
        {.kind = SIM_LOST_BEFORE},
        {.kind = SIM_LOST_AFTER, .at = 2},
    };
    struct sim_world *world = settled(120, 1);
    struct trouble trouble;

    (void)state;
    world->fault = trouble_fault;
    world->fault_context = &trouble;
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        for (unsigned nth = 0; nth < 4; nth++) {
            struct sim_result result;

            if (nth > 0 && faults[i].kind == SIM_REFUSED) {
                continue;
            }
            trouble = (struct trouble){.fault = faults[i], .nth = nth, .times = 1};
            upgrade_all(world, NULL, &result);
            assert_int_equal(result.counts[OUTCOME_UP_TO_DATE], 120);
            for (size_t j = 0; j < 120; j++) {
                assert_int_equal(result.outcomes[j].attempts, 1);
            }
        }
    }
    sim_world_free(world);
}

/* One schema that cannot be read is found by halves, and alone asks for itself. */
static bool refuses_one(void *context, const struct fake_session *session,
                        const struct command *command, const char **code)
{
    (void)context;
    (void)session;
    if (strncmp(command->purpose, "survey_", 7) == 0 && strstr(command->sql, "\"t00033\"")) {
        *code = "42501";
        return false;
    }
    return true;
}

static void test_one_that_cannot_be_read_is_left_out(void **state)
{
    struct sim_world *world = settled(200, 1);
    struct sim_result result;

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        world->targets[i].server.allow = refuses_one;
    }
    upgrade_all(world, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_UP_TO_DATE], 200);
    assert_int_equal(world->opened, 1 + 1);
    sim_world_free(world);
}

static void interrupt_soon(struct sim_world *world)
{
    drain_after(world, 3000);
}

static void test_an_interrupt_drops_the_survey(void **state)
{
    struct sim_world *world = settled(450, 1);
    struct sim_result result;

    (void)state;
    upgrade_all(world, interrupt_soon, &result);
    assert_int_equal(result.counts[OUTCOME_NOT_STARTED] + result.counts[OUTCOME_UP_TO_DATE], 450);
    assert_true(result.counts[OUTCOME_NOT_STARTED] >= 250);
    assert_int_equal(world->opened, 1);
    sim_world_free(world);
}

/* ---- connections handed on */

static void test_a_connection_is_handed_on(void **state)
{
    struct sim_setup setup = schemas(200, 4);
    struct sim_world *world = sim_world_new(&setup);
    struct sim_result result;

    (void)state;
    upgrade_all(world, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 200);
    assert_in_range(world->opened, 4, 40); /* every sixteenth is no good */
    assert_true(world->reused >= 160);
    assert_true(world->most <= 4);
    sim_world_free(world);
}

struct breaks {
    struct sim_world *world;
    size_t reused, broken;
};

/* The first request on every third connection that was another's finds it broken. */
static struct sim_fault break_reused(void *context, struct sim_target *target,
                                     const struct request *request)
{
    struct breaks *breaks = context;
    bool first = breaks->world->reused != breaks->reused;

    (void)target;
    breaks->reused = breaks->world->reused;
    if (!request || !first || breaks->reused % 3 != 0) {
        return (struct sim_fault){0};
    }
    breaks->broken++;
    return (struct sim_fault){.kind = SIM_LOST_BEFORE};
}

static void test_a_connection_that_broke_in_between_is_no_attempt(void **state)
{
    struct sim_setup setup = schemas(100, 1);
    struct sim_world *world;
    struct sim_result result;
    struct breaks breaks = {.broken = 0};

    (void)state;
    setup.retry.attempts = 1;
    world = breaks.world = sim_world_new(&setup);
    world->fault = break_reused;
    world->fault_context = &breaks;
    upgrade_all(world, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 100);
    assert_true(breaks.broken > 20);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(result.outcomes[i].attempts, 1);
    }
    sim_world_free(world);
}

/* Schemas of two databases take turns: a kept connection of one is no slot more. */
static void test_what_is_kept_stands_in_nobody_s_way(void **state)
{
    struct sim_setup setup = schemas(60, 2);
    struct sim_world *world;
    struct sim_result result;

    (void)state;
    setup.servers = 2;
    setup.limits.concurrency = 3;
    world = sim_world_new(&setup);
    upgrade_all(world, NULL, &result);
    assert_int_equal(result.counts[OUTCOME_SUCCEEDED], 60);
    assert_int_equal(world->most, 3);
    sim_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_connection_reads_for_all),
        cmocka_unit_test(test_several_read_where_several_may),
        cmocka_unit_test(test_where_nobody_ends_few_are_read),
        cmocka_unit_test(test_what_is_not_clear_asks_for_itself),
        cmocka_unit_test(test_a_survey_that_fails_costs_nobody_anything),
        cmocka_unit_test(test_one_that_cannot_be_read_is_left_out),
        cmocka_unit_test(test_an_interrupt_drops_the_survey),
        cmocka_unit_test(test_a_connection_is_handed_on),
        cmocka_unit_test(test_a_connection_that_broke_in_between_is_no_attempt),
        cmocka_unit_test(test_what_is_kept_stands_in_nobody_s_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
