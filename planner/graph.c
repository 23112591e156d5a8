#include "planner/graph.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

struct graph_node *graph_find(const struct graph *graph, const char *id)
{
    struct graph_node *node = map_get(&graph->by_name, id);

    return node && strcmp(node->revision->id, id) == 0 ? node : NULL;
}

bool graph_is_head(const struct graph_node *node)
{
    return node->child_count == 0;
}

bool graph_is_base(const struct graph_node *node)
{
    return node->down_count == 0;
}

bool graph_is_branch_point(const struct graph_node *node)
{
    return node->child_count > 1;
}

bool graph_is_merge_point(const struct graph_node *node)
{
    return node->down_count > 1;
}

size_t graph_labels(const struct graph *graph, const struct graph_node *node, struct arena *arena,
                    const char ***labels)
{
    (void)graph;
    *labels = arena_array(arena, node->label_count, sizeof(**labels));
    for (size_t i = 0; i < node->label_count; i++) {
        (*labels)[i] = node->labels[i];
    }
    return node->label_count;
}

/* Sets */

void node_set_init(struct node_set *set, const struct graph *graph, struct arena *arena)
{
    set->bits = arena_alloc(arena, graph->count / CHAR_BIT + 1);
    set->count = 0;
}

static unsigned char bit_of(const struct graph_node *node)
{
    return (unsigned char)(1u << (node->index % CHAR_BIT));
}

bool node_set_has(const struct node_set *set, const struct graph_node *node)
{
    return (set->bits[node->index / CHAR_BIT] & bit_of(node)) != 0;
}

void node_set_add(struct node_set *set, const struct graph_node *node)
{
    if (!node_set_has(set, node)) {
        set->bits[node->index / CHAR_BIT] |= bit_of(node);
        set->count++;
    }
}

void node_set_remove(struct node_set *set, const struct graph_node *node)
{
    if (node_set_has(set, node)) {
        set->bits[node->index / CHAR_BIT] &= (unsigned char)~bit_of(node);
        set->count--;
    }
}

size_t node_set_list(const struct node_set *set, const struct graph *graph, struct arena *arena,
                     struct graph_node ***nodes)
{
    size_t count = 0;

    *nodes = arena_array(arena, set->count, sizeof(struct graph_node *));
    for (size_t i = 0; i < graph->count && count < set->count; i++) {
        if (node_set_has(set, &graph->nodes[i])) {
            (*nodes)[count++] = &graph->nodes[i];
        }
    }
    return count;
}

/* Reachability */

struct walk {
    struct node_set *set;
    struct graph_node **stack;
    size_t stacked;
};

static void push(struct walk *walk, struct graph_node *const *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!node_set_has(walk->set, nodes[i])) {
            node_set_add(walk->set, nodes[i]);
            walk->stack[walk->stacked++] = nodes[i];
        }
    }
}

static void walk_init(struct walk *walk, const struct graph *graph, struct node_set *set)
{
    /* a node is pushed when it joins the set, so once */
    walk->stack = xmalloc((graph->count + 1) * sizeof(*walk->stack));
    walk->stacked = 0;
    walk->set = set;
}

/* Follows what was pushed to the end. */
static void walk_through(struct walk *walk, bool parents_only, bool up)
{
    while (walk->stacked > 0) {
        struct graph_node *node = walk->stack[--walk->stacked];

        if (up) {
            push(walk, node->children, node->child_count);
        } else {
            push(walk, node->down, node->down_count);
        }
        if (!parents_only && up) {
            push(walk, node->dependants, node->dependant_count);
        } else if (!parents_only) {
            push(walk, node->depends_on, node->depends_on_count);
        }
    }
    free(walk->stack);
}

void graph_add_ancestors(const struct graph *graph, struct node_set *set,
                         struct graph_node *const *nodes, size_t count, bool parents_only)
{
    struct walk walk;

    walk_init(&walk, graph, set);
    push(&walk, nodes, count);
    walk_through(&walk, parents_only, false);
}

void graph_add_descendants(const struct graph *graph, struct node_set *set,
                           struct graph_node *const *nodes, size_t count, bool parents_only)
{
    struct walk walk;

    walk_init(&walk, graph, set);
    push(&walk, nodes, count);
    walk_through(&walk, parents_only, true);
}

void graph_add_lineage(const struct graph *graph, struct node_set *set, struct graph_node *node,
                       struct arena *arena, bool parents_only)
{
    struct node_set above;
    struct graph_node **nodes;
    size_t count;

    node_set_init(&above, graph, arena);
    graph_add_descendants(graph, &above, &node, 1, parents_only);
    graph_add_ancestors(graph, set, &node, 1, parents_only);
    count = node_set_list(&above, graph, arena, &nodes);
    for (size_t i = 0; i < count; i++) {
        node_set_add(set, nodes[i]);
    }
}

size_t graph_maximal(const struct graph *graph, const struct node_set *set, struct arena *arena,
                     struct graph_node ***nodes)
{
    struct node_set below;
    struct walk walk;
    size_t count = node_set_list(set, graph, arena, nodes), kept = 0;

    node_set_init(&below, graph, arena);
    walk_init(&walk, graph, &below);
    for (size_t i = 0; i < count; i++) {
        push(&walk, (*nodes)[i]->down, (*nodes)[i]->down_count);
        push(&walk, (*nodes)[i]->depends_on, (*nodes)[i]->depends_on_count);
    }
    walk_through(&walk, false, false);
    for (size_t i = 0; i < count; i++) {
        if (!node_set_has(&below, (*nodes)[i])) {
            (*nodes)[kept++] = (*nodes)[i];
        }
    }
    return kept;
}
