/*
 * sqlite_world.h: one target of SQLite in a folder of its own, and a pump for its connection; what
 * the tests of that driver share.
 */
#ifndef SKEIN_TESTS_UNIT_WORKERS_SQLITE_WORLD_H
#define SKEIN_TESTS_UNIT_WORKERS_SQLITE_WORLD_H

#include <sqlite3.h>

#include "check.h"
#include "pump.h"

struct world {
    char *folder;
    char path[600];
    struct pair settings[4];
    struct connection_settings connection;
    struct endpoint endpoint;
    struct target target;
    struct pump pump;
};

extern struct world world;

/* For cmocka; world_teardown closes and removes all. */
int world_setup(void **state);
int world_teardown(void **state);
/* What another program does with the file; the caller closes. */
sqlite3 *world_outsider(const char *sql);
/* The same, closed at once. */
void world_file(const char *sql);
/* Whether path + suffix is there. */
bool world_exists(const char *suffix);
/* DONE or FAIL. */
enum drive world_try_open(bool read_only);
/* Must succeed. */
void world_open(bool read_only);
/* skein's own SQL, must succeed. */
void world_run(const char *sql);
/* Of the last reply's first result. */
const char *world_cell(size_t index);
/* The one row's first cell. */
const char *world_ask(const char *sql);
/* A script's SQL: DONE or FAIL. */
enum drive world_script(const char *sql);
/* Of the last FAIL; code NULL: any. */
void world_check_error(const char *what, enum error_class class, const char *code);

/* A command from a literal. */
#define COMMAND(text)                                                                              \
    {                                                                                              \
        .sql = (text), .length = sizeof(text) - 1                                                  \
    }

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

#endif
