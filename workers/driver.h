/*
 * driver.h: the one table that every engine fills. A driver is dumb: it opens a connection, sends
 * what it is given, and says what came back. It knows no loop, no plan, no policy, no skein table.
 *
 * One connection has at most one operation under way: open, a request, or nothing. An operation
 * that was begun (open or submit returned 0) is driven by drive() until it answers DONE or FAIL,
 * exactly once. Memory handed in with a request stays the caller's and must live until then; a
 * reply lies in the arena of the request.
 */
#ifndef SKEIN_WORKERS_DRIVER_H
#define SKEIN_WORKERS_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/target.h"

enum capability {
    CAPABILITY_TRANSACTIONAL_DDL = 1u << 0,
    CAPABILITY_SESSION_LOCK = 1u << 1, /* a lock that outlives transactions */
    CAPABILITY_BATCH = 1u << 2,        /* several commands travel in one message */
    CAPABILITY_CANCEL = 1u << 3,       /* abort() reaches the server */
    CAPABILITY_BLOCKING = 1u << 4,     /* drive() asks for WORK only: limited by the pool */
};

/*
 * SQLite's session lock is SQL functions of its connections, for commands with `own` set: flock on
 * the file `<real path>-skein`. SELECT skein_lock()        '1': taken, or held already; '0':
 * somebody else has it. An error: the file cannot be made (disk, privilege). SELECT skein_unlock()
 * '1': removed and let go, '0': was not held. close() does the same. SELECT skein_lock_probe() '1':
 * nobody else has it (it is not taken by this), '0': somebody has. Also on a read-only connection.
 * It is no part of any transaction. Busy (also of BEGIN IMMEDIATE) is never waited for: FAIL,
 * ERROR_LOCK_TIMEOUT, RETRY_LOCK.
 */

/* One statement. `parameters` are text values for $1… (PostgreSQL, MySQL, MariaDB) or ?1… (SQLite),
 * NULL: SQL's NULL. */
struct command {
    const char *sql;
    size_t length;
    const char *const *parameters;
    unsigned parameter_count;
    bool rows;           /* keep the rows; else they are read and dropped */
    bool names;          /* with them the names of the columns */
    const char *purpose; /* what it is for ("heads", "statement": dialect.h), never NULL in what a
                            life sends; for tests and logs, a driver does not look at it */
    bool own; /* skein's own SQL: only that may control transactions (SQLite refuses it to all else
                 at run time) and call skein_lock() */
    bool repeated; /* this text comes again on this connection: a driver may keep it parsed there
                      (PostgreSQL: as a prepared statement, which a pooler in transaction mode does
                      not know; whoever is behind one leaves this out) */
};

/* Commands go in order, in one message where the engine can; the first that fails ends the request.
 */
struct request {
    struct arena *arena; /* for the reply and the err */
    const struct command *commands;
    size_t count; /* at least 1 */
};

struct result {
    const char *tag;          /* PostgreSQL: the command tag ("COMMIT", "UPDATE 1"); else NULL */
    int64_t affected;         /* rows changed, -1: not known */
    const char *const *cells; /* row by row; NULL: SQL's NULL. Only with command.rows */
    size_t row_count, column_count;
    const char *const *names; /* of the columns. Only with command.names */
    int64_t microseconds; /* as well as the driver can tell them apart: PostgreSQL's answers that
                             came together share theirs */
};

struct reply {
    struct result *results; /* one for each command that completed */
    size_t completed; /* == request.count on DONE; on FAIL the index of the command that failed, or
                         request.count: none of them alone (a deferred constraint at the end of a
                         request outside a transaction: nothing of it stands) */
    bool answered;    /* open: somebody is there, also one who refuses; FAIL: the server itself
                         answered with an error; false: the connection broke or was given up, and what
                         was under    way may stand */
    bool connected;   /* the connection may be used on */
    const char *weak_tls; /* open: the mode where it was weaker than verify-full to a host that is
                             not local (tls_is_weak), also where it failed; lives as long as the
                             target or for ever; NULL */
    bool in_transaction;  /* the session is inside a transaction block (also a failed one) */
    int64_t session;      /* DONE of open: the server's own number of the session (PostgreSQL: the
                             backend's pid; MySQL: CONNECTION_ID(); a pooler or proxy tells any
                             number), 0: it has none */
    int position; /* FAIL: character offset from 1 within the failed command's sql, 0: unknown */
};

enum drive {
    DRIVE_WAIT, /* call again when want.descriptor is ready or want.deadline_us has come */
    DRIVE_WORK, /* run want.work on a pool thread, then call again */
    DRIVE_DONE,
    DRIVE_FAIL, /* err says why, reply what was reached */
};

enum ready {
    READY_READ = 1u << 0,
    READY_WRITE = 1u << 1,
    READY_TIMEOUT = 1u << 2,
};

/* A piece of work that may block: run(context) on another thread; nothing else of the connection is
 * called meanwhile but abort. */
struct work {
    void (*run)(void *context);
    void *context;
    void (*free)(void *context); /* detached work only (abort): after run, on the loop; or NULL */
};

struct want {
    int descriptor; /* WAIT: read it anew each time; libpq may change its socket or reopen one under
                       the same number */
    unsigned events;  /* READY_READ | READY_WRITE */
    struct work work; /* WORK */
};

/* Addresses to try in order, numeric; count 0: the host needs no look-up (a socket's folder, a
 * file). */
struct address_list {
    const char *const *items;
    size_t count;
};

struct connection; /* each driver's own; memory of driver->connection_size bytes, zeroed, aligned
                      for any type */

/* Notices of the server (RAISE NOTICE): one line each, called inside drive(). May be NULL. */
struct open_options {
    const struct target *target;
    const struct address_list *addresses;
    const char *application_name; /* "skein run=5f3a9c tenant=acme" cut by the driver to the
                                     engine's limit */
    bool read_only;               /* status, plan: nothing may be written, no file made */
    const struct request *first;  /* or NULL: the request that will be submitted first, in place
                                     until then. A driver that blocks may run it along with opening
                                     and answer that submit() from it; others do not look at it */
    struct arena *arena;          /* lives as long as the connection; for err of open too */
};

struct driver {
    const char *name;
    unsigned capabilities; /* set of enum capability */
    size_t connection_size;
    /* Begins to connect. 0, or an error at once. The caller sets the deadline (connect_timeout) and
     * calls abort when it passes. */
    int (*open)(struct connection *connection, const struct open_options *options, struct err *err);
    /* Begins a request on a connection that has none under way. */
    int (*submit)(struct connection *connection, const struct request *request, struct err *err);
    /* Goes on with what is under way. `ready`: what happened since (set of enum ready), 0 at the
     * first call and after WORK. */
    enum drive (*drive)(struct connection *connection, unsigned ready, struct want *want,
                        struct reply *reply, struct err *err);
    /* Asks what is under way to stop; its completion still comes through drive(). While connecting,
     * drive() then answers FAIL at once. May hand out detached work (work->run not NULL) that owns
     * copies only and runs beside the connection. Callable at any time, also while WORK runs. 0, or
     * an error that is only worth a log line. */
    int (*abort)(struct connection *connection, struct work *work, struct err *err);
    /* Or NULL. While nothing is under way: what close() would block for (SQLite: a roll-back, a
     * checkpoint), as work to be run on a pool thread, after which only close() may be called.
     * false: nothing. close() without it does the same, and blocks. */
    bool (*finish)(struct connection *connection, struct work *work);
    /* Or NULL. Of an open connection with nothing under way: it becomes another's, as whom
     * `options` name; they differ from those of open by target and application_name at most.
     * Nothing of what was set, made or locked on it is left when the next request begins, with
     * which all that travels: where it cannot be had, that request fails as on a lost connection.
     * false: it cannot go on, and is to be closed. */
    bool (*reuse)(struct connection *connection, const struct open_options *options);
    /* Frees all; allowed at any time but while WORK runs. Whatever was under way is given up
     * without an answer. */
    void (*close)(struct connection *connection);
};

extern const struct driver driver_postgresql;
extern const struct driver driver_mysql;
extern const struct driver driver_mariadb;
extern const struct driver driver_sqlite;

/* The driver of an engine, or NULL where this build has none. */
const struct driver *driver_for(enum engine engine);

#endif
