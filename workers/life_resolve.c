#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "planner/graph.h"
#include "planner/plan.h"
#include "workers/life_internal.h"

static enum direction direction_of(const struct history_row *row)
{
    return strcmp(row->direction, direction_name(DIRECTION_DOWNGRADE)) == 0 ? DIRECTION_DOWNGRADE
                                                                            : DIRECTION_UPGRADE;
}

static int unknown(const struct history_row *open, struct err *err)
{
    err_set(err, ERROR_UNKNOWN_REVISION, "the open row is of %s, which no file has",
            open->revision);
    err_hint(err, "bring the file back, or use --reverted");
    return ERROR_UNKNOWN_REVISION;
}

/* The rows of the version table once the open row's step is applied: the maximal elements. */
static int heads_after(struct life *life, struct plan_step *step, struct err *err)
{
    const struct graph *graph = life->order->planning->graph;
    const struct reading *reading = &life->work->connection.last;
    struct graph_node **nodes = arena_array(&life->request, reading->row_count, sizeof(*nodes));
    struct graph_node *self = graph_find(graph, reading->open->revision);
    struct node_set applied;

    node_set_init(&applied, graph, &life->request);
    for (size_t i = 0; i < reading->row_count; i++) {
        nodes[i] = graph_find(graph, reading->rows[i]);
        if (!nodes[i]) {
            return err_set(err, ERROR_UNKNOWN_REVISION,
                           "the version table has %s, which no file has", reading->rows[i]);
        }
    }
    graph_add_ancestors(graph, &applied, nodes, reading->row_count, false);
    if (direction_of(reading->open) == DIRECTION_DOWNGRADE) {
        node_set_remove(&applied, self);
    } else {
        graph_add_ancestors(graph, &applied, &self, 1, false);
    }
    struct graph_node **maximal;
    size_t count = graph_maximal(graph, &applied, &life->request, &maximal);
    const char **heads = arena_array(&life->arena, count, sizeof(*heads));
    for (size_t i = 0; i < count; i++) {
        heads[i] = maximal[i]->revision->id;
    }
    step->heads = heads;
    step->head_count = count;
    return 0;
}

/* What leaves and what comes; one of each is an update. */
static void changes_of(struct life *life, struct plan_step *step)
{
    const struct reading *reading = &life->work->connection.last;
    size_t room = reading->row_count + step->head_count, gone = 0, count = 0;
    struct row_change *changes = arena_array(&life->arena, room, sizeof(*changes));

    for (size_t i = 0; i < reading->row_count; i++) {
        if (!text_is_among(reading->rows[i], step->heads, step->head_count)) {
            changes[count++] = (struct row_change){.kind = ROW_DELETE, .from = reading->rows[i]};
        }
    }
    for (size_t i = 0; i < step->head_count; i++) {
        const char *to = step->heads[i];
        if (text_is_among(to, reading->rows, reading->row_count)) {
            continue;
        }
        if (gone < count && changes[gone].kind == ROW_DELETE) {
            changes[gone].kind = ROW_UPDATE;
            changes[gone++].to = to;
        } else {
            changes[count++] = (struct row_change){.kind = ROW_INSERT, .to = to};
        }
    }
    step->changes = changes;
    step->change_count = count;
}

/* The step that the open row is of. Without its file (only --reverted) it has no script. */
static int row_step(struct life *life, struct plan_step *step, struct err *err)
{
    const struct life_order *order = life->order;
    const struct reading *reading = &life->work->connection.last;
    const struct history_row *open = reading->open;
    const struct graph_node *node = graph_find(order->planning->graph, open->revision);
    enum direction direction = direction_of(open);

    step->kind = direction == DIRECTION_DOWNGRADE ? STEP_DOWNGRADE : STEP_UPGRADE;
    step->heads = reading->rows;
    step->head_count = reading->row_count;
    snprintf(step->applied_checksum, sizeof(step->applied_checksum), "%s",
             open->applied_checksum ? open->applied_checksum : "");
    if (!node) {
        return order->resolution == RESOLVE_REVERTED ? 0 : unknown(open, err);
    }
    step->revision = node->revision;
    step->script = &node->revision->scripts[life->target->engine][direction];
    if (order->resolution == RESOLVE_DONE_TO && order->done_to > step->script->statement_count) {
        return err_set(err, ERROR_PLAN, "--done-to %zu: %s of %s has %zu statements",
                       order->done_to, open->direction, open->revision,
                       step->script->statement_count);
    }
    if (order->resolution == RESOLVE_APPLIED) {
        int class = heads_after(life, step, err);
        if (class) {
            return class;
        }
        changes_of(life, step);
        plan_applied_checksum(order->planning->graph, life->target->engine, step->heads,
                              step->head_count, step->applied_checksum);
    }
    return 0;
}

/* BEGIN, what becomes of the open row, the row that says who settled it, COMMIT. */
static const struct plan *resolve_plan(struct life *life, struct err *err)
{
    const struct life_order *order = life->order;
    const struct reading *reading = &life->work->connection.last;
    struct plan *plan = arena_alloc(&life->arena, sizeof(*plan));
    struct plan_step *steps = arena_array(&life->arena, 2, sizeof(*steps));
    struct operation *operations = arena_array(&life->arena, 5, sizeof(*operations));
    size_t count = 0;

    if (row_step(life, &steps[0], err)) {
        return NULL;
    }
    steps[1] = steps[0];
    steps[1].kind = STEP_RESOLVE;
    steps[1].script = NULL;
    steps[1].change_count = 0;
    operations[count++] = (struct operation){.kind = OPERATION_BEGIN};
    if (order->resolution == RESOLVE_APPLIED) {
        operations[count++] = (struct operation){.kind = OPERATION_VERSION};
    }
    operations[count++] = (struct operation){
        .kind = order->resolution == RESOLVE_DONE_TO ? OPERATION_MARK_DONE : OPERATION_HISTORY_DONE,
        .done = order->resolution == RESOLVE_DONE_TO    ? order->done_to
                : order->resolution == RESOLVE_REVERTED ? 0
                                                        : steps[0].script->statement_count};
    operations[count++] =
        (struct operation){.kind = OPERATION_HISTORY_DONE, .step = 1, .insert = true};
    operations[count++] = (struct operation){.kind = OPERATION_COMMIT, .step = 1};
    *plan = (struct plan){.engine = life->target->engine,
                          .before = reading->rows,
                          .before_count = reading->row_count,
                          .steps = steps,
                          .step_count = 2,
                          .operations = operations,
                          .operation_count = count,
                          .unit_count = 1};
    return plan;
}

void resolve_decide(struct life *life)
{
    struct life_work *work = life->work;
    struct err *err = life_err(life);

    if (!work->connection.last.open) {
        work->open.seq = 0;
        verdict_end(life, life->outcome.step_count > 0 ? OUTCOME_SUCCEEDED : OUTCOME_UP_TO_DATE,
                    NULL);
        return;
    }
    work->open = *work->connection.last.open;
    const struct plan *plan = resolve_plan(life, err);
    if (!plan) {
        work->open.seq = 0;
        verdict_end(life, OUTCOME_REFUSED, err);
        return;
    }
    walk_load(life, plan, 0);
    walk_next(life);
}
