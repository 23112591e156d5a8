/*
 * walk.h: which revisions have to run, and in which order (Alembic's, as far as its order is a
 * law). Pure sets over the graph; what a goal means is goal.h, what a target gets is plan.h.
 */
#ifndef SKEIN_PLANNER_WALK_H
#define SKEIN_PLANNER_WALK_H

#include "planner/graph.h"

/* ancestors(targets) - applied, over parents and dependencies. `set` is initialised here. */
void walk_upgrade(const struct graph *graph, const struct node_set *applied,
                  struct graph_node *const *targets, size_t count, struct arena *arena,
                  struct node_set *set);

/* All applied descendants, dependants too, of the target's children; of the roots where `target`
 * is NULL (base). With a `lineage` (else NULL) only of those children or roots that are in that
 * node's lineage. `set` is initialised here. */
void walk_downgrade(const struct graph *graph, const struct node_set *applied,
                    struct graph_node *target, struct graph_node *lineage, struct arena *arena,
                    struct node_set *set);

/* The set in the order of a downgrade, newest first; an upgrade runs it from the end. The set's
 * heads in load order make a list; the first that is no ancestor of another is taken out, and the
 * parents it has in the set stand in its place (the first) and at the end (the others); where
 * there are none it goes back one. */
size_t walk_order(const struct graph *graph, const struct node_set *set, struct arena *arena,
                  struct graph_node ***nodes);

#endif
