/*
 * ask.h: one query to several servers, outside any run: discovery of databases. Uses host and
 * drivers; respects the limits. Never tries again.
 */
#ifndef SKEIN_WORKERS_ASK_H
#define SKEIN_WORKERS_ASK_H

#include "workers/host.h"

struct question {
    const struct target
        *target;     /* where: a target made for it (its database is "postgres" or the URL's) */
    const char *sql; /* one SELECT; its columns are read as text */
    /* the answer */
    bool answered;
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

#endif
