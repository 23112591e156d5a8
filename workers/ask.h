/*
 * ask.h: one query by a connection of its own, outside any life: to several servers at once
 * (discovery, unlock), or one beside a run (who holds a lock), or several one after the other (the
 * heads of many schemas). Uses host and drivers; respects the limits. Never tries again.
 */
#ifndef SKEIN_WORKERS_ASK_H
#define SKEIN_WORKERS_ASK_H

#include "workers/host.h"

struct question {
    const struct target
        *target;     /* where: a target made for it (its database is "postgres" or the URL's) */
    const char *sql; /* one SELECT; its columns are read as text */
    const char *const *parameters; /* or NULL; as those of a command (driver.h) */
    unsigned parameter_count;
    const struct command *before; /* commands of the same request before it, or NULL */
    size_t before_count;
    const char *purpose;          /* or NULL: for tests (driver.h) */
    const char *application_name; /* or NULL: "skein" */
    /* or NULL: called with the same context as `done` when it was answered, also by an error that
     * left the connection usable. True: the question was made anew, and is asked on the same
     * connection. It may drop the asker. */
    bool (*more)(void *context);
    /* the answer */
    int64_t session;      /* the server's number of the session, and how its connection is */
    const char *weak_tls; /* protected (driver.h) */
    bool answered;
    bool heard;               /* somebody is there, who perhaps refused */
    const char *const *cells; /* row by row, NULL: SQL's NULL */
    size_t row_count, column_count;
    const char *const *names; /* of the columns */
    struct err err;           /* class ERROR_NONE where answered; its arena is the one of ask() */
};

/* Asks all; returns when each is answered or has failed. At most `concurrency` (from 1) at once.
 * Each has the connect_timeout of its target to be connected, its name looked up, and as long again
 * for the answer (0: no limit). Runs the host itself, which must have nothing else to do. Answers
 * lie in `arena`. */
void ask(struct host *host, const struct driver *(*find_driver)(enum engine engine),
         struct arena *arena, struct question *questions, size_t count, unsigned concurrency);

struct asker; /* one question under way */

/* Begins to ask; *place is the asker until it is over, then NULL. `done` is called once, perhaps
 * before this returns, and never after asker_drop; so is question->more before it. Question (with
 * what it points to), place and arena are the caller's and stay until then. */
void asker_start(struct asker **place, struct host *host, const struct driver *driver,
                 struct arena *arena, struct question *question, host_done_cb *done, void *context);

/* Nobody wants the answer any more: closes, and sets *place to NULL. What a look-up or a pool
 * thread still needs goes when they end. */
void asker_drop(struct asker *asker);

#endif
