/*
 * sketch.h: graphs for tests, written as a line: "a b:a c:b/x #one" is a, its child b, and c with
 * the parent b, the dependency x and the label one. In load order, `;` or a space between them.
 *
 *   ID[:PARENT,…][/DEPENDENCY,…][#LABEL,…]
 */
#ifndef SKEIN_TESTS_UNIT_PLANNER_SKETCH_H
#define SKEIN_TESTS_UNIT_PLANNER_SKETCH_H

#include "planner/graph.h"

/* The revisions; each has the path "ID.sql", header lines 3 to 6, and present, empty scripts for
 * all engines. */
struct revision **sketch_revisions(struct arena *arena, const char *text, size_t *count);

/* The graph; fails the test where it is refused. */
void sketch_graph(struct arena *arena, const char *text, struct graph *graph);

/* "a b c": ids, or "" for none. */
const char *sketch_names(struct arena *arena, struct graph_node *const *nodes, size_t count);

/* The words of a text. */
const char **sketch_words(struct arena *arena, const char *text, size_t *count);

#endif
