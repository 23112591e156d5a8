/*
 * sim_oracle.h: what must be true of every run, whatever it met. Violations go to
 * sim_world_violation.
 */
#ifndef SKEIN_TESTS_SIM_ORACLE_H
#define SKEIN_TESTS_SIM_ORACLE_H

#include "sim_world.h"

/* After each event: places, locks. `context`: the world. */
void sim_oracle_watch(void *context);

/* After a run: every target ended once, and what the outcome says is what the target holds. */
void sim_oracle_conclude(struct sim_world *world, const struct run_identity *identity,
                         const struct sim_result *result);

/* After skein was killed: what the targets hold fits together all the same. */
void sim_oracle_killed(struct sim_world *world);

#endif
