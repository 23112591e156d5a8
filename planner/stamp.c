#include "planner/stamp.h"

#include <stdlib.h>
#include <string.h>

/* A dest that is below another one says nothing: rows are maximal elements. */
static size_t drop_covered(const struct making *making, struct graph_node **destinations)
{
    const struct goal *goal = &making->goal;
    struct node_set named, kept;
    struct graph_node **maximal;
    size_t count, length = 0;

    node_set_init(&named, making->graph, making->arena);
    node_set_init(&kept, making->graph, making->arena);
    for (size_t i = 0; i < goal->node_count; i++) {
        node_set_add(&named, goal->nodes[i]);
    }
    count = graph_maximal(making->graph, &named, making->arena, &maximal);
    for (size_t i = 0; i < count; i++) {
        node_set_add(&kept, maximal[i]);
    }
    for (size_t i = 0; i < goal->node_count; i++) {
        if (node_set_has(&kept, goal->nodes[i])) {
            destinations[length++] = goal->nodes[i];
        }
    }
    return length;
}

/* The rows that go: all, those of the lineages that go to base, and whatever stands above or below
 * what was named, covered or not, over dependencies too. */
static void collect_removed(const struct making *making, struct node_set *removed)
{
    const struct goal *goal = &making->goal;
    bool all = goal->purge || (goal->base && goal->lineage_count == 0);

    node_set_init(removed, making->graph, making->arena);
    for (size_t i = 0; all && i < making->head_count; i++) {
        node_set_add(removed, making->heads[i]);
    }
    for (size_t i = 0; i < goal->lineage_count + goal->node_count; i++) {
        struct node_set lineage;

        node_set_init(&lineage, making->graph, making->arena);
        graph_add_lineage(making->graph, &lineage,
                          i < goal->lineage_count ? goal->lineages[i]
                                                  : goal->nodes[i - goal->lineage_count],
                          making->arena, false);
        for (size_t j = 0; j < making->head_count; j++) {
            if (node_set_has(&lineage, making->heads[j])) {
                node_set_add(removed, making->heads[j]);
            }
        }
    }
}

static bool is_row(const struct making *making, const struct graph_node *node)
{
    for (size_t i = 0; i < making->row_count; i++) {
        if (strcmp(making->rows[i], node->revision->id) == 0) {
            return true;
        }
    }
    return false;
}

static int compare_ids(const void *left, const void *right)
{
    const struct graph_node *const *a = left, *const *b = right;

    return strcmp((*a)->revision->id, (*b)->revision->id);
}

/* The heads are what is applied now, and nothing else. */
static void set_heads(struct making *making, struct graph_node *const *heads, size_t count)
{
    making->heads = arena_array(making->arena, count, sizeof(struct graph_node *));
    if (count > 0) {
        memcpy(making->heads, heads, count * sizeof(struct graph_node *));
        qsort(making->heads, count, sizeof(struct graph_node *), compare_ids);
    }
    making->head_count = count;
    node_set_init(&making->applied, making->graph, making->arena);
    graph_add_ancestors(making->graph, &making->applied, heads, count, false);
}

static void add_step(struct making *making, struct graph_node *node)
{
    struct plan_step *step = &making->steps[making->plan->step_count++];

    step->kind = STEP_STAMP;
    step->revision = node ? node->revision : NULL;
    making_record(making, step);
}

/* Whether the table holds exactly the heads. */
static bool is_written(const struct making *making)
{
    bool equal = making->row_count == making->head_count;

    for (size_t i = 0; equal && i < making->row_count; i++) {
        equal = strcmp(making->rows[i], making->heads[i]->revision->id) == 0;
    }
    return equal;
}

void stamp_steps(struct making *making)
{
    const struct goal *goal = &making->goal;
    struct graph_node **destinations =
        arena_array(making->arena, goal->node_count, sizeof(struct graph_node *));
    struct graph_node **heads, **written;
    size_t count = drop_covered(making, destinations), head_count = 0, written_count = 0;
    struct node_set removed;

    collect_removed(making, &removed);
    heads = arena_array(making->arena, making->head_count + count, sizeof(struct graph_node *));
    written = arena_array(making->arena, count, sizeof(struct graph_node *));
    for (size_t i = 0; i < making->head_count; i++) {
        if (!node_set_has(&removed, making->heads[i])) {
            heads[head_count++] = making->heads[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (is_row(making, destinations[i])) {
            heads[head_count++] = destinations[i];
        } else {
            written[written_count++] = destinations[i];
        }
    }
    making->steps = arena_array(making->arena, written_count + 1, sizeof(*making->steps));
    making->plan->steps = making->steps;
    for (size_t i = 0; i < written_count; i++) {
        heads[head_count++] = written[i];
        set_heads(making, heads, head_count);
        add_step(making, written[i]);
    }
    if (written_count == 0) {
        set_heads(making, heads, head_count);
        if (!is_written(making)) {
            add_step(making, count > 0 ? destinations[0] : NULL);
        }
    }
}
