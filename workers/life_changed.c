#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "base/text.h"
#include "planner/graph.h"
#include "planner/plan.h"
#include "workers/life_internal.h"

/* The checksum of what is applied, by the files as they are now. */
static const char *applied_now(struct life *life)
{
    const struct plan *plan = life->work->plan;

    if (plan->applied_checksum[0]) {
        return plan->applied_checksum;
    }
    char *hex = arena_alloc(&life->arena, 33);
    plan_applied_checksum(life->order->planning->graph, life->target->engine, plan->before,
                          plan->before_count, hex);
    return hex;
}

/* ---- is there a difference? */

bool changed_suspected(struct life *life)
{
    const struct life_work *work = life->work;
    const struct history_row *latest = work->connection.last.latest;
    enum goal_kind goal = life->order->planning->goal->kind;

    if (life->order->mode == LIFE_RESOLVE || goal == GOAL_STAMP || goal == GOAL_READ ||
        goal == GOAL_ENSURE) {
        return false;
    }
    if (!latest || !latest->applied_checksum || latest->applied_checksum[0] == '\0' ||
        !work->plan || (work->plan->refused && work->plan->step_count == 0)) {
        return false;
    }
    return strcmp(latest->applied_checksum, applied_now(life)) != 0;
}

/* ---- which files are it? */

static void applied_nodes(struct life *life, const char *const *heads, size_t count,
                          struct node_set *set)
{
    const struct graph *graph = life->order->planning->graph;
    struct graph_node **nodes = arena_array(&life->request, count, sizeof(struct graph_node *));
    size_t known = 0;

    for (size_t i = 0; i < count; i++) {
        struct graph_node *node = graph_find(graph, heads[i]);
        if (node) {
            nodes[known++] = node;
        }
    }
    node_set_init(set, graph, &life->request);
    graph_add_ancestors(graph, set, nodes, known, false);
}

void changed_read(struct life *life, const struct result *result)
{
    const struct graph *graph = life->order->planning->graph;
    struct life_work *work = life->work;
    struct map sums;
    struct node_set applied;

    map_init(&sums, &life->request);
    for (size_t i = 0; i < result->row_count; i++) {
        const char *const *cells = result->cells + i * result->column_count;
        bool whole = cells[0] && cells[1] && cells[2];
        if (whole && strcmp(cells[1], "downgrade") != 0 && strcmp(cells[1], "resolve") != 0) {
            map_set(&sums, cells[0], arena_strdup(&life->request, cells[2]));
        }
    }
    applied_nodes(life, work->plan->before, work->plan->before_count, &applied);
    work->changed = arena_array(&life->arena, graph->count, sizeof(*work->changed));
    work->changed_count = 0;
    for (size_t i = 0; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        const char *sum = node_set_has(&applied, node) ? map_get(&sums, node->revision->id) : NULL;
        if (sum && strncmp(sum, node->revision->checksum[life->target->engine], 32) != 0) {
            work->changed[work->changed_count++] = node->revision->id;
        }
    }
    work->moved = work->changed_count == 0 && moved_by_another(life, result);
    work->sums_read = true;
}

/* ---- what follows */

/* Those that stay applied after the plan; of an upgrade that is all of them. */
static size_t staying(struct life *life, const char **ids)
{
    const struct life_work *work = life->work;
    const struct graph *graph = life->order->planning->graph;
    bool down = life->order->planning->goal->kind == GOAL_DOWNGRADE;
    struct node_set after;
    size_t count = 0;

    applied_nodes(life, work->plan->after, work->plan->after_count, &after);
    for (size_t i = 0; i < work->changed_count; i++) {
        if (!down || node_set_has(&after, graph_find(graph, work->changed[i]))) {
            ids[count++] = work->changed[i];
        }
    }
    return count;
}

static int refuse(struct life *life, const char *const *ids, size_t count, struct err *err)
{
    const struct graph *graph = life->order->planning->graph;
    struct str names = STR_INIT;

    for (size_t i = 0; i < count; i++) {
        str_addf(&names, "%s%s", i > 0 ? ", " : "", ids[i]);
    }
    if (count == 0) {
        err_set(err, ERROR_CHANGED_FILE,
                "a revision that is applied here was edited afterwards; it was adopted or stamped, "
                "so that no row of the history names it; or another tool has moved the version "
                "rows since");
        err_hint(err, "take the edit back, or accept it: --allow-changed REVISION");
    } else {
        err_set(err, ERROR_CHANGED_FILE, "%s applied here, edited afterwards: %s",
                count == 1 ? "a revision that is" : "revisions that are", names.text);
        err_hint(err,
                 "take the edit back in a revision of its own, or accept it: --allow-changed %s",
                 ids[0]);
        err->revision = arena_strdup(err->arena, ids[0]);
        err_at(err, graph_find(graph, ids[0])->revision->path, 0, 0);
    }
    str_release(&names);
    return ERROR_CHANGED_FILE;
}

static struct operation operation_of(enum operation_kind kind, size_t step)
{
    return (struct operation){.kind = kind, .step = step, .insert = kind == OPERATION_HISTORY_DONE};
}

/* One row for each revision that is accepted, in a unit of its own before everything else. */
static const struct plan *accept_plan(struct life *life, const char *const *ids, size_t count)
{
    const struct life_work *work = life->work;
    struct arena *arena = &life->arena;
    struct plan *plan = arena_alloc(arena, sizeof(*plan));
    struct plan_step *steps = arena_array(arena, count, sizeof(*steps));
    struct operation *operations = arena_array(arena, count + 2, sizeof(*operations));

    *plan = (struct plan){.engine = life->target->engine,
                          .before = work->plan->before,
                          .before_count = work->plan->before_count,
                          .after = work->plan->before,
                          .after_count = work->plan->before_count,
                          .steps = steps,
                          .step_count = count,
                          .operations = operations,
                          .operation_count = count + 2,
                          .unit_count = 1};
    operations[0] = operation_of(OPERATION_BEGIN, 0);
    for (size_t i = 0; i < count; i++) {
        const struct graph_node *node = graph_find(life->order->planning->graph, ids[i]);
        steps[i] = (struct plan_step){.kind = STEP_ACCEPT,
                                      .revision = node->revision,
                                      .heads = plan->before,
                                      .head_count = plan->before_count};
        memcpy(steps[i].applied_checksum, applied_now(life), sizeof(steps[i].applied_checksum));
        operations[i + 1] = operation_of(OPERATION_HISTORY_DONE, i);
    }
    operations[count + 1] = operation_of(OPERATION_COMMIT, count - 1);
    return plan;
}

/* No row names what was edited: any accepted revision that is applied here stands for it. */
static size_t allowed_unnamed(struct life *life, const char **ids)
{
    const struct life_order *order = life->order;
    const struct graph *graph = order->planning->graph;
    struct node_set applied;
    size_t count = 0;

    applied_nodes(life, life->work->plan->before, life->work->plan->before_count, &applied);
    for (size_t i = 0; i < order->allow_changed_count; i++) {
        const struct graph_node *node = graph_find(graph, order->allow_changed[i]);
        if (node && node_set_has(&applied, node)) {
            ids[count++] = node->revision->id;
        }
    }
    return count;
}

int changed_judge(struct life *life, const struct plan **accept, struct err *err)
{
    struct life_work *work = life->work;
    const struct life_order *order = life->order;
    size_t room = work->changed_count + order->allow_changed_count;
    const char **ids = arena_array(&life->request, room, sizeof(*ids));
    bool down = order->planning->goal->kind == GOAL_DOWNGRADE;
    bool named = work->changed_count > 0;
    size_t count;

    *accept = NULL;
    if (!work->sums_read || work->moved || !changed_suspected(life)) {
        return 0;
    }
    count = named ? staying(life, ids) : allowed_unnamed(life, ids);
    if (down && (work->plan->after_count == 0 || (named && count == 0))) {
        return 0; /* nothing of it stays applied */
    }
    for (size_t i = 0; named && i < count; i++) {
        if (!text_is_among(ids[i], order->allow_changed, order->allow_changed_count)) {
            return refuse(life, ids, count, err);
        }
    }
    if (count == 0) {
        return refuse(life, ids, count, err);
    }
    *accept = accept_plan(life, ids, count);
    return 0;
}
