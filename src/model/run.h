/*
 * run.h: what a run is about and how it ended, as values: the order that src/app gives to workers/,
 * and what report/ is given.
 */
#ifndef SKEIN_MODEL_RUN_H
#define SKEIN_MODEL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/fleet.h"
#include "model/inspection.h"
#include "model/outcome.h"

/* Who does it and why: goes into skein_history. */
struct run_identity {
    char id[33];        /* "20261120T103000Z-5f3a9c" */
    const char *actor;  /* at most 96 bytes, cut */
    const char *reason; /* or NULL; at most 100 */
    const char *tag;    /* or NULL; at most 32 */
};

enum run_status {
    RUN_SUCCEEDED,
    RUN_FAILED,
    RUN_PAUSED,
    RUN_INTERRUPTED,
    RUN_ABORTED,
};

const char *run_status_name(enum run_status status);

/* A `discover:` entry that nobody answered: its tenants are not known, the run goes on without them
 * and ends at least with exit 1. */
struct undiscovered {
    const char *label; /* "tenants[3].discover (server pg-a)" */
    struct err error;
};

/* All that the report says. targets[i] is a selected target's index in the fleet; outcomes[i]
 * belongs to it. */
struct run_result {
    struct run_identity identity;
    const char *command;   /* "upgrade" */
    const char *goal;      /* as typed */
    const char *goal_text; /* for people: "9c41e07b22d1 (head) \"users.email not null\"", or NULL */
    const char *mode;      /* "execute", "dry-run" */
    const struct fleet *fleet;
    const size_t *targets;
    const struct outcome *outcomes;
    size_t count;
    const struct undiscovered *undiscovered;
    size_t undiscovered_count;
    const char *const *appeared; /* tenants that are there now and were not when it began */
    size_t appeared_count;
    const struct inspection *inspections; /* resolve: of the targets that had an open row, in the
                                             order of targets; else NULL */
    size_t inspection_count;
    int64_t started_wall_us, finished_wall_us;
    const char
        *stopped_by; /* NULL, "max_failures", "max_unreachable", "same_error", "interrupt" … */
    int signal;      /* the signal that interrupted it, or 0 */
    enum run_status status;
    int exit_code;
};

/*
 * Sets status and exit_code from outcomes, undiscovered, stopped_by and signal, by the table of the
 * contract, section 6, for what this version has: where several apply, the first of 2 (a fleet of
 * one, refused), 7 (stopped_by "internal"), 5, 128 + signal (a signal that left a target
 * not_started or cancelled), 4 (stopped_by, and a target is not_started or rolled_back), 1, 3, 0.
 * An exit code of 2 knows no run status. `reads_only`: plan, dry run, status … end 2, 7, 1, 3 or 0;
 * a partial target is one that was read, unless there is a goal, for which it could not be planned.
 * `pending_is_3`: --check, and some target is planned.
 */
void run_result_conclude(struct run_result *result, bool reads_only, bool pending_is_3);

#endif
