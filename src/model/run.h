/*
 * run.h: what a run is about and how it ended, as values: the order that src/app gives to workers/, and what report/ is given.
 */
#ifndef SKEIN_MODEL_RUN_H
#define SKEIN_MODEL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/fleet.h"
#include "model/outcome.h"

/* Who does it and why: goes into skein_history. */
struct run_identity {
    char id[33];       /* "20261120T103000Z-5f3a9c" */
    const char *actor; /* at most 96 bytes, cut */
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

/* All that the report says. targets[i] is a selected target's index in the fleet; outcomes[i] belongs to it. */
struct run_result {
    struct run_identity identity;
    const char *command; /* "upgrade" */
    const char *goal;    /* as typed */
    const char *mode;    /* "execute", "dry-run" */
    const struct fleet *fleet;
    const size_t *targets;
    const struct outcome *outcomes;
    size_t count;
    int64_t started_wall_us, finished_wall_us;
    const char *stopped_by; /* NULL, "max_failures", "max_unreachable", "same_error", "interrupt" … */
    int signal; /* the signal that interrupted it, or 0 */
    enum run_status status;
    int exit_code;
};

/* Sets status and exit_code from outcomes, stopped_by and signal, by the table of the contract, section 6. `reads_only`: plan,
 * dry run, status …; `pending_is_3`: --check and something is planned. */
void run_result_conclude(struct run_result *result, bool reads_only, bool pending_is_3);

#endif
