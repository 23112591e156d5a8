/*
 * What only MariaDB's driver does, before a real server, and before peers that stall: how it
 * connects and with what protection, what is off, what of an answer is told.
 *
 * usage: mariadb_test        by with_mariadb.sh; SKEIN_TEST_TLS: the server has TLS
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

#define COUNT(items) (sizeof(items) / sizeof(*(items)))
#define LOOP_US      50000 /* no call of the loop may take longer */

static bool has_tls(void)
{
    const char *on = getenv("SKEIN_TEST_TLS");

    return on && *on;
}

/* ---- connecting */

static void a_user_is_refused_or_not(void **state)
{
    (void)state;
    world.place.endpoint.user = "conformance";
    world.place.endpoint.password = "wrong";
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_AUTH, "1045");
    assert_int_equal(world.pump.err.retry, RETRY_AUTH);
    assert_true(world.pump.reply.answered);
    pump_close(&world.pump);

    /* Known, but not let into this database. */
    world.place.endpoint.password = PASSWORD;
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_PRIVILEGE, "1044");
    pump_close(&world.pump);

    world.place.target.database = NULL;
    world_open(false);
    assert_string_equal(sql(&world.pump, "SELECT substring_index(user(), '@', 1)"), "conformance");
}

static void nobody_is_there(void **state)
{
    (void)state;
    world.place.endpoint.port = "1";
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_CONNECTION, "2002");
    assert_int_equal(world.pump.err.retry, RETRY_TRANSIENT);
    assert_false(world.pump.reply.answered);
}

static void addresses_are_tried_in_order(void **state)
{
    static const char *const several[] = {"127.0.0.9", "127.0.0.1"};

    (void)state;
    world.place.addresses = (struct address_list){several, 2};
    world_open(false);
    assert_string_equal(sql(&world.pump, "SELECT 1"), "1");
}

static void a_socket_is_a_place(void **state)
{
    (void)state;
    world.place.endpoint.host = world.socket;
    world.place.addresses = (struct address_list){NULL, 0};
    world_open(false);
    assert_string_equal(sql(&world.pump, "SELECT user()"), "root@localhost");
}

static void tls_is_had_or_refused(void **state)
{
    static const char *const modes[] = {"require", "verify-ca", "verify-full"};
    char certificate[300];

    (void)state;
    snprintf(certificate, sizeof(certificate), "%s/server.crt",
             world_required("SKEIN_TEST_MARIADB_CERTIFICATES"));
    world.place.endpoint.host = "localhost"; /* as the certificate says */
    world.place.settings.tls.ca = certificate;
    for (size_t i = 0; i < COUNT(modes); i++) {
        world.place.settings.tls.mode = modes[i];
        if (has_tls()) {
            world_open(false);
            assert_string_not_equal(
                sql(&world.pump, "SELECT variable_value FROM information_schema.session_status "
                                 "WHERE variable_name = 'Ssl_cipher'"),
                "");
        } else {
            assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
            check_error(&world.pump.err, ERROR_TLS, world.pump.err.code);
            assert_int_equal(world.pump.err.retry, RETRY_AUTH);
            assert_true(world.pump.reply.answered);
        }
        pump_close(&world.pump);
    }
}

static void a_strange_certificate_is_refused(void **state)
{
    char stranger[300];

    (void)state;
    if (!has_tls()) {
        skip();
    }
    snprintf(stranger, sizeof(stranger), "%s/stranger.crt",
             world_required("SKEIN_TEST_MARIADB_CERTIFICATES"));
    world.place.settings.tls.mode = "verify-full";
    world.place.settings.tls.ca = stranger;
    world.place.endpoint.host = "localhost";
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    assert_int_equal(world.pump.err.class, ERROR_TLS);
    pump_close(&world.pump);

    /* The name is checked, too. */
    snprintf(stranger, sizeof(stranger), "%s/server.crt",
             world_required("SKEIN_TEST_MARIADB_CERTIFICATES"));
    world.place.endpoint.host = "127.0.0.1";
    assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
    assert_int_equal(world.pump.err.class, ERROR_TLS);
}

static void another_name_cannot_be_checked(void **state)
{
    struct err err = ERR_INIT(&world.pump.arena);
    struct open_options options = {.target = &world.place.target,
                                   .addresses = &world.place.addresses,
                                   .arena = &world.pump.arena};
    struct connection *connection = calloc(1, world.driver->connection_size);

    (void)state;
    assert_non_null(connection);
    world.place.settings.tls.mode = "verify-full";
    world.place.settings.tls.server_name = "database.example";
    assert_int_equal(world.driver->open(connection, &options, &err), ERROR_TLS);
    check_error(&err, ERROR_TLS, NULL);
    world.driver->close(connection);
    free(connection);
}

/* ---- what is off, and what is told */

static void affected_rows_are_those_found(void **state)
{
    (void)state;
    world_open(false);
    sql(&world.pump, "CREATE TABLE t (n integer)");
    sql(&world.pump, "INSERT INTO t VALUES (1), (1)");
    sql(&world.pump, "UPDATE t SET n = 1");
    assert_int_equal(world.pump.reply.results[0].affected, 2);
    sql(&world.pump, "SELECT n FROM t");
    assert_int_equal(world.pump.reply.results[0].affected, -1);
}

static void files_of_the_client_stay_its_own(void **state)
{
    (void)state;
    world_open(false);
    sql(&world.pump, "CREATE TABLE t (n text)");
    assert_int_equal(pump_sql(&world.pump, "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t"),
                     DRIVE_FAIL);
    assert_string_equal(sql(&world.pump, "SELECT count(*) FROM t"), "0");
}

static void parameters_heed_the_sql_mode(void **state)
{
    static const char *const values[] = {"a\\'b", "\\"};
    struct command commands[] = {command("SELECT $1, '$1', \"$2\", `$1` FROM (SELECT 1 AS `$1`) t"),
                                 command("SELECT $2")};

    (void)state;
    world_open(false);
    for (size_t i = 0; i < COUNT(commands); i++) {
        commands[i].parameters = values;
        commands[i].parameter_count = 2;
    }
    for (int round = 0; round < 2; round++) {
        assert_int_equal(pump_run(&world.pump, commands, 2), DRIVE_DONE);
        assert_string_equal(world.pump.reply.results[0].cells[0], values[0]);
        assert_string_equal(world.pump.reply.results[0].cells[1], "$1");
        assert_string_equal(world.pump.reply.results[0].cells[2], "$2");
        assert_string_equal(world.pump.reply.results[0].cells[3], "1");
        assert_string_equal(world.pump.reply.results[1].cells[0], values[1]);
        sql(&world.pump, "SET sql_mode = 'NO_BACKSLASH_ESCAPES'");
    }
}

/* The first result is the command's; what else comes is read away. */
static void a_procedure_has_several_results(void **state)
{
    struct command commands[] = {command("CALL p()"), command("SELECT 'next'")};

    (void)state;
    world_open(false);
    sql(&world.pump, "CREATE PROCEDURE p() BEGIN SELECT 1 UNION SELECT 2; SELECT 3; END");
    assert_int_equal(pump_run(&world.pump, commands, 2), DRIVE_DONE);
    assert_int_equal(world.pump.reply.results[0].row_count, 2);
    assert_string_equal(world.pump.reply.results[0].cells[1], "2");
    assert_string_equal(world.pump.reply.results[1].cells[0], "next");
    sql(&world.pump, "CREATE PROCEDURE q() BEGIN SELECT 1; SELECT * FROM missing; END");
    assert_int_equal(pump_sql(&world.pump, "CALL q()"), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_MISSING_OBJECT, "1146");
    assert_string_equal(sql(&world.pump, "SELECT 'well'"), "well");
}

/* A customer's value is detail, not message. */
static void values_are_no_part_of_a_message(void **state)
{
    (void)state;
    world_open(false);
    sql(&world.pump, "CREATE TABLE t (s varchar(50) PRIMARY KEY)");
    sql(&world.pump, "INSERT INTO t VALUES ('it''s for ''eva')");
    assert_int_equal(pump_sql(&world.pump, "INSERT INTO t VALUES ('it''s for ''eva')"), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_CONSTRAINT, "1062");
    assert_string_equal(world.pump.err.message,
                        "Duplicate entry '…' for key 'PRIMARY' (SQLSTATE 23000)");
    assert_non_null(strstr(world.pump.err.detail, "eva"));
}

static void codes_have_their_classes(void **state)
{
    static const struct {
        const char *sql;
        enum error_class class;
        const char *code;
    } rows[] = {
        {"CREATE TABLE t (n integer)", ERROR_DUPLICATE_OBJECT, "1050"},
        {"ALTER TABLE t ADD COLUMN n integer", ERROR_DUPLICATE_OBJECT, "1060"},
        {"CREATE INDEX i ON t (n)", ERROR_DUPLICATE_OBJECT, "1061"},
        {"ALTER TABLE t DROP COLUMN missing", ERROR_MISSING_OBJECT, "1091"},
        {"CREATE INDEX j ON t (missing)", ERROR_MISSING_OBJECT, "1072"},
        {"SELECT missing FROM t", ERROR_MISSING_OBJECT, "1054"},
        {"DROP TABLE missing", ERROR_MISSING_OBJECT, "1051"},
        {"DROP PROCEDURE missing", ERROR_MISSING_OBJECT, "1305"},
        {"DROP TRIGGER missing", ERROR_MISSING_OBJECT, "1360"},
        {"CREATE PROCEDURE p() SELECT 1", ERROR_DUPLICATE_OBJECT, "1304"},
        {"CREATE DATABASE conformance", ERROR_DUPLICATE_OBJECT, "1007"},
        {"USE missing", ERROR_MISSING_DATABASE, "1049"},
        {"INSERT INTO t VALUES (NULL, 1)", ERROR_CONSTRAINT, "1048"},
        {"INSERT INTO t VALUES (1, 1, 1)", ERROR_SYNTAX, "1136"},
        {"INSERT INTO t VALUES (99999999999, 1)", ERROR_DATA, "1264"},
        {"INSERT INTO t VALUES ('x', 1)", ERROR_DATA, "1366"},
        {"INSERT INTO t VALUES (1, -1)", ERROR_CONSTRAINT, "4025"},
        {"ALTER TABLE t ADD CHECK (n > 100)", ERROR_CONSTRAINT, "4025"},
        {"INSERT INTO c VALUES (77)", ERROR_CONSTRAINT, "1452"},
        {"DELETE FROM t", ERROR_CONSTRAINT, "1451"},
        {"SET SESSION nothing = 1", ERROR_SYNTAX, "1193"},
        {"SELECT nothing(1)", ERROR_MISSING_OBJECT, "1305"},
        {"SELECT 1/0 FROM t WHERE", ERROR_SYNTAX, "1064"},
    };

    (void)state;
    world_open(false);
    sql(&world.pump, "SET sql_mode = 'STRICT_TRANS_TABLES'");
    sql(&world.pump, "CREATE TABLE t (n integer NOT NULL, m integer CHECK (m >= 0), KEY i (n))");
    sql(&world.pump, "CREATE TABLE c (n integer, FOREIGN KEY (n) REFERENCES t (n))");
    sql(&world.pump, "CREATE PROCEDURE p() SELECT 1");
    sql(&world.pump, "INSERT INTO t VALUES (1, 1)");
    sql(&world.pump, "INSERT INTO c VALUES (1)");
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (pump_sql(&world.pump, rows[i].sql) != DRIVE_FAIL ||
            world.pump.err.class != rows[i].class ||
            strcmp(world.pump.err.code, rows[i].code) != 0) {
            fail_msg("%s: %s %s \"%s\"; expected %s %s", rows[i].sql,
                     error_class_name(world.pump.err.class), world.pump.err.code,
                     world.pump.err.message, error_class_name(rows[i].class), rows[i].code);
        }
        assert_true(world.pump.reply.connected);
    }
}

static void a_lock_is_not_waited_for_long(void **state)
{
    struct pump other;

    (void)state;
    world_open(false);
    sql(&world.pump, "CREATE TABLE t (n integer PRIMARY KEY)");
    sql(&world.pump, "INSERT INTO t VALUES (1)");
    pump_init(&other, world.driver);
    assert_int_equal(place_open(&world.place, &other), DRIVE_DONE);
    sql(&other, "BEGIN");
    sql(&other, "UPDATE t SET n = 2");
    sql(&world.pump, "SET lock_wait_timeout = 1, innodb_lock_wait_timeout = 1");
    assert_int_equal(pump_sql(&world.pump, "ALTER TABLE t ADD COLUMN m integer"), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_LOCK_TIMEOUT, "1205");
    assert_int_equal(world.pump.err.retry, RETRY_LOCK);
    assert_int_equal(pump_sql(&world.pump, "DELETE FROM t"), DRIVE_FAIL);
    check_error(&world.pump.err, ERROR_LOCK_TIMEOUT, "1205");
    pump_release(&other);
}

static void a_killed_connection_is_lost(void **state)
{
    struct command commands[] = {command("SELECT 1"), command(LONG_STATEMENT)};
    struct pump other;
    char kill[64];

    (void)state;
    world_open(false);
    snprintf(kill, sizeof(kill), "KILL %s", sql(&world.pump, "SELECT connection_id()"));
    pump_submit(&world.pump, commands, 2);
    world_await_long_statement();
    pump_init(&other, world.driver);
    assert_int_equal(place_open(&world.place, &other), DRIVE_DONE);
    sql(&other, kill);
    assert_int_equal(pump_drive(&world.pump, 10000), DRIVE_FAIL);
    assert_int_equal(world.pump.err.class, ERROR_CONNECTION);
    assert_int_equal(world.pump.err.retry, RETRY_TRANSIENT);
    assert_int_equal(world.pump.reply.completed, 1);
    assert_false(world.pump.reply.answered);
    assert_false(world.pump.reply.connected);
    pump_release(&other);
}

/* connect_timeout is no limit for what comes later. */
static void a_slow_answer_is_waited_for(void **state)
{
    (void)state;
    world.place.settings.connect_timeout_ms = 1000;
    world_open(false);
    assert_string_equal(sql(&world.pump, "SELECT sleep(2.5)"), "0");
    assert_in_range(world.pump.longest_us, 0, LOOP_US);
}

static void it_is_closed_among_rows(void **state)
{
    struct command rows = command("SELECT s.*, repeat('x', 200) FROM seq_1_to_3000000 AS s");
    size_t before = open_descriptors();

    (void)state;
    rows.rows = false;
    world_open(false);
    pump_submit(&world.pump, &rows, 1);
    assert_int_equal(pump_drive(&world.pump, 30), DRIVE_WAIT);
    assert_in_range(world.pump.longest_us, 0, LOOP_US);
    pump_close(&world.pump);
    assert_int_equal(open_descriptors(), before);
}

static void without_autocommit_it_is_in_a_transaction(void **state)
{
    (void)state;
    world_open(false);
    sql(&world.pump, "SET autocommit = 0");
    assert_true(world.pump.reply.in_transaction);
    sql(&world.pump, "SET autocommit = 1");
    assert_false(world.pump.reply.in_transaction);
}

/* ---- peers that stall */

static struct peer {
    int listener, accepted;
    char port[8];
    const char *greeting; /* what it says, then nothing more; NULL: nothing at all */
    size_t length;
    pthread_t thread;
} peer;

static void *greet(void *context)
{
    (void)context;
    peer.accepted = accept(peer.listener, NULL, NULL);
    if (peer.accepted >= 0 && peer.greeting) {
        (void)!send(peer.accepted, peer.greeting, peer.length, MSG_NOSIGNAL);
    }
    return NULL;
}

static void peer_start(const char *greeting, size_t length)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);

    peer.greeting = greeting;
    peer.length = length;
    peer.accepted = -1;
    peer.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(peer.listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(peer.listener, 8), 0);
    assert_int_equal(getsockname(peer.listener, (struct sockaddr *)&address, &size), 0);
    snprintf(peer.port, sizeof(peer.port), "%u", (unsigned)ntohs(address.sin_port));
    assert_int_equal(pthread_create(&peer.thread, NULL, greet, NULL), 0);
    world.place.endpoint.port = peer.port;
}

static void peer_stop(void)
{
    shutdown(peer.listener, SHUT_RDWR);
    pthread_join(peer.thread, NULL);
    if (peer.accepted >= 0) {
        close(peer.accepted);
    }
    close(peer.listener);
}

/* Version 10.11.6-MariaDB, with TLS or without. */
#define GREETING(flags)                                                                            \
    "\x6d\0\0\0\x0a"                                                                               \
    "5.5.5-10.11.6-MariaDB-0+deb12u1\0"                                                            \
    "\1\0\0\0"                                                                                     \
    "abcdefgh\0"                                                                                   \
    "\xfe" flags "\x2d\2\0\xff\x81\x15\0\0\0\0\0\0\x1d\0\0\0"                                      \
    "ijklmnopqrst\0"                                                                               \
    "mysql_native_password\0"

static const struct {
    const char *name, *mode, *greeting;
    size_t length;
} stalls[] = {
    {"says nothing", "disable", NULL, 0},
    {"says nothing, TLS", "verify-full", NULL, 0},
    {"half a greeting", "disable", GREETING("\xfe\xf7"), 20},
    {"a greeting", "disable", GREETING("\xfe\xf7"), sizeof(GREETING("\xfe\xf7")) - 1},
    {"a greeting, TLS", "require", GREETING("\xfe\xff"), sizeof(GREETING("\xfe\xff")) - 1},
    {"a greeting, TLS verified", "verify-full", GREETING("\xfe\xff"),
     sizeof(GREETING("\xfe\xff")) - 1},
};

/* The loop is never held; the attempt ends with its time. */
static void a_peer_that_stalls_holds_no_loop(void **state)
{
    size_t before = open_descriptors();

    (void)state;
    for (size_t i = 0; i < COUNT(stalls); i++) {
        print_message("%s\n", stalls[i].name);
        peer_start(stalls[i].greeting, stalls[i].length);
        world.place.settings.tls.mode = stalls[i].mode;
        world.place.settings.connect_timeout_ms = 1000;
        world.pump.longest_us = 0;
        assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
        assert_in_range(world.pump.longest_us, 0, LOOP_US);
        assert_false(world.pump.reply.connected);
        assert_true(world.pump.err.class == ERROR_CONNECTION || world.pump.err.class == ERROR_TLS);
        pump_close(&world.pump);
        peer_stop();
        assert_int_equal(open_descriptors(), before);
    }
}

/* An abort does not wait for connect_timeout; only a TLS handshake does. */
static void a_stalled_connect_is_given_up(void **state)
{
    static const size_t without_tls[] = {0, 1, 2, 3};

    (void)state;
    for (size_t i = 0; i < COUNT(without_tls); i++) {
        size_t stall = without_tls[i];

        peer_start(stalls[stall].greeting, stalls[stall].length);
        world.place.settings.tls.mode = stalls[stall].mode;
        world.place.settings.connect_timeout_ms = 60000;
        pump_open(&world.pump, &world.place.target, &world.place.addresses, false);
        assert_int_equal(pump_drive(&world.pump, 50), DRIVE_WAIT);
        pump_abort(&world.pump);
        assert_int_equal(pump_drive(&world.pump, 5000), DRIVE_FAIL);
        assert_int_equal(world.pump.err.class, ERROR_CANCELLED);
        assert_int_equal(world.pump.err.retry, RETRY_CANCELLED);
        assert_in_range(world.pump.longest_us, 0, LOOP_US);
        pump_close(&world.pump);
        peer_stop();
    }
}

static void garbage_is_no_server(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } garbage[] = {
        {"HTTP/1.1 400 Bad Request\r\n\r\n", 28},
        {"\0\0\0\0", 4},
        {"\1\0\0\0\x0a", 5},
        {"\xff\xff\xff\xff\xff\xff\xff", 7},
        {"\x10\0\0\0\xff\x10\4#08004Too many", 20},
        {"E\0\0\0\13SFATAL\0\0", 12},
    };

    (void)state;
    world.place.settings.tls.mode = "disable";
    world.place.settings.connect_timeout_ms = 500;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        peer_start(garbage[i].text, garbage[i].length);
        assert_int_equal(place_open(&world.place, &world.pump), DRIVE_FAIL);
        assert_false(world.pump.reply.connected);
        if (world.pump.err.class != ERROR_CAPACITY && world.pump.err.class != ERROR_AUTH) {
            check_error(&world.pump.err, ERROR_CONNECTION, world.pump.err.code);
        }
        assert_in_range(world.pump.longest_us, 0, LOOP_US);
        pump_close(&world.pump);
        peer_stop();
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_user_is_refused_or_not),
        CASE(nobody_is_there),
        CASE(addresses_are_tried_in_order),
        CASE(a_socket_is_a_place),
        CASE(tls_is_had_or_refused),
        CASE(a_strange_certificate_is_refused),
        CASE(another_name_cannot_be_checked),
        CASE(affected_rows_are_those_found),
        CASE(files_of_the_client_stay_its_own),
        CASE(parameters_heed_the_sql_mode),
        CASE(a_procedure_has_several_results),
        CASE(values_are_no_part_of_a_message),
        CASE(codes_have_their_classes),
        CASE(a_lock_is_not_waited_for_long),
        CASE(a_killed_connection_is_lost),
        CASE(a_slow_answer_is_waited_for),
        CASE(it_is_closed_among_rows),
        CASE(without_autocommit_it_is_in_a_transaction),
        CASE(a_peer_that_stalls_holds_no_loop),
        CASE(a_stalled_connect_is_given_up),
        CASE(garbage_is_no_server),
    };

    world_choose("mariadb");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
