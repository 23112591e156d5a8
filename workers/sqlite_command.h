/*
 * sqlite_command.h: runs one command to its end, on a thread of the pool. Knows no request and no
 * abort but what interrupts SQLite.
 */
#ifndef SKEIN_WORKERS_SQLITE_COMMAND_H
#define SKEIN_WORKERS_SQLITE_COMMAND_H

#include "workers/driver.h"
#include "workers/sqlite_guard.h"

struct sqlite_failure {
    int position;  /* as reply.position */
    bool in_doubt; /* an I/O error where a transaction was being ended: it may stand */
};

/* 0 and *result, or the class with guard->err set: code and class by planner/classify.h. Everything
 * is in `arena`. */
int sqlite_command_run(struct sqlite3 *database, struct sqlite_guard *guard, struct arena *arena,
                       const struct command *command, struct result *result,
                       struct sqlite_failure *failure);

/* Sets `err` from what the database said last. Returns the class. */
int sqlite_command_error(struct sqlite3 *database, struct err *err);

/* Applies one setting of `connection.session` as a pragma. One that writes is passed over on a
 * connection that only reads. */
int sqlite_command_pragma(struct sqlite3 *database, struct sqlite_guard *guard,
                          const struct pair *setting);

#endif
