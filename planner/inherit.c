#include "planner/inherit.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"

/* Labels */

/* Adds to a sorted list what it has not; a list may be shared by many nodes, so it is copied. */
static void add_labels(struct arena *arena, struct graph_node *node, const char *const *labels,
                       size_t count)
{
    const char **both = arena_array(arena, node->label_count + count, sizeof(*both));
    size_t length = node->label_count;

    if (length > 0) {
        memcpy(both, node->labels, length * sizeof(*both));
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;

        while (at < length && strcmp(both[at], labels[i]) < 0) {
            at++;
        }
        if (at == length || strcmp(both[at], labels[i]) != 0) {
            memmove(both + at + 1, both + at, (length - at) * sizeof(*both));
            both[at] = labels[i];
            length++;
        }
    }
    node->labels = both;
    node->label_count = length;
}

/* More than one revision stands just above, by whatever edge. */
static bool is_fork(const struct graph_node *node)
{
    const struct graph_node *only = NULL;

    for (size_t i = 0; i < node->child_count + node->dependant_count; i++) {
        const struct graph_node *above =
            i < node->child_count ? node->children[i] : node->dependants[i - node->child_count];

        if (only && above != only) {
            return true;
        }
        only = above;
    }
    return false;
}

/* Nothing but one line stands above: without a fork by whatever edge, without a merge. */
static bool is_line(const struct graph_node *node)
{
    while (!is_fork(node) && node->down_count <= 1 && node->child_count > 0) {
        node = node->children[0];
    }
    return !is_fork(node) && node->down_count <= 1;
}

/* The labels of one revision, for what stands below it in a line. */
static void inherit_downwards(struct arena *arena, const struct graph_node *labelled)
{
    const struct revision *revision = labelled->revision;
    struct graph_node *node;

    if (revision->label_count == 0 || !is_line(labelled)) {
        return;
    }
    while (labelled->down_count == 1) {
        node = labelled->down[0];
        if (is_fork(node) || graph_is_merge_point(node)) {
            return;
        }
        add_labels(arena, node, revision->labels, revision->label_count);
        labelled = node;
    }
}

void inherit_labels(struct graph *graph)
{
    if (graph->name_count == graph->count) {
        return; /* ids only */
    }
    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = graph->oldest_first[i];

        if (node->down_count > 0) {
            node->labels = node->down[0]->labels;
            node->label_count = node->down[0]->label_count;
        }
        for (size_t j = 1; j < node->down_count; j++) {
            add_labels(graph->arena, node, node->down[j]->labels, node->down[j]->label_count);
        }
        if (node->revision->label_count > 0) {
            add_labels(graph->arena, node, node->revision->labels, node->revision->label_count);
        }
    }
    for (size_t i = 0; i < graph->count; i++) {
        inherit_downwards(graph->arena, &graph->nodes[i]);
    }
}

/* Dependencies */

struct search {
    size_t *seen; /* round + 1 */
    size_t round;
    struct graph_node **stack;
};

static bool depends_on(const struct graph_node *node, const struct graph_node *dependency)
{
    for (size_t i = 0; i < node->depends_on_count; i++) {
        if (node->depends_on[i] == dependency) {
            return true;
        }
    }
    return false;
}

/* Whether an ancestor of `node` by parents has the dependency too. No deeper than its lowest
 * dependent: for one that has a single dependent, which is usual, nothing is looked at. */
static bool is_known_below(struct search *search, struct graph_node *node,
                           const struct graph_node *dependency)
{
    size_t lowest = node->depth, stacked = 0;

    for (size_t i = 0; i < dependency->dependant_count; i++) {
        size_t depth = dependency->dependants[i]->depth;

        lowest = depth < lowest ? depth : lowest;
    }
    search->round++;
    search->stack[stacked++] = node;
    while (stacked > 0) {
        const struct graph_node *next = search->stack[--stacked];

        for (size_t i = 0; i < next->down_count; i++) {
            struct graph_node *below = next->down[i];

            if (below->depth < lowest || search->seen[below->index] == search->round) {
                continue;
            }
            if (depends_on(below, dependency)) {
                return true;
            }
            search->seen[below->index] = search->round;
            search->stack[stacked++] = below;
        }
    }
    return false;
}

void inherit_dependencies(struct graph *graph)
{
    struct search search = {.seen = xcalloc(graph->count + 1, sizeof(size_t)),
                            .stack = xcalloc(graph->count + 1, sizeof(struct graph_node *))};

    for (size_t i = 0; i < graph->count; i++) {
        struct graph_node *node = &graph->nodes[i];

        node->new_depends_on =
            arena_array(graph->arena, node->depends_on_count, sizeof(struct graph_node *));
        for (size_t j = 0; j < node->depends_on_count; j++) {
            if (!is_known_below(&search, node, node->depends_on[j])) {
                node->new_depends_on[node->new_depends_on_count++] = node->depends_on[j];
            }
        }
    }
    free(search.stack);
    free(search.seen);
}
