/*
 * Who holds what a life waits for: when it wants to know, and what it makes of the answer.
 */
#include "check.h"

#include <string.h>

#include "life_world.h"

static const struct holder biter = {.pid = 20417,
                                    .application = "metabase",
                                    .user = "bi",
                                    .since = "2026-11-20T10:30:00Z",
                                    .query = "SELECT 1"};
static const struct holder *heard; /* what the second connection answers */
static bool heard_blind;           /* or that it cannot tell */
static int64_t heard_before_us;    /* so long before the wait ends */
static struct watch watched;       /* the last demand's that wanted something watched */
static int64_t watched_at_us;      /* when it will be asked */

static void hear(struct life_world *world, const struct demand *demand)
{
    struct life_event event = {
        .kind = LIFE_HOLDER, .watch = demand->watch.kind, .holder = heard, .blind = heard_blind};
    struct demand nothing;

    if (demand->watch.kind == WATCH_NOTHING) {
        return;
    }
    watched = demand->watch;
    watched_at_us = world->now_us + watched.first_us;
    event.now_us = world->now_us;
    life_step(&world->life, &event, &nothing);
    assert_int_equal(nothing.kind, DEMAND_NOTHING);
    world->now_us += heard_before_us;
}

static const struct err *fails_by_lock(struct life_world *world)
{
    static const struct life_fault fault = {"statement", 0, FAKE_ERROR, "55P03"};

    life_world_begin(world, PG, TWO);
    world->on_demand = hear;
    world->faults = &fault;
    world->fault_count = 1;
    const struct outcome *outcome = life_world_run(world);
    assert_int_equal(outcome->kind, OUTCOME_FAILED);
    assert_int_equal(outcome->error->class, ERROR_LOCK_TIMEOUT);
    assert_int_equal(watched.kind, WATCH_SESSION);
    assert_string_equal(watched.parameter, "77");
    assert_int_equal(watched.first_us, 2500000);
    /* A lock was not had before: asked as often as it takes. */
    assert_int_equal(watched.most_us, watched.every_us);
    return outcome->error;
}

static void test_a_lock_that_was_not_had_names_who_has_it(void **state)
{
    struct life_world world;
    (void)state;

    heard = &biter;
    heard_before_us = 4000000;
    assert_int_equal(fails_by_lock(&world)->holder->pid, 20417);
    life_world_release(&world);

    heard_before_us = 6000000; /* that was before the wait, whose length is lock_timeout */
    assert_null(fails_by_lock(&world)->holder);
    life_world_release(&world);

    heard = NULL; /* nobody blocks it: it works */
    heard_before_us = 0;
    assert_null(fails_by_lock(&world)->holder);
    life_world_release(&world);
}

/* MySQL and MariaDB are asked twice, for tables and for rows; what a server cannot tell, the error
 * says how to have told. */
static void test_a_server_that_cannot_tell_who_has_a_lock(void **state)
{
    static const struct life_fault fault = {"statement", 0, FAKE_ERROR, "1205"};
    static const struct {
        enum engine engine;
        bool blind;
        const char *hint;
    } rows[] = {{ENGINE_MARIADB, true, "metadata_lock_info"},
                {ENGINE_MYSQL, true, "performance_schema"},
                {ENGINE_MARIADB, false, NULL}};
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct life_world world;

        life_world_begin(&world, rows[i].engine, TWO);
        world.on_demand = hear;
        world.faults = &fault;
        world.fault_count = 1;
        heard = NULL;
        heard_blind = rows[i].blind;
        heard_before_us = 0;
        const struct err *err = life_world_run(&world)->error;
        heard_blind = false;
        assert_int_equal(err->class, ERROR_LOCK_TIMEOUT);
        assert_int_equal(watched.kind, WATCH_SESSION);
        assert_string_equal(watched.purpose, "holder");
        assert_string_equal(watched.then_purpose, "holder_rows");
        assert_null(err->holder);
        if (rows[i].hint) {
            assert_non_null(strstr(err->hint, rows[i].hint));
        } else {
            assert_null(err->hint);
        }
        life_world_release(&world);
    }
}

/* The first half of the time nobody is asked, and what heads are read by has no lock_timeout. */
static void watch_only(struct life_world *world, const struct demand *demand)
{
    if (world->life.state == LIFE_STATE_PEEK || world->life.state == LIFE_STATE_CONNECT) {
        assert_int_equal(demand->watch.kind, WATCH_NOTHING);
    } else if (demand->kind == DEMAND_SUBMIT) {
        assert_int_equal(demand->watch.kind, WATCH_SESSION);
        assert_int_equal(demand->watch.first_us,
                         world->life.state == LIFE_STATE_LOCK ? 2500000 : 1000000);
        assert_true(demand->watch.most_us > demand->watch.every_us);
    }
}

static void test_a_section_s_own_time_counts(void **state)
{
    struct life_world world;
    (void)state;

    life_world_begin(&world, PG,
                     HEADER("aaa2", "aaa1") "-- skein:upgrade lock_timeout=2s\nCREATE two;\n");
    world.on_demand = watch_only;
    assert_int_equal(life_world_run(&world)->kind, OUTCOME_SUCCEEDED);
    life_world_release(&world);

    life_world_begin(&world, LITE, TWO);
    world.on_demand = hear;
    watched.kind = WATCH_NOTHING;
    assert_int_equal(life_world_run(&world)->kind, OUTCOME_SUCCEEDED);
    assert_int_equal(watched.kind, WATCH_NOTHING);
    life_world_release(&world);
}

static void another_skein_works(struct life_world *world)
{
    fake_server_add_version(&world->server, "aaa1");
    world->server.state.history_table = true;
    world->server.lock_foreign = true;
}

static void see_lock(struct life_world *world, const struct demand *demand)
{
    if (demand->watch.kind == WATCH_LOCK) {
        hear(world, demand);
    }
}

static void test_blocked_names_who_has_the_lock(void **state)
{
    struct life_world world;
    (void)state;

    life_world_begin(&world, PG, TWO);
    another_skein_works(&world);
    world.connection.lock_wait_ms = 100;
    world.on_demand = see_lock;
    heard = &biter;
    heard_before_us = 0;
    const struct outcome *outcome = life_world_run(&world);
    assert_int_equal(outcome->kind, OUTCOME_BLOCKED);
    assert_int_equal(outcome->error->holder->pid, 20417);
    assert_string_equal(outcome->error->holder->query, "SELECT 1");
    life_world_release(&world);
}

/* By half of lock_wait, then twice more. */
static void test_the_lock_is_asked_about_from_half_its_time(void **state)
{
    struct life_world world;
    (void)state;

    life_world_begin(&world, PG, TWO);
    another_skein_works(&world);
    world.free_after = 3;
    world.on_demand = see_lock;
    heard = NULL;
    heard_before_us = 0;
    assert_int_equal(life_world_run(&world)->kind, OUTCOME_SUCCEEDED);
    assert_int_equal(watched.kind, WATCH_LOCK);
    assert_string_equal(watched.parameter, LOCK_OF_PUBLIC);
    assert_int_equal(watched.every_us, 15000000);
    assert_in_range(watched_at_us, 30000000, 30010000);
    life_world_release(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_lock_that_was_not_had_names_who_has_it),
        cmocka_unit_test(test_a_server_that_cannot_tell_who_has_a_lock),
        cmocka_unit_test(test_a_section_s_own_time_counts),
        cmocka_unit_test(test_blocked_names_who_has_the_lock),
        cmocka_unit_test(test_the_lock_is_asked_about_from_half_its_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
