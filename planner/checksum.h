/*
 * checksum.h: applied_checksum for each step of a plan: what plan_applied_checksum() answers for
 * one set of heads, without building the list of all ancestors anew each time. Only
 * plan_make.c and making.c use it; done_checksum and the law are in plan.h.
 */
#ifndef SKEIN_PLANNER_CHECKSUM_H
#define SKEIN_PLANNER_CHECKSUM_H

#include "planner/graph.h"

#define CHECKSUM_SIZE 33 /* 128 bits in hex and NUL */

struct checksum;

/* Owns memory outside of arenas: checksum_free(). The graph outlives it. */
struct checksum *checksum_new(const struct graph *graph, enum engine engine);
void checksum_free(struct checksum *checksum);

/* Over the members of `applied`. */
void checksum_of(struct checksum *checksum, const struct node_set *applied,
                 char hex[CHECKSUM_SIZE]);

#endif
