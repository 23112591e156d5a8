/*
 * identifier.h: one identifier taken apart and looked up. What others
 * may ask, and what an identifier is, is said in goal.h; only goal.c and range.c use this.
 */
#ifndef SKEIN_PLANNER_IDENTIFIER_H
#define SKEIN_PLANNER_IDENTIFIER_H

#include "planner/graph.h"

#define IDENTIFIER_NAMES_SHOWN 5

struct identifier {
    const char *text;
    const char *label;          /* before the @, or NULL */
    struct graph_node *lineage; /* what `label` names, or NULL */
    const char *symbol;         /* NULL: relative to rows */
    bool moved;                 /* has +N or -N */
    int distance;
};

/* Takes it apart and resolves its label. Errors: ERROR_PLAN. */
int identifier_parse(const struct graph *graph, struct arena *arena, const char *text,
                     struct identifier *identifier, struct err *err);

/* What one with a symbol comes to: several for heads, none for base. `clamp`: +N and -N past the
 * end are the end, else an error. */
int identifier_nodes(const struct graph *graph, struct arena *arena,
                     const struct identifier *identifier, bool clamp, struct graph_node ***nodes,
                     size_t *count, struct err *err);

/* `distance` steps by parents from *node (NULL: base); up only into the lineage, if any. The end is
 * put back (NULL: base). */
int identifier_walk(const struct graph *graph, struct arena *arena,
                    const struct identifier *identifier, int distance, bool clamp,
                    struct graph_node **node, struct err *err);

/* The heads, of its lineage if it has one: by parents alone for `head` (not `all`) and within a
 * lineage, else what nothing depends on either. */
size_t identifier_heads(const struct graph *graph, struct arena *arena,
                        const struct identifier *identifier, bool all, struct graph_node ***nodes);

/* Keeps the nodes of the identifier's lineage (all where it has none). Returns how many. */
size_t identifier_filter(const struct graph *graph, struct arena *arena,
                         const struct identifier *identifier, struct graph_node **nodes,
                         size_t count);

/* "a, b, c …": in the arena. */
const char *identifier_names(struct arena *arena, struct graph_node *const *nodes, size_t count);

#endif
