/*
 * sim_driver.h: the drivers of the simulator: "postgresql" waits for descriptors and hands out work
 * when it is aborted, "sqlite" asks for work. Their server is the fake target of the world.
 */
#ifndef SKEIN_TESTS_SIM_DRIVER_H
#define SKEIN_TESTS_SIM_DRIVER_H

#include "sim_world.h"

/* The drivers have no context: one world at a time. */
void sim_driver_use(struct sim_world *world);
const struct driver *sim_driver_for(enum engine engine);

/* For the host: when the connection behind a descriptor has something to say. */
int64_t sim_driver_ready_at(void *context, int descriptor);

#endif
