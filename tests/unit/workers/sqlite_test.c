/* Requests of the SQLite driver: results, refusals, errors, abort. */
#include "sqlite_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- requests */

#define COMMAND(text)                                                                              \
    {                                                                                              \
        .sql = (text), .length = sizeof(text) - 1                                                  \
    }

static void test_several_commands(void **state)
{
    static const char *const values[] = {"x'; --", NULL, ""};
    struct command commands[] = {
        COMMAND("CREATE TABLE t(a, b, c)"),
        COMMAND("INSERT INTO t VALUES (?1, ?2, ?3), ('\xc3\xa4', 2, 2.5)"),
        COMMAND("SELECT a, b, c, x'00' FROM t ORDER BY rowid; -- the end"),
        COMMAND("SELECT a FROM t"),
        COMMAND("/* nothing */"),
    };
    const struct result *results;

    (void)state;
    world_file("");
    world_open(false);
    commands[1].parameters = values;
    commands[1].parameter_count = 3;
    commands[2].rows = true;
    assert_int_equal(pump_run(&world.pump, commands, 5), DRIVE_DONE);
    assert_int_equal(world.pump.reply.completed, 5);
    assert_true(world.pump.reply.answered);
    results = world.pump.reply.results;
    assert_null(results[0].tag);
    assert_int_equal(results[0].affected, -1);
    assert_int_equal(results[1].affected, 2);
    assert_int_equal(results[2].affected, -1);
    assert_int_equal(results[2].row_count, 2);
    assert_int_equal(results[2].column_count, 4);
    assert_string_equal(results[2].cells[0], "x'; --");
    assert_null(results[2].cells[1]);
    assert_string_equal(results[2].cells[2], "");
    assert_string_equal(results[2].cells[4], "\xc3\xa4");
    assert_string_equal(results[2].cells[5], "2");
    assert_string_equal(results[2].cells[6], "2.5");
    assert_int_equal(results[3].row_count, 0); /* not asked for */
    assert_null(results[3].cells);
    for (int i = 0; i < 5; i++) {
        assert_true(results[i].microseconds >= 0 && results[i].microseconds < 60000000);
    }
}

static void test_the_first_failure_ends_the_request(void **state)
{
    struct command commands[] = {
        COMMAND("BEGIN IMMEDIATE"),
        COMMAND("CREATE TABLE u(a)"),
        COMMAND("SELECT '\xc3\xa4\xc3\xb6' FROM nowhere_at_all"),
        COMMAND("CREATE TABLE v(a)"),
    };

    (void)state;
    world_file("");
    world_open(false);
    commands[0].own = true;
    assert_int_equal(pump_run(&world.pump, commands, 4), DRIVE_FAIL);
    world_check_error("no table", ERROR_MISSING_OBJECT, "1");
    assert_int_equal(world.pump.reply.completed, 2);
    assert_true(world.pump.reply.answered);
    assert_true(world.pump.reply.connected);
    assert_true(world.pump.reply.in_transaction);
    assert_int_equal(world.pump.reply.position, 0); /* SQLite names no place for a table */
    assert_string_equal(world_ask("SELECT group_concat(name) FROM sqlite_schema"), "u");
    world_run("ROLLBACK");
    assert_false(world.pump.reply.in_transaction);
}

static void test_position_counts_characters(void **state)
{
    (void)state;
    world_file("");
    world_open(false);
    assert_int_equal(world_script("SELECT '\xc3\xa4\xc3\xb6', FROM"), DRIVE_FAIL);
    world_check_error("syntax", ERROR_SYNTAX, "1");
    if (sqlite3_libversion_number() >= 3038000) {
        assert_int_equal(world.pump.reply.position, 14);
    }
}

static void test_refused_commands(void **state)
{
    static const char with_nul[] = "CREATE TABLE x(a)\0; CREATE TABLE y(a)";
    static const struct {
        const char *sql;
        size_t length;
    } rows[] = {
        {"CREATE TABLE x(a); CREATE TABLE y(a)", 0},
        {"CREATE TABLE x(a);; -- and\n CREATE INDEX i ON x(a)", 0},
        {"CREATE TABLE x(a); COMMIT", 0},
        {"CREATE TABLE x(a); nonsense", 0},
        {"INSERT INTO t VALUES (?)", 0},
        {"INSERT INTO t VALUES (:name)", 0},
        {with_nul, sizeof(with_nul) - 1},
    };

    (void)state;
    world_file("CREATE TABLE t(a)");
    world_open(false);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct command command = {.sql = rows[i].sql, .length = rows[i].length};

        command.length += rows[i].length ? 0 : strlen(rows[i].sql);
        assert_int_equal(pump_run(&world.pump, &command, 1), DRIVE_FAIL);
        world_check_error(rows[i].sql, ERROR_SYNTAX, NULL);
        assert_int_equal(world.pump.reply.completed, 0);
        assert_string_equal(world_ask("SELECT (SELECT count(*) FROM sqlite_schema) || "
                                      "(SELECT count(*) FROM t)"),
                            "10");
    }
}

static void test_affected(void **state)
{
    static const struct {
        const char *sql;
        int affected;
    } rows[] = {
        {"INSERT INTO t VALUES (1), (2), (3)", 3},
        {"CREATE TABLE u AS SELECT * FROM t", -1},
        {"SELECT * FROM t", -1},
        {"UPDATE t SET a = a + 1 WHERE a > 1", 2},
        {"UPDATE t SET a = 1 WHERE a = 99", 0},
        {"CREATE INDEX i ON t(a)", -1},
        {"EXPLAIN DELETE FROM t", -1},
        {"WITH w AS (SELECT 1 AS a) DELETE FROM t WHERE a IN (SELECT a FROM w) RETURNING a", 1},
        {"PRAGMA user_version = 3", -1},
        {"ALTER TABLE t ADD COLUMN b", -1},
        {"INSERT INTO logged VALUES (1)", 1}, /* its trigger adds two more */
        {"DELETE FROM t", 2},
        {"DROP TABLE t", -1},
    };

    (void)state;
    world_file("CREATE TABLE t(a); CREATE TABLE log(a); CREATE TABLE logged(a);"
               "CREATE TRIGGER g AFTER INSERT ON logged BEGIN"
               " INSERT INTO log VALUES (1); INSERT INTO log VALUES (2); END");
    world_open(false);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (world_script(rows[i].sql) != DRIVE_DONE ||
            world.pump.reply.results[0].affected != rows[i].affected) {
            fail_msg("%s: %d", rows[i].sql, (int)world.pump.reply.results[0].affected);
        }
    }
}

/* ---- the guard */

static void test_scripts_control_no_transaction(void **state)
{
    static const char *const refused[] = {"BEGIN",    "BEGIN EXCLUSIVE", "COMMIT",   "END",
                                          "ROLLBACK", "SAVEPOINT s",     "RELEASE s"};
    static const char *const allowed[] = {"SAVEPOINT s", "INSERT INTO t VALUES (1)",
                                          "ROLLBACK TO s", "RELEASE s"};

    (void)state;
    world_file("CREATE TABLE t(a)");
    world_open(false);
    /* SQLite begins and ends one by itself. */
    assert_int_equal(world_script("VACUUM"), DRIVE_DONE);
    assert_false(world.pump.reply.in_transaction);
    for (int inside = 0; inside < 2; inside++) {
        size_t count = sizeof(refused) / sizeof(refused[0]) - (inside ? 2 : 0);

        for (size_t i = 0; i < count; i++) {
            assert_int_equal(world_script(refused[i]), DRIVE_FAIL);
            world_check_error(refused[i], ERROR_SYNTAX, "23");
            assert_int_equal(world.pump.reply.in_transaction, inside);
        }
        if (!inside) {
            world_run("BEGIN IMMEDIATE");
        }
    }
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        assert_int_equal(world_script(allowed[i]), DRIVE_DONE);
        assert_true(world.pump.reply.in_transaction);
    }
    world_run("COMMIT");
}

static void test_scripts_do_not_lock(void **state)
{
    (void)state;
    world_file("CREATE VIEW v AS SELECT skein_lock()");
    world_open(false);
    assert_int_equal(world_script("SELECT skein_lock()"), DRIVE_FAIL);
    world_check_error("lock", ERROR_PRIVILEGE, "23");
    assert_int_equal(world_script("SELECT skein_unlock()"), DRIVE_FAIL);
    assert_int_equal(pump_sql(&world.pump, "SELECT * FROM v"), DRIVE_FAIL);
    assert_false(world_exists("-skein"));
}

static void test_reader_writes_nothing(void **state)
{
    static const char *const refused[] = {
        "INSERT INTO t VALUES (1)", "CREATE TABLE u(a)",       "DROP TABLE t",
        "PRAGMA user_version = 7",  "PRAGMA journal_mode=wal", "VACUUM",
        "BEGIN IMMEDIATE",          "CREATE TEMP TABLE x(a)",  "ATTACH 'other.db' AS o",
        "SELECT skein_lock()",
    };
    static const char *const allowed[] = {
        "SELECT * FROM t", "PRAGMA table_info(t)",     "BEGIN",
        "ROLLBACK",        "PRAGMA foreign_key_check", "SELECT skein_lock_probe()"};

    (void)state;
    world_file("CREATE TABLE t(a)");
    world_open(true);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_int_equal(pump_sql(&world.pump, refused[i]), DRIVE_FAIL);
        world_check_error(refused[i], ERROR_READ_ONLY, NULL);
    }
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        world_run(allowed[i]);
    }
    assert_false(world_exists("-skein"));
}

/* ---- errors */

static void test_classes(void **state)
{
    static const struct {
        const char *sql;
        enum error_class class;
        const char *code;
    } rows[] = {
        {"SELEC 1", ERROR_SYNTAX, "1"},
        {"CREATE TABLE t(a)", ERROR_DUPLICATE_OBJECT, "1"},
        {"SELECT * FROM none", ERROR_MISSING_OBJECT, "1"},
        {"INSERT INTO u VALUES (NULL)", ERROR_CONSTRAINT, "1299"},
        {"INSERT INTO u VALUES (1), (1)", ERROR_CONSTRAINT, "2067"},
        {"SELECT zeroblob(2000000000)", ERROR_DATA, "18"},
        {"INSERT INTO sqlite_schema VALUES (1,2,3,4,5)", ERROR_SYNTAX, "1"},
    };

    (void)state;
    world_file("CREATE TABLE t(a); CREATE TABLE u(a NOT NULL UNIQUE)");
    world_open(false);
    world_run("BEGIN IMMEDIATE");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(world_script(rows[i].sql), DRIVE_FAIL);
        world_check_error(rows[i].sql, rows[i].class, rows[i].code);
        assert_int_equal(world.pump.err.retry, RETRY_NEVER);
        assert_true(world.pump.reply.in_transaction);
    }
}

static void test_an_error_that_ends_the_transaction(void **state)
{
    (void)state;
    world_file("CREATE TABLE u(a UNIQUE ON CONFLICT ROLLBACK)");
    world_open(false);
    world_run("BEGIN IMMEDIATE");
    assert_int_equal(world_script("INSERT INTO u VALUES (1), (1)"), DRIVE_FAIL);
    world_check_error("on conflict rollback", ERROR_CONSTRAINT, "2067");
    assert_false(world.pump.reply.in_transaction);
}

static void test_full(void **state)
{
    (void)state;
    world_file("CREATE TABLE t(a)");
    world_open(false);
    world_run("PRAGMA max_page_count = 10");
    world_run("BEGIN IMMEDIATE");
    assert_int_equal(world_script("INSERT INTO t VALUES (zeroblob(1000000))"), DRIVE_FAIL);
    world_check_error("full", ERROR_DISK, "13");
    assert_int_equal(world.pump.err.retry, RETRY_HUMAN);
    if (world.pump.reply.in_transaction) {
        world_run("ROLLBACK");
    }
    world_run("SELECT * FROM t");
}

static void test_damaged(void **state)
{
    int file;

    (void)state;
    world_file("CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(20000))");
    file = open(world.path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(file, "\x99\x99\x99\x99\x99\x99\x99\x99", 8, 4096), 8);
    close(file);
    world_open(false);
    assert_int_equal(world_script("SELECT sum(length(a)) FROM t"), DRIVE_FAIL);
    world_check_error("damaged", ERROR_CORRUPT, NULL);
    assert_int_equal(world.pump.err.retry, RETRY_HUMAN);
}

/* Also where a script asks for waiting: it would hold a thread of the pool. */
static void test_busy_is_not_waited_for(void **state)
{
    sqlite3 *other = world_outsider("CREATE TABLE t(a); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)");

    (void)state;
    world_open(false);
    assert_int_equal(world_script("PRAGMA busy_timeout = 50000"), DRIVE_DONE);
    pump_submit(&world.pump, &(struct command){.sql = "BEGIN IMMEDIATE", .length = 15, .own = true},
                1);
    assert_int_equal(pump_drive(&world.pump, 20000), DRIVE_FAIL);
    world_check_error("busy", ERROR_LOCK_TIMEOUT, "5");
    assert_int_equal(world.pump.err.retry, RETRY_LOCK);
    assert_false(world.pump.reply.in_transaction);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    world_run("BEGIN IMMEDIATE");
}

/* COMMIT finds a reader in its way: the transaction stays, COMMIT may be tried again. */
static void test_busy_commit_keeps_the_transaction(void **state)
{
    sqlite3 *other = world_outsider("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)");
    sqlite3_stmt *reader;

    (void)state;
    world_open(false);
    world_run("BEGIN IMMEDIATE");
    world_run("INSERT INTO t VALUES (3)");
    assert_int_equal(sqlite3_prepare_v2(other, "SELECT * FROM t", -1, &reader, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(reader), SQLITE_ROW);
    assert_int_equal(pump_sql(&world.pump, "COMMIT"), DRIVE_FAIL);
    world_check_error("busy", ERROR_LOCK_TIMEOUT, "5");
    assert_true(world.pump.reply.answered);
    assert_true(world.pump.reply.in_transaction);
    sqlite3_finalize(reader);
    world_run("COMMIT");
    assert_false(world.pump.reply.in_transaction);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

static void test_rows_are_limited(void **state)
{
    static const char sql[] =
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n LIMIT 80)"
        "SELECT hex(zeroblob(500000)) FROM n";
    struct command command = COMMAND(sql);

    (void)state;
    world_file("");
    world_open(false);
    assert_int_equal(world_script(sql), DRIVE_FAIL);
    world_check_error("rows", ERROR_DATA, NULL);
    assert_int_equal(pump_run(&world.pump, &command, 1), DRIVE_DONE); /* read and dropped */
}

/* ---- abort */

#define ENDLESS "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n) "

static const struct command endless = COMMAND(ENDLESS "SELECT count(*) FROM n");

static void test_abort_stops_what_runs(void **state)
{
    (void)state;
    world_file("CREATE TABLE t(a)");
    world_open(false);
    world_run("BEGIN IMMEDIATE");
    pump_submit(&world.pump, &endless, 1);
    assert_int_equal(pump_drive(&world.pump, 30), DRIVE_WAIT);
    pump_abort(&world.pump);
    assert_int_equal(pump_drive(&world.pump, 60000), DRIVE_FAIL);
    world_check_error("abort", ERROR_CANCELLED, "9");
    assert_int_equal(world.pump.err.retry, RETRY_CANCELLED);
    assert_true(world.pump.reply.answered);
    assert_true(world.pump.reply.in_transaction); /* it only read */
    world_run("ROLLBACK");

    world_run("BEGIN IMMEDIATE");
    pump_submit(&world.pump, &(struct command)COMMAND(ENDLESS "INSERT INTO t SELECT i FROM n"), 1);
    assert_int_equal(pump_drive(&world.pump, 30), DRIVE_WAIT);
    pump_abort(&world.pump);
    assert_int_equal(pump_drive(&world.pump, 60000), DRIVE_FAIL);
    world_check_error("abort", ERROR_CANCELLED, "9");
    assert_false(world.pump.reply.in_transaction); /* SQLite rolls back by itself */
    assert_string_equal(world_ask("SELECT count(*) FROM t"), "0");
}

/* The first request runs along with opening: stopped, it is opening that fails. */
static void test_abort_reaches_what_goes_along(void **state)
{
    (void)state;
    world_file("CREATE TABLE t(a)");
    pump_open_first(&world.pump, &world.target, NULL, &endless, 1);
    assert_int_equal(pump_drive(&world.pump, 30), DRIVE_WAIT);
    pump_abort(&world.pump);
    assert_int_equal(pump_drive(&world.pump, 60000), DRIVE_FAIL);
    world_check_error("abort", ERROR_CANCELLED, "9");
    assert_false(world.pump.reply.connected);
}

/* However early it comes, it is not lost. */
static void test_abort_at_any_moment(void **state)
{
    struct command commands[60];

    (void)state;
    world_file("");
    world_open(false);
    for (size_t i = 0; i < 60; i++) {
        commands[i] = (struct command)COMMAND("SELECT 1");
    }
    commands[59] = endless;
    for (int i = 0; i < 300; i++) {
        pump_submit(&world.pump, commands, 60);
        if (i % 10) {
            pump_drive(&world.pump, 0); /* else before the work was handed out */
        }
        for (volatile int spin = 0; spin < i * 50; spin++) {
        }
        pump_abort(&world.pump);
        assert_int_equal(pump_drive(&world.pump, 60000), DRIVE_FAIL);
        world_check_error("abort", ERROR_CANCELLED, "9");
        assert_true(world.pump.reply.completed < 60);
    }
    pump_abort(&world.pump); /* of nothing */
    world_run("SELECT 1");
}

static void test_abort_of_open(void **state)
{
    (void)state;
    world_file("");
    pump_open(&world.pump, &world.target, NULL, false);
    pump_abort(&world.pump);
    assert_int_equal(pump_drive(&world.pump, 60000), DRIVE_FAIL);
    world_check_error("abort", ERROR_CANCELLED, "9");
    assert_false(world.pump.reply.connected);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WORLD_TEST(test_several_commands),
        WORLD_TEST(test_the_first_failure_ends_the_request),
        WORLD_TEST(test_position_counts_characters),
        WORLD_TEST(test_refused_commands),
        WORLD_TEST(test_affected),
        WORLD_TEST(test_scripts_control_no_transaction),
        WORLD_TEST(test_scripts_do_not_lock),
        WORLD_TEST(test_reader_writes_nothing),
        WORLD_TEST(test_classes),
        WORLD_TEST(test_an_error_that_ends_the_transaction),
        WORLD_TEST(test_full),
        WORLD_TEST(test_damaged),
        WORLD_TEST(test_busy_is_not_waited_for),
        WORLD_TEST(test_busy_commit_keeps_the_transaction),
        WORLD_TEST(test_rows_are_limited),
        WORLD_TEST(test_abort_stops_what_runs),
        WORLD_TEST(test_abort_reaches_what_goes_along),
        WORLD_TEST(test_abort_at_any_moment),
        WORLD_TEST(test_abort_of_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
