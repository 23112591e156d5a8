#include "planner/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

void walk_upgrade(const struct graph *graph, const struct node_set *applied,
                  struct graph_node *const *targets, size_t count, struct arena *arena,
                  struct node_set *set)
{
    struct graph_node **needed;
    size_t needed_count;

    node_set_init(set, graph, arena);
    graph_add_ancestors(graph, set, targets, count, false);
    needed_count = node_set_list(set, graph, arena, &needed);
    for (size_t i = 0; i < needed_count; i++) {
        if (node_set_has(applied, needed[i])) {
            node_set_remove(set, needed[i]);
        }
    }
}

void walk_downgrade(const struct graph *graph, const struct node_set *applied,
                    struct graph_node *target, struct graph_node *lineage, struct arena *arena,
                    struct node_set *set)
{
    struct node_set kept;
    struct graph_node **above;
    size_t count;

    node_set_init(&kept, graph, arena);
    if (lineage) {
        graph_add_lineage(graph, &kept, lineage, arena, true);
    }
    node_set_init(set, graph, arena);
    for (size_t i = 0; i < (target ? target->child_count : graph->count); i++) {
        struct graph_node *root = target ? target->children[i] : &graph->nodes[i];

        if ((target || graph_is_base(root)) && (!lineage || node_set_has(&kept, root))) {
            graph_add_descendants(graph, set, &root, 1, false);
        }
    }
    count = node_set_list(set, graph, arena, &above);
    for (size_t i = 0; i < count; i++) {
        if (!node_set_has(applied, above[i])) {
            node_set_remove(set, above[i]);
        }
    }
}

/* Order */

struct sorting {
    const struct graph *graph;
    struct node_set todo;     /* the set with all that lies between its members */
    size_t *pending;          /* by index: how many edges from above are not yet taken out */
    size_t *position;         /* by index: place in the list + 1, 0: not there */
    struct graph_node **list; /* the heads of what is left */
    size_t length, current;
    size_t *seen; /* by index: the last round of first_above() */
    size_t round;
    struct graph_node **stack;
};

/* Whatever lies between two members must come between them, too. */
static void close_set(struct sorting *sorting, const struct node_set *set, struct arena *arena)
{
    const struct graph *graph = sorting->graph;
    struct node_set above;
    struct graph_node **members;
    size_t count = node_set_list(set, graph, arena, &members);

    node_set_init(&above, graph, arena);
    node_set_init(&sorting->todo, graph, arena);
    graph_add_descendants(graph, &above, members, count, false);
    graph_add_ancestors(graph, &sorting->todo, members, count, false);
    count = node_set_list(&sorting->todo, graph, arena, &members);
    for (size_t i = 0; i < count; i++) {
        if (!node_set_has(&above, members[i])) {
            node_set_remove(&sorting->todo, members[i]);
        }
    }
}

static void append(struct sorting *sorting, struct graph_node *node)
{
    sorting->list[sorting->length++] = node;
    sorting->position[node->index] = sorting->length;
}

static void sorting_init(struct sorting *sorting, const struct graph *graph,
                         const struct node_set *set, struct arena *arena)
{
    size_t room = graph->count + 1;

    *sorting = (struct sorting){.graph = graph,
                                .pending = xcalloc(room, sizeof(size_t)),
                                .position = xcalloc(room, sizeof(size_t)),
                                .list = xcalloc(room, sizeof(struct graph_node *)),
                                .seen = xcalloc(room, sizeof(size_t)),
                                .stack = xcalloc(room, sizeof(struct graph_node *))};
    close_set(sorting, set, arena);
    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i];

        if (!node_set_has(&sorting->todo, node)) {
            continue;
        }
        for (size_t j = 0; j < node->child_count; j++) {
            sorting->pending[i] += node_set_has(&sorting->todo, node->children[j]);
        }
        for (size_t j = 0; j < node->dependant_count; j++) {
            sorting->pending[i] += node_set_has(&sorting->todo, node->dependants[j]);
        }
        if (sorting->pending[i] == 0) {
            append(sorting, node);
        }
    }
}

static void sorting_release(struct sorting *sorting)
{
    free(sorting->pending);
    free(sorting->position);
    free(sorting->list);
    free(sorting->seen);
    free(sorting->stack);
}

/* Looks at what is left just above; keeps the lowest place met. */
static size_t look_up(struct sorting *sorting, struct graph_node *const *nodes, size_t count,
                      size_t *stacked, size_t lowest)
{
    for (size_t i = 0; i < count; i++) {
        size_t index = nodes[i]->index;

        if (!node_set_has(&sorting->todo, nodes[i]) || sorting->seen[index] == sorting->round) {
            continue;
        }
        sorting->seen[index] = sorting->round;
        sorting->stack[(*stacked)++] = nodes[i];
        if (sorting->position[index] > 0 && sorting->position[index] < lowest) {
            lowest = sorting->position[index];
        }
    }
    return lowest;
}

/* The place of the first in the list that has `node` as an ancestor. */
static size_t first_above(struct sorting *sorting, const struct graph_node *node)
{
    size_t stacked = 0, lowest = sorting->length + 1;

    sorting->round++;
    lowest = look_up(sorting, node->children, node->child_count, &stacked, lowest);
    lowest = look_up(sorting, node->dependants, node->dependant_count, &stacked, lowest);
    while (stacked > 0) {
        const struct graph_node *next = sorting->stack[--stacked];

        lowest = look_up(sorting, next->children, next->child_count, &stacked, lowest);
        lowest = look_up(sorting, next->dependants, next->dependant_count, &stacked, lowest);
    }
    if (lowest > sorting->length) {
        BUG("nothing in the list stands above %s", node->revision->id);
    }
    return lowest - 1;
}

static void remove_current(struct sorting *sorting)
{
    sorting->length--;
    for (size_t i = sorting->current; i < sorting->length; i++) {
        sorting->list[i] = sorting->list[i + 1];
        sorting->position[sorting->list[i]->index] = i + 1;
    }
    sorting->current -= sorting->current > 0;
}

/* What is below comes into the list: `place` is the current one until the first took it. */
static bool add_below(struct sorting *sorting, struct graph_node *const *nodes, size_t count,
                      bool replaced)
{
    for (size_t i = 0; i < count; i++) {
        if (!node_set_has(&sorting->todo, nodes[i]) || sorting->position[nodes[i]->index] > 0) {
            continue;
        }
        if (replaced) {
            append(sorting, nodes[i]);
        } else {
            sorting->list[sorting->current] = nodes[i];
            sorting->position[nodes[i]->index] = sorting->current + 1;
            replaced = true;
        }
    }
    return replaced;
}

static void take_out(struct sorting *sorting, struct graph_node *node)
{
    bool replaced;

    node_set_remove(&sorting->todo, node);
    sorting->position[node->index] = 0;
    for (size_t i = 0; i < node->down_count; i++) {
        sorting->pending[node->down[i]->index] -= node_set_has(&sorting->todo, node->down[i]);
    }
    for (size_t i = 0; i < node->depends_on_count; i++) {
        sorting->pending[node->depends_on[i]->index] -=
            node_set_has(&sorting->todo, node->depends_on[i]);
    }
    replaced = add_below(sorting, node->down, node->down_count, false);
    replaced = add_below(sorting, node->new_depends_on, node->new_depends_on_count, replaced);
    if (!replaced) {
        remove_current(sorting);
    }
}

size_t walk_order(const struct graph *graph, const struct node_set *set, struct arena *arena,
                  struct graph_node ***nodes)
{
    struct sorting sorting;
    size_t count = 0;

    *nodes = arena_array(arena, set->count, sizeof(struct graph_node *));
    sorting_init(&sorting, graph, set, arena);
    while (sorting.length > 0) {
        struct graph_node *node = sorting.list[sorting.current];

        if (sorting.pending[node->index] > 0) {
            sorting.current = first_above(&sorting, node);
            continue;
        }
        if (node_set_has(set, node)) {
            (*nodes)[count++] = node;
        }
        take_out(&sorting, node);
    }
    sorting_release(&sorting);
    return count;
}
