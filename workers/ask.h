/*
 * ask.h: one query to several servers, outside any run: discovery of databases. Uses host and drivers; respects the limits.
 */
#ifndef SKEIN_WORKERS_ASK_H
#define SKEIN_WORKERS_ASK_H

#include "workers/host.h"

struct question {
    const struct target *target; /* where: a target made for it (its database is "postgres" or the URL's) */
    const char *sql;             /* one SELECT of text columns */
    /* the answer */
    bool answered;
    const char *const *cells;
    size_t row_count, column_count;
    struct err err; /* set where not answered; its arena is the one of ask() */
};

/* Asks all; returns when each is answered or has failed. At most `concurrency` at once. */
void ask(struct host *host, const struct driver *(*driver_for)(enum engine engine), struct arena *arena, struct question *questions, size_t count,
         unsigned concurrency);

#endif
