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

#define SQLITE_STATEMENTS 8 /* kept at once; what comes beyond is compiled each time */

/* Statements that come again (command.repeated), compiled. Zeroed: none. */
struct sqlite_statements {
    struct {
        char *sql;
        size_t length;
        struct sqlite3_stmt *statement; /* NULL: this place is free */
        unsigned seen;                  /* what the guard saw when it was compiled */
    } items[SQLITE_STATEMENTS];
};

/* What a connection's commands share. */
struct sqlite_session {
    struct sqlite3 *database;
    struct sqlite_guard *guard;
    struct sqlite_statements *statements;
};

/* 0 and *result, or the class with guard->err set: code and class by planner/classify.h. Everything
 * is in `arena`. */
int sqlite_command_run(const struct sqlite_session *session, struct arena *arena,
                       const struct command *command, struct result *result,
                       struct sqlite_failure *failure);

/* Before the database is closed. */
void sqlite_statements_release(struct sqlite_statements *statements);

/* Sets `err` from what the database said last. Returns the class. */
int sqlite_command_error(struct sqlite3 *database, struct err *err);

/* Applies one setting of `connection.session` as a pragma. One that writes is passed over on a
 * connection that only reads. */
int sqlite_command_pragma(struct sqlite3 *database, struct sqlite_guard *guard,
                          const struct pair *setting);

#endif
