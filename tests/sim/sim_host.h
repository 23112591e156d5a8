/*
 * sim_host.h: the host (workers/host.h) with virtual time: nothing sleeps, the next event is always
 * now. Events at the same time come in the order in which they were made, so a run is the same each
 * time.
 */
#ifndef SKEIN_TESTS_SIM_HOST_H
#define SKEIN_TESTS_SIM_HOST_H

#include "workers/host.h"

struct sim_host;

struct sim_hooks {
    /* When a descriptor that is waited for becomes ready; INT64_MAX: never. Required. */
    int64_t (*ready_at)(void *context, int descriptor);
    /* After each event: where an oracle looks. May be NULL. */
    void (*after_event)(void *context);
    void *context;
};

/* `threads`: of the pool. */
struct sim_host *sim_host_new(unsigned threads, const struct sim_hooks *hooks);
void sim_host_free(struct sim_host *host);

struct host *sim_host_of(struct sim_host *host);
int64_t sim_host_now(const struct sim_host *host);

/* Calls back once, `delay_us` from now. Does not keep run() going. */
void sim_host_after(struct sim_host *host, int64_t delay_us, host_done_cb *callback, void *context);

/* The work that is asked for next takes so long; and ends at once where its context is this. */
void sim_host_work_takes(struct sim_host *host, int64_t us);
void sim_host_hurry(struct sim_host *host, const void *context);

/* Work that runs or waits never comes back: its process was killed. */
void sim_host_drop_work(struct sim_host *host);

/* run() gives up beyond either; sim_host_exhausted then says so. */
void sim_host_bound(struct sim_host *host, int64_t until_us, uint64_t events);
bool sim_host_exhausted(const struct sim_host *host);
/* Whether run() has anything to wait for. */
bool sim_host_waits(const struct sim_host *host);
/* Lets all that is still to come by sim_host_after happen, work included. */
void sim_host_settle(struct sim_host *host);
/* Timers and polls that nobody freed. */
size_t sim_host_leaked(const struct sim_host *host);

#endif
