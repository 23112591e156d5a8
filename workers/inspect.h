/*
 * inspect.h: what the catalogues of targets say of the objects that the statements of their open
 * rows make or drop. Reads only, outside any run, by one request to each target.
 *
 * It tells what is there, and draws no conclusion from it: an object may have been made by hand.
 */
#ifndef SKEIN_WORKERS_INSPECT_H
#define SKEIN_WORKERS_INSPECT_H

#include "model/fleet.h"
#include "model/inspection.h"
#include "planner/graph.h"
#include "workers/host.h"

struct inspecting {
    struct host *host; /* has nothing else to do */
    const struct driver *(*find_driver)(enum engine engine);
    struct arena *arena;
    const struct fleet *fleet;
    const struct graph *graph;
    unsigned concurrency; /* from 1 */
};

/* Fills in all but `target` and `open` of each item. */
void inspect(const struct inspecting *inspecting, struct inspection *items, size_t count);

#endif
