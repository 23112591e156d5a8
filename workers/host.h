/*
 * host.h: the world as workers/ sees it: descriptors, pool threads, timers, names, signals, time.
 * Implemented by loop.c (libuv) and by the simulator (tests/sim) with virtual time. One-threaded:
 * every callback comes on the thread that calls host->run.
 *
 * Each callback fires exactly once per request, except that a stopped one never fires. Handles are
 * owned by the caller and must stay in place until their callback came or stop returned (the
 * implementation keeps what libuv still needs by itself).
 */
#ifndef SKEIN_WORKERS_HOST_H
#define SKEIN_WORKERS_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "workers/driver.h"

struct host;

typedef void host_ready_cb(void *context, unsigned ready);
typedef void host_done_cb(void *context);
/* addresses: numeric, in the host's memory; count 0 with a message: not found, the message says
 * why. */
typedef void host_resolved_cb(void *context, const struct address_list *addresses,
                              const char *message);
typedef void host_signal_cb(void *context, int signal);

/* The only typedefs of the project: callback signatures (docs/design.md). */

#define LOOKUP_SECONDS 15

struct host_timer; /* opaque, from timer_new */
struct host_poll;

struct host_table {
    int64_t (*now_us)(struct host *host); /* monotonic */
    int64_t (*wall_us)(struct host *host);
    /* A timer: set arms or re-arms it (one shot, microseconds from now), stop disarms, free may be
     * called at any time. */
    struct host_timer *(*timer_new)(struct host *host, host_done_cb *callback, void *context);
    void (*timer_set)(struct host_timer *timer, int64_t delay_us);
    void (*timer_stop)(struct host_timer *timer);
    void (*timer_free)(struct host_timer *timer);
    /* Waits once for `events` on a descriptor; wait() replaces what was waited for (the descriptor
     * may have been reopened under the same number: it is registered anew each time). After the
     * callback nothing is waited for. stop() before the descriptor is closed. */
    struct host_poll *(*poll_new)(struct host *host, host_ready_cb *callback, void *context);
    void (*poll_wait)(struct host_poll *poll, int descriptor, unsigned events);
    void (*poll_stop)(struct host_poll *poll);
    void (*poll_free)(struct host_poll *poll);
    /* Runs work on the host's own pool, then the callback (or NULL) on the loop, then work->free.
     * Never refused; queued beyond the pool's threads, first come, first served. `work` is copied.
     * Without a callback it is detached: it has threads of its own, nothing waits for it while the
     * loop runs, and the end of the host waits only a few seconds. A cancel that a dead network
     * swallows holds nobody up. */
    void (*work)(struct host *host, const struct work *work, host_done_cb *done, void *context);
    /* Looks a name up off the loop, cached for a minute per name. Addresses lie in the host's own
     * memory and live as long as the host. A numeric address is answered as itself, a socket's
     * folder, "" and NULL by count 0 with message NULL. Bounded: a resolver that does not answer
     * for LOOKUP_SECONDS is an answer with a message. */
    void (*resolve)(struct host *host, const char *name, const char *port,
                    host_resolved_cb *callback, void *context);
    /* Runs until stop() or nothing is left to wait for: no timer armed, no poll, no work, no
     * look-up. A stop() before run() ends that run at once. */
    void (*run)(struct host *host);
    void (*stop)(struct host *host);
};

struct host {
    const struct host_table *table;
};

#endif
