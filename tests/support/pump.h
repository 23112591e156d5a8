/*
 * pump.h: one connection of a driver, driven by poll(2) on the calling thread; what the driver
 * wants as WORK runs on another. For tests of drivers without a host.
 *
 * Where a driver breaks the rules of workers/driver.h (answers twice, waits for nothing), the test
 * fails.
 */
#ifndef SKEIN_TESTS_SUPPORT_PUMP_H
#define SKEIN_TESTS_SUPPORT_PUMP_H

#include <pthread.h>
#include <stdbool.h>

#include "base/arena.h"
#include "workers/driver.h"

struct pump {
    const struct driver *driver;
    struct connection *connection; /* NULL: closed */
    struct arena arena;            /* the connection's; the last request's */
    struct arena request_arena;
    struct request request;
    struct reply reply; /* of the last DONE or FAIL */
    struct err err;     /* of the last FAIL */
    unsigned ready;
    bool under_way;
    struct want want;
    bool waiting, working;
    pthread_t worker;
    int64_t longest_us; /* the longest drive(): what a loop would have been held for */
    int pipe[2];        /* the worker writes a byte when it has ended */
};

void pump_init(struct pump *pump, const struct driver *driver);
/* Closes where that has not been done. */
void pump_release(struct pump *pump);

/* The connection as another's, whose next request makes it anew. */
bool pump_reuse(struct pump *pump, const struct target *target, const char *application_name);

/* Begin; pump_drive goes on. */
void pump_open(struct pump *pump, const struct target *target, const struct address_list *addresses,
               bool read_only);
/* The same with what is submitted first, by pump_submit_first. */
void pump_open_first(struct pump *pump, const struct target *target,
                     const struct address_list *addresses, const struct command *commands,
                     size_t count);
void pump_submit_first(struct pump *pump);
void pump_submit(struct pump *pump, const struct command *commands, size_t count);

/* Drives for at most so many milliseconds: DONE, FAIL, or WAIT where the time is over. */
enum drive pump_drive(struct pump *pump, int milliseconds);

/* Submits and drives for a minute at most. */
enum drive pump_run(struct pump *pump, const struct command *commands, size_t count);
/* The same for one command without parameters; its rows are kept. `own`: workers/driver.h. */
enum drive pump_sql(struct pump *pump, const char *sql);

/* abort(), with what it hands out. */
void pump_abort(struct pump *pump);
/* finish() where the driver has it, and close(). Waits for WORK that runs. */
void pump_close(struct pump *pump);

#endif
