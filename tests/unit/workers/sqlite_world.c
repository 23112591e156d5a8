#include "sqlite_world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct world world;

int world_setup(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    world.folder = check_folder();
    snprintf(world.path, sizeof(world.path), "%s/a.db", world.folder);
    world.target = (struct target){.name = "acme",
                                   .engine = ENGINE_SQLITE,
                                   .endpoint = &world.endpoint,
                                   .database = "a.db",
                                   .path = world.path,
                                   .connection = &world.connection};
    pump_init(&world.pump, &driver_sqlite);
    return 0;
}

int world_teardown(void **state)
{
    (void)state;
    pump_release(&world.pump);
    check_folder_remove(world.folder);
    return 0;
}

/* What another program does with the file. */
sqlite3 *world_outsider(const char *sql)
{
    sqlite3 *database;

    assert_int_equal(sqlite3_open(world.path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    return database;
}

void world_file(const char *sql)
{
    assert_int_equal(sqlite3_close(world_outsider(sql)), SQLITE_OK);
}

bool world_exists(const char *suffix)
{
    char path[700];

    snprintf(path, sizeof(path), "%s%s", world.path, suffix);
    return access(path, F_OK) == 0;
}

enum drive world_try_open(bool read_only)
{
    pump_open(&world.pump, &world.target, NULL, read_only);
    return pump_drive(&world.pump, 60000);
}

void world_open(bool read_only)
{
    if (world_try_open(read_only) != DRIVE_DONE) {
        fail_msg("open: %s", world.pump.err.message);
    }
    assert_true(world.pump.reply.connected);
    assert_false(world.pump.reply.in_transaction);
}

void world_run(const char *sql)
{
    if (pump_sql(&world.pump, sql) != DRIVE_DONE) {
        fail_msg("%s: %s", sql, world.pump.err.message);
    }
}

const char *world_cell(size_t index)
{
    const struct result *result = &world.pump.reply.results[0];

    assert_true(index < result->row_count * result->column_count);
    return result->cells[index];
}

const char *world_ask(const char *sql)
{
    world_run(sql);
    assert_int_equal(world.pump.reply.results[0].row_count, 1);
    return world_cell(0);
}

enum drive world_script(const char *sql)
{
    struct command command = {.sql = sql, .length = strlen(sql), .rows = true};

    return pump_run(&world.pump, &command, 1);
}

void world_check_error(const char *what, enum error_class class, const char *code)
{
    const struct err *err = &world.pump.err;

    if (err->class != class || (code && (!err->code || strcmp(err->code, code) != 0))) {
        fail_msg("%s: class %s, code %s: %s", what, error_class_name(err->class), err->code,
                 err->message);
    }
    assert_non_null(err->message);
}
