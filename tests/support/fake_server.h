/*
 * fake_server.h: one target in memory, for tests without a server: version rows, history rows, what
 * statements did, the lock. It executes the commands of a life by their `purpose`
 * (workers/dialect.h), not by their SQL (but for which schemas a survey names), in transactions
 * that copy. It knows no time and no loop:
 * who uses it decides when a request is answered, and which fault it meets.
 *
 * What a revision's statement does: its text goes into the witness list, in the transaction it runs
 * in. Two words in it are obeyed, so that tests need no hook: a statement that contains
 * "fail:CODE" fails with that native code, "invalid:NAME" leaves an index that is not valid, a
 * check (require, verify) that contains "rows:N" returns N rows, "value:X" one row with X.
 */
#ifndef SKEIN_TESTS_SUPPORT_FAKE_SERVER_H
#define SKEIN_TESTS_SUPPORT_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/engine.h"
#include "workers/driver.h"

struct fake_row {
    long seq;
    char revision[65], direction[10], state[9];
    long total, attempted, done;
    char checksum[33], done_checksum[33], applied_checksum[33];
    char run_id[33], reason[101];
};

/* What a transaction may change: copied at BEGIN, put in place at COMMIT. */
struct fake_state {
    bool version_table, history_table;
    char (*version)[65];
    size_t version_count;
    struct fake_row *history;
    size_t history_count;
    char **witness; /* texts of the statements that took effect, in order */
    size_t witness_count;
    char **invalid; /* indexes that are not valid */
    size_t invalid_count;
};

struct fake_session;

struct fake_server {
    struct arena arena;
    enum engine engine;
    const char *database, *schema; /* what locate answers */
    bool replica;
    bool read_only; /* default_transaction_read_only */
    bool pooled;    /* a pooler in transaction mode stands before it */
    struct fake_state state;
    const struct fake_session *lock;   /* who holds skein's lock, or NULL */
    const struct fake_session *writer; /* SQLite: who is inside BEGIN IMMEDIATE */
    bool lock_foreign;                 /* another skein holds the lock */
    unsigned lasting;  /* behind the pooler: what was set or taken for longer than a transaction */
    unsigned unlocked; /* statements and writes that ran without the lock: must stay 0 */
    /* Called before each command, may be NULL: false and a native code in *code make it fail. */
    bool (*allow)(void *context, const struct fake_session *session, const struct command *command,
                  const char **code);
    /* PostgreSQL: another schema of the same database, for what reads several; may be NULL. */
    struct fake_server *(*neighbour)(void *context, const char *schema);
    void *context;
};

/* `engine`: ENGINE_POSTGRESQL, ENGINE_MARIADB (definitions must not come in a transaction) or
 * ENGINE_SQLITE. Strings are not copied. */
void fake_server_init(struct fake_server *server, enum engine engine, const char *database,
                      const char *schema);
void fake_server_release(struct fake_server *server);

/* Preparing a test, and looking at its end. */
void fake_server_add_version(struct fake_server *server, const char *id); /* makes the table */
struct fake_row *fake_server_add_history(struct fake_server *server); /* a row with the next seq */
bool fake_server_has_version(const struct fake_server *server, const char *id);
/* How often a statement with this text in it took effect. */
size_t fake_server_witnessed(const struct fake_server *server, const char *text);

#define FAKE_SESSION 77 /* the number of every session */

/* A connection. Closing it rolls back and lets go of the lock. */
struct fake_session *fake_session_open(struct fake_server *server);
/* Past its pooler. */
struct fake_session *fake_session_open_direct(struct fake_server *server);
void fake_session_close(struct fake_session *session);

enum fake_fault_kind {
    FAKE_NO_FAULT,
    FAKE_ERROR,       /* the server answers command `at` with an error `code` */
    FAKE_ERROR_LOST,  /* the same, and the connection breaks behind it */
    FAKE_LOST_BEFORE, /* the connection breaks before command `at` takes effect */
    FAKE_LOST_AFTER,  /* after command `at` took effect (COMMIT included), without an answer */
};

struct fake_fault {
    enum fake_fault_kind kind;
    size_t at; /* index of the command in the request; beyond its end: no fault */
    const char *code;
};

/* Runs a whole request; `reply` and `err` as a driver fills them, in request->arena. True:
 * DRIVE_DONE, false: DRIVE_FAIL. After a lost connection (reply->connected false) the session must
 * be closed. */
bool fake_session_run(struct fake_session *session, const struct request *request,
                      const struct fake_fault *fault, struct reply *reply, struct err *err);

#endif
