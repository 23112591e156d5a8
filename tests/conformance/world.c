#include "world.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

struct world world;

const char *world_required(const char *name)
{
    const char *value = getenv(name);

    if (!value || !*value) {
        fprintf(stderr, "%s is not set: run this by with_postgresql.sh or with_mariadb.sh\n", name);
        exit(1);
    }
    return value;
}

void world_choose(const char *name)
{
    if (!engine_parse(name, &world.engine) || !driver_for(world.engine)) {
        fprintf(stderr, "no driver: %s\n", name);
        exit(1);
    }
    world.driver = driver_for(world.engine);
    if (world.engine == ENGINE_POSTGRESQL) {
        world.host = world_required("SKEIN_TEST_PG_HOST");
        world.port = world_required("SKEIN_TEST_PG_PORT");
        world.socket = world_required("SKEIN_TEST_PG_SOCKET");
        world.user = world.database = "postgres";
    } else if (world.engine == ENGINE_MARIADB) {
        world.host = world_required("SKEIN_TEST_MARIADB_HOST");
        world.port = world_required("SKEIN_TEST_MARIADB_PORT");
        world.socket = world_required("SKEIN_TEST_MARIADB_SOCKET");
        world.user = "root";
        world.database = "conformance";
    }
}

bool world_is_server(void)
{
    return world.engine != ENGINE_SQLITE;
}

const char *either(const char *postgresql, const char *sqlite, const char *mariadb)
{
    return world.engine == ENGINE_POSTGRESQL ? postgresql
           : world.engine == ENGINE_SQLITE   ? sqlite
                                             : mariadb;
}

void place_init(struct place *place)
{
    *place = (struct place){
        .target = {.name = "acme", .engine = world.engine, .database = world.database},
        .endpoint = {.host = world.host, .port = world.port, .user = world.user},
        .settings = {.connect_timeout_ms = 10000},
        .address = world.host,
    };
    place->target.endpoint = &place->endpoint;
    place->target.connection = &place->settings;
    if (world.engine == ENGINE_SQLITE) {
        place->endpoint = (struct endpoint){0};
        place->target.database = place->target.path = world.path;
        place->target.create = true;
    } else {
        place->addresses = (struct address_list){&place->address, 1};
    }
}

enum drive place_open(struct place *place, struct pump *pump)
{
    pump_open(pump, &place->target, &place->addresses, false);
    return pump_drive(pump, 10000);
}

void world_open(bool read_only)
{
    pump_open(&world.pump, &world.place.target, &world.place.addresses, read_only);
    if (pump_drive(&world.pump, 10000) != DRIVE_DONE) {
        fail_msg("open: %s", world.pump.err.message);
    }
}

/* A role with a password, and nothing of the test before. */
static void clean_postgresql(void)
{
    struct pump pump;

    pump_init(&pump, world.driver);
    assert_int_equal(place_open(&world.place, &pump), DRIVE_DONE);
    sql(&pump, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> "
               "pg_backend_pid() AND backend_type = 'client backend'");
    sql(&pump, "DROP SCHEMA IF EXISTS public CASCADE");
    sql(&pump, "CREATE SCHEMA public");
    sql(&pump, "DROP ROLE IF EXISTS conformance");
    sql(&pump, "CREATE ROLE conformance LOGIN PASSWORD E's3cret''\\\\ &=:@/pass'");
    sql(&pump, "GRANT CONNECT ON DATABASE postgres TO PUBLIC");
    pump_release(&pump);
}

/* The same: nobody else is connected, the database is empty. */
static void clean_mariadb(void)
{
    struct pump pump;
    struct place place;
    const char *other;

    place_init(&place);
    place.target.database = NULL;
    pump_init(&pump, world.driver);
    if (place_open(&place, &pump) != DRIVE_DONE) {
        fail_msg("open: %s", pump.err.message);
    }
    while ((other = sql(&pump, "SELECT concat('KILL ', id) FROM information_schema.processlist "
                               "WHERE id <> connection_id() AND user NOT IN ('system user', "
                               "'event_scheduler')"))) {
        char kill[64];

        snprintf(kill, sizeof(kill), "%s", other);
        pump_sql(&pump, kill); /* it may have gone by itself */
    }
    sql(&pump, "DROP DATABASE IF EXISTS conformance");
    sql(&pump, "CREATE DATABASE conformance");
    sql(&pump, "DROP USER IF EXISTS conformance@'127.0.0.1'");
    sql(&pump, "CREATE USER conformance@'127.0.0.1' IDENTIFIED BY 's3cret''\\\\ &=:@/pass'");
    pump_release(&pump);
}

int world_setup(void **state)
{
    (void)state;
    if (world.engine == ENGINE_SQLITE) {
        world.folder = check_folder();
        snprintf(world.path, sizeof(world.path), "%s/acme.db", world.folder);
    }
    place_init(&world.place);
    if (world.engine == ENGINE_POSTGRESQL) {
        clean_postgresql();
    } else if (world.engine == ENGINE_MARIADB) {
        clean_mariadb();
    }
    pump_init(&world.pump, world.driver);
    return 0;
}

int world_teardown(void **state)
{
    (void)state;
    pump_release(&world.pump);
    if (world.folder) {
        check_folder_remove(world.folder);
        world.folder = NULL;
    }
    return 0;
}

struct command command(const char *text)
{
    return (struct command){.sql = text, .length = strlen(text), .rows = true, .own = true};
}

const char *sql(struct pump *pump, const char *text)
{
    const struct result *result;

    if (pump_sql(pump, text) != DRIVE_DONE) {
        fail_msg("%s: %s", text, pump->err.message);
    }
    assert_int_equal(pump->reply.completed, 1);
    result = &pump->reply.results[0];
    return result->row_count > 0 ? result->cells[0] : NULL;
}

void check_error(const struct err *err, enum error_class class, const char *code)
{
    assert_non_null(err->message);
    if (err->class != class || (err->code != code && (!err->code || !code)) ||
        (code && strcmp(err->code, code) != 0)) {
        fail_msg("%s %s \"%s\"; expected %s %s", error_class_name(err->class),
                 err->code ? err->code : "-", err->message, error_class_name(class),
                 code ? code : "-");
    }
    for (const char *at = err->message; *at; at++) {
        assert_true((unsigned char)*at >= ' ');
    }
    assert_null(strstr(err->message, "s3cret"));
    assert_null(strstr(err->message, "LOCATION"));
    assert_null(strstr(err->message, "FATAL"));
}

void world_await_long_statement(void)
{
    struct pump other;
    const char *count = "0";

    pump_init(&other, world.driver);
    if (world_is_server()) {
        assert_int_equal(place_open(&world.place, &other), DRIVE_DONE);
    }
    for (int round = 0; round < 1000 && strcmp(count, "0") == 0; round++) {
        assert_int_equal(pump_drive(&world.pump, 20), DRIVE_WAIT);
        count = world_is_server()
                    ? sql(&other, either("SELECT count(*) FROM pg_stat_activity WHERE state = "
                                         "'active' AND wait_event = 'PgSleep'",
                                         NULL,
                                         "SELECT count(*) FROM information_schema.processlist "
                                         "WHERE state = 'User sleep'"))
                    : "1";
    }
    assert_string_equal(count, "1");
    pump_release(&other);
}

size_t open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder)) {
        count++;
    }
    closedir(folder);
    return count;
}
