/*
 * inherit.h: what nodes get from those around them, computed once when a graph is built: labels,
 * and which of their dependencies are news. Only graph_build.c calls it; needs edges, order,
 * depths.
 */
#ifndef SKEIN_PLANNER_INHERIT_H
#define SKEIN_PLANNER_INHERIT_H

#include "planner/graph.h"

/* Fills node->labels, as said at graph_labels(). */
void inherit_labels(struct graph *graph);

/* Fills node->new_depends_on. */
void inherit_dependencies(struct graph *graph);

#endif
