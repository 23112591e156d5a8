/*
 * making.h: what plan_make.c and stamp.c share while they make one plan. Not for others: plan.h.
 */
#ifndef SKEIN_PLANNER_MAKING_H
#define SKEIN_PLANNER_MAKING_H

#include "planner/checksum.h"
#include "planner/plan.h"

struct making {
    struct arena *arena;
    const struct planning *planning;
    const struct graph *graph;
    struct plan *plan;
    struct goal goal;        /* absolute */
    struct node_set applied; /* the rows and all below; moves with the steps */
    struct graph_node **heads;
    size_t head_count;       /* the maximal ones of `applied`, sorted by id */
    const char *const *rows; /* what the version table holds by now, sorted */
    size_t row_count;
    struct checksum *checksum;
    struct plan_step *steps; /* of plan */
};

/* Fills the step's changes from making->rows to the heads, its heads and applied_checksum; the
 * heads become the rows. */
void making_record(struct making *making, struct plan_step *step);

/* Sets plan->refused; the caller adds to it. */
struct err *making_refuse(struct making *making, enum error_class class, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
