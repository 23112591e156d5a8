#include <string.h>

#include "planner/graph.h"
#include "planner/plan.h"
#include "workers/life_internal.h"

#define GUESSES      3 /* the steps alone; with all else that is applied; with what is beside them */
#define OTHERS_TRIED 500 /* revisions of a branch that the other tool may have moved from */

/* applied_checksum is of the heads after skein's last step. Where another tool has moved the rows
 * since, what is applied now has another one, although no file was edited. What was applied then is
 * looked for: if the files as they are give the checksum that was written down, none was edited. */

/* One step done again on the set: what stood above the revision had gone before, what it stands
 * upon was there. */
static void replay(struct life *life, struct node_set *set, const char *const *cells)
{
    const struct graph *graph = life->order->planning->graph;
    bool whole = cells[0] && cells[1];
    struct graph_node *node = whole ? graph_find(graph, cells[0]) : NULL, **members;
    struct node_set above;
    size_t count;

    if (!node || strcmp(cells[1], "accept") == 0 || strcmp(cells[1], "resolve") == 0) {
        return;
    }
    node_set_init(&above, graph, &life->request);
    graph_add_descendants(graph, &above, &node, 1, false);
    count = node_set_list(&above, graph, &life->request, &members);
    for (size_t i = 0; i < count; i++) {
        node_set_remove(set, members[i]);
    }
    graph_add_ancestors(graph, set, &node, 1, false);
    if (strcmp(cells[1], "downgrade") == 0) {
        node_set_remove(set, node);
    }
}

/* With the branches that skein never touched, as they stand now: but not what stands upon the set
 * where `beside`, and with `other` in place of what is applied above it. */
static void add_rest(struct life *life, struct node_set *set, bool beside, struct graph_node *other)
{
    const struct graph *graph = life->order->planning->graph;
    const struct plan *plan = life->work->plan;
    struct graph_node **members;
    struct node_set above, now;
    size_t count;

    node_set_init(&above, graph, &life->request);
    node_set_init(&now, graph, &life->request);
    if (beside) {
        count = node_set_list(set, graph, &life->request, &members);
        graph_add_descendants(graph, &above, members, count, false);
    }
    if (other) {
        graph_add_descendants(graph, &above, &other, 1, false);
        graph_add_ancestors(graph, set, &other, 1, false);
    }
    for (size_t i = 0; i < plan->before_count; i++) {
        struct graph_node *node = graph_find(graph, plan->before[i]);
        if (node) {
            graph_add_ancestors(graph, &now, &node, 1, false);
        }
    }
    count = node_set_list(&now, graph, &life->request, &members);
    for (size_t i = 0; i < count; i++) {
        if (!node_set_has(&above, members[i])) {
            graph_add_ancestors(graph, set, &members[i], 1, false);
        }
    }
}

static bool has_checksum(struct life *life, const struct node_set *set, const char *checksum)
{
    const struct graph *graph = life->order->planning->graph;
    struct graph_node **heads;
    size_t count = graph_maximal(graph, set, &life->request, &heads);
    const char **ids = arena_array(&life->request, count, sizeof(*ids));
    char hex[33];

    for (size_t i = 0; i < count; i++) {
        ids[i] = heads[i]->revision->id;
    }
    plan_applied_checksum(graph, life->target->engine, ids, count, hex);
    return strcmp(hex, checksum) == 0;
}

bool moved_by_another(struct life *life, const struct result *sums)
{
    const struct history_row *latest = life->work->connection.last.latest;
    const struct graph *graph = life->order->planning->graph;
    size_t others = graph->count <= OTHERS_TRIED ? graph->count : 0;

    for (size_t try = 0; try < GUESSES + others; try++) {
        struct node_set set;

        node_set_init(&set, graph, &life->request);
        for (size_t i = 0; i < sums->row_count; i++) {
            replay(life, &set, sums->cells + i * sums->column_count);
        }
        if (try > 0) {
            add_rest(life, &set, try > 1, try < GUESSES ? NULL : &graph->nodes[try - GUESSES]);
        }
        if (has_checksum(life, &set, latest->applied_checksum)) {
            return true;
        }
    }
    return false;
}
