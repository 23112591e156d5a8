/*
 * goal.h: what a command line asks for: identifiers (Alembic's, contract section 5) resolved against the graph.
 */
#ifndef SKEIN_PLANNER_GOAL_H
#define SKEIN_PLANNER_GOAL_H

#include "planner/graph.h"

enum goal_kind {
    GOAL_READ, /* nothing: heads are read and that is all */
    GOAL_UPGRADE,
    GOAL_DOWNGRADE,
    GOAL_STAMP,
};

struct goal {
    enum goal_kind kind;
    const char *text;  /* as typed, for messages and reports */
    bool relative;     /* depends on a target's rows: goal_absolute() makes it absolute */
    bool base;         /* downgrade to base / stamp base */
    bool purge;        /* stamp --purge */
    struct graph_node **nodes; /* what it comes to, absolute; several for `heads`, stamp A B */
    size_t node_count;
    const char *label; /* label@…: limits a downgrade to a lineage; or NULL */
    /* relative forms */
    struct graph_node *anchor; /* rev+N: NULL for plain +N */
    int distance;
};

/* Resolves `identifiers` (several for stamp). Errors (ERROR_PLAN with candidates and a hint): unknown, ambiguous, several heads, out of range, wrong form for the
 * command. `head`, `heads`, `base`, `+N`, `-N`, `rev+N`, `rev-N`, `label@…`. */
int goal_resolve(const struct graph *graph, struct arena *arena, enum goal_kind kind, const char *const *identifiers, size_t count,
                 struct goal *goal, struct err *err);

/* Makes a relative goal absolute from the rows of a version table. */
int goal_absolute(const struct graph *graph, struct arena *arena, const struct goal *goal, const char *const *rows, size_t row_count,
                  struct goal *absolute, struct err *err);

/* One identifier to nodes (`show`, `history -r`): several for heads, none for base. */
int identifier_resolve(const struct graph *graph, struct arena *arena, const char *identifier, struct graph_node ***nodes, size_t *count,
                       struct err *err);

/* `history -r A:B`: the revisions of the range, newest first, as Alembic lists them. `rows`: for `current`; NULL where unknown. */
int identifier_range(const struct graph *graph, struct arena *arena, const char *range, const char *const *rows, size_t row_count,
                     struct graph_node ***nodes, size_t *count, struct err *err);

#endif
