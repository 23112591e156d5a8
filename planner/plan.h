/*
 * plan.h: from heads and goal to the plan of a group (model/plan.h). Pure; one call for each
 * (engine, heads) that is met.
 */
#ifndef SKEIN_PLANNER_PLAN_H
#define SKEIN_PLANNER_PLAN_H

#include "model/fleet.h"
#include "model/plan.h"
#include "planner/goal.h"

struct planning {
    const struct graph *graph;
    const struct migrations *migrations;
    const struct goal *goal;
    bool fleet_of_one; /* already at or below REV: an error for downgrade there, up_to_date
                          elsewhere */
    bool each; /* relative goals from each target's own heads; else goal must be absolute by now */
};

/* Never NULL: what cannot be done is plan->refused (unknown rows: ERROR_UNKNOWN_REVISION naming
 * them; no section for the engine, irreversible, not an ancestor …: ERROR_PLAN). Steps, row
 * changes, heads after each, applied checksums, and the operations by unit_compile. `rows` in any
 * order. */
struct plan *plan_make(struct arena *arena, const struct planning *planning, enum engine engine,
                       const char *const *rows, size_t row_count);

/* A key that is equal for targets that share a plan: engine and sorted rows. */
char *plan_key(struct arena *arena, enum engine engine, const char *const *rows, size_t row_count);

/* applied_checksum of the contract, section 8: over the sorted (id, checksum) of all ancestors of
 * `heads`. Unknown ids are passed over. */
void plan_applied_checksum(const struct graph *graph, enum engine engine, const char *const *heads,
                           size_t count, char hex[33]);

/* done_checksum: over the first `done` statements of a script, each in canonical form; first 128
 * bits in hex. */
void plan_done_checksum(enum engine engine, const struct script *script, size_t done, char hex[33]);

/* Cuts steps into units and lists the operations (contract, section 8, "Units"; the shapes are in
 * model/plan.h); fills operations, unit_count, transaction_off. `cut` does not matter for an engine
 * without transactional DDL, which cuts at each revision, nor for stamps, which are one unit. */
void unit_compile(struct arena *arena, struct plan *plan, enum transaction_cut cut);

/* The plan as it goes on at an open row at a clean edge: steps[0] is that row's revision in its
 * direction, `done` (0 to its statement_count) statements of it stand. A copy that shares the
 * steps: its operations leave out what is done, the REQUIREs and HISTORY_START of steps[0];
 * HISTORY_DONE updates the row that is there. `done` may lie anywhere (resolve --done-to). */
struct plan *unit_resume(struct arena *arena, const struct plan *plan, enum transaction_cut cut,
                         size_t done);

/* The plan with every statement outside a transaction, for a target where a roll-back would not
 * take all back (MySQL, MariaDB: tables of another engine than InnoDB). A copy that shares the
 * steps; unit_resume() of it keeps to that. */
struct plan *unit_outside(struct arena *arena, const struct plan *plan);

/* "BEGIN", "STATEMENT_OFF", …: for traces and tests. */
const char *operation_name(enum operation_kind kind);

#endif
