/* Which files are written: one a revision, or with --baseline REV one in place of all up to REV. */
#include <string.h>

#include "app/import.h"
#include "base/bug.h"

/* Without what the baseline takes in. One that would be left without a parent stands on it. */
static const char *const *keep_edges(struct import *import, const struct node_set *taken,
                                     const struct graph_node *baseline,
                                     struct graph_node *const *nodes, size_t count, bool parents,
                                     size_t *kept)
{
    const char **ids = arena_array(import->arena, count + 1, sizeof(*ids));
    *kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct graph_node *node = nodes[i];
        if (node == NULL)
            BUG("an edge of the graph leads nowhere");
        if (!node_set_has(taken, node) || node == baseline)
            ids[(*kept)++] = node->revision->id;
    }
    if (parents && count > 0 && *kept == 0)
        ids[(*kept)++] = baseline->revision->id;
    return ids;
}

static const struct graph_node *first_taken(const struct node_set *taken,
                                            const struct graph_node *node)
{
    for (size_t i = 0; i < node->down_count; i++)
        if (node_set_has(taken, node->down[i]))
            return node->down[i];
    for (size_t i = 0; i < node->depends_on_count; i++)
        if (node_set_has(taken, node->depends_on[i]))
            return node->depends_on[i];
    return NULL;
}

/* What stays and stood on something that is taken in must stand above the baseline: only then is a
 * database that has it known to have all of that. */
static int move_edges(struct import *import, const struct node_set *taken,
                      const struct node_set *above, const struct graph_node *baseline,
                      const struct graph_node *node)
{
    struct revision *revision = node->revision;
    const struct graph_node *lower = first_taken(taken, node);
    if (lower != NULL && !node_set_has(above, node)) {
        struct err err = ERR_INIT(import->arena);
        err_set(&err, ERROR_REVISION, "revision %s stands on %s, but not on the baseline %s",
                revision->id, lower->revision->id, baseline->revision->id);
        err_hint(&err, "choose a baseline at or below %s, or one above where the branches meet",
                 lower->revision->id);
        return app_fail(import->app->options, &err);
    }
    revision->down = keep_edges(import, taken, baseline, node->down, node->down_count, true,
                                &revision->down_count);
    revision->depends_on = keep_edges(import, taken, baseline, node->depends_on,
                                      node->depends_on_count, false, &revision->depends_on_count);
    return 0;
}

/* The labels of its own branch go on naming it: what is above it. */
static void take_labels(struct import *import, struct graph_node *baseline,
                        struct graph_node *const *nodes, size_t count, struct revision *revision)
{
    const char **labels = NULL;
    size_t label_count = 0, capacity = 0;
    struct node_set branch;
    node_set_init(&branch, &import->graph, import->arena);
    graph_add_ancestors(&import->graph, &branch, &baseline, 1, true);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; node_set_has(&branch, nodes[i]) && j < nodes[i]->revision->label_count;
             j++) {
            labels = arena_grow(import->arena, labels, sizeof(*labels), &capacity, label_count + 1);
            labels[label_count++] = nodes[i]->revision->labels[j];
        }
    revision->labels = labels;
    revision->label_count = label_count;
}

/* Oldest first, as they have to run. */
static size_t list_taken(struct import *import, const struct node_set *taken,
                         struct graph_node ***nodes)
{
    size_t count = 0;
    *nodes = arena_array(import->arena, taken->count, sizeof(**nodes));
    for (size_t i = 0; i < import->graph.count; i++)
        if (node_set_has(taken, import->graph.oldest_first[i]))
            (*nodes)[count++] = import->graph.oldest_first[i];
    return count;
}

static struct revision *make_baseline(struct import *import, struct graph_node *node,
                                      struct graph_node *const *taken, size_t count)
{
    struct revision *revision = arena_alloc(import->arena, sizeof(*revision));
    *revision = *node->revision;
    revision->message = arena_printf(import->arena, "Baseline: %s", node->revision->message);
    revision->notes =
        arena_printf(import->arena, "In place of %zu revisions of Alembic, from %s to %s.", count,
                     taken[0]->revision->id, node->revision->id);
    revision->down_count = revision->depends_on_count = 0;
    take_labels(import, node, taken, count, revision);
    return revision;
}

static int find_baseline(struct import *import, struct graph_node **baseline)
{
    const char *given = option_value(import->app->options, OPTION_BASELINE);
    struct err err = ERR_INIT(import->arena);
    struct graph_node **nodes;
    size_t count;
    if (identifier_resolve(&import->graph, import->arena, given, &nodes, &count, &err)) {
        err_prefix(&err, "--baseline");
        return app_fail(import->app->options, &err);
    }
    if (count != 1) {
        err_set(&err, ERROR_USAGE, "--baseline takes one revision, %s names %zu", given, count);
        return app_fail(import->app->options, &err);
    }
    *baseline = nodes[0];
    return 0;
}

static void add_file(struct import *import, struct revision *revision)
{
    import->files[import->file_count++] =
        (struct import_file){.revision = revision, .text = STR_INIT};
}

int import_list_files(struct import *import)
{
    struct node_set taken, above;
    struct graph_node *baseline = NULL;
    node_set_init(&taken, &import->graph, import->arena);
    node_set_init(&above, &import->graph, import->arena);
    import->files = arena_array(import->arena, import->revision_count, sizeof(*import->files));
    if (option_given(import->app->options, OPTION_BASELINE)) {
        struct graph_node **nodes;
        int code = find_baseline(import, &baseline);
        if (code)
            return code;
        graph_add_ancestors(&import->graph, &taken, &baseline, 1, false);
        graph_add_descendants(&import->graph, &above, &baseline, 1, false);
        size_t count = list_taken(import, &taken, &nodes);
        add_file(import, make_baseline(import, baseline, nodes, count));
        import->files[0].stands_for = nodes;
        import->files[0].stands_for_count = count;
    }
    for (size_t i = 0; i < import->graph.count; i++) {
        struct graph_node *node = import->graph.oldest_first[i];
        if (node_set_has(&taken, node))
            continue;
        int code = baseline != NULL ? move_edges(import, &taken, &above, baseline, node) : 0;
        if (code)
            return code;
        add_file(import, node->revision);
    }
    return 0;
}
