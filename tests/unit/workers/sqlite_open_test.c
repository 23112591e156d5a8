/* Opening, settings, the session lock and closing of the SQLite driver. */
#include "sqlite_world.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- open */

static void as_nothing(void)
{
}

static void as_folder(void)
{
    assert_int_equal(mkdir(world.path, 0700), 0);
}

static void as_fifo(void)
{
    assert_int_equal(mkfifo(world.path, 0600), 0);
}

static void as_garbage(void)
{
    check_write(world.folder, "a.db",
                "This is a letter, not a database. It is long enough, too, "
                "to hold what would be the head of a page of a hundred bytes.");
}

static void in_no_folder(void)
{
    snprintf(world.path, sizeof(world.path), "%s/none/a.db", world.folder);
}

static void test_open_fails(void **state)
{
    static const struct {
        const char *what;
        void (*make)(void);
        bool create;
        enum error_class class;
        const char *code;
    } rows[] = {
        {"missing", as_nothing, false, ERROR_MISSING_DATABASE, "14"},
        {"no folder", in_no_folder, false, ERROR_MISSING_DATABASE, "14"},
        {"no folder to make it in", in_no_folder, true, ERROR_MISSING_DATABASE, "14"},
        {"folder", as_folder, true, ERROR_CORRUPT, "26"},
        {"fifo", as_fifo, false, ERROR_CORRUPT, "26"},
        {"garbage", as_garbage, true, ERROR_CORRUPT, "26"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_setup(state);
        world.target.create = rows[i].create;
        rows[i].make();
        for (int read_only = 0; read_only < 2; read_only++) {
            if (read_only && rows[i].create) {
                continue; /* a reader sees an empty database, see below */
            }
            assert_int_equal(world_try_open(read_only), DRIVE_FAIL);
            world_check_error(rows[i].what, rows[i].class, rows[i].code);
            assert_false(world.pump.reply.connected);
            pump_close(&world.pump);
        }
        if (rows[i].make == as_nothing) {
            assert_false(world_exists("")); /* it was not made by the way */
        }
        world_teardown(state);
    }
}

static void test_open_without_rights(void **state)
{
    bool root = geteuid() == 0; /* who may all: not as itself, then */

    (void)state;
    world_file("CREATE TABLE t(a)");
    assert_int_equal(chmod(world.path, 0), 0);
    assert_int_equal(chmod(world.folder, 0755), 0);
    if (root) {
        assert_int_equal(seteuid(65534), 0);
    }
    assert_int_equal(world_try_open(false), DRIVE_FAIL);
    if (root) {
        assert_int_equal(seteuid(0), 0);
    }
    world_check_error("no rights", ERROR_PRIVILEGE, "14");
}

static void test_empty_file_is_an_empty_database(void **state)
{
    (void)state;
    check_write(world.folder, "a.db", "");
    world_open(false);
    assert_string_equal(world_ask("SELECT count(*) FROM sqlite_schema"), "0");
}

static void test_create(void **state)
{
    (void)state;
    world.target.create = true;
    world_open(true); /* a reader makes no file, and sees what there would be */
    assert_string_equal(world_ask("SELECT count(*) FROM sqlite_schema"), "0");
    assert_string_equal(world_ask("SELECT skein_lock_probe()"), "1");
    pump_close(&world.pump);
    assert_false(world_exists(""));

    world_open(false);
    world_run("CREATE TABLE t(a)");
    pump_close(&world.pump);
    assert_true(world_exists(""));
}

/* Locked by somebody is a database all the same: reading it says so, without waiting. */
static void test_open_while_locked(void **state)
{
    sqlite3 *other = world_outsider("CREATE TABLE t(a); BEGIN EXCLUSIVE");

    (void)state;
    world_open(true);
    assert_int_equal(pump_sql(&world.pump, "SELECT * FROM t"), DRIVE_FAIL);
    world_check_error("locked", ERROR_LOCK_TIMEOUT, "5");
    assert_int_equal(world.pump.err.retry, RETRY_LOCK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_int_equal(pump_sql(&world.pump, "SELECT * FROM t"), DRIVE_DONE);
}

/* A reader must be able to read what a killed writer left. */
static void test_reader_after_a_kill(void **state)
{
    pid_t child;
    int status;

    (void)state;
    world_file("CREATE TABLE t(a); INSERT INTO t VALUES('old')");
    fflush(NULL);
    child = fork();
    if (child == 0) {
        world_outsider("PRAGMA cache_size = 1; BEGIN; UPDATE t SET a = 'new';"
                       "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n LIMIT 5000)"
                       "INSERT INTO t SELECT randomblob(100) FROM n");
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(world_exists("-journal"));
    world_open(true);
    assert_string_equal(world_ask("SELECT group_concat(a) FROM t"), "old");
    assert_false(world_exists("-journal"));
}

static void test_reader_leaves_no_files(void **state)
{
    (void)state;
    world_file("PRAGMA journal_mode = wal; CREATE TABLE t(a)");
    world_open(true);
    assert_string_equal(world_ask("SELECT count(*) FROM t"), "0");
    pump_close(&world.pump);
    assert_false(world_exists("-wal"));
    assert_false(world_exists("-shm"));
}

static void test_durability_is_untouched(void **state)
{
    static const char *const modes[] = {"delete", "wal", "truncate"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        char sql[80];
        sqlite3_stmt *statement;
        sqlite3 *plain;

        snprintf(sql, sizeof(sql), "PRAGMA journal_mode = %s; PRAGMA user_version = 1", modes[i]);
        world_file(sql);
        plain = world_outsider("");
        assert_int_equal(sqlite3_prepare_v2(plain,
                                            "SELECT (SELECT * FROM pragma_synchronous), "
                                            "(SELECT * FROM pragma_journal_mode)",
                                            -1, &statement, NULL),
                         SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        world_open(false);
        world_run("SELECT (SELECT * FROM pragma_synchronous), (SELECT * FROM pragma_journal_mode)");
        assert_string_equal(world_cell(0), (const char *)sqlite3_column_text(statement, 0));
        assert_string_equal(world_cell(1), (const char *)sqlite3_column_text(statement, 1));
        pump_close(&world.pump);
        sqlite3_finalize(statement);
        assert_int_equal(sqlite3_close(plain), SQLITE_OK);
    }
}

/* ---- connection.session */

static enum drive open_with(const char *key, const char *value, bool read_only)
{
    world.settings[0] = (struct pair){key, value};
    world.connection.session = (struct pair_list){world.settings, 1};
    return world_try_open(read_only);
}

static void test_session_settings(void **state)
{
    static const struct {
        const char *key, *value, *ask, *expected;
    } rows[] = {
        {"foreign_keys", "on", "PRAGMA foreign_keys", "1"},
        {"cache_size", "-3000", "PRAGMA cache_size", "-3000"},
        {"Cache_Size", "77", "PRAGMA cache_size", "77"},
        {"temp_store", "memory", "PRAGMA temp_store", "2"},
    };

    (void)state;
    world_file("CREATE TABLE t(a)");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(open_with(rows[i].key, rows[i].value, i % 2), DRIVE_DONE);
        assert_string_equal(world_ask(rows[i].ask), rows[i].expected);
        pump_close(&world.pump);
    }
    /* A reader changes nothing in the file. */
    assert_int_equal(open_with("journal_mode", "wal", true), DRIVE_DONE);
    pump_close(&world.pump);
    assert_int_equal(open_with("foreign_keys", "0", false), DRIVE_DONE);
    assert_string_equal(world_ask("PRAGMA journal_mode"), "delete");
    pump_close(&world.pump);
    assert_int_equal(open_with("journal_mode", "wal", false), DRIVE_DONE);
    assert_string_equal(world_ask("PRAGMA journal_mode"), "wal");
}

static void test_session_settings_refused(void **state)
{
    static const struct {
        const char *key, *value;
    } rows[] = {
        {"work_mem", "64MB"},
        {"foreign_keys; DROP TABLE t; --", "1"},
        {"", "1"},
        {"1st", "1"},
        {"main.foreign_keys", "1"},
        {"busy_timeout", "5000"},
        {"foreign_keys = 1; --", ""},
    };

    (void)state;
    world_file("CREATE TABLE t(a)");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(open_with(rows[i].key, rows[i].value, false), DRIVE_FAIL);
        world_check_error(rows[i].key, ERROR_CONFIGURATION, NULL);
        assert_non_null(strstr(world.pump.err.message, "connection.session"));
        pump_close(&world.pump);
    }
    /* A value cannot get out of its quotes. */
    open_with("cache_size", "1'; DROP TABLE t; --", false);
    pump_close(&world.pump);
    world.connection.session.count = 0;
    world_open(false);
    assert_string_equal(world_ask("SELECT count(*) FROM t"), "0");
}

/* ---- lock and close */

static void test_lock_by_sql(void **state)
{
    struct pump second;

    (void)state;
    world_file("CREATE TABLE t(a)");
    world_open(false);
    pump_init(&second, &driver_sqlite);
    pump_open(&second, &world.target, NULL, false);
    assert_int_equal(pump_drive(&second, 60000), DRIVE_DONE);

    assert_string_equal(world_ask("SELECT skein_lock()"), "1");
    assert_true(world_exists("-skein"));
    assert_int_equal(pump_sql(&second, "SELECT skein_lock() || skein_lock_probe()"), DRIVE_DONE);
    assert_string_equal(second.reply.results[0].cells[0], "00");
    world_run("BEGIN IMMEDIATE");
    world_run("ROLLBACK"); /* no part of any transaction */
    assert_string_equal(world_ask("SELECT skein_lock()"), "1");
    assert_string_equal(world_ask("SELECT skein_unlock()"), "1");
    assert_string_equal(world_ask("SELECT skein_unlock()"), "0");
    assert_false(world_exists("-skein"));

    assert_int_equal(pump_sql(&second, "SELECT skein_lock()"), DRIVE_DONE);
    assert_string_equal(second.reply.results[0].cells[0], "1");
    pump_release(&second); /* closing lets go */
    assert_false(world_exists("-skein"));
    assert_string_equal(world_ask("SELECT skein_lock_probe()"), "1");

    check_write(world.folder, "a.db-skein", ""); /* left behind by one that was killed */
    pump_close(&world.pump);
    world_open(true);
    pump_close(&world.pump);
    assert_true(world_exists("-skein"));
    world_open(false);
    assert_false(world_exists("-skein"));
}

static void test_lock_that_cannot_be(void **state)
{
    char path[700];

    (void)state;
    world_file("CREATE TABLE t(a)");
    snprintf(path, sizeof(path), "%s-skein", world.path);
    assert_int_equal(mkdir(path, 0700), 0);
    world_open(false);
    assert_int_equal(pump_sql(&world.pump, "SELECT skein_lock()"), DRIVE_FAIL);
    world_check_error("lock", ERROR_PRIVILEGE, NULL);
    assert_non_null(strstr(world.pump.err.message, "a.db-skein"));
}

static void test_close_rolls_back(void **state)
{
    (void)state;
    world_file("CREATE TABLE t(a)");
    world_open(false);
    world_run("BEGIN IMMEDIATE");
    world_run("INSERT INTO t VALUES (1)");
    pump_close(&world.pump);
    world_open(false);
    world_run("BEGIN IMMEDIATE");
    world_run("INSERT INTO t VALUES (1)");
    driver_sqlite.close(world.pump.connection); /* without finish() */
    free(world.pump.connection);
    world.pump.connection = NULL;
    world_open(false);
    assert_string_equal(world_ask("SELECT count(*) FROM t"), "0");
}

/* Only what may take long is handed to a thread. */
static void test_finish(void **state)
{
    struct work work;

    (void)state;
    world_file("CREATE TABLE t(a)");
    world_open(false);
    assert_string_equal(world_ask("SELECT count(*) FROM t"), "0");
    assert_false(driver_sqlite.finish(world.pump.connection, &work));
    world_run("BEGIN IMMEDIATE");
    assert_true(driver_sqlite.finish(world.pump.connection, &work));
    assert_non_null(work.run);
    world_run("ROLLBACK");
    world_run("PRAGMA journal_mode = wal");
    assert_true(driver_sqlite.finish(world.pump.connection, &work));
    work.run(work.context);
    assert_false(world_exists("-wal"));
    assert_false(driver_sqlite.finish(world.pump.connection, &work));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_fails),
        WORLD_TEST(test_open_without_rights),
        WORLD_TEST(test_empty_file_is_an_empty_database),
        WORLD_TEST(test_create),
        WORLD_TEST(test_open_while_locked),
        WORLD_TEST(test_reader_after_a_kill),
        WORLD_TEST(test_reader_leaves_no_files),
        WORLD_TEST(test_durability_is_untouched),
        WORLD_TEST(test_session_settings),
        WORLD_TEST(test_session_settings_refused),
        WORLD_TEST(test_lock_by_sql),
        WORLD_TEST(test_lock_that_cannot_be),
        WORLD_TEST(test_close_rolls_back),
        WORLD_TEST(test_finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
