/*
 * stamp.h: the steps of `stamp`: rows written without running anything. For plan_make.c only.
 */
#ifndef SKEIN_PLANNER_STAMP_H
#define SKEIN_PLANNER_STAMP_H

#include "planner/making.h"

/* Rows that stand above or below a revision named (over dependencies too) go, those of other
 * branches stay, the revisions named come: one step for each row that is written, with the removed
 * ones in the first; one step without a revision where rows only go; none where nothing changes. */
void stamp_steps(struct making *making);

#endif
