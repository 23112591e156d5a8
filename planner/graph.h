/*
 * graph.h: all revisions with their edges, immutable after the one check that can refuse them.
 * Every relation between revisions is answered here; what the words of a command line mean is
 * goal.h, what has to run and in which order is walk.h.
 *
 * Two kinds of edges: down (parents) and depends_on. "Ancestors" are by both unless it says "by
 * parents". Built in time linear in revisions and edges, never by recursion.
 */
#ifndef SKEIN_PLANNER_GRAPH_H
#define SKEIN_PLANNER_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "model/revision.h"

#define GRAPH_ID_LIMIT 64 /* characters */

/* No edge stands twice in a list. A revision may be parent and dependency of the same one. */
struct graph_node {
    struct revision *revision;
    size_t index; /* load order */
    size_t depth; /* the longest way down to a root, by parents; an ancestor by parents has less */
    struct graph_node **down, **depends_on, **children, **dependants; /* children: by parents */
    size_t down_count, depends_on_count, child_count, dependant_count;
    /* depends_on without what an ancestor by parents depends on already: what matters for the
     * order in which revisions run (walk.h), never for whether they run */
    struct graph_node **new_depends_on;
    size_t new_depends_on_count;
    const char *const *labels; /* see graph_labels() */
    size_t label_count;
};

/* An id or a label; both share one name space. */
struct graph_name {
    const char *name;
    struct graph_node *node;
};

struct graph {
    struct arena *arena;
    struct graph_node *nodes; /* in load order */
    size_t count;
    struct map by_name;       /* ids and labels -> struct graph_node */
    struct graph_name *names; /* all of by_name, sorted by bytes: for prefixes */
    size_t name_count;
    struct graph_node **by_id;        /* all nodes, sorted by id (bytes) */
    struct graph_node **oldest_first; /* all nodes, each after all that stands below it */
};

/* Builds and checks. `revisions` in load order (file name order over all version locations); they
 * and the arena outlive the graph. Errors, all of them, go into `errors` (ERROR_REVISION with file
 * and line where the revision knows them): two files with one id, an unknown or ambiguous parent or
 * dependency, a cycle, a label used twice or equal to an id, a bad id or label, a parent that is an
 * ancestor by parents alone of another parent. Partial ids in Revises and Depends On, and labels in
 * Depends On, are resolved and written back to the revisions as full ids, repeated ones dropped.
 * Returns 0 or the class; the graph is of no use then. */
int graph_build(struct graph *graph, struct arena *arena, struct revision *const *revisions,
                size_t count, struct err_list *errors);

/* By exact id, not by label; NULL if there is none. */
struct graph_node *graph_find(const struct graph *graph, const char *id);

/* The range of names that begin with `prefix`: graph->names[*first .. *first + returned). */
size_t graph_prefix(const struct graph *graph, const char *prefix, size_t *first);

bool graph_is_head(const struct graph_node *node);         /* no children by parents */
bool graph_is_base(const struct graph_node *node);         /* no parents */
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
/* The members in load order; the array lies in the arena. */
size_t node_set_list(const struct node_set *set, const struct graph *graph, struct arena *arena,
                     struct graph_node ***nodes);

/* Adds the nodes with all that stands below (ancestors) or above (descendants) them. What the set
 * has already must be closed in that direction: nothing is looked for behind it. */
void graph_add_ancestors(const struct graph *graph, struct node_set *set,
                         struct graph_node *const *nodes, size_t count, bool parents_only);
void graph_add_descendants(const struct graph *graph, struct node_set *set,
                           struct graph_node *const *nodes, size_t count, bool parents_only);

/* The node's lineage: itself, ancestors and descendants. `set` must be empty. */
void graph_add_lineage(const struct graph *graph, struct node_set *set, struct graph_node *node,
                       struct arena *arena, bool parents_only);

/* The maximal elements of any set under parents and dependencies, in load order: what the version
 * table must hold where the set is what is applied. */
size_t graph_maximal(const struct graph *graph, const struct node_set *set, struct arena *arena,
                     struct graph_node ***nodes);

/* The labels that a node carries, as Alembic shows them: its own, those of its ancestors by
 * parents, and those of what stands above it where all from the node up to the head is one line,
 * without a fork by whatever edge and without a merge. Sorted; the array lies in `arena`. */
size_t graph_labels(const struct graph *graph, const struct graph_node *node, struct arena *arena,
                    const char ***labels);

#endif
