/*
 * What a driver that can hand a connection on must do (driver.reuse): nothing of the one before is
 * there for the next one.
 *
 * usage: reuse_test ENGINE
 */
#include <stdio.h>
#include <string.h>

#include "world.h"

#define COUNT(items) (sizeof(items) / sizeof(*(items)))

static void hand_on(void)
{
    assert_true(pump_reuse(&world.pump, &world.place.target, "the next one"));
}

static void nothing_of_the_one_before_is_left(void **state)
{
    static const char *const before[] = {
        "SET search_path = information_schema",
        "SET lock_timeout = '7s'",
        "SELECT set_config('skein.role', 'x', false)",
        "SET ROLE conformance",
        "CREATE TEMP TABLE left_behind (n integer)",
        "PREPARE mine AS SELECT 1",
        "SELECT pg_advisory_lock(4711)",
        "LISTEN somebody",
    };
    static const struct {
        const char *sql, *answer;
    } after[] = {
        {"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "0"},
        {"SELECT current_setting('application_name')", "the next one"},
        {"SELECT current_setting('lock_timeout')", "0"},
        {"SELECT coalesce(current_setting('skein.role', true), '')", ""},
        {"SELECT current_user = session_user", "t"},
        {"SELECT current_setting('role')", "none"},
        {"SELECT count(*) FROM pg_class WHERE relname = 'left_behind'", "0"},
        {"SELECT count(*) FROM pg_prepared_statements", "0"},
        {"SELECT count(*) FROM pg_listening_channels()", "0"},
        {"SELECT current_setting('client_encoding')", "UTF8"},
    };
    char pid[32];

    (void)state;
    world_open(false);
    snprintf(pid, sizeof(pid), "%s", sql(&world.pump, "SELECT pg_backend_pid()"));
    for (size_t i = 0; i < COUNT(before); i++) {
        sql(&world.pump, before[i]);
    }
    hand_on();
    assert_string_equal(sql(&world.pump, "SELECT pg_backend_pid()"), pid);
    for (size_t i = 0; i < COUNT(after); i++) {
        assert_string_equal(sql(&world.pump, after[i].sql), after[i].answer);
    }
}

/* The requests and their answers are as on a new connection. */
static void requests_are_as_ever(void **state)
{
    struct command commands[] = {command("CREATE TABLE t (n integer PRIMARY KEY)"),
                                 command("INSERT INTO t VALUES (1)"), command("SELECT n FROM t"),
                                 command("SELECT * FROM missing"), command("SELECT 5")};

    (void)state;
    world_open(false);
    for (size_t count = 3; count <= COUNT(commands); count += 2) {
        bool good = count == 3;

        sql(&world.pump, "DROP TABLE IF EXISTS t");
        hand_on();
        assert_int_equal(pump_run(&world.pump, commands, count), good ? DRIVE_DONE : DRIVE_FAIL);
        assert_int_equal(world.pump.reply.completed, 3);
        assert_string_equal(world.pump.reply.results[2].cells[0], "1");
        assert_true(world.pump.reply.answered && world.pump.reply.connected);
        assert_false(world.pump.reply.in_transaction);
    }
    assert_string_equal(sql(&world.pump, "SELECT current_setting('application_name')"),
                        "the next one"); /* whatever became of the first request */
    hand_on();
    assert_string_equal(sql(&world.pump, "SELECT 7"), "7"); /* a single one */
}

static void kept_statements_are_made_anew(void **state)
{
    struct command commands[2] = {command("SELECT 41 + 1"), command("SELECT 41 + 1")};

    (void)state;
    commands[0].repeated = commands[1].repeated = true;
    world_open(false);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_DONE);
        assert_string_equal(world.pump.reply.results[1].cells[0], "42");
        hand_on();
    }
}

static void what_is_not_good_is_not_handed_on(void **state)
{
    struct pump other;
    char text[100];

    (void)state;
    world_open(false);
    sql(&world.pump, "BEGIN");
    assert_false(pump_reuse(&world.pump, &world.place.target, "x"));
    sql(&world.pump, "ROLLBACK");
    assert_true(pump_reuse(&world.pump, &world.place.target, "x"));

    /* A cancel may come late. */
    struct command slow = command(LONG_STATEMENT);
    pump_submit(&world.pump, &slow, 1);
    world_await_long_statement();
    pump_abort(&world.pump);
    assert_int_equal(pump_drive(&world.pump, 10000), DRIVE_FAIL);
    assert_true(world.pump.reply.connected);
    assert_false(pump_reuse(&world.pump, &world.place.target, "x"));
    pump_close(&world.pump);

    /* The server has ended the session: that is seen, or the next request says so. */
    world_open(false);
    pump_init(&other, world.driver);
    assert_int_equal(place_open(&world.place, &other), DRIVE_DONE);
    snprintf(text, sizeof(text), "SELECT pg_terminate_backend(%s, 5000)",
             sql(&world.pump, "SELECT pg_backend_pid()"));
    assert_string_equal(sql(&other, text), "t");
    pump_release(&other);
    if (pump_reuse(&world.pump, &world.place.target, "x")) {
        assert_int_equal(pump_sql(&world.pump, "SELECT 1"), DRIVE_FAIL);
        assert_int_equal(world.pump.err.class, ERROR_CONNECTION);
        assert_false(world.pump.reply.answered);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_of_the_one_before_is_left, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(requests_are_as_ever, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(kept_statements_are_made_anew, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_good_is_not_handed_on, world_setup,
                                        world_teardown),
    };

    world_choose(argc > 1 ? argv[1] : "");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
