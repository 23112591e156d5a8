/*
 * What only PostgreSQL's driver can meet: passwords, poolers' and servers' words, broken
 * connections, COPY, pipelines.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "world.h"

#define COUNT(items) (sizeof(items) / sizeof(*(items)))

static void passwords_are_checked(void **state)
{
    (void)state;
    world.place.endpoint.user = "conformance";
    world.place.endpoint.password = "s3cret-but-wrong";
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_AUTH, "28P01");
    assert_int_equal(world.pump.err.retry, RETRY_AUTH);
    assert_string_equal(world.pump.err.message,
                        "password authentication failed for user \"conformance\"");
    assert_true(world.pump.reply.answered);
    pump_close(&world.pump);

    world.place.endpoint.password = PASSWORD;
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_DONE);
    assert_string_equal(sql(&world.pump, "SELECT current_user"), "conformance");
    pump_close(&world.pump);

    /* Neither one nor that of PGPASSWORD. */
    world.place.endpoint.password = NULL;
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_AUTH, NULL);
    assert_true(world.pump.reply.answered);
}

static void passwords_are_found_in_a_file(void **state)
{
    (void)state;
    world_open(false);
    sql(&world.pump, "DROP ROLE IF EXISTS passfile");
    sql(&world.pump, "CREATE ROLE passfile LOGIN PASSWORD 'fromfile'");
    pump_close(&world.pump);
    world.place.endpoint.user = "passfile";
    world_open(false);
    assert_string_equal(sql(&world.pump, "SELECT current_user"), "passfile");
}

static void the_servers_refusals_are_told(void **state)
{
    (void)state;
    world_open(false);
    sql(&world.pump, "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
    pump_close(&world.pump);
    world.place.endpoint.user = "conformance";
    world.place.endpoint.password = PASSWORD;
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_PRIVILEGE, "42501");
    assert_string_equal(world.pump.err.message, "permission denied for database \"postgres\"");
    assert_string_equal(world.pump.err.detail, "User does not have CONNECT privilege.");
    assert_true(world.pump.reply.answered);
    pump_close(&world.pump);

    place_init(&world.place);
    world_open(false);
    sql(&world.pump, "GRANT CONNECT ON DATABASE postgres TO PUBLIC");
    sql(&world.pump, "ALTER ROLE conformance CONNECTION LIMIT 0");
    pump_close(&world.pump);
    world.place.endpoint.user = "conformance";
    world.place.endpoint.password = PASSWORD;
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_CAPACITY, "53300");
    assert_int_equal(world.pump.err.retry, RETRY_CAPACITY);
    assert_true(world.pump.reply.answered);
}

/* with_postgresql.sh sets them all to something that would be noticed. */
static void variables_of_the_environment_are_not_obeyed(void **state)
{
    char **before = environ;

    (void)state;
    assert_non_null(getenv("PGOPTIONS"));
    assert_non_null(getenv("PGHOSTADDR"));
    world_open(false);
    assert_string_equal(sql(&world.pump, "SELECT current_database()"), "postgres");
    assert_string_equal(sql(&world.pump, "SELECT current_user"), "postgres");
    assert_string_equal(sql(&world.pump, "SHOW work_mem"), "4MB");
    assert_string_not_equal(sql(&world.pump, "SHOW TimeZone"), "Asia/Tokyo");
    assert_string_equal(sql(&world.pump, "SHOW DateStyle"), "ISO, MDY");
    assert_string_equal(sql(&world.pump, "SHOW client_encoding"), "UTF8");
    assert_string_equal(sql(&world.pump, "SHOW application_name"), "skein conformance");
    assert_ptr_equal(environ, before);
    pump_close(&world.pump);

    world.place.endpoint.host = world.socket;
    world.place.addresses.count = 0;
    world_open(false);
    assert_null(sql(&world.pump, "SELECT inet_server_addr()"));
}

static void the_name_is_cut(void **state)
{
    char name[200];

    (void)state;
    memset(name, 'n', sizeof(name));
    memcpy(name + 62, "ü", 2);
    name[sizeof(name) - 1] = '\0';
    world.place.endpoint.application_name = name;
    world.place.endpoint.options = "-c work_mem=777kB";
    world_open(false);
    assert_int_equal(strlen(sql(&world.pump, "SHOW application_name")), 62);
    assert_string_equal(sql(&world.pump, "SHOW work_mem"), "777kB");
}

static void addresses_are_tried_in_order(void **state)
{
    static const char *const addresses[] = {"127.0.0.2", "127.0.0.3", "127.0.0.1"};

    (void)state;
    world.place.addresses = (struct address_list){addresses, 3};
    world.place.endpoint.host = "database.example";
    world.place.settings.tls.mode = "disable";
    world_open(false);
    assert_string_equal(sql(&world.pump, "SELECT host(inet_server_addr())"), "127.0.0.1");
    pump_close(&world.pump);

    world.place.addresses.count = 2;
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_CONNECTION, NULL);
    assert_int_equal(world.pump.err.retry, RETRY_TRANSIENT);
    assert_false(world.pump.reply.answered);
    assert_non_null(strstr(world.pump.err.message, "Connection refused"));
    pump_close(&world.pump);

    world.place.endpoint.host = "/nowhere";
    world.place.addresses.count = 0;
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_CONNECTION, NULL);
    assert_false(world.pump.reply.answered);
}

static void set_tls(const char *value)
{
    char text[700];

    world_open(false);
    snprintf(text, sizeof(text), "ALTER SYSTEM SET ssl_cert_file = '%s'",
             world_required("SKEIN_TEST_PG_CERTIFICATE"));
    sql(&world.pump, text);
    snprintf(text, sizeof(text), "ALTER SYSTEM SET ssl_key_file = '%s'",
             world_required("SKEIN_TEST_PG_KEY"));
    sql(&world.pump, text);
    snprintf(text, sizeof(text), "ALTER SYSTEM SET ssl = %s", value);
    sql(&world.pump, text);
    sql(&world.pump, "SELECT pg_reload_conf()");
    pump_close(&world.pump);
    for (int round = 0; round < 1000; round++) { /* until new sessions see it */
        const char *now;

        world_open(false);
        now = sql(&world.pump, "SHOW ssl");
        if (strcmp(now, value) == 0) {
            return;
        }
        pump_close(&world.pump);
    }
    fail_msg("ssl is not %s", value);
}

/* As the other tests want it. */
static const char *usual_tls(void)
{
    return getenv("SKEIN_TEST_TLS") ? "on" : "off";
}

static void a_server_without_tls_is_refused(void **state)
{
    static const char *const modes[] = {"require", "verify-full", NULL};

    (void)state;
    set_tls("off");
    pump_close(&world.pump);
    for (size_t i = 0; i < COUNT(modes); i++) {
        world.place.endpoint.host = "database.example"; /* not local: verify-full by default */
        world.place.settings.tls.mode = modes[i];
        assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
        check_error(&world.pump.err, ERROR_TLS, NULL);
        assert_int_equal(world.pump.err.retry, RETRY_AUTH);
        assert_non_null(world.pump.err.hint);
        assert_true(world.pump.reply.answered);
        pump_close(&world.pump);
    }
    place_init(&world.place);
    set_tls(usual_tls());
}

static const char in_use[] = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

static void check_tls_refused(const char *words)
{
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_TLS, NULL);
    assert_int_equal(world.pump.err.retry, RETRY_AUTH);
    assert_true(world.pump.reply.answered);
    if (!strstr(world.pump.err.message, words)) {
        fail_msg("%s: no \"%s\"", world.pump.err.message, words);
    }
    pump_close(&world.pump);
}

static void certificates_are_checked(void **state)
{
    static const char wide[] = "SELECT repeat('x', 1000000)";

    (void)state;
    set_tls("on");
    assert_string_equal(sql(&world.pump, in_use), "t"); /* local: where the server has it */
    assert_int_equal(strlen(sql(&world.pump, wide)), 1000000);
    pump_close(&world.pump);

    world.place.endpoint.host = "database.example";
    world.place.settings.tls.ca = world_required("SKEIN_TEST_PG_CERTIFICATE");
    world_open(false);
    assert_string_equal(sql(&world.pump, in_use), "t");
    pump_close(&world.pump);

    world.place.endpoint.host = "another.example";
    check_tls_refused("does not match host name");
    world.place.settings.tls.server_name = "database.example";
    world_open(false);
    pump_close(&world.pump);

    world.place.settings.tls.ca = world_required("SKEIN_TEST_PG_STRANGER");
    check_tls_refused("certificate verify failed");
    world.place.settings.tls.ca = "/nowhere/ca.crt";
    check_tls_refused("does not exist");
    world.place.settings.tls.mode = "disable";
    world_open(false);
    assert_string_equal(sql(&world.pump, in_use), "f");
    pump_close(&world.pump);

    place_init(&world.place);
    set_tls(usual_tls());
}

static void a_commit_that_was_none_says_so(void **state)
{
    (void)state;
    world_open(false);
    sql(&world.pump, "BEGIN");
    assert_int_equal(pump_sql(&world.pump, "SELECT 1/0"), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_DATA, "22012");
    assert_true(world.pump.reply.in_transaction);
    assert_int_equal(pump_sql(&world.pump, "SELECT 1"), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_INTERNAL, "25P02");
    sql(&world.pump, "COMMIT");
    assert_string_equal(world.pump.reply.results[0].tag, "ROLLBACK");
    assert_false(world.pump.reply.in_transaction);
    sql(&world.pump, "BEGIN");
    sql(&world.pump, "COMMIT");
    assert_string_equal(world.pump.reply.results[0].tag, "COMMIT");
}

/* More than both sides' buffers hold, and nothing comes back until all is there. */
static void a_large_statement_goes_through(void **state)
{
    const size_t length = 8 << 20;
    char *text = malloc(length + 32);
    struct command commands[2];

    (void)state;
    assert_non_null(text);
    snprintf(text, length + 32, "SELECT length('%0*d')", (int)length, 7);
    commands[0] = commands[1] = command(text);
    world_open(false);
    assert_int_equal(pump_run(&world.pump, commands, 2), DRIVE_DONE);
    assert_string_equal(world.pump.reply.results[1].cells[0], "8388608");
    assert_int_equal(pump_run(&world.pump, commands, 1), DRIVE_DONE);
    assert_string_equal(world.pump.reply.results[0].cells[0], "8388608");
    free(text);
}

static void detail_and_hint_are_kept(void **state)
{
    (void)state;
    world_open(false);
    assert_int_equal(pump_sql(&world.pump, "DO $$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = 'a "
                                           "row', HINT = 'do it'; END $$"),
                     DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_DATA, "P0001");
    assert_string_equal(world.pump.err.message, "no");
    assert_string_equal(world.pump.err.detail, "a row");
    assert_string_equal(world.pump.err.hint, "do it");
}

static void notices_are_not_written(void **state)
{
    char path[700];
    int kept = dup(STDERR_FILENO), file;
    char *folder = check_folder();

    (void)state;
    world_open(false);
    snprintf(path, sizeof(path), "%s/stderr", folder);
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(kept >= 0 && file >= 0);
    dup2(file, STDERR_FILENO);
    sql(&world.pump, "DO $$ BEGIN RAISE NOTICE 'hear'; RAISE WARNING 'hear'; END $$");
    sql(&world.pump, "DROP TABLE IF EXISTS nowhere");
    dup2(kept, STDERR_FILENO);
    assert_int_equal(lseek(file, 0, SEEK_END), 0);
    close(file);
    close(kept);
    check_folder_remove(folder);
}

static void what_must_be_outside_a_transaction_is(void **state)
{
    struct command both[] = {command("SELECT 1"), command("VACUUM t")};

    (void)state;
    world_open(false);
    sql(&world.pump, "CREATE TABLE t (n integer)");
    sql(&world.pump, "CREATE INDEX CONCURRENTLY i ON t (n)");
    sql(&world.pump, "VACUUM t");
    assert_int_equal(pump_run(&world.pump, both, 2), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_SYNTAX, "25001");
    assert_int_equal(world.pump.reply.completed, 1);
}

/* What fails only when the transaction ends, ends the request: also behind its last answer. */
static void constraints_at_the_end_are_seen(void **state)
{
    struct command commands[] = {command("INSERT INTO t VALUES (1)"),
                                 command("INSERT INTO t VALUES (2)")};

    (void)state;
    world_open(false);
    sql(&world.pump, "CREATE TABLE u (n integer PRIMARY KEY)");
    sql(&world.pump, "CREATE TABLE t (n integer REFERENCES u DEFERRABLE INITIALLY DEFERRED)");
    for (size_t count = 1; count <= 2; count++) {
        assert_int_equal(pump_run(&world.pump, commands, count), DRIVE_FAIL);
        check_error(&world.pump.err, ERROR_CONSTRAINT, "23503");
        assert_int_equal(world.pump.reply.completed, count == 1 ? 0 : 2);
        assert_true(world.pump.reply.answered && world.pump.reply.connected);
        assert_string_equal(sql(&world.pump, "SELECT count(*) FROM t"), "0");
    }
}

static void copy_is_refused(void **state)
{
    static const char *const copies[] = {"COPY t FROM STDIN", "COPY t TO STDOUT",
                                         "COPY (SELECT generate_series(1, 100000)) TO STDOUT"};

    (void)state;
    for (size_t i = 0; i < COUNT(copies); i++) {
        struct command commands[] = {command("BEGIN"), command("INSERT INTO t VALUES (7)"),
                                     command(copies[i]), command("SELECT 1"),
                                     command("INSERT INTO t VALUES (8)")};

        world_open(false);
        sql(&world.pump, "CREATE TABLE IF NOT EXISTS t (n integer)");
        assert_int_equal(pump_sql(&world.pump, copies[i]), DRIVE_FAIL);
        check_error(&world.pump.err, ERROR_SYNTAX, NULL);
        assert_non_null(world.pump.err.hint);
        assert_true(world.pump.reply.answered && world.pump.reply.connected);
        assert_int_equal(world.pump.reply.completed, 0);
        assert_string_equal(sql(&world.pump, "SELECT 5"), "5");

        assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_FAIL);
        check_error(&world.pump.err, ERROR_SYNTAX, NULL);
        assert_int_equal(world.pump.reply.completed, 2);
        assert_true(world.pump.reply.answered);
        assert_false(world.pump.reply.connected);
        pump_close(&world.pump);
        world_open(false);
        assert_string_equal(sql(&world.pump, "SELECT count(*) FROM t"), "0");
        pump_close(&world.pump);
    }
}

static void check_lost(const char *code, size_t completed)
{
    assert_int_equal(pump_drive(&world.pump, 10000), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_CONNECTION, code);
    assert_int_equal(world.pump.err.retry, RETRY_TRANSIENT);
    assert_int_equal(world.pump.reply.completed, completed);
    assert_false(world.pump.reply.answered);
    assert_false(world.pump.reply.connected);
    assert_false(world.pump.reply.in_transaction);
    pump_close(&world.pump);
}

static void terminate(const char *pid)
{
    struct pump other;
    char text[100];

    pump_init(&other, world.driver);
    assert_int_equal(place_open(&world.place, &other), DRIVE_DONE);
    snprintf(text, sizeof(text), "SELECT pg_terminate_backend(%s, 5000)", pid);
    assert_string_equal(sql(&other, text), "t");
    pump_release(&other);
}

static void a_lost_connection_says_nothing_of_the_rest(void **state)
{
    struct command commands[] = {command("BEGIN"), command("SELECT 1"), command(LONG_STATEMENT),
                                 command("SELECT 2")};
    char pid[32];

    (void)state;
    /* The server ends it while a statement runs. */
    world_open(false);
    snprintf(pid, sizeof(pid), "%s", sql(&world.pump, "SELECT pg_backend_pid()"));
    pump_submit(&world.pump, commands, COUNT(commands));
    world_await_long_statement();
    terminate(pid);
    check_lost("57P01", 2);

    /* It ended before, unseen. */
    for (size_t count = 1; count <= 2; count++) {
        world_open(false);
        snprintf(pid, sizeof(pid), "%s", sql(&world.pump, "SELECT pg_backend_pid()"));
        terminate(pid);
        pump_submit(&world.pump, commands, count);
        check_lost("57P01", 0);
    }

    /* The line goes dead. */
    world_open(false);
    pump_submit(&world.pump, commands, COUNT(commands));
    world_await_long_statement();
    assert_int_equal(shutdown(world.pump.want.descriptor, SHUT_RDWR), 0);
    assert_int_equal(pump_drive(&world.pump, 10000), DRIVE_FAIL);
    assert_int_equal(world.pump.err.class, ERROR_CONNECTION);
    assert_false(world.pump.reply.answered);
    assert_false(world.pump.reply.connected);
}

/* Statements that are kept parsed go when the session is told so: by a revision it is seen, by
 * anybody else the server says that it does not know them. */
static void kept_statements_may_be_dropped(void **state)
{
    struct command kept =
        command("SELECT count(*) FROM pg_prepared_statements WHERE name ~ 'skein'");
    struct command commands[] = {kept, kept, command("DEALLOCATE ALL"), kept, kept};

    (void)state;
    world_open(false);
    for (size_t i = 0; i < COUNT(commands); i++) {
        commands[i].repeated = i != 2;
        commands[i].own = i != 2;
    }
    assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_DONE);
    assert_string_equal(world.pump.reply.results[1].cells[0], "1");
    assert_string_equal(world.pump.reply.results[2].tag, "DEALLOCATE ALL");
    assert_string_equal(world.pump.reply.results[4].cells[0], "1");
    commands[2].own = true; /* the driver does not look at it */
    assert_int_equal(pump_run(&world.pump, commands, COUNT(commands)), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_POOLER, "26000");
    assert_int_equal(world.pump.reply.completed, 3);
    assert_true(world.pump.reply.answered && world.pump.reply.connected);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(passwords_are_checked),
        CASE(passwords_are_found_in_a_file),
        CASE(the_servers_refusals_are_told),
        CASE(variables_of_the_environment_are_not_obeyed),
        CASE(the_name_is_cut),
        CASE(addresses_are_tried_in_order),
        CASE(a_server_without_tls_is_refused),
        CASE(certificates_are_checked),
        CASE(a_commit_that_was_none_says_so),
        CASE(a_large_statement_goes_through),
        CASE(detail_and_hint_are_kept),
        CASE(notices_are_not_written),
        CASE(what_must_be_outside_a_transaction_is),
        CASE(constraints_at_the_end_are_seen),
        CASE(copy_is_refused),
        CASE(kept_statements_may_be_dropped),
        CASE(a_lost_connection_says_nothing_of_the_rest),
    };

    world_choose("postgresql");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
