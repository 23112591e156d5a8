/*
 * sqlite_guard.h: what a statement does and whether it may, as SQLite itself tells when it compiles
 * the statement; and the SQL functions of the session lock. Not the splitter: that one refuses
 * before anything runs, this one is sure.
 */
#ifndef SKEIN_WORKERS_SQLITE_GUARD_H
#define SKEIN_WORKERS_SQLITE_GUARD_H

#include "workers/sqlite_lock.h"

struct sqlite3;

enum sqlite_seen {
    SQLITE_SEEN_ROWS = 1u << 0,   /* inserts, updates, deletes rows of a table */
    SQLITE_SEEN_OTHER = 1u << 1,  /* anything else than that and reading */
    SQLITE_SEEN_COMMIT = 1u << 2, /* ends a transaction */
};

struct sqlite_guard {
    /* Set before each statement is prepared. */
    struct sqlite3 *database;
    bool own;       /* skein's own SQL may do all */
    bool running;   /* it was prepared: what is asked now SQLite does itself, as VACUUM its BEGIN */
    bool read_only; /* of the connection */
    unsigned seen;  /* set of enum sqlite_seen, to be cleared before */
    /* Set to something else than ERROR_NONE where the guard or the lock refused: better than what
     * SQLite says of it. */
    struct err *err;
    struct sqlite_lock lock;
};

/* SQLite's result code. The guard stays in place until the database is closed. */
int sqlite_guard_install(struct sqlite_guard *guard, struct sqlite3 *database);

#endif
