/*
 * world.h: the database that the conformance tests of the drivers meet: a new SQLite file for each
 * test, or the server of with_postgresql.sh or with_mariadb.sh. What differs between the engines'
 * SQL is here, so that the cases are the same.
 */
#ifndef SKEIN_TESTS_CONFORMANCE_WORLD_H
#define SKEIN_TESTS_CONFORMANCE_WORLD_H

#include "check.h"
#include "model/engine.h"
#include "model/target.h"
#include "pump.h"

/* A variable that with_ENGINE.sh sets; exits where it does not. */
const char *world_required(const char *name);

/* A target with all that it points to; tests change what they need. */
struct place {
    struct target target;
    struct endpoint endpoint;
    struct connection_settings settings;
    const char *address; /* "127.0.0.1" */
    struct address_list addresses;
};

struct world {
    enum engine engine;
    const struct driver *driver;
    char *folder; /* SQLite's */
    char path[600];
    const char *host, *port, *socket; /* the server's */
    const char *user, *database;      /* who may do all, and where */
    struct place place;
    struct pump pump; /* opened by world_open */
};

extern struct world world;

/* Exits where `name` is no engine, or its server is not there. */
void world_choose(const char *name);

/* cmocka's setup and teardown: an empty database, the pump closed. */
int world_setup(void **state);
int world_teardown(void **state);

/* Where all is well. `place` must not be copied. */
void place_init(struct place *place);
/* Opens world.pump, which must succeed. */
void world_open(bool read_only);
/* Opens a pump there; the answer of drive() within ten seconds. */
enum drive place_open(struct place *place, struct pump *pump);

/* Runs one command, which must succeed; the first cell of its first row, or NULL. */
const char *sql(struct pump *pump, const char *text);
/* By engine. */
const char *either(const char *postgresql, const char *sqlite, const char *mariadb);
bool world_is_server(void);
struct command command(const char *text);

/* A message for people: one line, of this class and code (NULL: none), no secret in it. */
void check_error(const struct err *err, enum error_class class, const char *code);

#define PASSWORD "s3cret'\\ &=:@/pass" /* of the role conformance */

/* A statement that runs far longer than the test. */
#define LONG_STATEMENT                                                                             \
    either("SELECT pg_sleep(600)",                                                                 \
           "WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < "           \
           "1000000000000) SELECT count(*) FROM c",                                                \
           "SELECT sleep(600)")

/* Drives world.pump until the server is at it; SQLite: for a moment. */
void world_await_long_statement(void);

/* Descriptors that this process holds. */
size_t open_descriptors(void);

#endif
