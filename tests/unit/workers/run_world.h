/*
 * run_world.h: what the tests of whole runs over the simulator share: a usual fleet, and an upgrade
 * of it.
 */
#ifndef SKEIN_TESTS_UNIT_RUN_WORLD_H
#define SKEIN_TESTS_UNIT_RUN_WORLD_H

#include "sim_world.h"

/* PostgreSQL, eight at once, four of a server. */
struct sim_setup usual(size_t servers, size_t targets);

/* To all heads; fails where the oracle sees something wrong. */
void upgrade(struct sim_world *world, struct sim_result *result);
/* `disturb` is called before it goes; or NULL. */
void upgrade_disturbed(struct sim_world *world, void (*disturb)(struct sim_world *world),
                       bool keep_going, struct sim_result *result);
/* A new world after an upgrade in which its operations met `fault` (NULL: none), called with
 * `context`; for sim_world_free. */
struct sim_world *upgraded(const struct sim_setup *setup,
                           struct sim_fault (*fault)(void *context, struct sim_target *target,
                                                     const struct request *request),
                           void *context, struct sim_result *result);

/* For `disturb`: after so much time the run is drained by "interrupt". */
void drain_after(struct sim_world *world, int64_t microseconds);

#endif
