/*
 * goal.h: what a command line asks for: identifiers (Alembic's, contract section 5) resolved
 * against the graph. What has to run for it is plan.h.
 *
 * An identifier is [LABEL@]SYMBOL[+N|-N]: SYMBOL is an id, a label, a prefix of exactly one of them
 * that is longer than three characters, head, heads, base; without SYMBOL it is relative to what a
 * target has applied. LABEL@ (a label or an id) limits it to a lineage: ancestors and descendants
 * by parents. +N and -N walk parents only; a fork or a merge on the way is an error.
 */
#ifndef SKEIN_PLANNER_GOAL_H
#define SKEIN_PLANNER_GOAL_H

#include "planner/graph.h"

enum goal_kind {
    GOAL_READ, /* nothing: heads are read and that is all */
    GOAL_UPGRADE,
    GOAL_DOWNGRADE,
    GOAL_STAMP,
    GOAL_ENSURE, /* the version table, nothing else; takes no identifier */
};

struct goal {
    enum goal_kind kind;
    const char *text; /* as typed, for messages and reports */
    bool relative;    /* +N, -N, LABEL@+N: depends on rows; goal_absolute() makes it absolute */
    bool base;        /* goes to base; then `nodes` has what stamp names besides */
    bool purge;       /* stamp --purge: set by the caller */
    struct graph_node **nodes; /* what it comes to, absolute; several for `heads`, stamp A B */
    size_t node_count;
    /* What it is limited to. Downgrade: the children (roots) of one lineage at most. Stamp base:
     * the rows of these lineages; 0: all rows. */
    struct graph_node **lineages;
    size_t lineage_count;
    int distance; /* of a relative goal: more than 0 is up */
};

/* Resolves `identifiers` (one; several for stamp; none for GOAL_READ and
 * GOAL_ENSURE). Errors, ERROR_PLAN with the
 * candidates and a hint: unknown, ambiguous, several heads, out of range, the wrong form for the
 * command. */
int goal_resolve(const struct graph *graph, struct arena *arena, enum goal_kind kind,
                 const char *const *identifiers, size_t count, struct goal *goal, struct err *err);

/* Makes a relative goal absolute from the rows of a version table, an absolute one is copied.
 * Errors: ERROR_PLAN, ERROR_UNKNOWN_REVISION for a row that no file has. */
int goal_absolute(const struct graph *graph, struct arena *arena, const struct goal *goal,
                  const char *const *rows, size_t row_count, struct goal *absolute,
                  struct err *err);

/* Where a script begins, the A of A:B, to the rows that the version table then holds, sorted: ids,
 * several joined by commas, `heads`, `base`; nothing that is counted from where a target stands.
 * Errors as of goal_resolve. */
int goal_rows(const struct graph *graph, struct arena *arena, const char *identifiers,
              const char *const **rows, size_t *count, struct err *err);

/* One identifier to nodes (`show`, `revision --head`): several for heads, none for base. -N is
 * counted from the heads. */
int identifier_resolve(const struct graph *graph, struct arena *arena, const char *identifier,
                       struct graph_node ***nodes, size_t *count, struct err *err);

/* Rows of a version table to nodes; ERROR_UNKNOWN_REVISION names what no file has. */
int identifier_rows(const struct graph *graph, struct arena *arena, const char *const *rows,
                    size_t row_count, struct graph_node ***nodes, struct err *err);

/* `history -r A:B`: the revisions of the range with A, newest first, as Alembic lists them. A
 * missing is base, B missing is heads. A may be -N (below B), B may be +N (above A); either may
 * walk past the end, which then is the end. LABEL@ on A limits B to that lineage. `current` is
 * `rows`, an error where they are NULL. */
int identifier_range(const struct graph *graph, struct arena *arena, const char *range,
                     const char *const *rows, size_t row_count, struct graph_node ***nodes,
                     size_t *count, struct err *err);

#endif
