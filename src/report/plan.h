/*
 * plan.h: the plan of a run as text and JSON: targets grouped by identical steps, what is
 * irreversible or outside a transaction marked.
 */
#ifndef SKEIN_REPORT_PLAN_H
#define SKEIN_REPORT_PLAN_H

#include "model/run.h"
#include "report/json.h"

/* Targets that share one plan. */
struct plan_group {
    const struct plan *plan;
    size_t *members; /* indices into result->targets */
    size_t count, capacity;
};

/* In the arena; the largest first. Only outcomes with a plan that has steps. */
size_t plan_groups(const struct run_result *result, struct arena *arena,
                   struct plan_group **groups);

/* One block a group; with `sql` every statement. */
void report_plan_text(const struct run_result *result, bool sql, struct str *out);
/* "groups": [...] inside an open object. */
void report_plan_groups_json(struct json *json, const struct run_result *result);

#endif
