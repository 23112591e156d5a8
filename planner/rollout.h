/*
 * rollout.h: how fast a run may go and when it stops (contract, section 4: budgets, slow start,
 * same_error). Pure: counts in, answers out.
 *
 * Not here: who waits for a place and who is told to stop (workers/run).
 */
#ifndef SKEIN_PLANNER_ROLLOUT_H
#define SKEIN_PLANNER_ROLLOUT_H

#include "base/map.h"
#include "model/fleet.h"
#include "model/outcome.h"

/* Slow start of a plan group: one place, doubled by each target that ends well, up to `limit`. */
struct pace {
    size_t places; /* how many may try or execute at once; starts at 1 */
    size_t taken;
    size_t limit;
};

void pace_init(struct pace *pace, size_t limit);
bool pace_take(struct pace *pace); /* false: no place now */
void pace_give(struct pace *pace);
void pace_ended(struct pace *pace,
                enum outcome_kind kind); /* succeeded or up_to_date double the places */

struct rollout; /* opaque: budgets used, errors met */

/* `targets`: how many are selected, what percentages are of. `policy` must live as long as the
 * arena. keep_going: no budget, no same_error. */
struct rollout *rollout_new(struct arena *arena, const struct rollout_policy *policy,
                            size_t targets, bool keep_going);

/* A target ended. `group` names its plan group (NULL: none yet); `server_down` that it is
 * unreachable behind an open breaker that was counted already. Returns what stops the run from now
 * on: NULL, "max_failures", "max_unreachable". */
const char *rollout_ended(struct rollout *rollout, const char *group, const struct outcome *outcome,
                          bool server_down);

/* A server was given up while its targets still wait: counts as one that is unreachable. Returns as
 * rollout_ended. */
const char *rollout_outage(struct rollout *rollout);

/* `same_error`: whether a group that still has `revision` ahead must not start it any more: as many
 * targets of one group failed there alike, none of that group had passed it, and neither has any of
 * this one. */
bool rollout_stops_revision(const struct rollout *rollout, const char *group, const char *revision);

/* A target of the group has passed the revision (committed it). */
void rollout_passed(struct rollout *rollout, const char *group, const char *revision);

#endif
