/*
 * graph.h: all revisions with their edges, immutable after the one check that can refuse them. Every relation is answered here; what a command's
 * words mean is identifier.h, what has to run is walk.h.
 *
 * Two kinds of edges: down (parents) and depends_on. "Ancestors" are by both unless said "by parents". Linear in files and edges to build.
 */
#ifndef SKEIN_PLANNER_GRAPH_H
#define SKEIN_PLANNER_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "model/revision.h"

struct graph_node {
    struct revision *revision;
    size_t index; /* load order */
    struct graph_node **down, **depends_on, **children, **dependants; /* children: by parents */
    size_t down_count, depends_on_count, child_count, dependant_count;
};

struct graph {
    struct arena *arena;
    struct graph_node *nodes; /* in load order */
    size_t count;
    struct map by_name; /* ids and labels, one name space -> struct graph_name; see graph.c */
};

/* Builds and checks. `revisions` in load order (file name order over all version locations). Errors, all of them, into `errors` (ERROR_REVISION
 * with file and line where known): two files with one id, unknown parent or dependency, cycle, label used twice or equal to an id, a bad id, a parent that is an ancestor by
 * parents alone of another parent. Partial ids in Revises / Depends On are resolved and written back as full ids. Returns 0 or the class. */
int graph_build(struct graph *graph, struct arena *arena, struct revision *const *revisions, size_t count, struct err_list *errors);

/* By exact id; NULL if there is none. */
struct graph_node *graph_find(const struct graph *graph, const char *id);

bool graph_is_head(const struct graph_node *node);        /* no children by parents */
bool graph_is_branch_point(const struct graph_node *node); /* more than one child */
bool graph_is_merge_point(const struct graph_node *node);  /* more than one parent */

/* A set of nodes: one bit a node, in the arena. */
struct node_set {
    unsigned char *bits;
    size_t count; /* members */
};

void node_set_init(struct node_set *set, const struct graph *graph, struct arena *arena);
bool node_set_has(const struct node_set *set, const struct graph_node *node);
void node_set_add(struct node_set *set, const struct graph_node *node);
void node_set_remove(struct node_set *set, const struct graph_node *node);

/* Adds the nodes with all that stands below (ancestors) or above (descendants) them. */
void graph_add_ancestors(const struct graph *graph, struct node_set *set, struct graph_node *const *nodes, size_t count, bool parents_only);
void graph_add_descendants(const struct graph *graph, struct node_set *set, struct graph_node *const *nodes, size_t count, bool parents_only);

/* Maximal elements of a set under parents and dependencies, in load order: what the version table must hold. */
size_t graph_maximal(const struct graph *graph, const struct node_set *set, struct arena *arena, struct graph_node ***nodes);

/* The labels that a node carries: its own and its lineage's, as Alembic shows them. */
size_t graph_labels(const struct graph *graph, const struct graph_node *node, struct arena *arena, const char ***labels);

#endif
