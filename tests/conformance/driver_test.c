/*
 * What every driver must do (workers/driver.h), on every engine.
 *
 * usage: driver_test ENGINE
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "world.h"

#define COUNT(items) (sizeof(items) / sizeof(*(items)))

static void an_open_connection_answers(void **state)
{
    size_t before = open_descriptors();

    (void)state;
    world_open(false);
    assert_true(world.pump.reply.answered);
    assert_true(world.pump.reply.connected);
    assert_false(world.pump.reply.in_transaction);
    assert_string_equal(sql(&world.pump, "SELECT 1"), "1");
    pump_close(&world.pump);
    assert_int_equal(open_descriptors(), before);
}

static void a_missing_database_is_named(void **state)
{
    (void)state;
    world.place.target.create = false;
    world.place.target.database = "nowhere";
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_MISSING_DATABASE, either("3D000", "14", "1049"));
    assert_int_equal(world.pump.err.retry, RETRY_AUTH);
    assert_true(world.pump.reply.answered);
    assert_false(world.pump.reply.connected);
}

/* Also where there are no rows. */
static void columns_have_names(void **state)
{
    struct command commands[] = {
        command("SELECT 1 AS \"labels.tier\", 2 AS b FROM (SELECT 1) AS x WHERE 1 = 2"),
        command("SELECT 3 AS c")};

    (void)state;
    commands[0].names = true;
    world_open(false);
    assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_DONE);
    assert_int_equal(world.pump.reply.results[0].column_count, 2);
    assert_string_equal(world.pump.reply.results[0].names[0], "labels.tier");
    assert_string_equal(world.pump.reply.results[0].names[1], "b");
    assert_null(world.pump.reply.results[1].names);
}

static void commands_answer_in_order(void **state)
{
    struct command commands[] = {
        command("CREATE TABLE t (n integer, s text)"),
        command("INSERT INTO t VALUES (1, 'one'), (2, NULL), (3, '')"),
        command("SELECT n, s FROM t ORDER BY n"),
        command("UPDATE t SET s = 'x' WHERE n > 1"),
        command("SELECT n FROM t WHERE n > 9"),
    };
    const struct result *result;

    (void)state;
    world_open(false);
    assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_DONE);
    assert_int_equal(world.pump.reply.completed, COUNT(commands));
    assert_true(world.pump.reply.answered && world.pump.reply.connected);
    assert_false(world.pump.reply.in_transaction);
    result = world.pump.reply.results;
    assert_int_equal(result[1].affected, 3);
    assert_int_equal(result[2].row_count, 3);
    assert_int_equal(result[2].column_count, 2);
    assert_string_equal(result[2].cells[0], "1");
    assert_string_equal(result[2].cells[1], "one");
    assert_null(result[2].cells[3]);
    assert_string_equal(result[2].cells[5], "");
    assert_int_equal(result[3].affected, 2);
    assert_int_equal(result[4].row_count, 0);
    for (size_t i = 0; i < COUNT(commands); i++) {
        assert_true(result[i].microseconds >= 0);
    }
}

static void the_length_of_a_command_counts(void **state)
{
    struct command command = {.sql = "SELECT 12345; DROP TABLE t", .length = 9, .rows = true};

    (void)state;
    world_open(false);
    assert_int_equal(pump_run(&world.pump, &command, 1), DRIVE_DONE);
    assert_string_equal(world.pump.reply.results[0].cells[0], "12");
}

static void rows_that_nobody_wants_are_dropped(void **state)
{
    struct command one = command("SELECT 1");

    (void)state;
    one.rows = false;
    world_open(false);
    assert_int_equal(pump_run(&world.pump, &one, 1), DRIVE_DONE);
    assert_int_equal(world.pump.reply.results[0].row_count, 0);
    assert_null(world.pump.reply.results[0].cells);
}

static void parameters_are_values(void **state)
{
    static const char *const values[] = {
        "plain", "", "it's; DROP TABLE t; --", "\\ \" $1 ?1", "größe 漢字 🦢", "42", NULL,
    };
    struct command insert =
        command(either("INSERT INTO t VALUES ($1::integer, $2)", "INSERT INTO t VALUES (?1, ?2)",
                       "INSERT INTO t VALUES ($1, $2)"));

    (void)state;
    world_open(false);
    sql(&world.pump, "CREATE TABLE t (n integer, s text)");
    for (size_t i = 0; i < COUNT(values); i++) {
        char number[16];
        const char *parameters[] = {number, values[i]};

        snprintf(number, sizeof(number), "%zu", i);
        insert.parameters = parameters;
        insert.parameter_count = 2;
        assert_int_equal(pump_run(&world.pump, &insert, 1), DRIVE_DONE);
        assert_int_equal(world.pump.reply.results[0].affected, 1);
    }
    sql(&world.pump, "SELECT s FROM t ORDER BY n");
    assert_int_equal(world.pump.reply.results[0].row_count, COUNT(values));
    for (size_t i = 0; i < COUNT(values); i++) {
        const char *cell = world.pump.reply.results[0].cells[i];

        if (values[i]) {
            assert_string_equal(cell, values[i]);
        } else {
            assert_null(cell);
        }
    }
}

/* The k-th of five fails: k completed, it is named, those behind it had no effect. */
static void the_failing_command_is_known(void **state)
{
    (void)state;
    world_open(false);
    sql(&world.pump,
        either("CREATE SEQUENCE t", "CREATE TABLE t (n integer)", "CREATE TABLE t (n integer)"));
    for (size_t k = 0; k < 5; k++) {
        struct command commands[5];
        char expected[8];

        sql(&world.pump, either("SELECT setval('t', 100)", "DELETE FROM t", "DELETE FROM t"));
        for (size_t i = 0; i < 5; i++) {
            commands[i] = command(either("SELECT nextval('t')", "INSERT INTO t VALUES (1)",
                                         "INSERT INTO t VALUES (1)"));
        }
        commands[k] = command("SELECT * FROM missing");
        assert_int_equal(pump_run(&world.pump, commands, 5), DRIVE_FAIL);
        assert_int_equal(world.pump.reply.completed, k);
        check_error(&world.pump.err, ERROR_MISSING_OBJECT, either("42P01", "1", "1146"));
        assert_int_equal(world.pump.err.retry, RETRY_NEVER);
        assert_true(world.pump.reply.answered && world.pump.reply.connected);
        assert_false(world.pump.reply.in_transaction);
        snprintf(expected, sizeof(expected), "%zu", k);
        assert_string_equal(
            sql(&world.pump, either("SELECT last_value - 100 FROM t", "SELECT count(*) FROM t",
                                    "SELECT count(*) FROM t")),
            expected);
    }
}

static void transactions_are_seen(void **state)
{
    struct command commands[] = {
        command("BEGIN"),
        command("INSERT INTO t VALUES (1)"),
        command("INSERT INTO t VALUES (1)"),
        command("INSERT INTO t VALUES (3)"),
    };

    (void)state;
    world_open(false);
    sql(&world.pump, "CREATE TABLE t (n integer PRIMARY KEY)");
    assert_false(world.pump.reply.in_transaction);
    sql(&world.pump, "BEGIN");
    assert_true(world.pump.reply.in_transaction);
    sql(&world.pump, "INSERT INTO t VALUES (1)");
    assert_true(world.pump.reply.in_transaction);
    sql(&world.pump, "ROLLBACK");
    assert_false(world.pump.reply.in_transaction);
    assert_string_equal(sql(&world.pump, "SELECT count(*) FROM t"), "0");

    assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_FAIL);
    assert_int_equal(world.pump.reply.completed, 2);
    assert_true(world.pump.reply.in_transaction);
    check_error(&world.pump.err, ERROR_CONSTRAINT, either("23505", "1555", "1062"));
    sql(&world.pump, "ROLLBACK");
    assert_false(world.pump.reply.in_transaction);

    sql(&world.pump, "BEGIN");
    sql(&world.pump, "INSERT INTO t VALUES (7)");
    sql(&world.pump, "COMMIT");
    assert_false(world.pump.reply.in_transaction);
    assert_string_equal(sql(&world.pump, "SELECT count(*) FROM t"), "1");
}

static void two_statements_in_one_command_are_refused(void **state)
{
    struct command two = command("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)");

    (void)state;
    two.own = false;
    world_open(false);
    sql(&world.pump, "CREATE TABLE t (n integer)");
    assert_int_equal(pump_run(&world.pump, &two, 1), DRIVE_FAIL);
    assert_int_equal(world.pump.err.class, ERROR_SYNTAX);
    assert_string_equal(sql(&world.pump, "SELECT count(*) FROM t"), "0");
}

static void a_syntax_error_has_its_place(void **state)
{
    (void)state;
    world_open(false);
    assert_int_equal(pump_sql(&world.pump, "CREATE TABEL t (n integer)"), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_SYNTAX, either("42601", "1", "1064"));
    assert_int_equal(world.pump.reply.position, 8);
    /* Characters, not bytes. */
    assert_int_equal(pump_sql(&world.pump, "SELECT 'größe' FRM, 1 FROM )"), DRIVE_FAIL);
    assert_int_equal(world.pump.reply.position, 28);
}

static void an_empty_command_is_done(void **state)
{
    struct command empty = command("-- nothing\n");

    (void)state;
    world_open(false);
    assert_int_equal(pump_run(&world.pump, &empty, 1), DRIVE_DONE);
    assert_int_equal(world.pump.reply.completed, 1);
}

#define MANY 5000
#define WIDE 1000

/* Megabytes in both directions at once: who only writes waits for a server that only writes. */
static void a_large_batch_goes_through(void **state)
{
    struct command *commands = calloc(MANY, sizeof(*commands));
    char *text = malloc(WIDE + 64);
    const struct result *last;
    size_t length;

    (void)state;
    assert_non_null(commands);
    assert_non_null(text);
    length = (size_t)snprintf(text, WIDE + 64, "SELECT '%0*d'", WIDE, 7);
    for (size_t i = 0; i < MANY; i++) {
        commands[i] = (struct command){.sql = text, .length = length, .rows = true};
    }
    world_open(false);
    assert_int_equal(pump_run(&world.pump, commands, MANY), DRIVE_DONE);
    assert_int_equal(world.pump.reply.completed, MANY);
    last = &world.pump.reply.results[MANY - 1];
    assert_int_equal(last->row_count, 1);
    assert_int_equal(strlen(last->cells[0]), WIDE);

    /* A failure in the middle of it. */
    commands[MANY / 2] = command("SELECT * FROM missing");
    assert_int_equal(pump_run(&world.pump, commands, MANY), DRIVE_FAIL);
    assert_int_equal(world.pump.reply.completed, MANY / 2);
    assert_true(world.pump.reply.connected);
    assert_string_equal(sql(&world.pump, "SELECT 1"), "1");
    free(text);
    free(commands);
}

static long resident_peak_kib(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

#define NUMBERS                                                                                    \
    "WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 1000000) SELECT "  \
    "n FROM c"
#define MILLION(source)                                                                            \
    "SELECT s.*, 'a hundred bytes of some text, that would fill the memory, if they were kept by " \
    "somebody, as they are not' FROM " source " AS s"

static void a_large_result_needs_no_memory(void **state)
{
    struct command million = command(
        either(MILLION("(" NUMBERS ")"), MILLION("(" NUMBERS ")"), MILLION("seq_1_to_1000000")));
    long before;

    (void)state;
    million.rows = false;
    world_open(false);
    sql(&world.pump, "SELECT 1");
    before = resident_peak_kib();
    assert_int_equal(pump_run(&world.pump, &million, 1), DRIVE_DONE);
    assert_int_equal(world.pump.reply.completed, 1);
    assert_in_range(resident_peak_kib() - before, 0, 64 * 1024);
}

static void a_long_statement_is_aborted(void **state)
{
    struct command commands[] = {command("SELECT 1"), command(LONG_STATEMENT), command("SELECT 2")};

    (void)state;
    world_open(false);
    pump_submit(&world.pump, commands, COUNT(commands));
    world_await_long_statement();
    pump_abort(&world.pump);
    assert_int_equal(pump_drive(&world.pump, 10000), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_CANCELLED, either("57014", "9", "1317"));
    assert_int_equal(world.pump.err.retry, RETRY_CANCELLED);
    /* A file has nobody to ask whether it is there already. */
    assert_in_range(world.pump.reply.completed, world.engine == ENGINE_SQLITE ? 0 : 1, 1);
    assert_true(world.pump.reply.answered && world.pump.reply.connected);
    sql(&world.pump, "SELECT 1");
}

static void an_abort_of_nothing_is_nothing(void **state)
{
    struct work work;
    struct err err = ERR_INIT(&world.pump.arena);

    (void)state;
    world_open(false);
    assert_int_equal(world.driver->abort(world.pump.connection, &work, &err), 0);
    assert_null(work.run);
    assert_string_equal(sql(&world.pump, "SELECT 1"), "1");
}

static void it_is_closed_at_any_time(void **state)
{
    struct command commands[] = {command("BEGIN"), command("INSERT INTO t VALUES (1)"),
                                 command(LONG_STATEMENT)};
    size_t before = open_descriptors();

    (void)state;
    pump_open(&world.pump, &world.place.target, &world.place.addresses, false);
    pump_close(&world.pump); /* nothing was driven yet */
    assert_int_equal(open_descriptors(), before);

    world_open(false);
    sql(&world.pump, "CREATE TABLE t (n integer)");
    pump_submit(&world.pump, commands, 2);
    assert_int_equal(pump_drive(&world.pump, 10000), DRIVE_DONE);
    pump_close(&world.pump); /* inside a transaction */
    assert_int_equal(open_descriptors(), before);

    world_open(false);
    assert_string_equal(sql(&world.pump, "SELECT count(*) FROM t"), "0");
    pump_submit(&world.pump, commands, COUNT(commands));
    world_await_long_statement();
    pump_abort(&world.pump);
    pump_close(&world.pump); /* inside a statement */
    assert_int_equal(open_descriptors(), before);

    world_open(false);
    assert_string_equal(sql(&world.pump, "SELECT count(*) FROM t"), "0");
}

static void reading_alone_writes_nothing(void **state)
{
    struct command commands[] = {
        command("SELECT count(*) FROM t"),
        command("INSERT INTO t VALUES (1)"),
        command("SELECT 2"),
    };

    (void)state;
    world_open(false);
    sql(&world.pump, "CREATE TABLE t (n integer)");
    pump_close(&world.pump);
    world_open(true);
    assert_string_equal(sql(&world.pump, "SELECT count(*) FROM t"), "0");
    assert_int_equal(pump_sql(&world.pump, "CREATE TABLE u (n integer)"), DRIVE_FAIL);
    assert_int_equal(world.pump.err.class, ERROR_READ_ONLY);
    assert_int_equal(world.pump.reply.completed, 0);
    assert_true(world.pump.reply.answered && world.pump.reply.connected);
    assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_FAIL);
    assert_int_equal(world.pump.err.class, ERROR_READ_ONLY);
    assert_int_equal(world.pump.reply.completed, 1);
    assert_string_equal(world.pump.reply.results[0].cells[0], "0");
    assert_int_equal(pump_run(&world.pump, commands, 1), DRIVE_DONE);
    assert_int_equal(world.pump.reply.completed, 1);
    assert_string_equal(world.pump.reply.results[0].cells[0], "0");
}

/* Kept parsed or not: the values are each time's own, and a failure leaves nothing behind. */
static void a_repeated_command_is_as_any_other(void **state)
{
    static const char *const values[][2] = {{"1", "one"}, {"2", NULL}};
    struct command insert = command(either("INSERT INTO t (n, s) VALUES ($1, $2)",
                                           "INSERT INTO t (n, s) VALUES (?1, ?2)",
                                           "INSERT INTO t (n, s) VALUES ($1, $2)"));
    struct command commands[4];
    const char *const *cells;

    (void)state;
    world_open(false);
    insert.repeated = true;
    insert.parameter_count = 2;
    for (size_t i = 0; i < COUNT(commands); i++) {
        commands[i] = insert;
        commands[i].parameters = values[i % 2];
    }
    assert_int_equal(pump_run(&world.pump, commands, 2), DRIVE_FAIL); /* there is no table */
    check_error(&world.pump.err, ERROR_MISSING_OBJECT, either("42P01", "1", "1146"));
    assert_int_equal(world.pump.reply.completed, 0);
    sql(&world.pump, "CREATE TABLE t (n integer, s text)");
    assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_DONE);
    assert_int_equal(world.pump.reply.results[3].affected, 1);
    commands[2] = command("SELECT nonsense FROM t");
    assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_FAIL);
    assert_int_equal(world.pump.reply.completed, 2);
    sql(&world.pump, "DELETE FROM t");
    sql(&world.pump, "ALTER TABLE t ADD COLUMN more integer DEFAULT 7");
    commands[2] = command("SELECT count(*), sum(n), max(more), count(s) FROM t");
    commands[3] = command("DROP TABLE t");
    assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_DONE);
    cells = world.pump.reply.results[2].cells;
    assert_string_equal(cells[0], "2");
    assert_string_equal(cells[1], "3");
    assert_string_equal(cells[2], "7");
    assert_string_equal(cells[3], "1");
    sql(&world.pump, "CREATE TABLE t (s text, n integer)");
    assert_int_equal(pump_run(&world.pump, commands, 1), DRIVE_DONE);
    assert_string_equal(sql(&world.pump, "SELECT s FROM t WHERE n = 1"), "one");
}

static enum drive open_with(const struct command *commands, size_t count)
{
    pump_open_first(&world.pump, &world.place.target, &world.place.addresses, commands, count);
    return pump_drive(&world.pump, 10000);
}

/* What is submitted first may be told when the connection is opened: its answers come with its own
 * submit, whenever it was run. */
static void the_first_request_may_go_along(void **state)
{
    struct command commands[] = {command("SELECT 1"), command("BEGIN"), command("SELECT * FROM t")};

    (void)state;
    assert_int_equal(open_with(commands, 2), DRIVE_DONE);
    assert_true(world.pump.reply.connected);
    pump_submit_first(&world.pump);
    assert_int_equal(pump_drive(&world.pump, 10000), DRIVE_DONE);
    assert_int_equal(world.pump.reply.completed, 2);
    assert_string_equal(world.pump.reply.results[0].cells[0], "1");
    assert_true(world.pump.reply.in_transaction);
    assert_string_equal(sql(&world.pump, "SELECT 2"), "2");
    pump_close(&world.pump);

    assert_int_equal(open_with(commands, COUNT(commands)), DRIVE_DONE);
    pump_submit_first(&world.pump);
    assert_int_equal(pump_drive(&world.pump, 10000), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_MISSING_OBJECT, either("42P01", "1", "1146"));
    assert_int_equal(world.pump.reply.completed, 2);
    assert_true(world.pump.reply.answered && world.pump.reply.connected);
    pump_close(&world.pump);

    assert_int_equal(open_with(commands, COUNT(commands)), DRIVE_DONE);
    pump_close(&world.pump); /* never submitted */
}

static void without_a_connection_there_is_no_first_request(void **state)
{
    struct command commands[] = {command("SELECT 1")};

    (void)state;
    world.place.target.create = false;
    world.place.target.database = "nowhere";
    assert_int_equal(open_with(commands, COUNT(commands)), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_MISSING_DATABASE, either("3D000", "14", "1049"));
}

static void the_table_is_whole(void **state)
{
    const struct driver *driver = world.driver;

    (void)state;
    assert_string_equal(driver->name, engine_name(world.engine));
    assert_ptr_equal(driver_for(world.engine), driver);
    assert_null(driver_for(ENGINE_COUNT));
    assert_non_null(driver->open);
    assert_non_null(driver->submit);
    assert_non_null(driver->drive);
    assert_non_null(driver->abort);
    assert_non_null(driver->close);
    assert_int_equal(!!(driver->capabilities & CAPABILITY_TRANSACTIONAL_DDL),
                     world.engine != ENGINE_MARIADB);
    assert_int_equal(!!(driver->capabilities & CAPABILITY_BLOCKING), world.engine == ENGINE_SQLITE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        CASE(the_table_is_whole),
        CASE(an_open_connection_answers),
        CASE(a_missing_database_is_named),
        CASE(commands_answer_in_order),
        CASE(columns_have_names),
        CASE(the_length_of_a_command_counts),
        CASE(rows_that_nobody_wants_are_dropped),
        CASE(parameters_are_values),
        CASE(the_failing_command_is_known),
        CASE(transactions_are_seen),
        CASE(two_statements_in_one_command_are_refused),
        CASE(a_syntax_error_has_its_place),
        CASE(an_empty_command_is_done),
        CASE(a_large_batch_goes_through),
        CASE(a_large_result_needs_no_memory),
        CASE(a_long_statement_is_aborted),
        CASE(an_abort_of_nothing_is_nothing),
        CASE(it_is_closed_at_any_time),
        CASE(reading_alone_writes_nothing),
        CASE(a_repeated_command_is_as_any_other),
        CASE(the_first_request_may_go_along),
        CASE(without_a_connection_there_is_no_first_request),
    };

    world_choose(count > 1 ? arguments[1] : "");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
