/*
 * run.h: one run over the selected targets: owns the lives, performs their demands over host and
 * drivers, admits by limits, paces by rollout policy, stops by budgets and signals, tells
 * observers. Knows no SQL and no engine.
 */
#ifndef SKEIN_WORKERS_RUN_H
#define SKEIN_WORKERS_RUN_H

#include "model/event.h"
#include "model/run.h"
#include "workers/host.h"
#include "workers/life.h"

struct run_options {
    const struct fleet *fleet;
    const size_t *targets; /* indices into the fleet: the selected ones */
    size_t count;
    struct life_order order;       /* plan_for is set by run.c */
    struct limits limits;          /* after --concurrency, --per-server */
    struct rollout_policy rollout; /* after --max-failures */
    bool keep_going; /* no budget; so it is anyway where the order only reads or plans */
    struct observer *const *observers;
    size_t observer_count;
    const struct driver *(*driver_for)(enum engine engine); /* the seam for tests */
    uint64_t seed;
    int debug_descriptor; /* -1, or a socket: each move of a life is written as "STATE tenant\n" and
                             one byte is awaited (docs/design.md) */
};

struct run;

/* Lives until run_free; the host must outlive it. */
struct run *run_new(struct host *host, const struct run_options *options);
void run_free(struct run *run);

/* Starts; the caller then calls host->table->run(host), which returns when every target has ended.
 */
void run_start(struct run *run);

/* First interrupt: start nothing new, let what runs finish. Second: cancel on the server. */
void run_drain(struct run *run, const char *reason);
void run_cancel(struct run *run, const char *reason);

/* After the host's run returned. outcomes[i] belongs to options.targets[i]; they live as long as
 * the run. */
const struct outcome *run_outcomes(const struct run *run);
const char *run_stopped_by(const struct run *run);

#endif
