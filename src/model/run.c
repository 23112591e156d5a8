#include "model/run.h"

#include <string.h>

#define EXIT_USAGE       2
#define EXIT_PENDING     3
#define EXIT_STOPPED     4
#define EXIT_HALF_DONE   5
#define EXIT_INTERNAL    7
#define EXIT_SIGNAL_BASE 128

const char *run_status_name(enum run_status status)
{
    static const char *const names[] = {
        [RUN_SUCCEEDED] = "succeeded",     [RUN_FAILED] = "failed",   [RUN_PAUSED] = "paused",
        [RUN_INTERRUPTED] = "interrupted", [RUN_ABORTED] = "aborted",
    };

    return names[status];
}

/* What the outcomes of a run have in common, for the rules below. */
struct tally {
    bool half_done; /* partial, in_doubt */
    bool waiting;   /* not_started, rolled_back: what a stop leaves */
    bool cut_short; /* not_started, cancelled: what an interrupt leaves */
    bool not_well;  /* anything but succeeded, up_to_date, planned, held */
    bool planned;
    bool refused;
};

static struct tally tally_of(const struct run_result *result)
{
    struct tally tally = {.not_well = result->undiscovered_count > 0};

    for (size_t i = 0; i < result->count; i++) {
        switch (result->outcomes[i].kind) {
        case OUTCOME_PLANNED:
            tally.planned = true;
            break;
        case OUTCOME_SUCCEEDED:
        case OUTCOME_UP_TO_DATE:
        case OUTCOME_HELD:
            break;
        case OUTCOME_PARTIAL:
        case OUTCOME_IN_DOUBT:
            tally.half_done = true;
            tally.not_well = true;
            break;
        case OUTCOME_NOT_STARTED:
            tally.cut_short = true;
            tally.waiting = true;
            tally.not_well = true;
            break;
        case OUTCOME_ROLLED_BACK:
            tally.waiting = true;
            tally.not_well = true;
            break;
        case OUTCOME_CANCELLED:
            tally.cut_short = true;
            tally.not_well = true;
            break;
        case OUTCOME_REFUSED:
            tally.refused = true;
            tally.not_well = true;
            break;
        default:
            tally.not_well = true;
            break;
        }
    }
    return tally;
}

/* Only looking: half a revision that was found and read is an answer, unless it kept a plan from
 * being made. */
static bool reading_failed(const struct run_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        switch (result->outcomes[i].kind) {
        case OUTCOME_PLANNED:
        case OUTCOME_SUCCEEDED:
        case OUTCOME_UP_TO_DATE:
        case OUTCOME_HELD:
            break;
        case OUTCOME_PARTIAL:
            if (result->goal || !result->outcomes[i].read) {
                return true;
            }
            break;
        default:
            return true;
        }
    }
    return result->undiscovered_count > 0;
}

void run_result_conclude(struct run_result *result, bool reads_only, bool pending_is_3)
{
    const struct fleet *fleet = result->fleet;
    struct tally tally = tally_of(result);
    bool not_well = reads_only ? reading_failed(result) : tally.not_well;
    bool aborted = result->stopped_by && strcmp(result->stopped_by, "internal") == 0;
    bool interrupted = result->signal && tally.cut_short;
    bool paused = result->stopped_by && !result->signal && tally.waiting;
    bool one = fleet && (fleet->by_url || fleet->target_count == 1);
    const struct {
        bool applies;
        bool also_reading; /* commands that only read know no other */
        int exit_code;
    } rules[] = {
        {one && tally.refused, true, EXIT_USAGE},
        {aborted, true, EXIT_INTERNAL},
        {tally.half_done, false, EXIT_HALF_DONE},
        {interrupted, false, EXIT_SIGNAL_BASE + result->signal},
        {paused, false, EXIT_STOPPED},
        {not_well, true, 1},
        {pending_is_3 && tally.planned, true, EXIT_PENDING},
        {true, true, 0},
    };
    size_t rule = 0;

    while (!rules[rule].applies || (reads_only && !rules[rule].also_reading)) {
        rule++;
    }
    result->exit_code = rules[rule].exit_code;
    result->status = aborted       ? RUN_ABORTED
                     : interrupted ? RUN_INTERRUPTED
                     : paused      ? RUN_PAUSED
                     : not_well    ? RUN_FAILED
                                   : RUN_SUCCEEDED;
}
